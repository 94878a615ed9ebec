"""Keys typed faster than the screen follows, as by a paste or a busy machine, do what they would have done slowly."""

from __future__ import annotations

from textual import events
from textual.pilot import Pilot
from textual.widgets import Input

from tests.tui.driving import WIDE, settle, until, workbench
from tests.tui.stub import StubSession
from workbench.tui.app import Workbench
from workbench.tui.panes import LogsPane, TrafficPane


def type_at_once(pilot: Pilot[object], *keys: str) -> None:
    """Give the app all `keys` before it can take in any of them."""
    driver = workbench(pilot)._driver
    assert driver is not None
    for key in keys:
        name = {"/": "slash", ":": "colon"}.get(key, key)
        driver.send_message(events.Key(name, key if len(key) == 1 else None))


async def test_a_query_typed_at_once_with_the_way_to_its_pane(app: Workbench, session: StubSession) -> None:
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot)
        asked = list(session.asked)

        type_at_once(pilot, "2", "/", *"kind:call")
        traffic, logs = app.query_one(TrafficPane), app.query_one(LogsPane)
        await until(pilot, lambda: traffic.prompt.value == "kind:call")

        assert traffic.prompt.has_focus
        assert session.asked == asked
        type_at_once(pilot, "enter", "3", "/", *"rst", "enter", "1")
        await until(pilot, lambda: app.workspace.focused == "instances")
        assert logs.prompt.value == "rst"
        assert session.asked == asked


async def test_a_message_typed_at_once_with_the_way_to_the_composer(app: Workbench, session: StubSession) -> None:
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot)

        type_at_once(pilot, "s", *"rate", "escape", "2")
        await until(pilot, lambda: app.workspace.focused == "traffic")

        assert app.composer.draft().typed == "rate"
        assert session.asked == []


async def test_words_typed_at_once_with_the_palette_go_into_it(app: Workbench, session: StubSession) -> None:
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot)

        type_at_once(pilot, "ctrl+p", *"rtx")
        await until(pilot, lambda: [field.value for field in app.screen.query(Input)] == ["rtx"])

        assert session.asked == []
