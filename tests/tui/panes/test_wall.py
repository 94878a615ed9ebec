"""The time of day at moments of the session."""

from __future__ import annotations

import pytest

from tests.tui.panes.stage import PROJECT
from workbench.session.commands import ClockKind
from workbench.session.view import SteppingView, View
from workbench.tui.panes import wall
from workbench.tui.panes.wall import Wall


class World:
    """A clock on the wall, and what looks at it."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 1_000.0
        self.wall = Wall()
        monkeypatch.setattr(wall, "time", lambda: self.now)

    def look(self, t_ms: float, now: float, clock: ClockKind = "real", paused: bool = False) -> None:
        """See the session at `t_ms`, when it is `now`."""
        self.now = now
        stepping = SteppingView("paused" if paused else "running")
        self.wall.look(View(PROJECT, clock=clock, t_ms=t_ms, stepping=stepping))


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    return World(monkeypatch)


def test_it_is_told_from_the_first_moment_on(world: World) -> None:
    world.look(5_000, 1_005)
    world.look(6_040, 1_006)

    assert [world.wall.at(t_ms) for t_ms in (0, 5_500, 9_000)] == [1_000, 1_005.5, 1_009]


def test_a_pause_moves_only_what_comes_after_it(world: World) -> None:
    world.look(5_000, 1_005)
    world.look(5_000, 1_050, paused=True)
    world.look(5_010, 1_060.01)

    assert world.wall.at(4_000) == 1_004
    assert world.wall.at(6_000) == pytest.approx(1_061)


def test_going_back_and_on_forgets_what_was_after(world: World) -> None:
    world.look(5_000, 1_005)
    world.look(8_000, 1_028)
    world.look(6_000, 1_040)

    assert world.wall.at(4_000) == 1_004
    assert world.wall.at(9_000) == 1_043


def test_nobody_can_tell_while_the_clock_is_another(world: World) -> None:
    world.look(1_000, 1_001)
    world.look(2_000, 1_001.1, clock="scaled")
    world.look(9_000, 1_001.8)

    assert [world.wall.at(t_ms) for t_ms in (500, 5_000)] == [1_000.5, None]
    assert world.wall.at(10_000) == pytest.approx(1_002.8)
    assert Wall().at(0) is None
