"""The line to type a query into: what closes it, and where the focus is then."""

from __future__ import annotations

import pytest
from textual import events

from tests.tui.driving import WIDE, press, settle
from workbench.tui.app import Workbench
from workbench.tui.panes.line_pane import LinePane
from workbench.tui.panes.prompt import Prompt


def pane(app: Workbench, name: str) -> LinePane:
    found = app.panes[name]
    assert isinstance(found, LinePane)
    return found


@pytest.mark.parametrize(("key", "kept"), [("enter", "kind:call"), ("escape", "")])
async def test_a_key_closes_it_and_leads_back_to_the_rows(app: Workbench, key: str, kept: str) -> None:
    async with app.run_test(size=WIDE) as pilot:
        await press(pilot, "2", "slash", *"kind:call", key)
        assert app.focused is pane(app, "traffic").rows
        assert pane(app, "traffic").query_text == kept


async def test_a_click_elsewhere_keeps_the_query_and_the_focus_it_gives(app: Workbench) -> None:
    async with app.run_test(size=WIDE) as pilot:
        await press(pilot, "2", "slash", *"kind:call")
        await pilot.click(pane(app, "logs").rows)
        await settle(pilot)
        assert app.focused is pane(app, "logs").rows
        assert pane(app, "traffic").query_text == "kind:call"
        assert not pane(app, "traffic").prompt.display


async def test_another_window_of_the_desktop_leaves_it_open(app: Workbench) -> None:
    async with app.run_test(size=WIDE) as pilot:
        await press(pilot, "2", "slash", *"kind:")
        app.post_message(events.AppBlur())
        await settle(pilot)
        assert pane(app, "traffic").prompt.display
        app.post_message(events.AppFocus())
        await settle(pilot)
        assert isinstance(app.focused, Prompt)
        await press(pilot, *"call", "enter")
        assert pane(app, "traffic").query_text == "kind:call"
