"""Panes of lines with a column for names, as wide as the names there are."""

from __future__ import annotations

from rich.cells import cell_len

from workbench.tui.panes.line_pane import LinePane
from workbench.tui.panes.messages import PaneSource
from workbench.tui.text import visible

SHORTEST, LONGEST = 4, 14
NARROW, CUT = 64, 8
"""In panes of fewer cells than the first, names are cut to the second."""


class NamedLinePane(LinePane):
    """A pane whose lines begin with who it is about."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._longest_name = 6

    def update_from(self, session: PaneSource) -> None:
        """Give the names the room they need, then as any pane of lines."""
        if self.display:
            longest = max((cell_len(visible(each.name)) for each in session.view().instances), default=0)
            longest = min(max(longest, SHORTEST), LONGEST)
            if longest != self._longest_name:
                self._longest_name = longest
                self.rows.redraw()
        super().update_from(session)

    def name_width(self, width: int) -> int:
        """Cells of the column in a line of `width`."""
        return self._longest_name if width >= NARROW else min(self._longest_name, CUT)
