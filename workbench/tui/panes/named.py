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
        self._names: tuple[str, ...] = ()
        self._longest_name = 6

    def update_from(self, session: PaneSource) -> None:
        """Give the names the room they need, then as any pane of lines."""
        if self.display:
            names = tuple(session.view().named)
            if names != self._names:
                self._names = names
                self._fit(max((cell_len(visible(name)) for name in names), default=0))
        super().update_from(session)

    def _fit(self, longest: int) -> None:
        if longest != self._longest_name:
            self._longest_name = longest
            self.rows.redraw()

    def name_width(self, width: int) -> int:
        """Cells of the column in a line of `width`."""
        return name_column(self._longest_name, width, NARROW)
