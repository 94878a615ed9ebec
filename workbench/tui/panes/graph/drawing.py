"""A group of nodes drawn left to right: boxes, edges with their words, and what is connected to nobody below."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from statistics import fmean

from rich.cells import cell_len
from textual.geometry import Region

from workbench.tui.panes.graph.box import Look, box_width, paint_box
from workbench.tui.panes.graph.labels import PAYLOAD
from workbench.tui.panes.graph.layers import Layers, Stop, layered, next_stop
from workbench.tui.panes.graph.nodes import Group, Node, Output
from workbench.tui.panes.graph.plane import Plane
from workbench.tui.panes.line import Part, fit

Words = Callable[[str, Output, bool], Sequence[Part]]
"""What is said on the edge of an output of the node of that name; True: a line shows where it leads."""


@dataclass
class Drawing:
    """A plane, where on it each node's box stands, and titles."""

    plane: Plane = field(default_factory=Plane)
    boxes: dict[str, Region] = field(default_factory=dict)
    titles: dict[int, str] = field(default_factory=dict)
    """Rows that are titles, which stay where they are when all else goes sideways."""


@dataclass(frozen=True)
class Form:
    """How roomy it is: `framed` boxes have a frame above and below; `zone` cells are for the words on an edge."""

    framed: bool
    zone: int
    gap: int = 1
    """Rows between boxes."""

    @property
    def edge(self) -> int:
        """Rows of a box above its name."""
        return 1 if self.framed else 0

    def height(self, node: Node) -> int:
        """Rows of a box."""
        return max(1, len(node.outputs)) + 2 * self.edge


def draw_group(drawing: Drawing, group: Group, form: Form, width: int, chosen: str | None, words: Words) -> None:
    """Draw `group` below what is drawn already; who is connected to nobody stands in rows of `width` cells."""
    known = {node.name for node in group.nodes}
    edges = tuple(
        (node.name, tuple(dict.fromkeys(o.target for o in node.outputs if o.target in known and o.target != node.name)))
        for node in group.nodes
    )
    led_to = {to for _, targets in edges for to in targets}
    alone = tuple(node for node in group.nodes if node.name not in led_to and not node.outputs)
    apart = {node.name for node in alone}
    joined = tuple((name, targets) for name, targets in edges if name not in apart)
    top = drawing.plane.height
    if joined:
        layers = _layers(joined)
        _Chart({node.name: node for node in group.nodes}, layers, form, chosen, words, drawing, top).draw()
    if alone:
        _draw_alone(drawing, alone, form, width, chosen)


@lru_cache(maxsize=64)
def _layers(edges: tuple[tuple[str, tuple[str, ...]], ...]) -> Layers:
    return layered([name for name, _ in edges], dict(edges))


