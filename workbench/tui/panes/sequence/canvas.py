"""One row of cells that texts are put into, later ones over earlier ones."""

from __future__ import annotations

from itertools import groupby

from rich.cells import get_character_cell_size

from workbench.tui.panes.line import Part


class Canvas:
    """A row of `width` cells. A wide character fills a cell with itself and the next with nothing."""

    def __init__(self, width: int) -> None:
        self.width = width
        self._cells = [" "] * width
        self._styles = [""] * width

    def put(self, x: int, text: str, style: str) -> None:
        """Write `text` from cell `x` on; what is beyond the ends is left out."""
        for character in text:
            cells = get_character_cell_size(character)
            if not cells:
                if 0 < x <= self.width:
                    self._cells[x - 1] += character
                continue
            if x >= 0 and x + cells <= self.width:
                self._set(x, character, cells, style)
            x += cells

    def _set(self, x: int, character: str, cells: int, style: str) -> None:
        if not self._cells[x]:
            self._cells[x - 1] = " "  # half of a wide character is none
        after = x + cells
        if after < self.width and not self._cells[after]:
            self._cells[after] = " "
        self._cells[x], self._styles[x] = character, style
        if cells == 2:
            self._cells[x + 1], self._styles[x + 1] = "", style

    def parts(self) -> list[Part]:
        """The row as parts of a line, without the blanks at its end."""
        end = self.width
        while end and self._cells[end - 1] == " ":
            end -= 1
        runs = groupby(range(end), key=self._styles.__getitem__)
        return [("".join(self._cells[at] for at in run), style) for style, run in runs]
