"""The base of panes that show a text about something: lines, some of which lead elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from textual.message import Message

from workbench.tui.panes.line import Line, Part, line
from workbench.tui.panes.messages import OpenSource
from workbench.tui.panes.rows import Rows
from workbench.tui.panes.searching import SearchPane


@dataclass(frozen=True)
class Row:
    """A line and what Enter on it does: posts a message. `code` is of the finding that it tells."""

    line: Line
    leads_to: Message | None = None
    code: str | None = None


LABEL = 11
"""Cells for what stands before a row."""


def labelled(label: str, *parts: Part | str, leads_to: Message | None = None) -> Row:
    """A row of `parts` that says before them what they are."""
    return Row(line((f"{label:<{LABEL}}", "pane--muted"), *parts, hang=LABEL), leads_to)


class DocumentPane(SearchPane):
    """Shows rows and, after them, a body that may be long and is made when looked at."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self.rows.wrap = True
        self._head: Sequence[Row] = ()
        self._body: Sequence[Line] = ()

    def show(self, head: Sequence[Row], body: Sequence[Line] = (), *, from_top: bool = False) -> None:
        """Show another text; `from_top` when it is about something else than before."""
        self._head, self._body = head, body
        if from_top:
            self.rows.cursor = None
            self.rows.scroll_to(y=0, animate=False, immediate=True, force=True)
        self.rows.redraw()

    def count(self) -> int:
        """How many lines there are."""
        return len(self._head) + len(self._body)

    def line_at(self, index: int, width: int, wrap: bool) -> Line:
        """The line to draw."""
        head = len(self._head)
        return self._head[index].line if index < head else self._body[index - head]

    def row_at_cursor(self) -> Row | None:
        """The row under the cursor; None in the body."""
        index = self.rows.cursor_index
        return self._head[index] if index is not None and index < len(self._head) else None

    @property
    def place(self) -> OpenSource | None:
        """The place in a source file that the cursor's row leads to."""
        row = self.row_at_cursor()
        return row.leads_to if row is not None and isinstance(row.leads_to, OpenSource) else None

    def on_rows_moved(self, message: Rows.Moved) -> None:
        message.stop()

    def on_rows_chosen(self, message: Rows.Chosen) -> None:
        """Go where the row leads."""
        message.stop()
        row = self.row_at_cursor()
        if row is not None and row.leads_to is not None:
            self.post_message(row.leads_to)
