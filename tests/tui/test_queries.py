"""Queries kept: those saved by name, and those typed before."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.tui.driving import WIDE, press, settle, told, until
from tests.tui.panes.stage import shown
from workbench.errors import UserError
from workbench.tui.app import Workbench
from workbench.tui.layout import PANES
from workbench.tui.palette import entries
from workbench.tui.panes.line_pane import LinePane
from workbench.tui.panes.prompt import Prompt
from workbench.tui.queries import FILE_NAME, read_queries, save_query

names = st.text(st.characters(exclude_categories=["Cs"]), min_size=1)


def lines(app: Workbench, name: str) -> LinePane:
    pane = app.panes[name]
    assert isinstance(pane, LinePane)
    return pane


@given(st.dictionaries(names, st.sampled_from(["kind:call", '"a \\"b\\""', "/\\d+/ !ping"]), max_size=4))
def test_what_is_saved_is_read_again(tmp_path_factory: pytest.TempPathFactory, queries: dict[str, str]) -> None:
    directory = tmp_path_factory.mktemp("project") / ".workbench"
    for name, query in queries.items():
        save_query(directory, name, query)

    assert read_queries(directory) == queries


@pytest.mark.parametrize(
    ("text", "line", "what"),
    [
        ("slow = ", 1, "is not TOML"),
        ('a = "ping"\nslow = 5', 2, '"slow" must be a query in quotes'),
        ('slow = "kind:cal"', 1, "did you mean call"),
    ],
)
def test_a_broken_file_is_told_with_its_line_and_stays(tmp_path: Path, text: str, line: int, what: str) -> None:
    (tmp_path / FILE_NAME).write_text(text)

    with pytest.raises(UserError, match=what) as raised:
        read_queries(tmp_path)
    assert raised.value.line == line
    with pytest.raises(UserError, match=what):
        save_query(tmp_path, "another", "ping")
    assert (tmp_path / FILE_NAME).read_text() == text


async def test_a_query_is_saved_by_name_and_chosen_again_in_another_pane(app: Workbench) -> None:
    async with app.run_test(size=WIDE) as pilot:
        await press(pilot, "2", "slash", *"sensor", "enter", "S", *"mine", "enter")
        assert told(pilot) == ["saved as mine"]

        await press(pilot, "3", "Q", "enter")
        assert lines(app, "logs").query_text == "sensor"
        assert lines(app, "logs").subtitle == "/ sensor"


async def test_a_saved_query_is_in_the_palette(app: Workbench) -> None:
    save_query(app.own_directory, "traps", "kind:trap")
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot)
        next(entry for entry in entries(app) if entry.words == "query traps").act()
        await settle(pilot)

        assert app.workspace.focused == "traffic"
        assert lines(app, "traffic").query_text == "kind:trap"


async def test_without_a_query_there_is_nothing_to_save_or_choose(app: Workbench) -> None:
    async with app.run_test(size=WIDE) as pilot:
        await press(pilot, "2", "S")
        await press(pilot, "Q")

        assert told(pilot) == [
            "nothing is filtered here that could be saved; / filters",
            "no query is saved yet; filter first, then S saves it",
        ]


async def test_a_broken_file_is_told_while_running(app: Workbench) -> None:
    app.own_directory.mkdir(parents=True)
    (app.own_directory / FILE_NAME).write_text("slow = 5")
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot)

        assert "must be a query in quotes" in str(app.query_one("Banner").render())


async def test_up_and_down_go_through_what_was_typed_before_in_any_pane(app: Workbench) -> None:
    async with app.run_test(size=WIDE) as pilot:
        await press(pilot, "2", "slash", *"ping", "enter", "slash", "ctrl+u", *"pong", "enter")
        await press(pilot, "3", "slash", *"ra")
        prompt, seen = lines(app, "logs").prompt, []
        for key in ("up", "up", "up", "down", "down"):
            await press(pilot, key)
            seen.append(prompt.value)

        assert seen == ["pong", "ping", "ping", "pong", "ra"]
        await press(pilot, "up", "enter")
        assert lines(app, "logs").query_text == "pong"


async def test_a_wrong_query_stays_open_until_it_is_mended_or_given_up(app: Workbench) -> None:
    async with app.run_test(size=WIDE) as pilot:
        await press(pilot, "2", "slash", *"ping", "space", "left_parenthesis", "enter")
        traffic = lines(app, "traffic")
        assert isinstance(app.focused, Prompt)
        assert any("something to look for is missing here" in row for row in shown(app))

        await press(pilot, "backspace", "enter")
        assert traffic.subtitle == "/ ping"

        await press(pilot, "slash", "space", "left_parenthesis", "escape")
        assert traffic.subtitle == "/ ping"


@pytest.mark.parametrize("size", [(60, 20), (80, 24), (100, 30), (120, 36)])
@pytest.mark.parametrize("pane", ["traffic", "logs"])
async def test_a_filter_shows_beside_the_title_however_many_panes_share_the_place(
    app: Workbench, size: tuple[int, int], pane: str
) -> None:
    async with app.run_test(size=size) as pilot:
        await press(pilot, str(PANES.index(pane) + 1))
        lines(app, pane).set_query("kind:trap")
        await until(pilot, lambda: any("/ kind" in row for row in shown(app)))
        assert any(f"{PANES.index(pane) + 1} {pane}" in row for row in shown(app))
