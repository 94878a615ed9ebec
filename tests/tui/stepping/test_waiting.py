"""What waits, and what is done with the chosen one."""

from __future__ import annotations

import pytest
from textual.widgets import Input, OptionList

from tests.tui.driving import WIDE, choose, press, settle, told
from tests.tui.panes.stage import shown
from tests.tui.stepping.scenes import QUEUE, pause
from tests.tui.stub import StubSession, pending
from workbench.errors import UserError
from workbench.session.commands import (
    Command,
    Delay,
    Drop,
    Duplicate,
    Edit,
    Hold,
    Move,
    Redirect,
    Release,
    Step,
)
from workbench.tui.app import Workbench
from workbench.tui.confirm import Confirm
from workbench.tui.json_area import JsonArea
from workbench.tui.stepping.payload_editor import PayloadEditor
from workbench.tui.stepping.words import counted


@pytest.mark.parametrize(
    ("seq", "keys", "command"),
    [
        (4712, ["full_stop"], Step(event=4712)),
        (4700, ["full_stop"], Step(event=4700)),
        (4712, ["Y"], Duplicate(4712)),
        (4712, ["H"], Hold(4712)),
        (4690, ["U"], Release(4690)),
        (4690, ["ctrl+u"], Release()),
        (4712, ["W", "ctrl+u", *"250ms", "enter"], Delay(4712, 250)),
        (4712, ["at", "enter"], Redirect(4712, "sensor")),
        (4712, ["shift+up"], Move(4712, 4711)),
        (4712, ["shift+down"], Move(4714, 4712)),
        (4705, ["shift+up"], Move(4705, 4700)),
        (4711, ["E", "f7", "delete", *"none", "f5"], Edit(4711, b"none")),
    ],
)
async def test_a_key_changes_what_waits(
    app: Workbench, session: StubSession, seq: int, keys: list[str], command: Command
) -> None:
    pause(session)
    async with app.run_test(size=WIDE) as pilot:
        await choose(pilot, seq=seq)
        await press(pilot, *keys)

        assert session.asked == [command]


@pytest.mark.parametrize("key", ["delete", "backspace"])
async def test_dropping_asks_once_and_says_what(app: Workbench, session: StubSession, key: str) -> None:
    pause(session)
    async with app.run_test(size=WIDE) as pilot:
        await choose(pilot, seq=4713)
        await press(pilot, key)
        assert isinstance(app.screen, Confirm)
        assert "Drop call #4,713 ping → pong?" in str(app.screen.query_one(".dialog-question").render())
        await press(pilot, "escape")
        assert session.asked == []

        await press(pilot, key, key)
        assert session.asked == [Drop(4713)]


async def test_what_was_handled_while_it_was_asked_about_is_told(app: Workbench, session: StubSession) -> None:
    pause(session)
    async with app.run_test(size=WIDE) as pilot:
        await choose(pilot, seq=4713)
        await press(pilot, "delete")
        pause(session, queue=())
        await press(pilot, "y")

        assert session.asked == []
        assert told(pilot) == ["that waits no more"]


@pytest.mark.parametrize(
    ("seq", "key", "sentence"),
    [
        (4711, "shift+up", "nothing that waits for the same comes before it"),
        (4705, "shift+down", "nothing that is set for later comes after it"),
        (4690, "shift+up", "what is held or waits for an answer has no place in the order"),
        (4690, "H", "it is held already; U releases it"),
    ],
)
async def test_what_cannot_be_done_is_told(
    app: Workbench, session: StubSession, seq: int, key: str, sentence: str
) -> None:
    pause(session)
    async with app.run_test(size=WIDE) as pilot:
        await choose(pilot, seq=seq)
        await press(pilot, key)

        assert told(pilot) == [sentence]
        assert session.asked == []


async def test_a_copy_is_chosen_once_it_is_there(app: Workbench, session: StubSession) -> None:
    pause(session)
    session.answers[Duplicate] = 5000
    async with app.run_test(size=WIDE) as pilot:
        await choose(pilot, seq=4712)
        await press(pilot, "Y")

        assert app.selection.seq == 5000


