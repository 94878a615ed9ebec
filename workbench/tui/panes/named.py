"""Panes of lines with a column for names, as wide as the names there are."""

from __future__ import annotations

from rich.cells import cell_len

from workbench.tui.panes.line_pane import LinePane
from workbench.tui.panes.messages import PaneSource
from workbench.tui.panes.names import name_column
from workbench.tui.text import visible

NARROW = 64


class NamedLinePane(LinePane):
    """A pane whose lines begin with who it is about."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._longest_name = 6

    def update_from(self, session: PaneSource) -> None:
        """Give the names the room they need, then as any pane of lines."""
        if self.display:
            longest = max((cell_len(visible(each.name)) for each in session.view().instances), default=0)
            if longest != self._longest_name:
                self._longest_name = longest
                self.rows.redraw()
        super().update_from(session)

    def name_width(self, width: int) -> int:
        """Cells of the column in a line of `width`."""
        return name_column(self._longest_name, width, NARROW)
