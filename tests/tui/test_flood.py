"""What the screen does under more messages than anybody can read."""

from __future__ import annotations

from functools import partial

import pytest

from tests.tui.driving import WIDE
from tests.tui.stub import StubSession
from workbench.tui.app import FLOOD, Workbench


def drawn_in_each_look(app: Workbench, monkeypatch: pytest.MonkeyPatch, looks: int) -> list[set[str]]:
    """Which panes are updated in each of `looks` looks."""
    drawn: list[set[str]] = []
    for name, pane in app.panes.items():
        monkeypatch.setattr(pane, "update_from", partial(lambda name, _: drawn[-1].add(name), name))
    for _ in range(looks):
        drawn.append(set())
        app.look()
    return drawn


async def test_in_a_flood_panes_take_turns_so_that_a_key_waits_for_half_of_them(
    app: Workbench, session: StubSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with app.run_test(size=WIDE) as pilot:
        await pilot.pause()
        session.show(rate=FLOOD * 4)
        once, again = drawn_in_each_look(app, monkeypatch, 2)
        assert once | again == set(app.panes)
        assert not once & again
        assert ("traffic" in once) != ("logs" in once)


async def test_without_a_flood_every_look_draws_every_pane(
    app: Workbench, session: StubSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with app.run_test(size=WIDE) as pilot:
        await pilot.pause()
        session.show(rate=FLOOD / 4)
        assert drawn_in_each_look(app, monkeypatch, 2) == [set(app.panes)] * 2
