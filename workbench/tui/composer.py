"""The form for messages: a cast or a call to anyone, or the answer to a call that waits."""

from __future__ import annotations

from collections.abc import Callable

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Button, Input, Label, Select, TextArea

from workbench.errors import UserError
from workbench.project.messages import Message as SavedMessage
from workbench.project.model import Project
from workbench.records import USER, Call, Cast
from workbench.session.commands import Command, Send
from workbench.session.view import InstanceView, PendingCall, View
from workbench.tui.answering import Answering
from workbench.tui.asks import Engine
from workbench.tui.awaited import Awaited, Outcome
from workbench.tui.drafts import Draft, command_again, command_of, draft_of, fault_of
from workbench.tui.json_area import JsonArea
from workbench.tui.listed import listed
from workbench.tui.memory import Written
from workbench.tui.payload import LARGEST_TYPED, MODES, Mode, is_json, payload_bytes, typed_payload
from workbench.tui.resources.payload_form import PayloadForm, forms_for, samples_for
from workbench.tui.safe_input import SafeInput
from workbench.tui.segments import Segments
from workbench.tui.sentence import Sentence
from workbench.tui.shelf import Shelf
from workbench.tui.text import visible
from workbench.tui.titled import Titled
from workbench.units import format_size

Ask = Callable[[Command, Callable[[object], None], Callable[[str], None]], None]


