"""How an instance or a resource is, is told by the same glyph in every pane."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.tui.driving import press, until
from tests.tui.panes.stage import shown
from tests.tui.resources.scenes import orders
from workbench.session.view import BuildView, InstanceView, PendingCall
from workbench.tui.app import Workbench
from workbench.tui.panes import InstancesPane
from workbench.tui.panes.sequence.heads import Heads
from workbench.tui.panes.status import Statuses

TOLD = (("api", "◈"), ("store", "▲"), ("audit", "◐"), ("mail", "◇"), ("topic", "◆"), ("price", "✖"), ("book", "◌"))


@pytest.mark.parametrize(("name", "glyph"), TOLD)
async def test_one_glyph_in_all_panes(tmp_path: Path, config: Path, name: str, glyph: str) -> None:
    session = orders(tmp_path / "shop")
    instances = tuple(
        replace(one, status="trapped", detail="panicked at x") if one.name == "price" else one
        for one in session.picture.instances
    )
    session.show(instances=instances, pending_calls=(PendingCall(3, "book", "topic", "topic", b"", 0.0),))
    app = Workbench(session, config)
    async with app.run_test(size=(200, 60)) as pilot:
        listed = app.query_one(InstancesPane)
        assert any(listed.line_at(at, 60, True).plain.startswith(f"{glyph} {name} ") for at in range(listed.count()))
        await press(pilot, "9", "z")
        assert any(f" {glyph} {name} " in row for row in shown(app))
        await press(pilot, "7")
        if name in ("api", "store", "audit", "price"):  # the others take no part, or are as usual there
            heads = app.query_one(Heads)
            await until(pilot, lambda: heads.size.height > 0)
            assert f"{glyph}{name}" in "".join(heads.render_line(y).text for y in range(heads.size.height))


def test_a_build_shows_wherever_its_function_does(tmp_path: Path) -> None:
    view = replace(
        orders(tmp_path / "shop").picture,
        instances=(InstanceView("a", "f", "idle"), InstanceView("b", "f", "trapped")),
        builds=(BuildView("f", "failed"),),
    )
    told = Statuses(view)
    assert (told["a"].glyph, told["a"].word, told["a"].lives) == ("▲", "old code", True)
    assert (told["b"].glyph, told["b"].word, told["b"].lives) == ("✖", "trapped", False)


async def test_trouble_is_told_whole(tmp_path: Path, config: Path) -> None:
    session = orders(tmp_path / "shop")
    trouble = "attempt to write a readonly database " * 20 + "the end"
    session.show(
        instances=tuple(
            replace(one, health_words=trouble) if one.name == "store" else one for one in session.picture.instances
        )
    )
    app = Workbench(session, config)
    async with app.run_test(size=(120, 36)) as pilot:
        await press(pilot, "1", "z")
        assert any("the end" in row for row in shown(app))
