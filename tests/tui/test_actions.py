"""Every action of the table does what it says."""

from __future__ import annotations

from typing import get_args

import pytest
from textual.app import App

from tests.tui.driving import WIDE, choose, press, settle, told
from tests.tui.stub import StubSession, pending
from workbench.errors import UserError
from workbench.records import Call, Cast, Record
from workbench.session.commands import (
    CancelBuild,
    Command,
    Kill,
    Rebuild,
    Restart,
    Send,
    Spawn,
    StopInstance,
    SwitchProfile,
)
from workbench.session.view import BuildView
from workbench.tui.action import NEEDS, Context
from workbench.tui.actions import ACTIONS, BY_ID
from workbench.tui.app import Workbench
from workbench.tui.confirm import Confirm
from workbench.tui.deeds import DEEDS
from workbench.tui.layout import PANES


def test_every_action_has_a_deed_and_every_key_is_given_once() -> None:
    keys = [key for action in ACTIONS for key in action.keys]

    assert DEEDS.keys() == BY_ID.keys()
    assert len(keys) == len(set(keys))
    assert all(action.help.endswith(".") for action in ACTIONS)


@pytest.mark.parametrize(
    ("key", "command"),
    [
        ("i", Spawn("average")),
        ("r", Rebuild("average")),
        ("R", Rebuild()),
        ("P", SwitchProfile("release")),
    ],
)
async def test_a_key_asks_the_session(app: Workbench, session: StubSession, key: str, command: Command) -> None:
    async with app.run_test(size=WIDE) as pilot:
        await choose(pilot, "average")
        await press(pilot, key)

        assert session.asked == [command]


@pytest.mark.parametrize(
    ("key", "command"),
    [("t", Restart("average")), ("x", StopInstance("average")), ("X", Kill("average"))],
)
async def test_what_loses_something_asks_once(app: Workbench, session: StubSession, key: str, command: Command) -> None:
    async with app.run_test(size=WIDE) as pilot:
        await choose(pilot, "average")

        await press(pilot, key)
        assert isinstance(app.screen, Confirm)
        assert session.asked == []
        await press(pilot, "escape")
        assert session.asked == []

        await press(pilot, key, key)
        assert session.asked == [command]


async def test_a_trapped_instance_has_nothing_to_lose_and_restarts_unasked(
    app: Workbench, session: StubSession
) -> None:
    async with app.run_test(size=WIDE) as pilot:
        trapped = next(each.name for each in session.picture.instances if each.status == "trapped")
        await choose(pilot, trapped)
        await press(pilot, "t")

        assert session.asked == [Restart(trapped)]


async def test_a_running_build_can_be_cancelled(app: Workbench, session: StubSession) -> None:
    async with app.run_test(size=WIDE) as pilot:
        await press(pilot, "C")
        assert session.asked == []

        session.show(builds=(BuildView("filter", "building", "serde", 3, 12, 900),))
        await press(pilot, "C")
        assert session.asked == [CancelBuild()]


def newest(session: StubSession, kind: type[Record]) -> Record:
    return [record for record in session.journal.read(0) if isinstance(record, kind)][-1]


async def test_a_message_is_sent_again_as_it_was(app: Workbench, session: StubSession) -> None:
    call = newest(session, Call)
    assert isinstance(call, Call)
    async with app.run_test(size=WIDE) as pilot:
        await choose(pilot, seq=call.seq)
        await press(pilot, "m")

        assert session.asked == [Send("pong", call.payload, call=True, source="ping")]


async def test_a_message_is_edited_before_it_is_sent_again(app: Workbench, session: StubSession) -> None:
    cast = newest(session, Cast)
    assert isinstance(cast, Cast)
    async with app.run_test(size=WIDE) as pilot:
        await choose(pilot, seq=cast.seq)
        await press(pilot, "M")

        assert app.workspace.focused == "send"
        assert app.composer.draft().typed == cast.payload.decode()
        assert app.composer.draft().source == cast.source
        assert session.asked == []


async def test_what_is_typed_goes_behind_the_message_that_is_edited(app: Workbench, session: StubSession) -> None:
    cast = newest(session, Cast)
    assert isinstance(cast, Cast)
    async with app.run_test(size=WIDE) as pilot:
        await choose(pilot, seq=cast.seq)
        await press(pilot, "M", "x")

        assert app.composer.draft().typed == f"{cast.payload.decode()}x"


