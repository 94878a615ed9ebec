"""One thing is chosen on the whole screen: whichever pane it was chosen in, the others are about it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.tui.driving import WIDE, choose, press, until
from tests.tui.panes.stage import shown, text_of
from tests.tui.resources.scenes import orders
from tests.tui.stub import StubSession
from workbench.tui.app import Workbench
from workbench.tui.panes import InspectorPane
from workbench.tui.situation import Selection


@pytest.fixture
def session(tmp_path: Path) -> StubSession:
    """The shop."""
    return orders(tmp_path / "shop")


async def test_an_instance_is_inspected_also_after_a_record_was(app: Workbench) -> None:
    async with app.run_test(size=WIDE) as pilot:
        await press(pilot, "2", "up", "up")
        assert app.selection.seq is not None
        assert text_of(app.panes["inspector"]).startswith("#")

        await press(pilot, "1", "down")
        chosen = app.selection.instance
        assert app.selection == Selection(instance=chosen)
        assert text_of(app.panes["inspector"]).startswith(f"{chosen}  ")
        assert not any(app.panes["traffic"].mark_of(seq)[0] == "▸" for seq in range(70))


@pytest.mark.parametrize("pane", ["1", "2", "3", "6", "8", "9"])
async def test_escape_lets_go_of_whatever_is_chosen_in_any_pane(app: Workbench, pane: str) -> None:
    async with app.run_test(size=WIDE) as pilot:
        await choose(pilot, "book", 57)
        await press(pilot, pane, "escape")
        assert app.selection == Selection()
        assert "Choose a line" in text_of(app.panes["inspector"])


async def test_the_inspectors_links_lead_to_resources_and_back_to_records(app: Workbench) -> None:
    async with app.run_test(size=WIDE) as pilot:
        inspector = app.query_one(InspectorPane)
        await choose(pilot, "store", 54)
        await press(pilot, "1")
        await choose(pilot, "store")
        await press(pilot, "6")
        rows = text_of(inspector).split("\n")
        inspector.rows.go_to(next(at for at, row in enumerate(rows) if row.startswith("gets from")))
        await press(pilot, "enter")
        assert app.selection == Selection(instance="book")
        await until(pilot, lambda: text_of(inspector).startswith("book  "))
        assert any("▸" in row and "book" in row for row in shown(app))
