"""The graph as a list, for where there is no room to draw it: each node, and below it where its outputs lead."""

from __future__ import annotations

from rich.cells import cell_len
from textual.geometry import Region

from workbench.tui.panes.graph.drawing import Drawing, Words
from workbench.tui.panes.graph.nodes import Group
from workbench.tui.panes.line import fit
from workbench.tui.panes.names import fit_name
from workbench.tui.text import visible


def list_group(drawing: Drawing, group: Group, width: int, chosen: str | None, words: Words) -> None:
    """List `group` below what is drawn already."""
    plane = drawing.plane
    for node in group.nodes:
        y = plane.height
        here = node.name == chosen
        name = fit_name(visible(node.name), min(cell_len(visible(node.name)), width - 3))
        plane.put(0, y, "▸" if here else " ", "graph--chosen")
        plane.put(1, y, node.glyph, node.tone)
        plane.put(3, y, name, "graph--chosen" if here else "graph--name")
        plane.put(4 + cell_len(name), y, fit(node.word, max(0, width - 4 - cell_len(name))), node.tone)
        for number, output in enumerate(node.outputs):
            x, row = 5, y + 1 + number
            plane.put(3, row, "└" if number + 1 == len(node.outputs) else "├", "graph--edge")
            for text, style in words(node.name, output, False):
                shown = fit(text, min(cell_len(text), max(0, width - x)))
                plane.put(x, row, shown, style)
                x += cell_len(shown)
        drawing.boxes[node.name] = Region(0, y, width, 1 + len(node.outputs))