async def test_a_refused_command_is_told_in_its_sentence(app: Workbench, session: StubSession) -> None:
    session.answers[Rebuild] = UserError("[red]average[/] has no source here")
    async with app.run_test(size=WIDE) as pilot:
        await choose(pilot, "average")
        await press(pilot, "r")

        assert "[red]average[/] has no source here" in told(pilot)


async def test_a_fault_of_the_engine_is_told_and_the_screen_stays(
    app: Workbench, session: StubSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with app.run_test(size=WIDE) as pilot:
        monkeypatch.setattr(session, "view", fail)
        await settle(pilot)

        assert "the engine failed" in str(app.query_one("Banner").render())


def fail() -> None:
    raise RuntimeError("out of luck")


@pytest.mark.parametrize(("number", "name"), enumerate(PANES, 1))
async def test_a_number_goes_to_its_pane(app: Workbench, number: int, name: str) -> None:
    async with app.run_test(size=WIDE) as pilot:
        await press(pilot, str(number))

        assert app.workspace.focused == name


async def test_the_next_pane_goes_through_all_of_them(app: Workbench) -> None:
    async with app.run_test(size=WIDE) as pilot:
        await press(pilot, "1")
        seen = []
        for _ in PANES:
            seen.append(app.workspace.focused)
            await press(pilot, "right_square_bracket")

        assert seen == list(PANES)
        await press(pilot, "left_square_bracket")
        assert app.workspace.focused == PANES[-1]


async def test_d_goes_to_the_diagnostics(app: Workbench) -> None:
    async with app.run_test(size=WIDE) as pilot:
        await press(pilot, "d")

        assert app.workspace.focused == "diagnostics"


async def test_actions_of_lines_wait_for_a_pane_of_lines(app: Workbench, monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[str] = []
    for name in ("filter", "search", "follow", "wrap", "next_match", "previous_match", "clear", "copy"):
        monkeypatch.setattr(app.panes["logs"], f"action_{name}", lambda name=name: done.append(name))
    async with app.run_test(size=WIDE) as pilot:
        await press(pilot, "1", "f")
        assert done == []

        await press(pilot, "3", "slash", "ctrl+f", "f", "w", "f3", "shift+f3", "ctrl+l", "y")
        assert done == ["filter", "search", "follow", "wrap", "next_match", "previous_match", "clear", "copy"]


async def test_a_waiting_call_offers_its_key(app: Workbench, session: StubSession) -> None:
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot)
        assert not app.query_one("Banner").display

        session.show(pending_calls=(pending(),))
        await settle(pilot)
        assert "1 call waits for your answer: average → sink" in str(app.query_one("Banner").render())


@pytest.mark.parametrize("key", ["ctrl+q", "ctrl+c"])
@pytest.mark.parametrize("before", [[], ["s"], ["question_mark"], ["ctrl+p"], ["ctrl+t"]])
async def test_quitting_works_everywhere(app: Workbench, key: str, before: list[str]) -> None:
    async with app.run_test(size=WIDE) as pilot:
        await press(pilot, *before)
        await pilot.press(key)
        await pilot.pause()

        assert is_over(app)


def is_over(app: App[object]) -> bool:
    return not app.is_running or app._exit


@pytest.mark.parametrize(
    ("keys", "needed"),
    [
        (("a",), "answer: no call waits for you"),
        (("1", "f"), "follow: for traffic, logs and the sequence"),
        (("K",), "end fault or rule: choose a stand-in first where one holds"),
    ],
)
async def test_a_key_that_does_nothing_now_tells_what_it_needs(
    app: Workbench, session: StubSession, keys: tuple[str, ...], needed: str
) -> None:
    session.show(pending_calls=())
    async with app.run_test(size=WIDE) as pilot:
        await press(pilot, *keys)
        assert told(pilot) == [needed]


async def test_a_key_that_does_something_or_is_typed_or_is_of_nothing_tells_nothing(app: Workbench) -> None:
    async with app.run_test(size=WIDE) as pilot:
        await press(pilot, "2", "f", "escape", "ctrl+y", "ä", "s", "K", "m")
        assert told(pilot) == ["play it: choose a resource first that runs for real"]
        assert app.composer.draft().typed.endswith("Km")


def test_every_context_but_those_of_the_form_and_of_everywhere_has_words() -> None:
    assert set(get_args(Context)) - NEEDS.keys() == {"always", "composer"}
