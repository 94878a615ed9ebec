"""Pausing, running and stepping, and what the screen says of it."""

from __future__ import annotations

import pytest

from tests.tui.driving import NARROW, WIDE, choose, press, settle, told
from tests.tui.stepping.scenes import PAUSED, go_back, pause
from tests.tui.stub import StubSession
from workbench.errors import UserError
from workbench.session.commands import Command, Pause, Run, Step, StepBack, Until
from workbench.session.view import SteppingView
from workbench.tui.app import Workbench


def row(app: Workbench, name: str) -> str:
    return "".join(segment.text for segment in app.query_one(name).render_line(0))


async def test_space_pauses_what_runs_and_runs_what_is_paused(app: Workbench, session: StubSession) -> None:
    async with app.run_test(size=WIDE) as pilot:
        await press(pilot, "space")
        assert session.asked == [Pause()]

        pause(session)
        await settle(pilot)
        await press(pilot, "space")
        assert session.asked[1:] == [Run()]


@pytest.mark.parametrize(
    ("key", "command"),
    [
        ("n", Step()),
        ("o", Step("over")),
        ("u", Step("out")),
        ("I", Step(instance="average")),
        ("b", StepBack()),
    ],
)
async def test_a_key_steps(app: Workbench, session: StubSession, key: str, command: Command) -> None:
    pause(session)
    async with app.run_test(size=WIDE) as pilot:
        await choose(pilot, "average")
        await press(pilot, key)

        assert session.asked == [command]


async def test_stepping_when_nothing_waits_is_told_plainly(app: Workbench, session: StubSession) -> None:
    session.answers[Step] = UserError("nothing waits that could be stepped")
    pause(session, queue=(), queued=0)
    async with app.run_test(size=WIDE) as pilot:
        await press(pilot, "n")

        assert told(pilot) == ["nothing waits that could be stepped"]


@pytest.mark.parametrize(
    ("keys", "until"),
    [
        (["enter"], Until("kind:cast,call to:average", at="begins")),
        (["down", "enter", *"to:pong", "enter"], Until("to:pong")),
        (["down"] * 2 + ["enter"], Until("kind:sync")),
        (["down"] * 3 + ["enter", "down", "enter"], Until("level:info+")),
        (["down"] * 4 + ["enter"], Until("kind:trap")),
        (["down"] * 5 + ["enter"], Until("kind:note")),
        (["down"] * 6 + ["enter"], Until(idle=True)),
        (["down"] * 7 + ["enter", "enter"], Until(t_ms=725_318)),
        (["down"] * 7 + ["enter", "ctrl+u", *"12:30", "enter"], Until(t_ms=750_000)),
    ],
    ids=["instance", "query", "sync", "log", "trap", "note", "idle", "from now", "at a time"],
)
async def test_it_runs_until(app: Workbench, session: StubSession, keys: list[str], until: Until) -> None:
    pause(session)
    async with app.run_test(size=WIDE) as pilot:
        await choose(pilot, "average")
        await press(pilot, "p", *keys)

        assert session.asked == [Run(until)]


async def test_a_query_that_cannot_be_read_is_underlined_and_asks_nothing(app: Workbench, session: StubSession) -> None:
    pause(session)
    async with app.run_test(size=WIDE) as pilot:
        await press(pilot, "p", "enter", *"kind:cal", "enter")

        assert "did you mean call" in str(app.screen.query_one(".dialog-error").render())
        assert session.asked == []


@pytest.mark.parametrize(
    ("stepping", "words"),
    [
        (SteppingView(), "▶ running"),
        (SteppingView("stepping"), "⇥ stepping"),
        (PAUSED, "‖ paused: breakpoint 2, at #4,710"),
        (SteppingView("paused", "by hand"), "‖ paused: by hand"),
        (SteppingView(shuffle=42), "seed 42"),
        (SteppingView(strict=True), "strict"),
    ],
)
async def test_the_header_tells_the_mode(
    app: Workbench, session: StubSession, stepping: SteppingView, words: str
) -> None:
    session.show(stepping=stepping)
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot)

        assert words in row(app, "Header")


async def test_a_narrow_header_still_tells_that_it_is_paused_and_why(app: Workbench, session: StubSession) -> None:
    pause(session)
    async with app.run_test(size=NARROW) as pilot:
        await settle(pilot)
        assert "‖ paused: breakpoint 2, at #4,710" in row(app, "Header")

        await pilot.resize_terminal(40, 24)
        await settle(pilot)
        assert "‖ paused" in row(app, "Header")


@pytest.mark.parametrize(
    ("clock", "scale", "words"),
    [
        ("real", 1.0, " 12:04.318"),
        ("scaled", 10.0, "\N{MULTIPLICATION SIGN}10 12:04.318"),
        ("virtual", 1.0, "virtual 12:04.318"),
        ("frozen", 1.0, "frozen 12:04.318"),
    ],
)
async def test_the_header_tells_the_clock(
    app: Workbench, session: StubSession, clock: str, scale: float, words: str
) -> None:
    session.show(clock=clock, stepping=SteppingView(scale=scale))
    async with app.run_test(size=(160, 36)) as pilot:
        await settle(pilot)

        assert words in row(app, "Header")


async def test_the_footer_offers_other_keys_while_it_is_paused(app: Workbench, session: StubSession) -> None:
    async with app.run_test(size=NARROW) as pilot:
        await press(pilot, "2")
        assert row(app, "Footer").split("   ")[:2] == [" s send", "space pause"]

        pause(session)
        await settle(pilot)
        assert row(app, "Footer").split("   ")[:3] == [" space run", "n step", "b back"]

        go_back(session, 100)
        await settle(pilot)
        assert row(app, "Footer").split("   ")[:4] == [" space run", "n step", "b back", "0 present"]
