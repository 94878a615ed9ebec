"""A plane of cells: lines that join where they meet, and texts over them."""

from __future__ import annotations

from itertools import groupby

from rich.cells import get_character_cell_size

from workbench.tui.panes.line import Part, StyleName

_UP, _RIGHT, _DOWN, _LEFT = 1, 2, 4, 8
_JOINTS = " ╵╶└╷│┌├╴┘─┴┐┤┬┼"
"""A line's character by where it goes from a cell."""


class Plane:
    """Grows downwards and to the right as it is written to."""

    def __init__(self) -> None:
        self.width = 0
        self._rows: list[dict[int, tuple[str, StyleName]]] = []
        self._lines: list[dict[int, tuple[int, str]]] = []

    @property
    def height(self) -> int:
        """Rows."""
        return len(self._rows)

    def reach(self, x: int, y: int) -> None:
        """Be at least so large that the cell is in it."""
        self.width = max(self.width, x + 1)
        while len(self._rows) <= y:
            self._rows.append({})
            self._lines.append({})

    def put(self, x: int, y: int, text: str, style: StyleName) -> None:
        """Write `text` from a cell on, over what is there."""
        for character in text:
            cells = get_character_cell_size(character)
            if not cells:
                continue
            self.reach(x + cells - 1, y)
            self._rows[y][x] = (character, style)
            if cells == 2:
                self._rows[y][x + 1] = ("", style)
            x += cells

    def across(self, y: int, start: int, end: int, style: str) -> None:
        """A line from `start` to `end`, both in it."""
        for x in range(start, end + 1):
            self._join(x, y, (_LEFT if x > start else 0) | (_RIGHT if x < end else 0), style)

    def along(self, x: int, start: int, end: int, style: str) -> None:
        """A line down, or up, from `start` to `end`, both in it."""
        low, high = sorted((start, end))
        for y in range(low, high + 1):
            self._join(x, y, (_UP if y > low else 0) | (_DOWN if y < high else 0), style)

    def _join(self, x: int, y: int, ways: int, style: str) -> None:
        self.reach(x, y)
        before, old = self._lines[y].get(x, (0, style))
        self._lines[y][x] = (before | ways, max(style, old, key=_weight))

    def row(self, y: int, start: int, width: int) -> list[Part]:
        """The parts of a row that are in `width` cells from `start` on."""
        texts, lines = self._rows[y], self._lines[y]
        cells: list[Part] = []
        for x in range(start, min(start + width, self.width)):
            if x in texts:
                cells.append(texts[x])
            elif x in lines:
                ways, style = lines[x]
                cells.append((_JOINTS[ways], style))
            else:
                cells.append((" ", ""))
        if cells and not cells[0][0]:
            cells[0] = (" ", "")  # half of a wide character is none
        return [("".join(text for text, _ in run), style) for style, run in groupby(cells, key=lambda cell: cell[1])]


_WEIGHTS = {"graph--edge": 0, "graph--live": 1, "graph--chosen-edge": 2}


def _weight(style: str) -> int:
    return _WEIGHTS.get(style, 0)
