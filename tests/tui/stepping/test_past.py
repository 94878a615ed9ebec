"""Going back: keys, the band, the panes of that moment, other lines of history."""

from __future__ import annotations

import pytest

from tests.tui.driving import NARROW, WIDE, choose, press, settle, told
from tests.tui.stepping.scenes import LINES, go_back, pause
from tests.tui.stub import StubSession
from workbench.errors import UserError
from workbench.journal import Journal
from workbench.records import Cast, Sync
from workbench.session.commands import Command, Jump, Rerun, SelfCheck, Step, StepBack, SwitchLine
from workbench.session.view import Difference, Past
from workbench.tui.app import Workbench
from workbench.tui.notice import Notice
from workbench.tui.panes.line_pane import LinePane
from workbench.tui.panes.state import StatePane


@pytest.mark.parametrize(
    ("keys", "command"),
    [
        (["b"], StepBack()),
        (["n"], Step()),
        (["J"], Jump(40)),
        (["0"], Jump(None)),
        (["L", "up", "enter"], SwitchLine(1)),
        (["A", "enter"], Rerun(100)),
        (["A", "down", "enter"], Rerun(None)),
        (["V"], SelfCheck()),
    ],
)
async def test_a_key_goes_through_time(app: Workbench, session: StubSession, keys: list[str], command: Command) -> None:
    go_back(session, 100)
    async with app.run_test(size=WIDE) as pilot:
        await choose(pilot, seq=40)
        await press(pilot, *keys)

        assert session.asked == [command]


async def test_it_is_run_again_from_what_is_chosen(app: Workbench, session: StubSession) -> None:
    async with app.run_test(size=WIDE) as pilot:
        await choose(pilot, seq=40)
        await press(pilot, "A", "enter")

        assert session.asked == [Rerun(40)]


async def test_the_line_one_is_on_is_not_returned_to(app: Workbench, session: StubSession) -> None:
    pause(session, lines=LINES, line=2)
    async with app.run_test(size=WIDE) as pilot:
        await press(pilot, "L", "enter")
        assert session.asked == []


async def test_with_one_line_there_is_none_to_return_to(app: Workbench, session: StubSession) -> None:
    async with app.run_test(size=WIDE) as pilot:
        await press(pilot, "L")

        assert told(pilot) == [
            "there is one line of history only; one more begins where you go on from the past (b goes back)"
        ]


async def test_beyond_the_horizon_is_told_plainly(app: Workbench, session: StubSession) -> None:
    session.answers[StepBack] = UserError("one can go back to #400 at most")
    async with app.run_test(size=WIDE) as pilot:
        await press(pilot, "b")

        assert told(pilot) == ["one can go back to #400 at most"]


async def test_a_click_with_ctrl_jumps_to_the_row(app: Workbench, session: StubSession) -> None:
    async with app.run_test(size=WIDE) as pilot:
        await press(pilot, "2")
        rows = app.panes["traffic"].rows
        await pilot.click(rows, offset=(5, 3), control=True)
        await settle(pilot)

        assert session.asked == [Jump(rows.cursor)]
        assert app.selection.seq == rows.cursor


async def test_the_self_check_tells_the_first_difference_and_chooses_it(app: Workbench, session: StubSession) -> None:
    session.answers[SelfCheck] = Difference(42, "cast \x1b[1m41.7", "cast 41.8")
    async with app.run_test(size=WIDE) as pilot:
        await press(pilot, "V")

        assert isinstance(app.screen, Notice)
        words = str(app.screen.query_one(".dialog-question").render())
        assert "#42 came out otherwise" in words
        assert r"it was  cast \x1b[1m41.7" in words
        assert app.selection.seq == 42
        await press(pilot, "escape")
        assert not isinstance(app.screen, Notice)


