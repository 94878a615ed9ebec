"""Keys that mean something in one pane only: the help tells them, the keymap changes them."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.widgets import Static

from tests.tui.driving import NARROW, WIDE, choose, press, settle
from tests.tui.panes.stage import shown
from tests.tui.stub import StubSession
from workbench.tui.app import Workbench
from workbench.tui.keymap import read_keymap
from workbench.tui.panes import InspectorPane, TrafficPane
from workbench.tui.panes.line_pane import LinePane
from workbench.tui.panes.searching import SearchPane
from workbench.tui.panes_of import make_panes
from workbench.tui.situation import LINES, TEXTS


def told_by_help(app: Workbench) -> str:
    return "\n".join(str(each.visual) for each in app.screen.query(Static))


@pytest.mark.parametrize(
    ("pane", "rows"),
    [
        ("4", ["earlier state", "later state"]),
        ("5", ["next problem", "previous problem", "search"]),
        ("6", ["→ l", "next view of the payload", "previous view", "search", "wrap"]),
        ("9", ["list it or draw it", "box to the left"]),
        ("s", ["delete a saved message"]),
        ("1", ["↓ j", "page down"]),
    ],
)
async def test_the_help_tells_the_keys_of_a_pane(app: Workbench, pane: str, rows: list[str]) -> None:
    async with app.run_test(size=WIDE) as pilot:
        await press(pilot, pane, "f1")
        told = told_by_help(app)
    assert [row for row in rows if row not in told] == []


def test_the_panes_that_can_be_searched_are_those_of_texts() -> None:
    assert {name for name, pane in make_panes().items() if isinstance(pane, SearchPane)} == set(TEXTS)
    assert {name for name, pane in make_panes().items() if isinstance(pane, LinePane)} == set(LINES)


async def test_keys_of_a_pane_are_remapped_and_told_so(session: StubSession, config: Path) -> None:
    (config / "keymap.toml").write_text('"inspector.next-view" = "n"\n"pane.down" = ["down", "ctrl+d"]\n')
    app = Workbench(session, config)
    async with app.run_test(size=WIDE) as pilot:
        await choose(pilot, "filter", 8)
        await press(pilot, "6")
        before = app.query_one(InspectorPane)._viewer
        await press(pilot, "n")
        assert session.asked == []
        assert app.query_one(InspectorPane)._viewer != before
        await press(pilot, "question_mark")
        assert "^d" in told_by_help(app)
        assert not app.keymap_in_force.problems


def test_two_on_one_key_are_told_only_where_they_meet(tmp_path: Path) -> None:
    path = tmp_path / "keymap.toml"
    path.write_text('"graph.left" = "h"\n"sequence.left" = "h"\nhelp = "h"\n"pane.up" = "u"\n"pane.down" = "u"\n')
    problems = [str(each) for each in read_keymap(path).problems]
    assert len(problems) == 1
    assert '"pane.down" and "pane.up" are both on "u"' in problems[0]


async def test_while_one_types_the_footer_offers_keys_that_type_nothing(app: Workbench) -> None:
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot)
        assert "? help" in shown(app)[-1]
        await press(pilot, "s")
        assert "f1 help" in shown(app)[-1].lower()
        await press(pilot, "f1")
        assert app.screen.query("#concept")


async def test_while_a_query_is_typed_the_footer_offers_what_its_keys_do(app: Workbench) -> None:
    async with app.run_test(size=NARROW) as pilot:
        await press(pilot, "2", "slash", *"kind:call")
        assert " ".join(shown(app)[-1].split()) == "⏎ keep it esc take back what is typed f1 help"
        await pilot.click("Footer", offset=(1, 0))
        await settle(pilot)
        assert app.query_one(TrafficPane).query_text == "kind:call"
        assert "? help" in shown(app)[-1]


async def test_the_inspector_is_searched_and_wrapped_as_lines_are(app: Workbench) -> None:
    async with app.run_test(size=WIDE) as pilot:
        await choose(pilot, "filter", 8)
        await press(pilot, "6", "ctrl+f", *"caused", "enter")
        inspector = app.query_one(InspectorPane)
        at = inspector.rows.cursor_index
        assert at is not None
        assert "caused by" in inspector.text_at(at)
        await press(pilot, "w")
        assert not inspector.rows.wrap
