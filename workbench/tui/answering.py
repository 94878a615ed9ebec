"""Answering: the fields of an answer beside its payload, to a call that waits at a stand-in or to every call there."""

from __future__ import annotations

from dataclasses import dataclass

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.widgets import Static

from workbench.records import ReplyOutcome
from workbench.session.commands import Answer, Rule
from workbench.session.view import InstanceView, PendingCall, View
from workbench.tui.awaited import PREVIEW
from workbench.tui.payload import LARGEST_TYPED, Mode, typed_payload
from workbench.tui.resources.words import counts_for_you, rule_words
from workbench.tui.segments import Segments
from workbench.tui.text import preview, visible
from workbench.units import format_duration

OUTCOMES: dict[str, ReplyOutcome] = {"reply": "reply", "no reply": "noreply", "error": "err"}
ONCE, ALWAYS = "this call", "every call"


@dataclass(frozen=True)
class Typed:
    """An answer as far as it was typed."""

    outcome: str = "reply"
    span: str = ONCE
    mode: Mode = "text"
    text: str = ""


class Answering(Horizontal):
    """What is answered, and how. An answer that was left before it was given is there again for its call."""

    def __init__(self) -> None:
        super().__init__(id="answering")
        self.about: PendingCall | InstanceView | None = None
        """What is answered: a call, or every call at a stand-in; None while nothing is."""
        self._begun: dict[int | str, Typed] = {}
        """Answers that were left, by their calls, or by the stand-in's name."""
        self._question = Static("", id="question")
        self._outcome = Segments(tuple(OUTCOMES), id="outcome")
        self._span = Segments((ONCE, ALWAYS), id="span")

    def compose(self) -> ComposeResult:
        """The question, and the choices."""
        yield self._question
        with Horizontal(id="choices"):
            yield self._outcome
            yield self._span

    @property
    def stand_in(self) -> str | None:
        """Who answers, if anyone does."""
        if self.about is None:
            return None
        return self.about.target if isinstance(self.about, PendingCall) else self.about.name

    @property
    def replies(self) -> bool:
        """Whether the answer has a payload."""
        return self._outcome.value == "reply"

    def reply(self) -> None:
        """Let the answer be a reply."""
        self._outcome.chosen = "reply"

    def begin(self, about: PendingCall | InstanceView) -> Typed:
        """Answer this; what was typed for it already, or else what is in force."""
        self.about = about
        self._span.display = isinstance(about, PendingCall)
        typed = self._begun.pop(_key(about), None) or _in_force(about)
        self._outcome.chosen, self._span.chosen = typed.outcome, typed.span
        return typed

    def put_by(self, mode: Mode, text: str) -> None:
        """Keep what was typed for what is answered."""
        if self.about is not None:
            self._begun[_key(self.about)] = Typed(self._outcome.value, self._span.value, mode, text)

    def end(self) -> None:
        """Answer nothing any more."""
        self.about = None
        self.reply()

    def forget(self) -> None:
        """The calls are others now."""
        self._begun.clear()

    def command(self, payload: bytes) -> Answer | Rule:
        """What gives the answer."""
        assert self.about is not None
        outcome = OUTCOMES[self._outcome.value]
        if isinstance(self.about, PendingCall) and self._span.value == ONCE:
            return Answer(self.about.seq, outcome, payload)
        return Rule(self.stand_in or "", outcome, payload, named=True)

    def hint(self) -> str:
        """What is to be known for answering, in a sentence."""
        if isinstance(self.about, PendingCall):
            return f"it asked: {preview(self.about.payload, PREVIEW)}"
        if self.about is None or self.about.rule is None:
            return "now its calls wait for you"
        return f"now it {rule_words(self.about.rule)}"

    def given(self, command: Answer | Rule) -> str:
        """That the answer was given, in a sentence."""
        if isinstance(command, Rule):
            return f"every call at {command.alias} is answered so"
        return f"answered {self.about.source}" if isinstance(self.about, PendingCall) else ""

    def show(self, view: View) -> None:
        """Tell what is answered, and how that stands."""
        about = self.about
        if isinstance(about, PendingCall):
            waiting = _waits(about, view)
            since = format_duration(max(0.0, view.t_ms - about.since_ms))
            state = f"has waited {since}" if waiting else "waits no more"
            told = Content.assemble((visible(about.source), "bold"), " called ", (visible(about.target), "bold"))
        elif about is not None:
            count = counts_for_you(view)[about.name]
            state = f"{count:,} wait{'s' if count == 1 else ''}" if count else ""
            told = Content.assemble("every call at ", (visible(about.name), "bold"))
        else:
            return
        self._question.update(Content.assemble(told, (f"  {state}", "$muted")))


def _waits(about: PendingCall, view: View) -> bool:
    """Whether a call still waits; of many the view shows the oldest only."""
    shown = [pending for pending in view.pending_calls if pending.target == about.target]
    if any(pending.seq == about.seq for pending in shown):
        return True
    target = view.named.get(about.target)
    count = 0 if target is None else target.mailbox
    return len(shown) < count and about.seq > shown[-1].seq


def _key(about: PendingCall | InstanceView) -> int | str:
    return about.seq if isinstance(about, PendingCall) else about.name


def _in_force(about: PendingCall | InstanceView) -> Typed:
    rule = about.rule if isinstance(about, InstanceView) else None
    if rule is None or len(rule[1]) > LARGEST_TYPED:
        return Typed()
    outcome = next(words for words, each in OUTCOMES.items() if each == rule[0])
    mode, text = typed_payload(rule[1])
    return Typed(outcome, mode=mode, text=text)