async def test_editing_what_was_just_delivered_keeps_what_was_typed(app: Workbench, session: StubSession) -> None:
    session.answers[Edit] = UserError("#4,711 was delivered meanwhile")
    pause(session)
    async with app.run_test(size=WIDE) as pilot:
        await choose(pilot, seq=4711)
        await press(pilot, "E", "f7", "delete", *"none", "f5")

        assert isinstance(app.screen, PayloadEditor)
        assert "✖ #4,711 was delivered meanwhile" in str(app.screen.query_one(".dialog-error").render())
        assert app.screen.query_one(JsonArea).text == "none"

        session.answers[Edit] = None
        await press(pilot, "f5")
        assert not isinstance(app.screen, PayloadEditor)


async def test_bytes_are_edited_as_hex_and_wrong_ones_are_told(app: Workbench, session: StubSession) -> None:
    pause(session)
    async with app.run_test(size=WIDE) as pilot:
        await choose(pilot, seq=4713)
        await press(pilot, "E", "f7", "delete", *"f", "tab", "right", "f5")
        assert "hex digits do not make whole bytes" in str(app.screen.query_one(".dialog-error").render())

        await press(pilot, "shift+tab", *"f 00", "f5")
        assert session.asked == [Edit(4713, b"\xff\x00")]


async def test_a_wrong_delay_is_told_while_it_is_typed(app: Workbench, session: StubSession) -> None:
    pause(session)
    async with app.run_test(size=WIDE) as pilot:
        await choose(pilot, seq=4711)
        await press(pilot, "W", "ctrl+u", *"soon", "enter")

        assert 'time: "soon" is not a duration' in str(app.screen.query_one(".dialog-error").render())
        assert app.screen.query_one(Input).value == "soon"
        assert session.asked == []


async def test_what_waits_no_more_has_no_keys(app: Workbench, session: StubSession) -> None:
    async with app.run_test(size=WIDE) as pilot:
        await choose(pilot, seq=4711)
        await press(pilot, "full_stop", "E", "delete", "H", "U", "ctrl+u")

        assert session.asked == []


@pytest.mark.parametrize(("seq", "left"), [(4711, "It will never come."), (4713, "It will never come; who called ")])
async def test_only_of_a_call_it_is_said_that_who_called_waits_on(
    app: Workbench, session: StubSession, seq: int, left: str
) -> None:
    pause(session)
    async with app.run_test(size=WIDE) as pilot:
        await choose(pilot, seq=seq)
        await press(pilot, "delete")
        assert any(left in row for row in shown(app))


def test_one_that_waits_waits() -> None:
    assert [counted(number) for number in (1, 2, 4_711)] == ["1 waits", "2 wait", "4,711 wait"]


async def test_one_is_not_redirected_to_whom_it_is_for(app: Workbench, session: StubSession) -> None:
    pause(session)
    async with app.run_test(size=WIDE) as pilot:
        await choose(pilot, seq=4711)
        await press(pilot, "at")

        rows = app.screen.query_one(OptionList)
        names = [rows.get_option_at_index(at).id for at in range(rows.option_count)]
        assert names == ["sensor", "average", "ping", "pong", "risky", "sink"]


async def test_a_call_that_waits_for_an_answer_is_answered_in_the_form(app: Workbench, session: StubSession) -> None:
    pause(session)
    session.show(pending_calls=(pending(7), pending(4680)))
    async with app.run_test(size=WIDE) as pilot:
        await choose(pilot, seq=4680)
        await press(pilot, "a")
        await settle(pilot)

        assert app.composer.answering.about == pending(4680)


async def test_what_took_the_place_of_what_happened_is_chosen_once_all_stands_still(
    app: Workbench, session: StubSession
) -> None:
    pause(session)
    left = tuple(event for event in QUEUE if event.seq != 4712)
    async with app.run_test(size=WIDE) as pilot:
        await press(pilot, "8")
        await choose(pilot, seq=4712)
        await press(pilot, "full_stop")
        pause(session, mode="stepping", queue=left)
        await settle(pilot)
        assert app.selection.seq == 4712

        pause(session, queue=left)
        await settle(pilot)
        assert app.selection.seq == 4713
        await press(pilot, "full_stop")
        assert session.asked == [Step(event=4712), Step(event=4713)]


async def test_what_happened_stays_chosen_where_one_looks_at_it_elsewhere(app: Workbench, session: StubSession) -> None:
    pause(session)
    async with app.run_test(size=WIDE) as pilot:
        await press(pilot, "8")
        await choose(pilot, seq=4711)
        await press(pilot, "2")
        pause(session, queue=QUEUE[1:])
        await settle(pilot)
        assert app.selection.seq == 4711