def _draw_alone(drawing: Drawing, nodes: Sequence[Node], form: Form, width: int, chosen: str | None) -> None:
    cells = max(box_width(node, form.framed) for node in nodes)
    columns = max(1, (width - 1) // (cells + 2))
    top = drawing.plane.height + (form.gap if drawing.plane.height else 0)
    for number, node in enumerate(nodes):
        row, column = divmod(number, columns)
        region = Region(column * (cells + 2), top + row * form.height(node), cells, form.height(node))
        paint_box(drawing.plane, node, region, Look(form.framed, node.name == chosen))
        drawing.boxes[node.name] = region


@dataclass(frozen=True)
class _Edge:
    source: Node
    row: int
    """The row of the output on the plane."""
    target: str


class _Chart:
    """The nodes that are connected."""

    def __init__(
        self,
        nodes: Mapping[str, Node],
        layers: Layers,
        form: Form,
        chosen: str | None,
        words: Words,
        drawing: Drawing,
        top: int,
    ) -> None:
        self._nodes = nodes
        self._layers = layers
        self._form = form
        self._chosen = chosen
        self._words = words
        self._drawing = drawing
        self._top = top
        self._rows: list[dict[Stop, int]] = []
        """For each layer, the first row of each stop."""

    def draw(self) -> None:
        """All of it: rows first, then columns from the left."""
        for at in range(len(self._layers.stops)):
            self._place(at)
        x = 0
        for at in range(len(self._layers.stops)):
            x = self._draw_layer(at, x)

    # -- rows

    def _place(self, at: int) -> None:
        """Each stop as near as can be to the rows that lead to it."""
        wanted: dict[Stop, list[int]] = {}
        if at:
            for edge in self._leading(at - 1):
                wanted.setdefault(next_stop(edge.target, at - 1, self._layers.layer), []).append(edge.row)
        free, rows = self._top, {}
        for stop in self._layers.stops[at]:
            edge_rows = self._form.edge if not stop.passing else 0
            row = round(fmean(wanted[stop])) - edge_rows if stop in wanted else free
            rows[stop] = max(free, row)
            free = rows[stop] + (1 if stop.passing else self._form.height(self._nodes[stop.name]) + self._form.gap)
        self._rows.append(rows)

    def _entry(self, at: int, stop: Stop) -> int:
        return self._rows[at][stop] + (0 if stop.passing else self._form.edge)

    def _leading(self, at: int) -> list[_Edge]:
        """The edges that leave layer `at` to the right, those that pass it with them."""
        found = []
        for stop, top in self._rows[at].items():
            if stop.passing:
                found += [replace(edge, row=top) for edge in self._through(at, stop.name)]
                continue
            node = self._nodes[stop.name]
            for number, output in enumerate(node.outputs):
                if output.target is not None and self._is_ahead(node, output.target):
                    found.append(_Edge(node, top + self._form.edge + number, output.target))
        return found

    def _through(self, at: int, target: str) -> list[_Edge]:
        return [
            _Edge(node, 0, target)
            for node in self._nodes.values()
            for output in node.outputs
            if output.target == target and self._is_ahead(node, target) and self._layers.layer[node.name] < at
        ]

    def _is_ahead(self, node: Node, target: str) -> bool:
        layer = self._layers.layer
        return target in layer and node.name in layer and layer[node.name] < layer[target]

    # -- columns

    def _draw_layer(self, at: int, x: int) -> int:
        """Draw what stands in a layer and the edges to the next; where that begins."""
        form, plane = self._form, self._drawing.plane
        nodes = [self._nodes[stop.name] for stop in self._layers.stops[at] if not stop.passing]
        cells = max((box_width(node, form.framed) for node in nodes), default=0)
        zone = max((self._room(node, output) for node in nodes for output in node.outputs), default=0)
        out = x + cells + zone
        last = at + 1 == len(self._layers.stops)
        leading = [] if last else self._leading(at)
        tracks = self._tracks(at, leading)
        following = out + 2 + 2 * len(tracks) + 1
        for edge in leading:
            stop = next_stop(edge.target, at, self._layers.layer)
            entry, style = self._entry(at + 1, stop), self._style(edge)
            begin = x if edge.row in self._passing_rows(at) else x + cells
            track = out + 1 + 2 * tracks[stop] if stop in tracks else None
            end = following if stop.passing else following - 1  # a line that goes on joins the next layer's
            plane.across(edge.row, begin, end if track is None else track, style)
            if track is not None:
                plane.along(track, edge.row, entry, style)
                plane.across(entry, track, end, style)
            if not stop.passing:
                plane.put(following - 1, entry, "▶", style)
        for node in nodes:
            top = self._rows[at][Stop(node.name)]
            region = Region(x, top, cells, form.height(node))
            paint_box(plane, node, region, Look(form.framed, node.name == self._chosen))
            self._drawing.boxes[node.name] = region
            for number, output in enumerate(node.outputs):
                self._say(node, output, x + cells, top + form.edge + number, zone)
        return following

    def _room(self, node: Node, output: Output) -> int:
        """Cells for the words of an output: few while nothing went there, and then always the same."""
        words = self._words(node.name, output, output.target is not None and self._is_ahead(node, output.target))
        if any(style == PAYLOAD for _, style in words):
            return self._form.zone
        return min(self._form.zone, sum(cell_len(text) for text, _ in words) + 3)

    def _passing_rows(self, at: int) -> frozenset[int]:
        return frozenset(row for stop, row in self._rows[at].items() if stop.passing)

    def _tracks(self, at: int, leading: Sequence[_Edge]) -> dict[Stop, int]:
        """A column for each stop that is not straight ahead of all that lead to it: the farthest leave first, so that
        few lines cross."""
        far: dict[Stop, int] = {}
        for edge in leading:
            stop = next_stop(edge.target, at, self._layers.layer)
            far[stop] = max(far.get(stop, 0), abs(self._entry(at + 1, stop) - edge.row))
        return {stop: number for number, stop in enumerate(sorted((s for s in far if far[s]), key=lambda s: -far[s]))}

    def _style(self, edge: _Edge) -> str:
        return "graph--chosen-edge" if self._chosen in (edge.source.name, edge.target) else "graph--edge"

    def _say(self, node: Node, output: Output, x: int, row: int, zone: int) -> None:
        """The words on an edge; where it does not lead on to the right, they end it."""
        plane = self._drawing.plane
        ahead = output.target is not None and self._is_ahead(node, output.target)
        plane.put(x, row, "─", "graph--edge")
        x, room = x + 1, zone - 2
        for text, style in self._words(node.name, output, ahead):
            shown = fit(text, min(cell_len(text), room))
            plane.put(x, row, shown, style)
            x, room = x + cell_len(shown), room - cell_len(shown)
        if not ahead and room > 0:
            plane.put(x, row, " " * room, "")