async def test_a_self_check_that_finds_nothing_says_so(app: Workbench, session: StubSession) -> None:
    async with app.run_test(size=WIDE) as pilot:
        await press(pilot, "V")

        assert "came out the same" in str(app.screen.query_one(".dialog-question").render())


def band(app: Workbench) -> str:
    return str(app.query_one("Band").render())


@pytest.mark.parametrize("size", [WIDE, NARROW])
async def test_a_band_says_that_it_is_the_past(app: Workbench, session: StubSession, size: tuple[int, int]) -> None:
    async with app.run_test(size=size) as pilot:
        await settle(pilot)
        assert not app.query_one("Band").display

        go_back(session, 4711, 12, ("average",))
        await settle(pilot)
        assert "PAST  after #4,711, 12 events ago; new code of average runs in the present only" in band(app)
        assert ("n forward" in band(app)) is (size == WIDE)
        assert "0 present" in band(app)

        pause(session)
        await settle(pilot)
        assert not app.query_one("Band").display


async def test_the_band_says_how_far_back_one_can_go_once_the_beginning_is_out_of_reach(
    app: Workbench, session: StubSession
) -> None:
    async with app.run_test(size=WIDE) as pilot:
        go_back(session, 4711)
        await settle(pilot)
        assert "as far as" not in band(app)

        pause(session, past=Past(4711, 12), horizon=400)
        await settle(pilot)
        assert "one can go back as far as #400" in band(app)


async def test_rows_after_the_moment_are_below_a_mark(app: Workbench, session: StubSession) -> None:
    async with app.run_test(size=WIDE) as pilot:
        go_back(session, 100)
        await settle(pilot)
        traffic = app.panes["traffic"]
        assert isinstance(traffic, LinePane)
        assert (traffic.rows.rule, traffic.rows.rule_words) == (100, "the moment that is shown")

        pause(session)
        await settle(pilot)
        assert (traffic.rows.rule, traffic.rows.rule_words) == (4710, "paused here")

        session.show(stepping=type(session.picture.stepping)())
        await settle(pilot)
        assert traffic.rows.rule is None


async def test_the_state_is_that_of_the_moment(app: Workbench, session: StubSession) -> None:
    syncs = [record for record in session.journal.read(0) if isinstance(record, Sync)]
    async with app.run_test(size=WIDE) as pilot:
        await choose(pilot, "average")
        state = app.panes["state"]
        assert isinstance(state, StatePane)
        assert state.copy_text == syncs[-1].state

        go_back(session, syncs[3].seq + 1)
        await settle(pilot)
        assert state.copy_text == syncs[3].state
        assert state.subtitle == "average, then"

        go_back(session, syncs[0].seq - 1)
        await settle(pilot)
        assert state.copy_text is None

        pause(session)
        await settle(pilot)
        assert state.copy_text == syncs[-1].state


async def test_another_line_of_history_is_shown_from_its_beginning(app: Workbench, session: StubSession) -> None:
    async with app.run_test(size=WIDE) as pilot:
        await press(pilot, "2")
        await choose(pilot, seq=200)
        fork = Journal()
        for record in session.journal.read(0, 50):
            fork.append(record)
        fork.append(Cast(50, 900.0, "user", None, "user", "average", None, b"from here on it is otherwise"))
        session.journal = fork
        await settle(pilot)
        await settle(pilot)

        traffic = app.panes["traffic"]
        assert isinstance(traffic, LinePane)
        assert traffic.id_at(traffic.count() - 1) == 50
        assert "from here on" in traffic.text_at(traffic.count() - 1)
        assert app.selection.seq is None


async def test_what_is_chosen_stays_chosen_where_both_lines_have_it(app: Workbench, session: StubSession) -> None:
    async with app.run_test(size=WIDE) as pilot:
        await choose(pilot, seq=20)
        fork = Journal()
        for record in session.journal.read(0, 50):
            fork.append(record)
        session.journal = fork
        await settle(pilot)

        assert app.selection.seq == 20
