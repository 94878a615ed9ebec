"""One breakpoint as a form: where it stops, what it does there."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Input, Label, Static

from workbench.session.commands import Moment, SetBreakpoint
from workbench.tui.asks import Done, Refused
from workbench.tui.dialog import Dialog
from workbench.tui.safe_input import SafeInput
from workbench.tui.segments import Segments
from workbench.tui.stepping.breakpoints import field_fault
from workbench.tui.stepping.query_line import QueryLine
from workbench.tui.text import visible

MOST_SKIPPED = 1_000_000_000
_MOMENTS: dict[str, Moment] = {"it is written": "written", "an instance begins with it": "begins"}

Submit = Callable[[SetBreakpoint, Done, Refused], None]


class BreakpointForm(Dialog[None]):
    """Closes once the breakpoint is set; until then, and when it is refused, what was typed stays."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,ctrl+j,f5,ctrl+enter", "done", "keep it", priority=True),
        Binding("escape", "dismiss", "leave", priority=True),
    ]

    def __init__(self, first: SetBreakpoint, submit: Submit) -> None:
        super().__init__()
        self._first = first
        self._submit = submit
        self._query = QueryLine(first.query, id="query")
        self._at = Segments(tuple(_MOMENTS), id="at")
        self._does = Segments(("pause", "hold it"), id="does")
        self._field = SafeInput(first.field, placeholder=".count", id="field")
        self._skip = SafeInput(str(first.skip), id="skip")
        self._on = Segments(("on", "off"), id="on")

    def compose(self) -> ComposeResult:
        """The fields, what is wrong with them, the keys."""
        known = self._first.number is not None
        with Vertical(classes="dialog", id="breakpoint-form"):
            yield Static(
                Content(f"Breakpoint {self._first.number}" if known else "New breakpoint"), classes="dialog-title"
            )
            for words, field in (
                ("where", self._query),
                ("when", self._at),
                ("then", self._does),
                ("if changed", self._field),
                ("skip first", self._skip),
                ("it is", self._on),
            ):
                with Horizontal(classes="field"):
                    yield Label(words)
                    yield field
            yield Static("", classes="dialog-error", markup=False)
            yield Static(Content.assemble(("enter", "bold $accent"), " keep it    ", ("esc", "bold $accent"), " leave"))

    def on_mount(self) -> None:
        self._at.chosen = next(words for words, moment in _MOMENTS.items() if moment == self._first.at)
        self._does.chosen = "hold it" if self._first.hold else "pause"
        self._on.chosen = "on" if self._first.on else "off"

    def fault(self) -> str:
        """What is wrong with the fields, the first of it; empty when nothing is."""
        if self._query.fault is not None:
            return self._query.complaint
        if (found := field_fault(self._field.value.strip())) is not None:
            return f"✖ if changed: {found}"
        skip = self._skip.value.strip().replace(",", "") or "0"
        if not (skip.isascii() and skip.isdigit()) or int(skip[:12]) > MOST_SKIPPED:
            return "✖ skip first: how many hits pass before it stops, such as 10"
        if not self._query.value.strip() and not self._field.value.strip():
            return "type a query; what fits it is where things stop"
        return ""

    @on(Input.Changed)
    @on(Segments.Changed)
    def _changed(self) -> None:
        self._complain(self.fault())

    def _complain(self, sentence: str) -> None:
        if self.is_attached:
            self.query_one(".dialog-error", Static).update(visible(sentence))

    def action_done(self) -> None:
        """Ask for it."""
        fault = self.fault()
        if fault:
            self._complain(fault)
            return
        wanted = SetBreakpoint(
            query=self._query.value.strip(),
            at=_MOMENTS[self._at.value],
            field=self._field.value.strip(),
            hold=self._does.value == "hold it",
            on=self._on.value == "on",
            skip=int(self._skip.value.strip().replace(",", "") or "0"),
            number=self._first.number,
        )
        self._submit(wanted, self._was_set, lambda sentence: self._complain(f"✖ {sentence}"))

    def _was_set(self, _: object) -> None:
        if self.is_current:
            self.dismiss()
