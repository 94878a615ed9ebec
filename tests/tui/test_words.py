"""Header, banner, help, palette, first run: what the screen says in words."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from textual.widgets import Input

from tests.tui.driving import NARROW, WIDE, choose, press, settle, until
from tests.tui.stub import StubSession, project
from workbench.errors import UserError
from workbench.project.model import Problem, Project, StandInPlan
from workbench.records import Diagnostic
from workbench.session.commands import Restart
from workbench.session.view import BuildView, View
from workbench.tui.actions import ACTIONS
from workbench.tui.app import Workbench
from workbench.tui.errands import Reopen, name_error
from workbench.tui.footer import FEW, footer_actions
from workbench.tui.header import build_words, title
from workbench.tui.help import groups
from workbench.tui.json_area import JsonArea
from workbench.tui.outside import copy_samples
from workbench.tui.palette import entries
from workbench.tui.situation import Situation
from workbench.tui.text import clock

WRONG = Diagnostic("error", "mismatched types", "src/lib.rs", 3, 1)


@pytest.mark.parametrize(
    ("builds", "words"),
    [
        ((BuildView("a", "live", since_change_ms=340), BuildView("b", "live")), "● live in 340 ms (a)"),
        ((BuildView("b", "live"),), "● live"),
        ((BuildView("a", "building", "serde", 3, 12, 1500),), "◐ building a · serde 3/12 · 1.50 s"),
        ((BuildView("a", "failed", diagnostics=(WRONG, WRONG)), BuildView("b", "live")), "✖ 2 errors in a — d"),
        ((BuildView("a", "failed"),), "✖ build failed in a — d"),
        ((BuildView("a", "queued"), BuildView("b", "queued")), "◌ 2 builds queued"),
        ((BuildView("a", "built"), BuildView("b", "live")), "◌ new code of a is not live"),
        ((BuildView("a", "prebuilt"),), "○ running the .wasm that was there"),
    ],
)
def test_the_build_is_told_in_words(builds: tuple[BuildView, ...], words: str) -> None:
    assert build_words(builds, "a", "d").text == words


def test_the_clock_shows_hours_only_when_there_are_any() -> None:
    assert clock(4_318, padded=True) == "00:04.318"
    assert clock(724_318, padded=True) == "12:04.318"
    assert clock(3_600_000 * 2 + 5_000, padded=True) == "2:00:05.000"


def row(app: Workbench, name: str) -> str:
    return "".join(segment.text for segment in app.query_one(name).render_line(0))


@pytest.mark.parametrize("width", [40, 60, 80, 100, 120, 200])
async def test_the_header_always_tells_the_build(app: Workbench, width: int) -> None:
    async with app.run_test(size=(width, 30)) as pilot:
        await settle(pilot)

        assert "● live in 340 ms (average)" in row(app, "Header")
        assert len(row(app, "Header")) == width


def test_of_several_targets_the_header_tells_how_many(session: StubSession) -> None:
    one = session.view()
    root = one.project.root
    targets = (root, root / "a.wasm", root.parent / "b", root.parent / "c")
    assert title(replace(one, project=replace(one.project, targets=targets, workflows=()))) == f"{root.name} +2"


async def test_escape_codes_in_names_never_reach_the_terminal(app: Workbench, session: StubSession) -> None:
    session.show(builds=(BuildView("\x1b]0;gotcha\x07", "building", "\x1b[2J", 1, 2),))
    async with app.run_test(size=(200, 60)) as pilot:
        await settle(pilot)

        assert "\x1b" not in row(app, "Header")
        assert "\\x1b]0;gotcha\\x07" in row(app, "Header")


async def test_a_missing_compiler_and_broken_files_are_told_with_keys(app: Workbench, session: StubSession) -> None:
    problem = Problem("error", UserError("is not JSON", path=Path("/p/workflow.json"), line=3, column=1))
    session.show(toolchain="no Rust compiler for wasm32 is here", problems=(problem,))
    async with app.run_test(size=WIDE) as pilot:
        await press(pilot, "2")
        text = str(app.query_one("Banner").render())

        assert "no Rust compiler for wasm32 is here" in text
        assert "D get the compiler" in text
        assert "/p/workflow.json:3:1: is not JSON" in text
        assert app.workspace.focused == "traffic"


async def test_what_is_to_be_mended_leaves_room_for_the_panes(app: Workbench, session: StubSession) -> None:
    root = session.view().project.root
    errors = [UserError("is wrong in some way " * 9, path=root / "workflow.json", line=at) for at in range(1, 6)]
    session.show(problems=tuple(Problem("error", error) for error in errors))
    async with app.run_test(size=(40, 12)) as pilot:
        await settle(pilot)
        banner = app.query_one("Banner")
        assert banner.size.height == 3
        assert "✖ workflow.json:1: is wrong" in str(banner.render())
        assert str(banner.render()).endswith("▲ and 4 more")
        await pilot.resize_terminal(200, 60)
        await settle(pilot)
        assert "▲ and 3 more problems in files" in str(banner.render())


def test_a_narrow_footer_has_few_keys(tmp_path: Path) -> None:
    now = Situation(View(project(tmp_path)), "traffic")

    assert len(footer_actions(now, narrow=True)) == FEW
    assert len(footer_actions(now, narrow=False)) > FEW


async def test_a_click_in_the_footer_does_what_its_key_does(app: Workbench) -> None:
    async with app.run_test(size=NARROW) as pilot:
        await settle(pilot)
        await pilot.click("Footer", offset=(1, 0))
        await settle(pilot)

        assert app.workspace.focused == "send"


def test_help_has_every_action_that_applies(tmp_path: Path) -> None:
    now = Situation(View(project(tmp_path)), "logs")
    told = {action.id for _, actions in groups(now) for action in actions}

    assert told == {action.id for action in ACTIONS if now.applies(action)}
    assert "filter" in told
    assert "kill" not in told


async def test_help_is_about_the_pane_one_is_in(app: Workbench) -> None:
    async with app.run_test(size=WIDE) as pilot:
        await press(pilot, "4", "question_mark")
        assert "sync" in str(app.screen.query_one("#concept").render())

        await press(pilot, "escape")
        assert app.workspace.focused == "state"


async def test_the_palette_finds_actions_and_instances(app: Workbench) -> None:
    async with app.run_test(size=WIDE) as pilot:
        await choose(pilot, "average")
        found = [entry.words for entry in entries(app)]
        assert "kill  (X)" in found
        assert "instance risky" in found

        await pilot.press("ctrl+p", *"instance risky")
        await until(pilot, lambda: bool(app.screen.query("OptionList")))
        await pilot.pause()
        await pilot.press("enter")
        await until(pilot, lambda: app.selection.instance == "risky")


async def test_a_state_is_edited_and_must_stay_json(app: Workbench, session: StubSession) -> None:
    async with app.run_test(size=WIDE) as pilot:
        await choose(pilot, "average")
        await press(pilot, "T")
        area = app.screen.query_one(JsonArea)
        assert area.text.startswith('{\n  "count": ')

        area.load_text('{"count": ')
        await press(pilot, "f5")
        assert session.asked == []
        assert "line 1, column 11" in str(app.screen.query_one(".dialog-error").render())

        area.load_text('{"count": 7}')
        await press(pilot, "f5")
        assert session.asked == [Restart("average", '{"count": 7}')]


async def test_an_empty_project_explains_itself(app: Workbench, session: StubSession, tmp_path: Path) -> None:
    session.show(project=Project(tmp_path, (tmp_path,)), instances=(), builds=())
    async with app.run_test(size=NARROW) as pilot:
        await until(pilot, lambda: app.query_one("Welcome").is_on_screen)
        text = str(app.query_one("Welcome").render())
        assert "No function is here yet." in text
        assert "N  make a function" in text

        await press(pilot, "O")
    assert app.return_value == Reopen((tmp_path / "sample_functions",))
    assert (tmp_path / "sample_functions" / "workflow.json").is_file()


async def test_a_workflow_of_resources_alone_is_not_taken_for_an_empty_project(
    app: Workbench, session: StubSession, tmp_path: Path
) -> None:
    session.show(project=Project(tmp_path, (tmp_path,), stand_ins=(StandInPlan("log", "file-log"),)), builds=())
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot)
        assert not app.query_one("Welcome").display
        assert app.workspace.display


async def test_a_project_that_cannot_be_read_is_not_taken_for_an_empty_one(
    app: Workbench, session: StubSession, tmp_path: Path
) -> None:
    broken = Problem("error", UserError("is not JSON", path=tmp_path / "workflow.json", line=3, column=1))
    session.show(project=Project(tmp_path, (tmp_path,)), instances=(), builds=(), problems=(broken,))
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot)
        assert not app.query_one("Welcome").display
        assert app.workspace.display


async def test_the_samples_are_opened_instead_of_what_is_open_only_when_that_is_wanted(
    app: Workbench, session: StubSession
) -> None:
    samples = session.picture.project.root / "sample_functions"
    async with app.run_test(size=WIDE) as pilot:
        await press(pilot, "O", "escape")
        assert not samples.exists()
        await press(pilot, "O", "y")
    assert app.return_value == Reopen((samples,))


def test_samples_that_are_there_already_stay_as_they_are(tmp_path: Path) -> None:
    (tmp_path / "sample_functions").mkdir()

    assert copy_samples(tmp_path) == tmp_path / "sample_functions"
    assert not list((tmp_path / "sample_functions").iterdir())


@pytest.mark.parametrize(("name", "wrong"), [("meter", False), ("2nd", True), ("a b", True), ("taken", True)])
def test_a_new_functions_name_is_checked(tmp_path: Path, name: str, wrong: bool) -> None:
    (tmp_path / "taken").mkdir()

    assert (name_error(tmp_path, name) is not None) == wrong


async def test_a_new_function_is_made_by_the_command(app: Workbench, session: StubSession) -> None:
    async with app.run_test(size=WIDE) as pilot:
        await press(pilot, "N")
        app.screen.query_one(Input).value = "meter"
        await press(pilot, "enter")

        await until(pilot, (session.picture.project.root / "meter" / "function.json").is_file)
