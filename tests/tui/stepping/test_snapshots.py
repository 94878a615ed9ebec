"""What stopping looks like. After a look at new pictures: `pytest tests/tui/stepping --snapshot-update`."""

from __future__ import annotations

from dataclasses import replace

import pytest
from textual.pilot import Pilot

from tests.tui.driving import press, settle, workbench
from tests.tui.stepping.scenes import BREAKPOINTS, go_back, pause
from tests.tui.stub import StubSession, instances
from tests.tui.test_snapshots import Compare
from workbench.tui.app import Workbench

SIZES = pytest.mark.parametrize("size", [(80, 24), (120, 36)], ids=lambda size: f"{size[0]}x{size[1]}")


@SIZES
def test_the_paused_screen(app: Workbench, session: StubSession, snap_compare: Compare, size: tuple[int, int]) -> None:
    pause(session, at=session.journal.end - 20)

    async def look(pilot: Pilot[object]) -> None:
        await press(pilot, "2")

    assert snap_compare(app, terminal_size=size, run_before=look)


@SIZES
def test_what_waits(app: Workbench, session: StubSession, snap_compare: Compare, size: tuple[int, int]) -> None:
    one, two = (replace(each, waits_on=on) for each, on in zip(instances()[3:5], ("pong", "ping"), strict=True))
    session.show(instances=(*instances()[:3], one, two))
    pause(session, deadlocks=("a circle of calls, where all wait for ever: ping → pong → ping",))

    async def look(pilot: Pilot[object]) -> None:
        await press(pilot, "8", "down", "down", "down")

    assert snap_compare(app, terminal_size=size, run_before=look)


@SIZES
def test_the_past(app: Workbench, session: StubSession, snap_compare: Compare, size: tuple[int, int]) -> None:
    go_back(session, session.journal.end - 20, 12, ("average",))

    async def look(pilot: Pilot[object]) -> None:
        await press(pilot, "2")

    assert snap_compare(app, terminal_size=size, run_before=look)


@pytest.mark.parametrize("theme", ["light", "terminal"])
def test_the_past_in_other_themes(app: Workbench, session: StubSession, snap_compare: Compare, theme: str) -> None:
    go_back(session, session.journal.end - 20)

    async def look(pilot: Pilot[object]) -> None:
        workbench(pilot).theme = theme
        await settle(pilot)
        await press(pilot, "2")

    assert snap_compare(app, terminal_size=(120, 36), run_before=look)


@SIZES
def test_the_list_of_breakpoints(
    app: Workbench, session: StubSession, snap_compare: Compare, size: tuple[int, int]
) -> None:
    pause(session, breakpoints=BREAKPOINTS)

    async def look(pilot: Pilot[object]) -> None:
        await press(pilot, "B")

    assert snap_compare(app, terminal_size=size, run_before=look)


def test_the_form_of_a_breakpoint(app: Workbench, session: StubSession, snap_compare: Compare) -> None:
    pause(session, breakpoints=BREAKPOINTS)

    async def look(pilot: Pilot[object]) -> None:
        await press(pilot, "B", "down", "enter", "end", *" kind:cal")

    assert snap_compare(app, terminal_size=(80, 24), run_before=look)


def test_the_editor_of_a_payload(app: Workbench, session: StubSession, snap_compare: Compare) -> None:
    pause(session)

    async def look(pilot: Pilot[object]) -> None:
        await press(pilot, "8", "down", "E")

    assert snap_compare(app, terminal_size=(80, 24), run_before=look)


def test_the_help_about_what_waits(app: Workbench, session: StubSession, snap_compare: Compare) -> None:
    go_back(session, session.journal.end - 20)

    async def look(pilot: Pilot[object]) -> None:
        await press(pilot, "8", "down", "question_mark")

    assert snap_compare(app, terminal_size=(120, 60), run_before=look)
