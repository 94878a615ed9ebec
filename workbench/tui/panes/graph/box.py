"""One box of the graph: its frame tells by its lines what it is, its first row whose it is and how that is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from rich.cells import cell_len
from textual.geometry import Region

from workbench.tui.panes.graph.nodes import Frame, Node
from workbench.tui.panes.graph.plane import Plane
from workbench.tui.panes.line import fit
from workbench.tui.panes.names import fit_name
from workbench.tui.text import visible

LONGEST_NAME = 22

_LINES: Mapping[Frame, tuple[str, ...]] = {"function": (*"╭─╮│╰╯├",), "real": (*"╔═╗║╚╝╟",), "stand-in": (*"┌╌┐╎└┘├",)}
"""Corners and sides: above from the left, side, below from the left, and where an output leaves."""


@dataclass(frozen=True)
class Look:
    """`framed`: with lines above and below; `chosen`: it is the one that is selected."""

    framed: bool
    chosen: bool


def box_width(node: Node, framed: bool) -> int:
    """Cells it needs."""
    name = min(LONGEST_NAME, cell_len(visible(node.name))) + 4
    if framed:
        return max(name + 2, cell_len(node.word) + 4)
    return name + 2 + (cell_len(node.word) + 1 if node.word else 0)


def paint_box(plane: Plane, node: Node, region: Region, look: Look) -> None:
    """Draw it; the part of the region that is not needed stays inside of it."""
    corner, across, corner_right, side, low, low_right, port = _LINES[node.frame]
    line = "graph--chosen" if look.chosen else f"graph--{node.frame}"
    x, y, inner = region.x, region.y, region.width - 2
    if look.framed:
        word = f" {node.word} " if node.word else ""
        plane.put(x, y, corner + across * inner + corner_right, line)
        plane.put(x + 1, y, fit(word, min(inner, cell_len(word))), node.tone)
        plane.put(x, region.bottom - 1, low + across * inner + low_right, line)
        y += 1
    for row in range(max(1, len(node.outputs))):
        plane.put(x, y + row, side + " " * inner, line)
        plane.put(region.right - 1, y + row, port if row < len(node.outputs) else side, line)
    name = fit_name(visible(node.name), min(LONGEST_NAME, cell_len(visible(node.name))))
    plane.put(x + 1, y, "▸" if look.chosen else " ", "graph--chosen")
    plane.put(x + 2, y, node.glyph, node.tone)
    plane.put(x + 4, y, name, "graph--chosen" if look.chosen else "graph--name")
    if not look.framed and node.word:
        plane.put(x + 5 + cell_len(name), y, node.word, node.tone)
