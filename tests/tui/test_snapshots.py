"""What the screen looks like. After a look at new pictures: `pytest tests/tui/test_snapshots.py --snapshot-update`."""

from __future__ import annotations

from typing import Protocol

import pytest
from textual.app import App
from textual.pilot import Pilot

from tests.tui.driving import press, settle, workbench
from workbench.tui.app import Workbench


class Compare(Protocol):
    """Compares a picture of the app with the one that was approved."""

    def __call__(self, app: App[object], *, terminal_size: tuple[int, int], run_before: object) -> bool:
        """Whether they are the same."""


@pytest.mark.parametrize("size", [(80, 24), (120, 36), (200, 60)], ids=lambda size: f"{size[0]}x{size[1]}")
def test_the_screen_at_three_sizes(app: Workbench, snap_compare: Compare, size: tuple[int, int]) -> None:
    assert snap_compare(app, terminal_size=size, run_before=settle)


@pytest.mark.parametrize("theme", ["light", "high-contrast", "terminal"])
def test_the_screen_in_other_themes(app: Workbench, snap_compare: Compare, theme: str) -> None:
    async def change(pilot: Pilot[object]) -> None:
        workbench(pilot).theme = theme
        await settle(pilot)

    assert snap_compare(app, terminal_size=(120, 36), run_before=change)


def test_the_help(app: Workbench, snap_compare: Compare) -> None:
    async def ask(pilot: Pilot[object]) -> None:
        await press(pilot, "2", "question_mark")

    assert snap_compare(app, terminal_size=(120, 36), run_before=ask)
