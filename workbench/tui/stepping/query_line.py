"""A query typed into a dialog: underlined from where it cannot be read."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, Static

from workbench.query import QueryError, parse
from workbench.tui.dialog import Dialog
from workbench.tui.panes.prompt import Fault
from workbench.tui.safe_input import SafeInput
from workbench.tui.text import visible

EXAMPLE = "kind:call to:pong .value>40"


def query_fault(text: str) -> QueryError | None:
    """Why `text` cannot be read as a query; None when it can."""
    try:
        parse(text)
    except QueryError as error:
        return error
    return None


class QueryLine(SafeInput):
    """One line for a query."""

    def __init__(self, value: str = "", *, id: str | None = None) -> None:  # noqa: A002
        self._fault = Fault()
        super().__init__(value, placeholder=EXAMPLE, highlighter=self._fault, select_on_focus=False, id=id)
        self.fault = query_fault(value)

    def watch_value(self, value: str) -> None:
        """Find out whether it can be read."""
        self.fault = query_fault(value)
        self._fault.column = None if self.fault is None else self.fault.column
        self.set_class(self.fault is not None, "-wrong")

    @property
    def complaint(self) -> str:
        """What is wrong, in a sentence; empty when nothing is."""
        return "" if self.fault is None else f"✖ {visible(self.fault.reason)}"


class QueryPrompt(Dialog[str | None]):
    """Asks for a query, which may not be empty; None when the user leaves."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss(None)", "leave")]

    def __init__(self, title: str, value: str = "") -> None:
        super().__init__()
        self._title = title
        self._line = QueryLine(value)

    def compose(self) -> ComposeResult:
        """A title, the line, what is wrong with it, the keys."""
        with Vertical(classes="dialog"):
            yield Static(Content(self._title), classes="dialog-title")
            yield self._line
            yield Static("", classes="dialog-error", markup=False)
            yield Static(Content.assemble(("enter", "bold $accent"), " ok    ", ("esc", "bold $accent"), " leave"))

    @on(Input.Changed)
    def _changed(self) -> None:
        self.query_one(".dialog-error", Static).update(self._line.complaint)

    @on(Input.Submitted)
    def _submitted(self) -> None:
        value = self._line.value.strip()
        if value and self._line.fault is None:
            self.dismiss(value)
