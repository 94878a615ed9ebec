"""What a column of rows needs to know about the lines it shows."""

from __future__ import annotations

from typing import Protocol

from rich.style import Style

from workbench.tui.panes.line import Line, StyleName


class Lines(Protocol):
    """Where rows come from. Each has a number of its own, which increases and stays while others come and go."""

    def count(self) -> int:
        """How many lines there are."""

    def id_at(self, index: int) -> int:
        """The number of the line at `index`."""

    def index_of(self, row_id: int) -> int:
        """Where the line with this number, or the first one after it, is."""

    def landing(self, index: int) -> int:
        """Where the cursor goes that was to go to `index`, for not every line can be chosen."""

    def line_at(self, index: int, width: int, wrap: bool) -> Line:
        """The line to draw in `width` cells."""

    def hint(self) -> str:
        """What to say when there are no lines."""

    def mark_of(self, row_id: int) -> tuple[str, StyleName]:
        """One cell before the line, and its style."""

    def tone_of(self, row_id: int) -> StyleName:
        """A style that is laid over the whole line; empty for none."""

    def style_of(self, name: StyleName) -> Style:
        """What a style name looks like."""
