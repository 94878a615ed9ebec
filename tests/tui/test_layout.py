"""Where the panes stand: nothing overlaps, nothing is lost, and what a user moved stays moved."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual.geometry import Size

from tests.tui.driving import NARROW, WIDE, press, settle, until
from tests.tui.panes.stage import shown
from tests.tui.stub import StubSession, busy
from workbench.tui.app import Workbench
from workbench.tui.layout import PANES, SEND, Arrangement, grown, has_drawer, plan
from workbench.tui.memory import read_arrangement, write_arrangement
from workbench.tui.tabs import fitting

sizes = st.builds(Size, st.integers(40, 260), st.integers(9, 90))
arrangements = st.builds(
    Arrangement,
    st.dictionaries(
        st.sampled_from(["wide.left", "wide.top", "huge.right", "medium.top", "narrow.send"]), st.floats(0.05, 0.95)
    ),
    st.frozensets(st.sampled_from([*PANES, SEND]), max_size=6),
    st.booleans(),
)


@given(sizes, arrangements, st.sampled_from([None, *PANES]))
def test_panes_never_overlap_and_each_can_be_reached(
    size: Size, arrangement: Arrangement, maximised: str | None
) -> None:
    cut = plan(size, arrangement, (), maximised)
    inner = [cell.inner for cell in cut.cells]
    reachable = {name for cell in cut.cells for name in cell.names}

    assert all(not one.overlaps(other) for at, one in enumerate(inner) for other in inner[:at])
    assert all(region.width > 0 and region.height > 0 for region in inner)
    assert set(PANES) - arrangement.hidden <= reachable
    assert maximised is None or cut.cell_of(maximised) is not None


@pytest.mark.parametrize(
    ("size", "together"),
    [((80, 24), 1), ((100, 30), 4), ((120, 36), 6), ((200, 60), 8)],
)
def test_larger_terminals_show_more_at_once(size: tuple[int, int], together: int) -> None:
    assert len(plan(Size(*size), Arrangement(), ()).cells) == together


def test_a_low_terminal_keeps_the_composer_in_a_drawer() -> None:
    assert has_drawer(Size(120, 24))
    assert not has_drawer(Size(120, 34))


@given(st.sampled_from(PANES), st.integers(1, 6))
def test_growing_a_pane_makes_it_larger(name: str, by: int) -> None:
    size = Size(200, 60)
    before = plan(size, Arrangement(), ())
    after = plan(size, grown(Arrangement(), before, name, "columns", by), ())
    one, other = before.cell_of(name), after.cell_of(name)

    assert one is not None
    assert other is not None
    assert other.inner.width == one.inner.width + by


async def test_a_pane_is_maximised_and_given_back(app: Workbench) -> None:
    async with app.run_test(size=WIDE) as pilot:
        await press(pilot, "2", "z")
        assert app.workspace.shown == ("traffic",)

        await press(pilot, "3")
        assert app.workspace.shown == ("logs",)

        await press(pilot, "z")
        assert len(app.workspace.shown) == 6


async def test_a_hidden_pane_comes_back_when_one_goes_there(app: Workbench) -> None:
    async with app.run_test(size=WIDE) as pilot:
        await press(pilot, "v", "home", "enter")
        assert "instances" not in app.workspace.shown

        await press(pilot, "1")
        assert app.workspace.focused == "instances"


async def test_a_line_is_dragged_with_the_mouse(app: Workbench) -> None:
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot)
        before = app.panes["instances"].size.width
        column = before + 1
        await until(pilot, lambda: app.get_widget_at(column, 10)[0] is app.workspace)
        await pilot.mouse_down(offset=(column, 10))
        await pilot.hover(offset=(column + 7, 10))
        await pilot.mouse_up(offset=(column + 7, 10))

        await until(pilot, lambda: app.panes["instances"].size.width == before + 7)


async def test_a_click_on_a_tab_shows_its_pane(app: Workbench) -> None:
    async with app.run_test(size=NARROW) as pilot:
        await settle(pilot)
        await pilot.click(offset=(shown(app)[1].index("2 tra"), 1))
        await settle(pilot)

        assert app.workspace.focused == "traffic"


async def test_the_arrangement_is_remembered_per_project(app: Workbench, session: StubSession, config: Path) -> None:
    async with app.run_test(size=WIDE) as pilot:
        await press(pilot, "1")
        before = app.panes["instances"].size.width
        await press(pilot, "greater_than_sign", "greater_than_sign")
        app.remember()
    again = Workbench(busy(session.picture.project.root), config)
    async with again.run_test(size=WIDE) as pilot:
        await until(pilot, lambda: again.panes["instances"].size.width == before + 4)

        await press(pilot, "equals_sign")
        await until(pilot, lambda: again.panes["instances"].size.width == before)


@given(arrangements)
def test_what_is_remembered_is_read_back(tmp_path_factory: pytest.TempPathFactory, arrangement: Arrangement) -> None:
    directory = tmp_path_factory.mktemp("project")
    write_arrangement(directory, arrangement)

    assert read_arrangement(directory) == Arrangement(arrangement.shares, arrangement.hidden)


@pytest.mark.parametrize("text", ["", "[1]", '{"shares": {"wide.left": 7}, "hidden": ["nothing"]}'])
def test_a_broken_memory_is_the_usual_arrangement(tmp_path: Path, text: str) -> None:
    (tmp_path / "screen.json").write_text(text)

    assert read_arrangement(tmp_path) == Arrangement()


async def test_a_terminal_too_small_says_so(app: Workbench) -> None:
    async with app.run_test(size=(39, 11)) as pilot:
        await until(pilot, lambda: not app.workspace.is_on_screen)
        assert "it is 39 by 11" in str(app.query_one("#too-small").render())

        await pilot.resize_terminal(80, 24)
        await until(pilot, lambda: app.workspace.is_on_screen)


@pytest.mark.parametrize("room", [10, 30, 41, 52, 53, 90])
@pytest.mark.parametrize("active", [0, 3])
def test_titles_of_tabs_are_cut_until_they_fit(room: int, active: int) -> None:
    names = ["instances", "traffic", "logs", "state", "diagnostics", "inspector", "sequence"]
    shown = fitting(names, active, room)

    assert shown[active] == names[active]
    assert shown == names if room >= 53 else all(len(title) >= 3 for title in shown) or room < 27
    assert sum(map(len, shown)) <= room
    assert len({*shown} - {""}) == len([title for title in shown if title])


def test_titles_that_begin_alike_are_cut_to_different_ones() -> None:
    assert fitting(["instances", "traffic", "inspector", "state"], 3, 14) == ["int", "tra", "inp", "state"]


@pytest.mark.parametrize("size", [(40, 12), (60, 20), (80, 24), (118, 36)])
@pytest.mark.parametrize("pane", range(1, 10))
async def test_the_tab_of_the_pane_one_is_in_always_shows(app: Workbench, size: tuple[int, int], pane: int) -> None:
    async with app.run_test(size=size) as pilot:
        await press(pilot, str(pane))
        title = app.panes[app.workspace.current].title
        assert any(f"{pane} {title[:8]}" in row for row in shown(app))