class Composer(Titled):
    """Holds one draft; nothing in it is lost when sending fails."""

    class Left(Message):
        """The form has done what it was opened for."""

    def __init__(
        self, engine: Engine, ask: Ask, complain: Callable[[str], None], project: Callable[[], Project]
    ) -> None:
        """`complain` tells what is refused while the form is not to be seen."""
        super().__init__()
        self.title = "send"
        self._faulty = False
        """Whether the sentence is about a field that is wrong."""
        self.touched = False
        """Whether what `written()` gives has changed; whoever writes it down says so here."""
        self._engine = engine
        self._ask = ask
        self._complain = complain
        self._project = project
        self._kept: Draft | None = None
        self._awaited: Awaited | None = None
        self._instances: tuple[InstanceView, ...] = ()
        self._names: tuple[str, ...] = ()
        self._target = Select[str]((), prompt="whom?", id="target", compact=True)
        self._kind = Segments(("cast", "call"), id="kind")
        self._source = Select[str](((USER, USER),), value=USER, allow_blank=False, id="source", compact=True)
        self._delay = SafeInput(id="delay")
        self._repeat = SafeInput(id="repeat")
        self._every = SafeInput(id="every")
        self.answering = Answering()
        self._form = PayloadForm()
        self._payload = JsonArea(id="payload", placeholder="payload", classes="first-focus")
        self._modes = Segments(MODES, id="mode")
        self._line = Sentence(id="outcome-line")
        self.shelf = Shelf()

    def compose(self) -> ComposeResult:
        """The fields, the payload, what became of it, and the messages at hand."""
        with Horizontal(id="fields"):
            with Horizontal(id="address"):
                yield Label("to")
                yield self._target
                yield self._kind
                yield Label("from")
                yield self._source
            with Horizontal(id="timing"):
                yield Label("delay")
                yield self._delay
                yield Label("repeat")
                yield self._repeat
                yield Label("every")
                yield self._every
            yield self.answering
        yield self._form
        with Horizontal(id="body"):
            with Vertical(id="writing"):
                yield self._payload
                with Horizontal(id="sending"):
                    yield self._modes
                    yield self._line
                    yield Button("send", id="go", compact=True)
            yield self.shelf

    def on_mount(self) -> None:
        empty = Draft()
        self._delay.value, self._repeat.value, self._every.value = empty.delay, empty.repeat, empty.every

    # -- what it holds

    def draft(self) -> Draft:
        """What stands in the form."""
        target = self._target.value
        source = self._source.value
        return Draft(
            target=target if isinstance(target, str) else "",
            call=self._kind.value == "call",
            source=source if isinstance(source, str) else USER,
            mode=self._mode,
            typed=self._payload.text,
            delay=self._delay.value,
            repeat=self._repeat.value,
            every=self._every.value,
        )

    def written(self) -> Written:
        """What is to be remembered: the message being written, not an answer, and those sent."""
        return Written(self.draft() if self._kept is None else self._kept, self.shelf.sent)

    def recall(self, written: Written) -> None:
        """Hold again what was remembered."""
        self.load(written.draft)
        self.shelf.recall_sent(written.sent)

    def load(self, draft: Draft) -> None:
        """Put `draft` into the form."""
        self._stop_answering()
        self._offer({*self._names, draft.target, draft.source} - {"", USER})
        if draft.target:
            self._target.value = draft.target
        self._source.value = draft.source or USER
        self._kind.chosen = "call" if draft.call else "cast"
        self._modes.chosen = draft.mode
        self._delay.value, self._repeat.value, self._every.value = draft.delay, draft.repeat, draft.every
        self._type(draft.typed)
        self._tell("")

    def aim(self, target: str | None, *, anew: bool = False) -> None:
        """Choose `target`, or else anyone; a target the form has already stays, except where it is chosen anew."""
        if self._names and self.answering.about is None and (anew or not self.draft().target):
            self._target.value = target if target in self._names else self._names[0]

    def speak_as(self, source: str, target: str | None, call: bool = False) -> None:
        """Make the next message one in the name of `source`, a cast or a call; with `target`, to that one."""
        self._stop_answering()
        self._offer({*self._names, source})
        self._source.value, self._kind.chosen = source, "call" if call else "cast"
        self.aim(target, anew=target is not None)

    def take(self, record: Cast | Call) -> None:
        """Put a message that was sent into the form. Raises `UserError` when one too large to be typed cannot be."""
        self.load(draft_of(record, self._project()))

    def resend(self, record: Cast | Call) -> None:
        """Send a message again, as it was; the form keeps what it holds."""
        self._submit(command_again(record))

    def answer(self, about: PendingCall | InstanceView) -> None:
        """Make the form the answer to a call, or to every call at a stand-in; what it held comes back afterwards."""
        if self.answering.about is None:
            self._kept = self.draft()
        else:
            self.answering.put_by(self._mode, self._payload.text)
        self.add_class("-answering")
        self.title = "answer"
        typed = self.answering.begin(about)
        self._modes.chosen = typed.mode
        self._type(typed.text)
        self._tell(self.answering.hint())

    def begin_anew(self) -> None:
        """The journal is another: look in that one for the reply that is awaited; its calls are others."""
        self.answering.forget()
        if self._awaited is not None:
            self._awaited = Awaited(self._engine.journal, self._awaited.call, self._awaited.target)

    def stop_answering(self) -> None:
        """Leave the call waiting, and what was typed for it; the form holds again what it held before."""
        self.answering.put_by(self._mode, self._payload.text)
        self._stop_answering()

    def _stop_answering(self) -> None:
        if self.answering.about is not None:
            self.answering.end()
            self.remove_class("-answering")
            self.title = "send"
            if self._kept is not None:
                kept, self._kept = self._kept, None
                self.load(kept)

    # -- sending

    def send(self) -> None:
        """Send what it holds. What is wrong is said in the form, and nothing in it changes."""
        try:
            if self.answering.about is not None:
                self._submit_answer()
                return
            draft = self.draft()
            command = command_of(draft, self._project().root)
        except UserError as error:
            self._tell(f"✖ {error}", "error")
            return
        self.shelf.add_sent(draft)
        self.touched = True
        self._submit(command)

    def _submit(self, command: Send) -> None:
        def sent(seq: object) -> None:
            if command.call and isinstance(seq, int):
                self._awaited = Awaited(self._engine.journal, seq, command.target)
            else:
                times = f" {command.repeat:,} times" if command.repeat > 1 else ""
                self._tell(f"sent to {command.target}{times}", "success")

        self._awaited = None
        self._tell(f"sending to {command.target}")
        self._ask(command, sent, self._refused)

    def _submit_answer(self) -> None:
        typed = self._payload.text
        payload = payload_bytes(self._mode, typed, self._project().root) if self.answering.replies else b""
        command = self.answering.command(payload)
        given = self.answering.given(command)

        def answered(_: object) -> None:
            self._stop_answering()
            self._tell(given, "success")
            self.post_message(self.Left())

        self._ask(command, answered, self._refused)

    def saved(self, name: str) -> SavedMessage:
        """What it holds as a message to keep. Raises `UserError` about the first field that is wrong."""
        if self.answering.about is not None:
            raise UserError("an answer is no message to be kept: answer the call, or leave it; then save the message")
        command = command_of(self.draft(), self._project().root)
        if len(command.payload) > LARGEST_TYPED:
            size, most = format_size(len(command.payload)), format_size(LARGEST_TYPED)
            raise UserError(f"the payload is {size}; a saved message holds at most {most}, send larger ones by file")
        return SavedMessage(
            name,
            command.target,
            "call" if command.call else "cast",
            command.payload,
            command.source,
            command.delay_ms,
            command.repeat,
            command.every_ms,
        )

    # -- drawing

    def show(self, view: View) -> None:
        """Take up the instances there are, and how the call that was sent or is answered stands."""
        if view.instances is not self._instances:
            self._instances = view.instances
            names = tuple(instance.name for instance in listed(view.instances))
            if names != self._names:
                self._names = names
                self._offer(set(names))
        draft, answerer = self.draft(), self.answering.stand_in
        self.shelf.show_samples(samples_for(view, answerer or draft.source))
        self._form.offer(forms_for(view, answerer, draft.source, draft.target))
        self.answering.show(view)
        if self._awaited is not None:
            outcome = self._awaited.look(view.t_ms)
            self._show_outcome(outcome)
            if outcome.over:
                self._awaited = None

    def _offer(self, names: set[str]) -> None:
        ordered = [*self._names, *sorted(names - {*self._names})]
        for select, first in ((self._target, []), (self._source, [USER])):
            chosen = select.value
            options = [*first, *ordered]
            if isinstance(chosen, str) and chosen not in options:
                options.append(chosen)
            select.set_options((Content(visible(name)), name) for name in options)
            if isinstance(chosen, str):
                select.value = chosen

    def _show_outcome(self, outcome: Outcome) -> None:
        self._tell(outcome.sentence, "muted" if not outcome.over else "success" if outcome.good else "error")

    def _refused(self, sentence: str) -> None:
        self._tell(f"✖ {sentence}", "error")
        if not self.display:
            self._complain(sentence)

    def _tell(self, sentence: str, tone: str = "muted") -> None:
        self._line.tell(visible(sentence), tone)

    @property
    def _mode(self) -> Mode:
        return self._modes.value

    @on(TextArea.Changed)
    @on(Input.Changed)
    @on(Select.Changed)
    @on(Segments.Changed)
    def _touch(self) -> None:
        self.touched = True

    @on(Input.Changed)
    def _check(self, event: Input.Changed) -> None:
        """A field that cannot be right is marked while it is typed."""
        fields: tuple[Input, ...] = (self._delay, self._repeat, self._every)
        faults = {field: fault_of(field.id or "", field.value) for field in fields}
        event.input.set_class(faults.get(event.input) is not None, "-wrong")
        found = next((fault for fault in (faults.get(event.input), *faults.values()) if fault), None)
        if found is not None:
            self._tell(f"✖ {found}", "error")
        elif self._faulty:
            self._tell("")
        self._faulty = found is not None

    @on(Segments.Changed, "#mode")
    def _mode_changed(self) -> None:
        if self._modes.has_focus:  # what was wrong of the mode before is so no more
            self._tell("")

    @on(TextArea.Changed, "#payload")
    @on(Segments.Changed, "#mode")
    def _color(self) -> None:
        area = self._payload
        area.colored = self._mode == "text" and is_json(area.text)
        hints = {"text": "payload", "hex": "de ad be ef", "file": "path of a file"}
        area.placeholder = hints[self._mode]

    @on(Segments.Changed, "#outcome")
    def _outcome_changed(self, event: Segments.Changed) -> None:
        if event.value != "reply":
            event.segments.focus()
        self._payload.disabled = event.value != "reply"

    @on(Button.Pressed, "#go")
    def _pressed(self) -> None:
        self.send()

    @on(Shelf.Chosen)
    def _chosen(self, event: Shelf.Chosen) -> None:
        self.load(event.draft)
        self._payload.focus()

    @on(Shelf.Sampled)
    def _sampled(self, event: Shelf.Sampled) -> None:
        self._fill(event.payload)
        self._payload.focus()

    @on(PayloadForm.Filled)
    def _filled(self, event: PayloadForm.Filled) -> None:
        self._fill(event.payload)

    def _fill(self, payload: bytes) -> None:
        self.answering.reply()
        self._modes.chosen, typed = typed_payload(payload)
        self._type(typed)

    def _type(self, text: str) -> None:
        self._payload.load_text(text)
        self._payload.move_cursor(self._payload.document.end)
