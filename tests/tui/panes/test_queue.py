"""The queue pane: what waits in its order, why, and who waits for whom."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest

from tests.tui.panes.stage import INSTANCES, PROJECT, Stage, Theatre, shown
from workbench.session.view import InstanceView, Queued, SteppingView, View
from workbench.tui.panes import QueuePane, RecordSelected
from workbench.tui.panes.queue import waiting_chains

QUEUE = (
    Queued(4711, "event", "cast", "sensor", "filter", "out", b'{"value": 41.7}'),
    Queued(4713, "event", "call", "ping", "pong", "pong", b"PING\x1b[31m-7", why="pong is handling #4710"),
    Queued(4700, "timer", "cast", "ping", "ping", "self", b"wakeup", due_ms=1_820),
    Queued(4701, "timer", "cast", "sensor", None, "lost", b"x", due_ms=900),
    Queued(4690, "held", "reply", "pong", "ping", None, b"PONG", why="held back: reply to #4600"),
    Queued(4680, "call", "call", "ticker", "sink", "sink", b"how much?", why="sink is played by you: answer it"),
)
STEPPING = SteppingView("paused", queue=QUEUE, queued=8, deadlocks=("ping → pong → ping: a circle of [calls]",))


def staged(stepping: SteppingView = STEPPING) -> tuple[Stage, QueuePane, Theatre]:
    stage = Stage(picture=View(PROJECT, INSTANCES, t_ms=1_000, stepping=stepping))
    pane = QueuePane()
    return stage, pane, Theatre(stage, pane)


async def test_everything_that_waits_has_a_row_and_deadlocks_stand_first() -> None:
    stage, pane, app = staged()
    waits = (replace(INSTANCES[3], waits_on="pong"), replace(INSTANCES[4], waits_on="risky"))
    stage.picture = replace(stage.picture, instances=(*INSTANCES[:3], *waits))
    async with app.run_test(size=(100, 12)) as pilot:
        app.tick()
        await pilot.pause()

        assert [" ".join(row.split()) for row in shown(app)[:9]] == [
            "✖ ping → pong → ping: a circle of [calls]",
            '1 #4711 · cast sensor → filter {"value": 41.7}',
            r"2 #4713 · call ping → pong PING\x1b[31m-7 pong is handling #4710",
            "3 #4700 ◷ timer ping → self wakeup in 820 ms",
            "4 #4701 ◷ timer sensor → ✗ lost x due",
            "5 #4690 ‖ reply pong → ping PONG held back: reply to #4600",
            "6 #4680 ◆ call ticker → sink how much? sink is played by you: answer it",
            "and 2 more wait",
            "◌ ping waits for pong, which waits for risky",
        ]
        assert pane.subtitle == "✖ 1 deadlock  1 held  8 wait"


@pytest.mark.parametrize("width", [16, 24, 40, 60, 78, 118])
async def test_it_fits_into_any_width(width: int) -> None:
    _, _, app = staged()
    async with app.run_test(size=(width, 12)) as pilot:
        app.tick()
        await pilot.pause()

        assert all(len(row) <= width for row in shown(app))
        assert width < 40 or "in 820 ms" in "\n".join(shown(app))


async def test_who_waits_for_whom_is_told_whole() -> None:
    names = ("orders", "price", "book", "store", "audit", "warehouse")
    circle = f"{' → '.join(names)}: nobody answers"
    stage, _, app = staged(SteppingView("paused", queue=QUEUE[:1], queued=1, deadlocks=(circle,)))
    waits = tuple(waiting(one, other) for one, other in pairwise(names))
    stage.picture = replace(stage.picture, instances=waits)
    async with app.run_test(size=(40, 20)) as pilot:
        app.tick()
        await pilot.pause()
        text = " ".join(" ".join(row.split()) for row in shown(app))
    assert circle in text
    assert "which waits for audit, which waits for warehouse" in text


async def test_nothing_says_so() -> None:
    _, _, app = staged(SteppingView())
    async with app.run_test(size=(80, 6)) as pilot:
        app.tick()
        await pilot.pause()

        assert "Nothing waits" in shown(app)[0]


async def test_a_click_chooses_what_waits() -> None:
    _, pane, app = staged()
    async with app.run_test(size=(80, 12)) as pilot:
        app.tick()
        await pilot.click(pane.rows, offset=(10, 3))
        await pilot.pause()

        assert [message.seq for message in app.posted if isinstance(message, RecordSelected)] == [4700]


async def test_the_cursor_stays_on_what_is_chosen_when_the_order_changes() -> None:
    stage, pane, app = staged()
    async with app.run_test(size=(80, 12)) as pilot:
        app.tick()
        pane.show_selection(4711, None)
        stage.picture = replace(stage.picture, stepping=replace(STEPPING, queue=QUEUE[::-1], deadlocks=()))
        app.tick()
        await pilot.pause()

        assert pane.rows.cursor == 5
        assert pane.mark_of(5) == ("▸", "pane--self")


async def test_the_cursor_stays_in_sight_of_what_is_left() -> None:
    stage, pane, app = staged()
    async with app.run_test(size=(80, 12)) as pilot:
        app.tick()
        pane.show_selection(4680, None)
        stage.picture = replace(stage.picture, stepping=replace(STEPPING, queue=QUEUE[:2], queued=2, deadlocks=()))
        app.tick()
        await pilot.pause()
        assert pane.rows.cursor == 1

        stage.picture = replace(stage.picture, stepping=SteppingView())
        app.tick()
        assert pane.rows.cursor is None


def waiting(name: str, on: str) -> InstanceView:
    return InstanceView(name, name, "waiting", waits_on=on)


@pytest.mark.parametrize(
    ("instances", "chains"),
    [
        ((), []),
        ((waiting("b", "c"), waiting("a", "b")), [("a", "b", "c")]),
        ((waiting("a", "b"), waiting("b", "a")), [("a", "b", "a")]),
        ((waiting("a", "a"),), [("a", "a")]),
        ((waiting("a", "c"), waiting("b", "c")), [("a", "c"), ("b", "c")]),
        ((waiting("a", "b"), waiting("b", "c"), waiting("c", "b")), [("a", "b", "c", "b")]),
    ],
)
def test_chains_begin_with_whom_nobody_waits_for(
    instances: tuple[InstanceView, ...], chains: list[tuple[str, ...]]
) -> None:
    assert waiting_chains(instances) == chains
