"""What the developer did to what waits, in the rows of traffic and in the inspector."""

from __future__ import annotations

from typing import Any

import pytest

from tests.tui.panes.stage import Stage, Theatre, shown
from workbench.records import Call, Cast, Change, Intervention, Reply
from workbench.tui.panes import InspectorPane, SequencePane, TrafficPane


@pytest.mark.parametrize(
    ("action", "rest", "words"),
    [
        ("held", {}, "ping   ✎ pong   change #0 held back"),
        ("released", {}, "#0 let go"),
        ("dropped", {}, "#0 dropped"),
        ("edited", {"payload": b"PING\x1b-8"}, r"#0 edited: PING\x1b-8"),
        ("duplicated", {}, "#0 comes twice"),
        ("delayed", {"delay_ms": 250.0}, "#0 delayed by 250 ms"),
        ("redirected", {"target": "risky"}, "ping   ✎ risky  change #0 goes to risky now"),
        ("moved", {}, "#0 moved in the order"),
    ],
)
async def test_a_change_has_a_row_of_its_own(action: Intervention, rest: dict[str, Any], words: str) -> None:
    stage = Stage()
    stage.write(Call, "ping", source="ping", target="pong", alias="pong", payload=b"PING-7")
    stage.write(Change, "pong", event=0, action=action, **rest)
    app = Theatre(stage, TrafficPane())
    async with app.run_test(size=(100, 8)) as pilot:
        app.tick()
        await pilot.pause()

        assert words in "\n".join(shown(app))


async def test_a_held_reply_goes_from_callee_to_caller() -> None:
    stage = Stage()
    stage.write(Call, "ping", source="ping", target="pong", alias="pong", payload=b"PING-7")
    stage.write(Reply, "pong", 0, call=0, outcome="reply", payload=b"PONG")
    stage.write(Change, "pong", event=1, action="held")
    app = Theatre(stage, TrafficPane())
    async with app.run_test(size=(100, 8)) as pilot:
        app.tick()
        await pilot.pause()

        assert "pong   ✎ ping   change #1 held back" in "\n".join(shown(app))


async def test_the_inspector_leads_from_a_message_to_its_changes_and_back() -> None:
    stage = Stage()
    stage.write(Cast, "sensor", source="sensor", target="filter", alias="out", payload=b"41.7")
    stage.write(Change, "filter", event=0, action="edited", payload=b"42.0")
    pane = InspectorPane()
    app = Theatre(stage, pane)
    async with app.run_test(size=(80, 20)) as pilot:
        pane.show_selection(0, None)
        app.tick(2)
        await pilot.pause()
        assert "led to     #1 #0 edited" in "\n".join(shown(app))

        pane.show_selection(1, None)
        app.tick(2)
        await pilot.pause()
        text = "\n".join(shown(app))
        assert "changes    #0 cast sensor → filter" in text
        assert "42.0" in text


async def test_a_message_that_was_edited_shows_what_it_says_now() -> None:
    stage = Stage()
    stage.write(Call, "ping", source="ping", target="pong", alias="pong", payload=b"PING-7")
    traffic, inspector = TrafficPane(), InspectorPane()
    app = Theatre(stage, traffic, inspector)
    async with app.run_test(size=(100, 40)) as pilot:
        inspector.show_selection(0, None)
        app.tick(2)
        await pilot.pause()
        stage.write(Change, "pong", event=0, action="edited", payload=b"PING-8")
        stage.write(Change, "pong", event=0, action="edited", payload=b"PING-9")
        app.tick(2)
        await pilot.pause()

        lines = shown(app)
        row = next(one for one in lines if " call " in one and "→" in one)
        assert "✎ PING-9" in row
        assert any("edited" in one and "#2 it said PING-7" in one for one in lines)
        assert inspector.copy_text == "PING-9"


async def test_an_arrow_says_what_its_message_says_now() -> None:
    stage, pane = Stage(), SequencePane()
    stage.write(Cast, "ping", source="ping", target="pong", alias="pong", payload=b"alpha")
    stage.write(Change, "pong", event=0, action="edited", payload=b"beta")
    app = Theatre(stage, pane)
    async with app.run_test(size=(100, 8)) as pilot:
        app.tick(2)
        await pilot.pause()
        assert any("├─ ✎ beta ──" in one for one in shown(app))
        assert pane.text_at(0) == "ping → pong cast beta"


async def test_a_message_that_was_edited_is_found_by_what_it_says_now() -> None:
    stage = Stage()
    stage.write(Cast, "ping", source="ping", target="pong", alias="pong", payload=b"alpha")
    pane = TrafficPane()
    pane.set_query("kind:cast beta")
    app = Theatre(stage, pane)
    async with app.run_test(size=(100, 8)) as pilot:
        app.tick(2)
        await pilot.pause()
        assert not any("→" in one for one in shown(app))
        stage.write(Change, "pong", event=0, action="edited", payload=b"beta")
        app.tick(2)
        await pilot.pause()
        assert any("✎ beta" in one for one in shown(app))
