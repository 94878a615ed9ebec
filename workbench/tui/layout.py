"""Where the panes stand: a tree of splits, cut to the size of the terminal. Pure arithmetic, no widgets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal, TypeAlias

from textual.geometry import Region, Size

Axis = Literal["columns", "rows"]
Shape = Literal["narrow", "medium", "wide", "huge", "vast"]

PANES = ("instances", "traffic", "logs", "state", "diagnostics", "inspector", "sequence", "queue", "graph")
"""The panes in the order of their numbers, from 1."""

SEND = "send"
SMALLEST = Size(40, 12)
"""Below this nothing useful fits, and the screen says so."""

MIN_COLUMNS = 14
MIN_ROWS = 4


@dataclass(frozen=True)
class Leaf:
    """A place on the screen; of several panes in one place one shows, the others are its tabs."""

    names: tuple[str, ...]


@dataclass(frozen=True)
class Split:
    """Two places side by side (`columns`) or one above the other (`rows`); `share` is the first one's part."""

    key: str
    axis: Axis
    share: float
    first: Node
    second: Node


Node: TypeAlias = Leaf | Split

_MESSAGES = ("traffic", "sequence", "graph")
_MIDDLE = Split("state", "columns", 0.66, Leaf(("logs", "diagnostics", "queue")), Leaf(("state",)))
_LOWER = Split("state", "columns", 0.62, Leaf(("logs",)), Leaf(("state",)))


def _large(middle: Split) -> Split:
    """All panes at once, around what stands in the middle."""
    return Split(
        "send",
        "rows",
        0.84,
        Split(
            "left",
            "columns",
            0.19,
            Leaf(("instances",)),
            Split(
                "right",
                "columns",
                0.62,
                middle,
                Split("details", "rows", 0.62, Leaf(("inspector",)), Leaf(("diagnostics", "queue"))),
            ),
        ),
        Leaf((SEND,)),
    )


_TREES: Mapping[Shape, Node] = {
    "narrow": Split("send", "rows", 0.45, Leaf(PANES), Leaf((SEND,))),
    "medium": Split(
        "send",
        "rows",
        0.66,
        Split(
            "left",
            "columns",
            0.32,
            Leaf(("instances",)),
            Split("top", "rows", 0.5, Leaf(_MESSAGES), Leaf(("logs", "state", "diagnostics", "inspector", "queue"))),
        ),
        Leaf((SEND,)),
    ),
    "wide": Split(
        "send",
        "rows",
        0.78,
        Split(
            "left",
            "columns",
            0.215,
            Leaf(("instances",)),
            Split(
                "right",
                "columns",
                0.67,
                Split("top", "rows", 0.54, Leaf(_MESSAGES), _MIDDLE),
                Leaf(("inspector",)),
            ),
        ),
        Leaf((SEND,)),
    ),
    "huge": _large(Split("top", "rows", 0.54, Leaf(_MESSAGES), _LOWER)),
    "vast": _large(
        Split(
            "top",
            "rows",
            0.36,
            Leaf(("traffic",)),
            Split("sequence", "rows", 0.55, Leaf(("sequence", "graph")), _LOWER),
        )
    ),
}


@dataclass(frozen=True)
class Arrangement:
    """What a user made of the screen; remembered per project. `shares` are keyed `shape.split`."""

    shares: Mapping[str, float] = field(default_factory=dict)
    hidden: frozenset[str] = frozenset()
    drawer: bool = False
    """Whether the composer shows where it is a drawer."""


@dataclass(frozen=True)
class Cell:
    """One place, cut: `outer` with its lines, `inner` without them; of `names` the one `active` shows."""

    names: tuple[str, ...]
    active: str
    outer: Region

    @property
    def inner(self) -> Region:
        """Where the pane itself is drawn."""
        return self.outer.shrink((1, 1, 1, 1))


@dataclass(frozen=True)
class Line:
    """A line that can be moved: its split's share key, its axis, the box it divides, where it runs, what it parts."""

    key: str
    axis: Axis
    box: Region
    at: int
    first: frozenset[str]
    second: frozenset[str]


@dataclass(frozen=True)
class Plan:
    """The whole screen, cut. `lines` run from the outermost to the innermost."""

    shape: Shape
    cells: tuple[Cell, ...]
    lines: tuple[Line, ...]

    def cell_of(self, name: str) -> Cell | None:
        """The place that has `name`, shown or as a tab."""
        return next((cell for cell in self.cells if name in cell.names), None)


