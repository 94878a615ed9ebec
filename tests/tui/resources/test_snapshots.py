"""How resources look. After a wanted change: `pytest tests/tui/resources --snapshot-update`, and look."""

from __future__ import annotations

import pytest
from textual.pilot import Pilot

from tests.tui.driving import choose, press
from tests.tui.test_snapshots import Compare
from workbench.tui.app import Workbench


@pytest.mark.parametrize("size", [(80, 24), (120, 36)], ids=lambda size: f"{size[0]}x{size[1]}")
def test_the_instances_with_resources(app: Workbench, snap_compare: Compare, size: tuple[int, int]) -> None:
    async def look(pilot: Pilot[object]) -> None:
        await choose(pilot, "mail")
        await press(pilot, "1")

    assert snap_compare(app, terminal_size=size, run_before=look)


@pytest.mark.parametrize("size", [(80, 24), (120, 36), (200, 60)], ids=lambda size: f"{size[0]}x{size[1]}")
def test_the_graph(app: Workbench, snap_compare: Compare, size: tuple[int, int]) -> None:
    async def look(pilot: Pilot[object]) -> None:
        await choose(pilot, "orders")
        await press(pilot, "9", "z")

    assert snap_compare(app, terminal_size=size, run_before=look)


def test_the_graph_in_terminal_colours(app: Workbench, snap_compare: Compare) -> None:
    async def look(pilot: Pilot[object]) -> None:
        app.theme = "terminal"
        await choose(pilot, "book")
        await press(pilot, "9", "z")

    assert snap_compare(app, terminal_size=(120, 36), run_before=look)


def test_the_form_of_a_fault(app: Workbench, snap_compare: Compare) -> None:
    async def look(pilot: Pilot[object]) -> None:
        await choose(pilot, "mail")
        await press(pilot, "F")

    assert snap_compare(app, terminal_size=(80, 24), run_before=look)
