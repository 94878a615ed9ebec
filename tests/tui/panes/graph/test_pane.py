"""The graph as it is seen, walked through and clicked."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from time import thread_time

import pytest
from textual.pilot import Pilot

from tests.tui.driving import SIZES, WIDE, choose, press, settle, until
from tests.tui.panes.stage import Stage, Theatre, shown
from tests.tui.resources.scenes import orders, shop
from tests.tui.stub import StubSession
from workbench.project.model import Function, InstancePlan, Project
from workbench.records import Cast
from workbench.session.view import InstanceView
from workbench.tui.app import Workbench
from workbench.tui.panes import GraphPane, InstanceSelected


@pytest.fixture
def session(tmp_path: Path) -> StubSession:
    """The shop."""
    return orders(tmp_path / "shop")


def whole(app: Workbench | Theatre) -> str:
    """All that is drawn, also what is out of sight."""
    pane = app.query_one(GraphPane)
    pane._left = 0
    return "\n".join(pane.line_at(index, 9999, False).plain.rstrip() for index in range(pane.count()))


def row_with(text: str, part: str) -> str:
    return next(row for row in text.split("\n") if part in row)


async def test_edges_tell_channel_rate_and_what_was_last(app: Workbench) -> None:
    async with app.run_test(size=(200, 60)) as pilot:
        await press(pilot, "9", "z")
        text = whole(app)
    first = row_with(text, "new_request")
    assert "◈ api" in first
    assert "▶│ ● orders ├─valid 10/s" in first
    assert 'valid 10/s {"order":' in first
    assert "▶║ ▲ store" in row_with(text, "store 10/s INSERT")


async def test_the_frame_tells_real_ones_from_stand_ins(app: Workbench) -> None:
    async with app.run_test(size=(200, 60)) as pilot:
        await press(pilot, "9", "z")
        text = whole(app)
    assert "╔ real ═╗" in text
    assert "╔ real, trouble ╗" in text
    assert "┌ stand-in, fault ┐" in text
    assert "┌ unconnected ╌┐" in text


async def test_a_rule_is_told_beside_a_fault(app: Workbench, session: StubSession) -> None:
    session.show(
        instances=tuple(
            replace(one, rule=("err", b"")) if one.name == "mail" else one for one in session.picture.instances
        )
    )
    async with app.run_test(size=(200, 60)) as pilot:
        await press(pilot, "9", "z")
        assert "┌ stand-in, fault, rule ┐" in whole(app)


async def test_an_edge_on_which_little_goes_has_a_rate(app: Workbench, session: StubSession) -> None:
    for number in range(4):
        session.add(Cast(0, 10_000.0 + number * 5000, "book", None, "book", "topic", "topic", b"tick"))
    session.show(t_ms=27_000.0)
    async with app.run_test(size=(200, 60)) as pilot:
        await press(pilot, "9", "z")
        assert "topic 12/min tick" in whole(app)


async def test_outputs_that_lead_nowhere_back_or_to_themselves_are_marked(app: Workbench) -> None:
    async with app.run_test(size=(200, 60)) as pilot:
        await press(pilot, "9", "z")
        text = whole(app)
    assert "✗ gone nowhere" in text
    assert "✗ invalid 1/s" in text
    assert "done ↩ orders" in text
    assert "later ↩ itself" in text


async def test_what_guests_say_is_made_visible(app: Workbench) -> None:
    async with app.run_test(size=(200, 60)) as pilot:
        await press(pilot, "9", "z")
        assert "\\x1b[31" in whole(app)
        assert not any("\x1b" in row for row in shown(app))


async def test_an_output_that_is_declared_and_leads_nowhere_is_marked_before_anything_is_sent(tmp_path: Path) -> None:
    stage, wasm = Stage(), tmp_path / "a.wasm"
    function = Function("a", tmp_path, None, None, wasm, outputs=("out", "other"))
    plan = InstancePlan("a", "a", {"out": "a"}, outputs=("out", "err", "self"))
    project = Project(tmp_path, (tmp_path,), {"a": function}, (plan,))
    one = InstanceView("a", "a", "idle", links=plan.links)
    stage.picture = replace(stage.picture, project=project, instances=(one,))
    app = Theatre(stage, GraphPane())
    async with app.run_test(size=(90, 10)) as pilot:
        app.tick()
        await pilot.pause()
        assert "✗ err" in whole(app)
        assert "✗ self" not in whole(app)
        assert "other" not in whole(app), "what the function's own file says, where the workflow says something else"


async def test_an_output_that_nobody_declared_is_marked_once_it_is_used() -> None:
    stage = Stage()
    stage.picture = replace(stage.picture, instances=(InstanceView("a", "a", "idle"),))
    stage.write(Cast, "a", source="a", target=None, alias="typo", payload=b"x")
    app = Theatre(stage, GraphPane())
    async with app.run_test(size=(90, 10)) as pilot:
        app.tick()
        await pilot.pause()
        assert "├─? typo undeclared" in whole(app)


async def test_of_many_outputs_that_are_made_up_a_few_are_told_and_how_many_more_there_are() -> None:
    stage = Stage()
    stage.picture = replace(stage.picture, instances=(InstanceView("a", "a", "idle"),))
    for number in range(50):
        stage.write(Cast, "a", source="a", target=None, alias=f"x{number}", payload=b"%d" % number)
    app = Theatre(stage, GraphPane())
    async with app.run_test(size=(90, 30)) as pilot:
        app.tick()
        await pilot.pause()
        text = whole(app)
    assert "? x19 undeclared" in text
    assert "x20" not in text
    assert "? and 30 more undeclared" in text


@SIZES
async def test_the_arrow_keys_go_from_box_to_box(app: Workbench, size: tuple[int, int]) -> None:
    async with app.run_test(size=size) as pilot:
        await choose(pilot, "api")
        await press(pilot, "9", "z")
        seen = []
        for key in ("right", "right", "right", "right", "down", "left"):
            await press(pilot, key)
            seen.append(app.selection.instance)
        assert seen == ["orders", "price", "book", "store", "topic", "book"]
        assert any("▸◌ book" in row for row in shown(app))


async def test_a_click_chooses_a_box_as_the_list_of_instances_would(app: Workbench) -> None:
    async with app.run_test(size=(200, 60)) as pilot:
        await press(pilot, "9", "z")
        at, row = next((at, row) for at, row in enumerate(shown(app)) if "║ ▲ store" in row)
        await pilot.click(offset=(row.index("▲ store"), at))
        await settle(pilot)
        assert app.selection.instance == "store"
        await press(pilot, "1")
        assert app.panes["instances"].rows.cursor is not None


async def test_a_chosen_box_out_of_sight_comes_in_sight(app: Workbench) -> None:
    async with app.run_test(size=(80, 24)) as pilot:
        await press(pilot, "9")
        assert not any("topic" in row for row in shown(app))
        await choose(pilot, "topic")
        assert any("▸◇ topic" in row for row in shown(app))


async def test_a_key_lists_what_is_drawn(app: Workbench) -> None:
    async with app.run_test(size=WIDE) as pilot:
        await press(pilot, "9", "z", "l")
        text = whole(app)
        assert "├ valid → price 10/s" in text
        assert "└ ✗ gone nowhere" in text
        assert "store real, trouble" in text
        await press(pilot, "l")
        assert "▶│ ● price" in whole(app)


async def test_where_there_is_no_room_it_is_a_list(app: Workbench) -> None:
    async with app.run_test(size=(50, 20)) as pilot:
        await choose(pilot, "book")
        await press(pilot, "9", "down")
        assert app.selection.instance == "api"
        assert any("▸◈ api real" in row for row in shown(app))


async def test_several_workflows_stand_one_below_the_other(tmp_path: Path, config: Path) -> None:
    session = orders(tmp_path / "shop")
    one, two = session.picture, shop(tmp_path / "shop", "second.json")
    second = tuple(
        replace(each, name=f"{each.name}2", links={a: t and f"{t}2" for a, t in each.links.items()})
        for each in two.instances
    )
    plans = tuple(
        replace(each, name=f"{each.name}2", links={a: f"{t}2" for a, t in each.links.items()})
        for each in two.project.stand_ins
    )
    project = replace(
        one.project, workflows=(*one.project.workflows, *two.project.workflows), stand_ins=one.project.stand_ins + plans
    )
    session.show(project=project, instances=one.instances + second)
    app = Workbench(session, config)
    async with app.run_test(size=(200, 60)) as pilot:
        await press(pilot, "9", "z")
        text = whole(app)
    rows = text.split("\n")
    first, other = (next(at for at, row in enumerate(rows) if name in row) for name in ("workflow.json", "second.json"))
    places = {
        name: next(at for at, row in enumerate(rows) if f" {name} " in row) for name in ("topic", "alarm", "topic2")
    }
    assert first < places["topic"] < other < places["topic2"]
    assert first < places["alarm"] < other


def many(count: int) -> Stage:
    """So many functions: each leads to the next but one and to its double."""
    stage = Stage()
    names = [f"worker-{number}" for number in range(count)]
    instances = tuple(
        InstanceView(name, name, "idle", links={"next": names[(at + 2) % count], "double": names[at * 2 % count]})
        for at, name in enumerate(names)
    )
    stage.picture = replace(stage.picture, instances=instances, t_ms=1000.0)
    return stage


@SIZES
async def test_thirty_functions_are_all_there_and_can_be_reached(size: tuple[int, int]) -> None:
    pane = GraphPane()
    app = Theatre(many(30), pane)
    async with app.run_test(size=size) as pilot:
        app.tick()
        await pilot.pause()
        text = whole(app)
        assert all(f" worker-{number} " in text for number in range(30))
        boxes = list(pane._drawing.boxes.values())
        assert all(not one.overlaps(other) for at, one in enumerate(boxes) for other in boxes[:at])
        for name in ("worker-0", "worker-29"):
            pane.show_selection(None, name)
            app.tick()
            await pilot.pause()
            assert any(f"▸● {name}" in row for row in shown(app))


async def test_who_is_connected_to_nobody_stands_in_rows() -> None:
    stage = Stage()
    app = Theatre(stage, GraphPane())
    async with app.run_test(size=(100, 20)) as pilot:
        app.tick()
        await pilot.pause()
        assert "● sensor" in row_with(whole(app), "● pong")


async def test_an_empty_project_says_so() -> None:
    stage = Stage()
    stage.picture = replace(stage.picture, instances=())
    app = Theatre(stage, GraphPane())
    async with app.run_test(size=(80, 10)) as pilot:
        app.tick()
        await pilot.pause()
        assert "No functions yet." in shown(app)[0]


async def test_drawing_thirty_functions_holds_no_key_up() -> None:
    pane = GraphPane()
    app = Theatre(many(30), pane)
    async with app.run_test(size=(200, 60)) as pilot:
        app.tick()
        await pilot.pause()
        began = thread_time()
        for _ in range(10):
            pane._draw()
        assert (thread_time() - began) / 10 < 0.1


async def test_choosing_tells_the_screen() -> None:
    pane = GraphPane()
    app = Theatre(many(4), pane)
    async with app.run_test(size=(120, 30)) as pilot:
        app.tick()
        pane.rows.focus()
        await go(pilot, "down", "enter")
        assert [message.name for message in app.posted if isinstance(message, InstanceSelected)][:1] == ["worker-0"]


async def go(pilot: Pilot[None], *keys: str) -> None:
    await pilot.press(*keys)
    await pilot.pause()


async def test_a_state_that_changes_is_seen_and_moves_no_box(app: Workbench, session: StubSession) -> None:
    async with app.run_test(size=(200, 60)) as pilot:
        await press(pilot, "9", "z")
        pane = app.query_one(GraphPane)
        before = dict(pane._drawing.boxes)
        trapped = tuple(
            replace(one, status="trapped") if one.name == "price" else one for one in session.picture.instances
        )
        session.show(instances=trapped)
        await until(pilot, lambda: "╭ trapped" in whole(app) and "✖ price" in whole(app))
        assert pane._drawing.boxes == before
