"""Words for driving the screen in tests."""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic

import pytest
from textual.pilot import Pilot
from textual.widgets import Input, Select, Static

from workbench.tui.app import Workbench
from workbench.tui.json_area import JsonArea
from workbench.tui.segments import Segments
from workbench.tui.situation import Selection

WIDE = (120, 36)
NARROW = (80, 24)
SIZES = pytest.mark.parametrize("size", [NARROW, WIDE, (200, 60)], ids=lambda size: f"{size[0]}x{size[1]}")


async def settle(pilot: Pilot[object]) -> None:
    """Let the screen take in everything there is."""
    app = workbench(pilot)
    await pilot.pause()
    app.look()
    await pilot.pause()


async def until(pilot: Pilot[object], holds: Callable[[], bool]) -> None:
    """Wait for something the screen does in its own time, such as laying itself out."""
    deadline = monotonic() + 10
    while not holds():
        assert monotonic() < deadline, "it did not come to pass"
        await pilot.pause(0.01)
        workbench(pilot).look()


def workbench(pilot: Pilot[object]) -> Workbench:
    """The app that is driven."""
    assert isinstance(pilot.app, Workbench)
    return pilot.app


async def choose(pilot: Pilot[object], instance: str | None = None, seq: int | None = None) -> None:
    """Make these the chosen things."""
    workbench(pilot).choose(Selection(seq, instance))
    await settle(pilot)


async def press(pilot: Pilot[object], *keys: str) -> None:
    """Press keys, then let the screen settle."""
    await pilot.press(*keys)
    await settle(pilot)


async def fill(pilot: Pilot[object], **fields: str) -> None:
    """Put values into the composer's fields, by their ids."""
    composer = workbench(pilot).composer
    for name, value in fields.items():
        field = composer.query_one(f"#{name}")
        if isinstance(field, Select):
            field.value = value
        elif isinstance(field, Segments):
            field.chosen = value
        elif isinstance(field, Input):
            field.value = value
        else:
            assert isinstance(field, JsonArea)
            field.load_text(value)
    await settle(pilot)


def outcome(pilot: Pilot[object]) -> str:
    """The sentence under the payload."""
    return str(workbench(pilot).composer.query_one("#outcome-line", Static).visual)


def told(pilot: Pilot[object]) -> list[str]:
    """The toasts on the screen."""
    return [notification.message for notification in workbench(pilot)._notifications]
