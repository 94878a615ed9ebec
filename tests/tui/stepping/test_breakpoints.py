"""Breakpoints: the list, the form, and the file they are kept in."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual.widgets import OptionList

from tests.tui.driving import WIDE, choose, press, settle, told, until
from tests.tui.stepping.scenes import BREAKPOINTS, pause
from tests.tui.stub import StubSession
from workbench.errors import UserError
from workbench.records import Call, Log, Record, Sync
from workbench.session.commands import DropBreakpoint, SetBreakpoint
from workbench.tui.app import Workbench
from workbench.tui.stepping.breaking import BreakpointList, like
from workbench.tui.stepping.breakpoint_form import BreakpointForm
from workbench.tui.stepping.breakpoints import FILE_NAME, read_breakpoints, write_breakpoints

kept = st.builds(
    SetBreakpoint,
    query=st.sampled_from(["kind:call", '"a \\"b\\""', "/\\d+/ !ping", 'text:"\x7fä"']),
    at=st.sampled_from(["written", "begins"]),
    field=st.sampled_from(["", ".count", '.items[0]."a key"']),
    hold=st.booleans(),
    on=st.booleans(),
    skip=st.integers(0, 10),
)


@given(st.lists(kept, max_size=4))
def test_what_is_kept_is_read_again(tmp_path_factory: pytest.TempPathFactory, breakpoints: list[SetBreakpoint]) -> None:
    directory = tmp_path_factory.mktemp("project") / ".workbench"
    write_breakpoints(directory, breakpoints)

    assert read_breakpoints(directory) == tuple(breakpoints)


@pytest.mark.parametrize(
    ("text", "line", "what"),
    [
        ("[[breakpoint]\n", 1, "is not TOML"),
        ('[[breakpoint]]\nquery = "ping"\nskp = 1', 3, r'"breakpoint\[0\].skp" is not a key here; did you mean "skip"'),
        ("[[breakpoint]]\nhold = true", 1, '"breakpoint\\[0\\].query" is missing'),
        ('[[breakpoint]]\nquery = "kind:cal"', 2, '"query" is no query: .*did you mean call'),
        ('[[breakpoint]]\nquery = "a"\nfield = "count"', 3, '"field" is no path to a field, such as .count'),
        ('[[breakpoint]]\nquery = "a"\nskip = -1', 3, "at least 0"),
        ('[[breakpoint]]\nquery = "a"\nat = "end"', 3, 'must be "begins" or "written"'),
    ],
)
def test_a_broken_file_is_told_with_its_line_and_stays(tmp_path: Path, text: str, line: int, what: str) -> None:
    (tmp_path / FILE_NAME).write_text(text)

    with pytest.raises(UserError, match=what) as raised:
        read_breakpoints(tmp_path)
    assert raised.value.line == line
    with pytest.raises(UserError, match=what):
        write_breakpoints(tmp_path, [SetBreakpoint("ping")])
    assert (tmp_path / FILE_NAME).read_text() == text


def keep(app: Workbench, *breakpoints: SetBreakpoint) -> None:
    write_breakpoints(app.own_directory, breakpoints)


async def test_breakpoints_of_the_file_are_set_at_the_start(app: Workbench, session: StubSession) -> None:
    wanted = SetBreakpoint("kind:call", skip=2), SetBreakpoint("kind:sync", field=".count", on=False)
    keep(app, *wanted)
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot)

        assert session.asked == [*wanted]


async def test_a_file_changed_by_hand_is_taken_up(app: Workbench, session: StubSession) -> None:
    keep(app, SetBreakpoint("kind:call"), SetBreakpoint("kind:sync"))
    numbers = iter(range(1, 9))
    session.answer = lambda command: next(numbers) if isinstance(command, SetBreakpoint) else None
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot)
        session.asked.clear()
        keep(app, SetBreakpoint("kind:sync"), SetBreakpoint("kind:trap"))
        app.look_around()
        await settle(pilot)

        assert session.asked == [DropBreakpoint(1), SetBreakpoint("kind:trap")]


async def test_a_broken_file_is_told_and_what_is_set_then_is_in_force_but_not_kept(
    app: Workbench, session: StubSession
) -> None:
    app.own_directory.mkdir(parents=True)
    (app.own_directory / FILE_NAME).write_text("[[breakpoint]]\nquery = 5\n")
    session.answers[SetBreakpoint] = 1
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot)
        assert "breakpoints.toml:2" in str(app.query_one("Banner").render())
        await press(pilot, "f9", "f7", *"kind:trap", "enter")

        assert session.asked == [SetBreakpoint("kind:trap")]
        assert any(sentence.startswith("it is in force, but not kept: ") for sentence in told(pilot))
        assert (app.own_directory / FILE_NAME).read_text() == "[[breakpoint]]\nquery = 5\n"


async def test_a_query_typed_in_a_pane_becomes_a_breakpoint(app: Workbench, session: StubSession) -> None:
    session.answers[SetBreakpoint] = 1
    async with app.run_test(size=WIDE) as pilot:
        await press(pilot, "2", "slash", *"to:pong", "enter", "f9", "enter")

        assert session.asked == [SetBreakpoint("to:pong")]
        assert told(pilot) == ["breakpoint 1 is set"]
        assert read_breakpoints(app.own_directory) == (SetBreakpoint("to:pong"),)


async def test_the_form_has_all_there_is(app: Workbench, session: StubSession) -> None:
    session.answers[SetBreakpoint] = 1
    async with app.run_test(size=WIDE) as pilot:
        await press(pilot, "f9", "ctrl+u", *"kind:sync", "tab", "right", "tab", "right", "tab", *".count")
        await press(pilot, "tab", "ctrl+u", *"3", "tab", "right", "enter")

        assert session.asked == [SetBreakpoint("kind:sync", "begins", ".count", hold=True, on=False, skip=3)]


@pytest.mark.parametrize(
    ("keys", "sentence"),
    [
        ([*"kind:cal"], "did you mean call"),
        ([*"kind:sync", "tab", "tab", "tab", *"count"], "if changed: is no path to a field"),
        ([*"kind:sync", "tab", "tab", "tab", "tab", *"x"], "how many hits pass"),
        ([], "type a query"),
    ],
)
async def test_what_is_wrong_in_the_form_is_told_and_nothing_is_asked(
    app: Workbench, session: StubSession, keys: list[str], sentence: str
) -> None:
    async with app.run_test(size=WIDE) as pilot:
        await press(pilot, "f9", "ctrl+u", *keys, "enter")

        assert sentence in str(app.screen.query_one(".dialog-error").render())
        assert isinstance(app.screen, BreakpointForm)
        assert session.asked == []


async def test_the_list_switches_changes_and_removes(app: Workbench, session: StubSession) -> None:
    pause(session, breakpoints=BREAKPOINTS)
    async with app.run_test(size=WIDE) as pilot:
        await press(pilot, "B", "space")
        await press(pilot, "down", "enter", "tab", "left", "enter")
        await press(pilot, "down", "x", "y")

        first, second, third = session.asked
        assert first == SetBreakpoint("kind:call to:pong", on=False, number=1)
        assert second == SetBreakpoint("from:filter", hold=True, skip=10, number=2)
        assert third == DropBreakpoint(3)


async def test_the_list_counts_hits_while_one_looks(app: Workbench, session: StubSession) -> None:
    pause(session, breakpoints=BREAKPOINTS)
    async with app.run_test(size=(120, 36)) as pilot:
        await press(pilot, "B")
        assert isinstance(app.screen, BreakpointList)
        assert "3 hits" in first_row(app)
        pause(session, breakpoints=(replace(BREAKPOINTS[0], hits=4),))
        await until(pilot, lambda: "4 hits" in first_row(app))


def first_row(app: Workbench) -> str:
    return str(app.screen.query_one(OptionList).get_option_at_index(0).prompt)


def newest(session: StubSession, kind: type[Record]) -> Record:
    return [record for record in session.journal.read(0) if isinstance(record, kind)][-1]


@pytest.mark.parametrize(
    ("kind", "query"),
    [
        (Call, "kind:call from:ping to:pong"),
        (Log, "level:error+ instance:risky"),
        (Sync, "kind:sync instance:average"),
    ],
)
async def test_what_is_chosen_suggests_a_query(
    app: Workbench, session: StubSession, kind: type[Record], query: str
) -> None:
    record = newest(session, kind)
    assert like(record) == query
    async with app.run_test(size=WIDE) as pilot:
        await press(pilot, "2")
        await choose(pilot, seq=record.seq)
        await press(pilot, "f9", "enter")

        assert session.asked == [SetBreakpoint(query)]


async def test_an_edit_by_hand_a_moment_ago_is_not_written_over(app: Workbench, session: StubSession) -> None:
    numbers = iter(range(1, 9))
    session.answer = lambda command: next(numbers) if isinstance(command, SetBreakpoint) else None
    keep(app, SetBreakpoint("kind:call"))
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot)
        by_hand, here = SetBreakpoint("kind:sync"), SetBreakpoint("kind:log")
        keep(app, by_hand)
        app.breakpoints.set(here, lambda _: None, None)
        await settle(pilot)
        assert read_breakpoints(app.own_directory) == (by_hand, here)

        keep(app, by_hand, here, SetBreakpoint("kind:trap"))
        app.breakpoints.drop(3)
        await settle(pilot)
        assert read_breakpoints(app.own_directory) == (by_hand, SetBreakpoint("kind:trap"))