def shape_of(size: Size) -> Shape:
    """Which of the five shapes suits a terminal of this size."""
    if size.width < 90 or size.height < 20:
        return "narrow"
    if size.width < 118:
        return "medium"
    if size.width < 160 or size.height < 44:
        return "wide"
    return "vast" if size.height >= 54 else "huge"


def has_drawer(size: Size) -> bool:
    """Whether the composer hides until it is asked for, because there is no room for it."""
    return shape_of(size) == "narrow" or size.height < 30


def plan(size: Size, arrangement: Arrangement, recent: tuple[str, ...], maximised: str | None = None) -> Plan:
    """Cut `size` (of the workspace, without header and footer).

    Of several panes in one place the first in `recent` shows. `maximised` takes all the room, the others become tabs.
    """
    shape = shape_of(size)
    hidden: set[str | None] = set(arrangement.hidden)
    if (has_drawer(size) and not arrangement.drawer) or maximised is not None:
        hidden.add(SEND)
    whole = _TREES[shape] if maximised is None else Leaf((SEND,) if maximised == SEND else PANES)
    tree = _without(whole, hidden - {maximised})
    box = Region(0, 0, size.width, size.height)
    if shape == "narrow":
        box = Region(-1, 0, size.width + 2, size.height + 1)  # the side lines fall off the screen: room is dear
    if tree is None:
        return Plan(shape, (), ())
    cells: list[Cell] = []
    lines: list[Line] = []
    _cut(tree, box, shape, arrangement, _order(recent, maximised), cells, lines)
    return Plan(shape, tuple(cells), tuple(lines))


def _order(recent: tuple[str, ...], maximised: str | None) -> tuple[str, ...]:
    return recent if maximised is None else (maximised, *recent)


def _without(node: Node, hidden: set[str | None]) -> Node | None:
    if isinstance(node, Leaf):
        names = tuple(name for name in node.names if name not in hidden)
        return Leaf(names) if names else None
    first, second = _without(node.first, hidden), _without(node.second, hidden)
    if first is None or second is None:
        return first or second
    return replace(node, first=first, second=second)


def _names(node: Node) -> Iterator[str]:
    if isinstance(node, Leaf):
        yield from node.names
    else:
        yield from _names(node.first)
        yield from _names(node.second)


def _cut(
    node: Node,
    box: Region,
    shape: Shape,
    arrangement: Arrangement,
    order: tuple[str, ...],
    cells: list[Cell],
    lines: list[Line],
) -> None:
    if isinstance(node, Leaf):
        active = next((name for name in order if name in node.names), node.names[0])
        cells.append(Cell(node.names, active, box))
        return
    key = f"{shape}.{node.key}"
    columns = node.axis == "columns"
    span = (box.width if columns else box.height) - 1
    least = min(MIN_COLUMNS if columns else MIN_ROWS, span // 2)
    cut = max(least, min(span - least, round(span * arrangement.shares.get(key, node.share))))
    if columns:
        first = Region(box.x, box.y, cut + 1, box.height)
        second = Region(box.x + cut, box.y, box.width - cut, box.height)
    else:
        first = Region(box.x, box.y, box.width, cut + 1)
        second = Region(box.x, box.y + cut, box.width, box.height - cut)
    at = (box.x if columns else box.y) + cut
    lines.append(Line(key, node.axis, box, at, frozenset(_names(node.first)), frozenset(_names(node.second))))
    _cut(node.first, first, shape, arrangement, order, cells, lines)
    _cut(node.second, second, shape, arrangement, order, cells, lines)


def moved(arrangement: Arrangement, line: Line, to: int) -> Arrangement:
    """The arrangement with `line` moved to column or row `to`."""
    start, span = (line.box.x, line.box.width) if line.axis == "columns" else (line.box.y, line.box.height)
    share = max(0.05, min(0.95, (to - start) / max(1, span - 1)))
    return replace(arrangement, shares={**arrangement.shares, line.key: share})


def grown(arrangement: Arrangement, cut: Plan, name: str, axis: Axis, by: int) -> Arrangement:
    """The arrangement with the place of `name` larger by `by` cells along `axis` (smaller when negative)."""
    for line in reversed(cut.lines):
        if line.axis == axis and name in line.first | line.second:
            return moved(arrangement, line, line.at + (by if name in line.first else -by))
    return arrangement


def toggled(arrangement: Arrangement, name: str) -> Arrangement:
    """The arrangement with `name` hidden, or shown again."""
    return replace(arrangement, hidden=arrangement.hidden ^ {name})
