"""Windows over the screen: what is behind them stays as it is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from textual.widget import Widget

from tests.tui.driving import NARROW, press, settle
from tests.tui.panes.stage import shown
from workbench.tui.app import Workbench
from workbench.tui.chooser import OneLine


async def test_a_dialog_leaves_the_screen_behind_it_where_it_is(app: Workbench) -> None:
    async with app.run_test(size=NARROW) as pilot:
        await settle(pilot)
        before = shown(app)
        await press(pilot, "N")
        assert isinstance(app.screen, OneLine)
        assert shown(app)[:3] == before[:3]


def test_no_two_widgets_have_the_name_by_which_styles_find_them() -> None:
    ours = {widget for widget in widgets(Widget) if widget.__module__.startswith("workbench.")}
    names = Counter(widget.__name__ for widget in ours)
    assert names["OneLine"] == 1
    assert [name for name, times in names.items() if times > 1] == []


def widgets(kind: type[Widget]) -> Iterator[type[Widget]]:
    """Every class of widgets there is."""
    for each in kind.__subclasses__():
        yield each
        yield from widgets(each)
