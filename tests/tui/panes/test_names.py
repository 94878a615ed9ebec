"""Names that begin alike: each pane tells them apart, however narrow it is."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.tui.panes.stage import Stage, Theatre, settled
from workbench.records import Cast, Log
from workbench.session.view import InstanceView
from workbench.tui.panes import InstancesPane, LogsPane, Pane, SequencePane, TrafficPane
from workbench.tui.panes.names import fit_name

NAMES = ("temperature_filter", "temperature_average", "temperature_reader")


@pytest.mark.parametrize(
    ("name", "width", "fitted"),
    [
        ("filter", 8, "filter  "),
        ("filter", 6, "filter"),
        ("temperature_filter", 11, "tempe…ilter"),
        ("temperature_filter", 8, "temp…ter"),
        ("名前がとても長い", 8, "名前 …い"),
        ("temperature_filter", 2, "t…"),
        ("temperature_filter", 0, ""),
    ],
)
def test_what_has_no_room_is_cut_in_the_middle(name: str, width: int, fitted: str) -> None:
    assert fit_name(name, width) == fitted


def alike(**more: object) -> Stage:
    stage = Stage()
    instances = tuple(InstanceView(name, name, "idle", memory_bytes=1 << 20, **more) for name in NAMES)  # type: ignore[arg-type]
    stage.picture = replace(stage.picture, instances=instances)
    for source, target in zip(NAMES, (*NAMES[1:], NAMES[0]), strict=True):
        stage.write(Cast, source, source=source, target=target, alias="next", payload=b"1")
        stage.write(Log, source, level="info", target="", message="hello")
    return stage


@pytest.mark.parametrize("pane", [InstancesPane, TrafficPane, LogsPane, SequencePane])
async def test_names_that_begin_alike_can_be_told_apart(pane: type[Pane]) -> None:
    app = Theatre(alike(rate=12.0, mailbox=3), pane())
    async with app.run_test(size=(48, 12)) as pilot:
        text = "\n".join(await settled(app, pilot))
    for ending in ("ter", "age", "der"):
        assert ending in text


async def test_in_the_instances_names_get_what_figures_and_words_do_not_need() -> None:
    app = Theatre(alike(), InstancesPane())
    async with app.run_test(size=(32, 4)) as pilot:
        rows = [" ".join(row.split()) for row in await settled(app, pilot) if row]
    assert rows == [f"● {name} 1.0 MiB" for name in NAMES]


async def test_in_broad_panes_long_names_are_whole() -> None:
    app = Theatre(alike(), TrafficPane())
    async with app.run_test(size=(120, 6)) as pilot:
        text = "\n".join(await settled(app, pilot))
    assert "temperature_reader" in text
    assert "temperature_average" in text
