"""Lines drawn once for neighbours that share them, with the titles set into them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.geometry import Region, Size
from textual.strip import Strip

UP, RIGHT, DOWN, LEFT = 1, 2, 4, 8
_GLYPHS: Mapping[int, str] = {
    0: " ",
    UP: "╵",
    RIGHT: "╶",
    DOWN: "╷",
    LEFT: "╴",
    UP | DOWN: "│",
    LEFT | RIGHT: "─",
    DOWN | RIGHT: "╭",
    DOWN | LEFT: "╮",
    UP | RIGHT: "╰",
    UP | LEFT: "╯",
    UP | DOWN | RIGHT: "├",
    UP | DOWN | LEFT: "┤",
    LEFT | RIGHT | DOWN: "┬",
    LEFT | RIGHT | UP: "┴",
    UP | RIGHT | DOWN | LEFT: "┼",
}


@dataclass(frozen=True)
class Label:
    """Text set into the lines at a place."""

    x: int
    y: int
    text: str
    style: Style


class Lattice:
    """A canvas of line pieces. Boxes may reach beyond it: what falls off is not drawn."""

    def __init__(self, size: Size) -> None:
        self._size = size
        self._bits = [[0] * size.width for _ in range(size.height)]
        self._marked: set[tuple[int, int]] = set()
        self._labels: dict[int, list[Label]] = {}

    def box(self, region: Region, marked: bool = False) -> None:
        """Draw the four lines just inside the edges of `region`; `marked` ones take the second style."""
        left, right, top, bottom = region.x, region.right - 1, region.y, region.bottom - 1
        for x in range(left, right + 1):
            sides = (0 if x == left else LEFT) | (0 if x == right else RIGHT)
            self._add(x, top, sides, marked)
            self._add(x, bottom, sides, marked)
        for y in range(top, bottom + 1):
            sides = (0 if y == top else UP) | (0 if y == bottom else DOWN)
            self._add(left, y, sides, marked)
            self._add(right, y, sides, marked)

    def label(self, labels: Iterable[Label]) -> None:
        """Set texts into the lines."""
        for label in labels:
            self._labels.setdefault(label.y, []).append(label)

    def strip(self, y: int, line: Style, mark: Style) -> Strip:
        """Row `y`, in the style of lines or of marked lines."""
        if not 0 <= y < self._size.height:
            return Strip.blank(self._size.width)
        segments: list[Segment] = []
        x = 0
        for label in sorted(self._labels.get(y, ()), key=lambda label: label.x):
            if label.x < x:
                continue
            segments.extend(self._pieces(y, x, label.x, line, mark))
            segments.append(Segment(label.text, label.style))
            x = label.x + cell_len(label.text)
        segments.extend(self._pieces(y, x, self._size.width, line, mark))
        return Strip(segments).crop(0, self._size.width)

    def _add(self, x: int, y: int, bits: int, marked: bool) -> None:
        if 0 <= x < self._size.width and 0 <= y < self._size.height:
            self._bits[y][x] |= bits
            if marked:
                self._marked.add((x, y))

    def _pieces(self, y: int, start: int, end: int, line: Style, mark: Style) -> Iterable[Segment]:
        row = self._bits[y]
        for x in range(start, min(end, self._size.width)):
            yield Segment(_GLYPHS[row[x]], mark if (x, y) in self._marked else line)
