"""A fault as a form: what goes wrong at a stand-in, and how many times."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Input, Label, Static

from workbench.errors import UserError
from workbench.session.commands import Fault, FaultKind
from workbench.tui.asks import Done, Refused
from workbench.tui.dialog import Dialog
from workbench.tui.resources.words import FAULTS
from workbench.tui.safe_input import SafeInput
from workbench.tui.segments import Segments
from workbench.tui.text import visible
from workbench.units import parse_duration, typed_duration

MOST_TIMES = 1_000_000_000
USUAL_DELAY = 1000

Submit = Callable[[Fault, Done, Refused], None]


class FaultForm(Dialog[None]):
    """Closes once the fault is ordered; until then, and when it is refused, what was typed stays."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,ctrl+j,f5,ctrl+enter", "done", "order it", priority=True),
        Binding("escape", "dismiss", "leave", priority=True),
    ]

    def __init__(self, first: Fault, kinds: tuple[FaultKind, ...], *, ordered: bool, submit: Submit) -> None:
        """`first` is what the form begins with; `ordered` when that is in force already. `kinds` can be ordered."""
        super().__init__()
        self._target = first.target
        self._first, self._kinds = first, kinds
        self._ordered = ordered
        self._submit = submit
        self._kind = Segments(kinds, id="kind")
        self._times = SafeInput(placeholder="always", id="times")
        self._delay = SafeInput(id="delay")

    def compose(self) -> ComposeResult:
        """The fields, what the kind of fault does, what is wrong with the fields, the keys."""
        title = (
            f"What goes wrong at {visible(self._target)}" if self._ordered else f"A fault at {visible(self._target)}"
        )
        with Vertical(classes="dialog", id="fault-form"):
            yield Static(Content(title), classes="dialog-title")
            for words, field in (("what", self._kind), ("times", self._times), ("delay", self._delay)):
                with Horizontal(classes="field"):
                    yield Label(words)
                    yield field
            yield Static("", id="fault-words")
            yield Static("", classes="dialog-error", markup=False)
            yield Static(
                Content.assemble(("enter", "bold $accent"), " order it    ", ("esc", "bold $accent"), " leave")
            )

    def on_mount(self) -> None:
        first = self._first
        if first.kind in self._kinds:  # it may have been ordered by a script, of which nothing comes
            self._kind.chosen = first.kind
        self._times.value = "" if first.times is None else str(first.times)
        self._delay.value = typed_duration(first.delay_ms or USUAL_DELAY)
        self._kind.focus()
        self._changed()

    def fault(self) -> Fault:
        """What the fields say. Raises `UserError`."""
        times = self._times.value.strip().replace(",", "")
        if times and (not (times.isascii() and times.isdigit()) or not 0 < int(times[:12]) <= MOST_TIMES):
            raise UserError("times: how often it happens, such as 3; nothing means always")
        kind = self._kind.value
        delay = int(parse_duration(self._delay.value.strip() or "0")) if kind == "delay" else 0
        return Fault(self._target, kind, delay, int(times) if times else None)

    @on(Input.Changed)
    @on(Segments.Changed)
    def _changed(self) -> None:
        self.query_one("#fault-words", Static).update(Content.styled(FAULTS[self._kind.value], "$muted"))
        self._delay.disabled = self._kind.value != "delay"
        try:
            self.fault()
        except UserError as error:
            self._complain(str(error))
        else:
            self._complain("")

    def _complain(self, sentence: str) -> None:
        if self.is_attached:
            self.query_one(".dialog-error", Static).update(visible(f"✖ {sentence}") if sentence else "")

    def action_done(self) -> None:
        """Ask for it."""
        try:
            wanted = self.fault()
        except UserError as error:
            self._complain(str(error))
            return
        self._submit(wanted, self._was_ordered, self._complain)

    def _was_ordered(self, _: object) -> None:
        if self.is_current:
            self.dismiss()
