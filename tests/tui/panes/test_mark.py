"""The moment one is at: a rule in the panes of lines, what comes after it pale, in sight when it moves."""

from __future__ import annotations

import pytest
from rich.color import Color

from tests.tui.panes.stage import Stage, Theatre, settled
from workbench.records import Cast, Log
from workbench.tui.panes import LogsPane, TrafficPane
from workbench.tui.panes.line_pane import LinePane
from workbench.tui.panes.window import RULE, Rule, last_top, rows_from, top_showing


def write(stage: Stage, count: int) -> None:
    for _ in range(count):
        cast = stage.write(Cast, None, source="user", target="a", alias=None, payload=b"x")
        stage.write(Log, "a", cast.seq, level="info", target="a", message=f"after {cast.seq}")


def colour_of(app: Theatre, y: int, word: str) -> Color | None:
    """What a word in row `y` of the screen is written in."""
    for segment in app.screen._compositor.render_strips(app.size)[y]:
        if word in segment.text:
            return segment.style.color if segment.style else None
    raise AssertionError(f"{word} is not there")


@pytest.mark.parametrize("kind", [TrafficPane, LogsPane])
async def test_a_rule_stands_after_the_marked_record_and_what_follows_is_pale(kind: type[LinePane]) -> None:
    stage, pane = Stage(), kind()
    write(stage, 5)
    app = Theatre(stage, pane)
    async with app.run_test(size=(70, 12)) as pilot:
        before = await settled(app, pilot)
        pane.mark(5)
        rows = await settled(app, pilot)
        assert rows[:3] == before[:3]
        assert rows[3].startswith("── paused here ───")
        assert rows[4:6] == before[3:5]
        word = "a"
        assert colour_of(app, 2, word) != colour_of(app, 4, word)

        pane.mark(None)
        assert await settled(app, pilot) == before
        assert colour_of(app, 2, word) == colour_of(app, 4, word)


async def test_the_rule_stands_where_the_record_would_be_that_the_query_leaves_out() -> None:
    stage, pane = Stage(), TrafficPane()
    write(stage, 4)
    app = Theatre(stage, pane)
    async with app.run_test(size=(70, 12)) as pilot:
        pane.set_query("seq>3")
        pane.mark(1, "you are here")
        rows = await settled(app, pilot)
        assert rows[0].startswith("── you are here ──")
        assert rows[1].split()[1:4] == ["user", "→", "a"]


async def test_a_rule_after_the_newest_line_leaves_it_in_sight_and_following_goes_on() -> None:
    stage, pane = Stage(), LogsPane()
    write(stage, 50)
    app = Theatre(stage, pane)
    async with app.run_test(size=(60, 6)) as pilot:
        pane.mark(99)
        rows = await settled(app, pilot)
        assert "after 98" in rows[4]
        assert rows[5].startswith("── paused here")
        assert pane.rows.following


async def test_a_rule_in_the_past_comes_in_sight_and_following_begins_again_without_it() -> None:
    stage, pane = Stage(), LogsPane()
    write(stage, 500)
    app = Theatre(stage, pane)
    async with app.run_test(size=(60, 8)) as pilot:
        await settled(app, pilot)
        pane.mark(401)
        rows = await settled(app, pilot)
        at = next(y for y, row in enumerate(rows) if row.startswith("── paused"))
        assert "after 400" in rows[at - 1]
        assert not pane.rows.following

        pane.mark(None)
        assert "after 998" in (await settled(app, pilot))[-1]


async def test_wrapped_lines_and_the_rule_go_together() -> None:
    stage, pane = Stage(), LogsPane()
    for number in range(6):
        stage.write(Log, "a", None, level="info", target="t", message=f"{number} " + "word " * 20)
    app = Theatre(stage, pane)
    async with app.run_test(size=(60, 20)) as pilot:
        pane.action_wrap()
        pane.mark(2)
        rows = await settled(app, pilot)
        at = next(y for y, row in enumerate(rows) if row.startswith("── paused"))
        assert "word" in rows[at - 1]
        assert " 3 word" in rows[at + 1]


def one(index: int) -> int:
    return 1


@pytest.mark.parametrize("count", [0, 1, 3, 4, 5, 50])
@pytest.mark.parametrize("rule", [None, Rule(0, above=True), Rule(0, above=False), Rule(2, above=False)])
def test_the_last_line_stands_in_the_rows_from_the_last_top(count: int, rule: Rule | None) -> None:
    top = last_top(count, 4, one, rule)
    rows = rows_from(top, count, 4, one, rule)

    assert len(rows) <= 4
    assert count == 0 or rows[-1][0] == count - 1
    assert sum(number == RULE for _, number in rows) <= 1


@pytest.mark.parametrize("index", range(10))
def test_a_line_brought_in_sight_is_in_sight(index: int) -> None:
    for rule in (None, Rule(5, above=False)):
        for top in range(10):
            found = top_showing(index, top, 4, one, rule)
            assert (index, 0) in rows_from(found, 10, 4, one, rule)
