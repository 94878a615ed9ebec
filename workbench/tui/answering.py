"""Answering: the fields of an answer to a call that waits at a stand-in, beside its payload."""

from __future__ import annotations

from dataclasses import dataclass

from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.widgets import Static

from workbench.records import ReplyOutcome
from workbench.session.commands import Answer
from workbench.session.view import PendingCall, View
from workbench.tui.awaited import PREVIEW
from workbench.tui.payload import Mode
from workbench.tui.segments import Segments
from workbench.tui.text import preview, visible
from workbench.units import format_duration

OUTCOMES: dict[str, ReplyOutcome] = {"reply": "reply", "no reply": "noreply", "error": "err"}


@dataclass(frozen=True)
class Typed:
    """An answer as far as it was typed."""

    outcome: str = "reply"
    mode: Mode = "text"
    text: str = ""


class Answering(Horizontal):
    """What is answered, and how. An answer that was left before it was given is there again for its call."""

    def __init__(self) -> None:
        super().__init__(id="answering")
        self.call: PendingCall | None = None
        """What is answered; None while nothing is."""
        self._begun: dict[int, Typed] = {}
        """Answers that were left, by their calls."""
        self._question = Static("", id="question")
        self._outcome = Segments(tuple(OUTCOMES), id="outcome")

    def compose(self) -> ComposeResult:
        """The question, and the choices."""
        yield self._question
        yield self._outcome

    @property
    def stand_in(self) -> str | None:
        """Who answers, if anyone does."""
        return None if self.call is None else self.call.target

    @property
    def replies(self) -> bool:
        """Whether the answer has a payload."""
        return self._outcome.value == "reply"

    def reply(self) -> None:
        """Let the answer be a reply."""
        self._outcome.chosen = "reply"

    def begin(self, call: PendingCall) -> Typed:
        """Answer `call`; what was typed for it already."""
        self.call = call
        typed = self._begun.pop(call.seq, Typed())
        self._outcome.chosen = typed.outcome
        return typed

    def put_by(self, mode: Mode, text: str) -> None:
        """Keep what was typed for the call."""
        if self.call is not None:
            self._begun[self.call.seq] = Typed(self._outcome.value, mode, text)

    def end(self) -> None:
        """Answer nothing any more."""
        self.call = None
        self.reply()

    def forget(self) -> None:
        """The calls are others now."""
        self._begun.clear()

    def command(self, payload: bytes) -> Answer:
        """What gives the answer."""
        assert self.call is not None
        return Answer(self.call.seq, OUTCOMES[self._outcome.value], payload)

    def asked(self) -> str:
        """What is to be known for answering, in a sentence."""
        return "" if self.call is None else f"it asked: {preview(self.call.payload, PREVIEW)}"

    def given(self) -> str:
        """That the answer was given, in a sentence."""
        return "" if self.call is None else f"answered {self.call.source}"

    def show(self, view: View) -> None:
        """Tell what is answered, and how that stands."""
        call = self.call
        if call is None:
            return
        waiting = any(pending.seq == call.seq for pending in view.pending_calls)
        since = format_duration(max(0.0, view.t_ms - call.since_ms))
        state = f"has waited {since}" if waiting else "waits no more"
        self._question.update(
            Content.assemble(
                (visible(call.source), "bold"), " called ", (visible(call.target), "bold"), (f"  {state}", "$muted")
            )
        )
