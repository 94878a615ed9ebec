"""The rows of the graph: keys and the mouse go from box to box, not from line to line."""

from __future__ import annotations

from typing import ClassVar, Protocol

from textual import events
from textual.binding import Binding, BindingType

from workbench.tui.panes.graph.walk import Direction
from workbench.tui.panes.lines import Lines
from workbench.tui.panes.rows import Rows


class Chart(Lines, Protocol):
    """Lines with boxes on them."""

    def step(self, way: Direction) -> None:
        """Choose the nearest box that way."""

    def edge(self, last: bool) -> None:
        """Choose the first or the last box."""

    def pick(self, x: int, y: int) -> None:
        """Choose the box there."""

    def confirm(self) -> None:
        """Choose the chosen box."""

    def sideways(self, by: int) -> None:
        """Show what is beside."""


class Boxes(Rows):
    """Draws a chart; it has no cursor of its own."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "aside('left')", "box to the left", show=False, id="graph.left"),
        Binding("right", "aside('right')", "box to the right", show=False, id="graph.right"),
    ]

    def __init__(self, chart: Chart) -> None:
        super().__init__(chart)
        self._chart = chart

    def action_move(self, by: int) -> None:
        """Go to the box below, or above."""
        self._chart.step("down" if by > 0 else "up")

    def action_aside(self, way: Direction) -> None:
        """Go to the box beside."""
        self._chart.step(way)

    def action_page(self, by: int) -> None:
        """Scroll."""
        self.scroll_to(y=round(self.scroll_y) + by * max(1, self.size.height - 2), animate=False, immediate=True)

    def action_edge(self, last: bool) -> None:
        """Go to the first box, or the last one."""
        self._chart.edge(last)

    def action_choose(self) -> None:
        """Choose the box."""
        self._chart.confirm()

    def go_to(self, index: int) -> None:
        """Bring a line in sight."""
        self.bring(index)

    def on_click(self, event: events.Click) -> None:
        """A click chooses a box."""
        offset = event.get_content_offset(self)
        if offset is None or self.text_selection is not None:
            return
        event.prevent_default()
        rows = self._visible()
        if offset.y < len(rows):
            self._chart.pick(offset.x - 1, rows[offset.y][0])

    def on_mouse_scroll_left(self, event: events.MouseScrollLeft) -> None:
        event.stop()
        self._chart.sideways(-8)

    def on_mouse_scroll_right(self, event: events.MouseScrollRight) -> None:
        event.stop()
        self._chart.sideways(8)
