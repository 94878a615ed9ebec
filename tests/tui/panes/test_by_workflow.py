"""Several workflows at once: whose an instance is stands above it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from tests.tui.driving import SIZES, press, settle
from tests.tui.panes.stage import shown
from tests.tui.resources.scenes import orders, shop
from tests.tui.stub import StubSession
from workbench.session.view import InstanceView
from workbench.tui.app import Workbench
from workbench.tui.panes import InstancesPane


def two_workflows(root: Path) -> StubSession:
    """Two shops and a function that belongs to neither."""
    session = orders(root)
    first, second = session.picture, shop(root, "second.json")
    others = tuple(
        replace(each, name=f"{each.name}2", links={a: t and f"{t}2" for a, t in each.links.items()})
        for each in second.instances
    )
    project = replace(first.project, workflows=(*first.project.workflows, *second.project.workflows))
    alone = InstanceView("alone", "alone", "idle")
    session.show(project=project, instances=(alone, *first.instances, *others))
    return session


def titles_and_names(app: Workbench) -> list[str]:
    pane = app.query_one(InstancesPane)
    rows = (pane.line_at(index, 40, True).plain.split("\n")[0] for index in range(pane.count()))
    return [row.strip("─ ") if row.startswith("──") else row.split()[1] for row in rows]


async def test_each_workflow_has_a_title_with_its_instances_below(tmp_path: Path, config: Path) -> None:
    app = Workbench(two_workflows(tmp_path / "shop"), config)
    async with app.run_test(size=(120, 36)):
        assert titles_and_names(app) == [
            *("workflow.json", "orders", "price", "book", "api", "store", "audit", "mail", "topic", "alarm"),
            *("second.json", "orders2", "price2", "book2", "api2", "store2", "audit2", "mail2", "topic2", "alarm2"),
            *("on their own", "alone"),
        ]


async def test_one_workflow_has_none(tmp_path: Path, config: Path) -> None:
    app = Workbench(orders(tmp_path / "shop"), config)
    async with app.run_test(size=(120, 36)):
        assert titles_and_names(app)[0] == "orders"


async def test_workflows_of_one_name_are_told_apart(tmp_path: Path, config: Path) -> None:
    session = two_workflows(tmp_path / "shop")
    project = session.picture.project
    paths = tuple(tmp_path / "shop" / name / "workflow.json" for name in ("a", "b"))
    moved = dict(zip(project.workflows, paths, strict=True))
    instances = tuple(
        each if each.workflow is None else replace(each, workflow=moved[each.workflow])
        for each in session.picture.instances
    )
    session.show(project=replace(project, workflows=paths), instances=instances)
    app = Workbench(session, config)
    async with app.run_test(size=(120, 36)):
        assert {"a/workflow.json", "b/workflow.json"} < set(titles_and_names(app))


@SIZES
async def test_the_cursor_passes_titles_over_and_brings_them_in_sight(
    tmp_path: Path, config: Path, size: tuple[int, int]
) -> None:
    app = Workbench(two_workflows(tmp_path / "shop"), config)
    async with app.run_test(size=size) as pilot:
        chosen = []
        for key in ("home", *["down"] * 9, "end", *["up"] * 2, "home", "up"):
            await press(pilot, key)
            chosen.append(app.selection.instance)
        assert chosen[0] == "orders"
        assert chosen[8:13] == ["alarm", "orders2", "alone", "alarm2", "topic2"]
        assert chosen[13:] == ["orders", "orders"]
        assert any("workflow.json ──" in row for row in shown(app)[1:])


async def test_a_click_on_a_title_chooses_the_first_below(tmp_path: Path, config: Path) -> None:
    app = Workbench(two_workflows(tmp_path / "shop"), config)
    async with app.run_test(size=(120, 36)) as pilot:
        await settle(pilot)
        await pilot.click(app.query_one(InstancesPane).rows, offset=(4, 0))
        await settle(pilot)
        assert app.selection.instance == "orders"
