"""The editor opens at the right line, whichever it is."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from tests.tui.driving import WIDE, choose, press, told
from tests.tui.stub import StubSession, project
from workbench.errors import UserError
from workbench.records import Build, Diagnostic, Frame, Trap
from workbench.session.view import BuildView, InstanceView
from workbench.tui import errands
from workbench.tui.app import Workbench
from workbench.tui.editor import Place, command, editor, place_of, windowed

HERE = Place(Path("/p/lib.rs"), 31, 9)


@pytest.mark.parametrize(
    ("program", "arguments"),
    [
        ("vim", ["+call cursor(31,9)", "/p/lib.rs"]),
        ("/usr/bin/nvim -p", ["-p", "+call cursor(31,9)", "/p/lib.rs"]),
        ("nano", ["+31,9", "/p/lib.rs"]),
        ("emacs -nw", ["-nw", "+31:9", "/p/lib.rs"]),
        ("hx", ["/p/lib.rs:31:9"]),
        ("code --wait", ["--wait", "--goto", "/p/lib.rs:31:9"]),
        ("ed", ["+31", "/p/lib.rs"]),
    ],
)
def test_each_editor_is_told_the_line_in_its_own_way(program: str, arguments: list[str]) -> None:
    words = editor({"EDITOR": program})

    assert command(words, HERE) == [words[0], *arguments]


def test_visual_comes_first_and_windows_stay_beside() -> None:
    assert editor({"VISUAL": "code", "EDITOR": "vi"}) == ["code"]
    assert windowed(["/opt/code"])
    assert not windowed(["vim"])


@pytest.mark.parametrize("environment", [{"PATH": ""}, {"EDITOR": "vim '", "PATH": ""}])
def test_no_editor_is_said_in_a_sentence(environment: dict[str, str]) -> None:
    with pytest.raises(UserError, match="EDITOR"):
        editor(environment)


def test_a_trap_leads_to_its_innermost_frame_with_source(tmp_path: Path) -> None:
    opened = project(tmp_path)
    source = str(opened.functions["filter"].directory / "src" / "lib.rs")
    frames = (Frame("core::panicking", "/rustc/library/core.rs", 1, 1), Frame("filter", source, 31, 9))
    trap = Trap(1, 0, "filter", None, "handle_cast", "unreachable", None, frames)

    assert place_of(trap, "filter", opened) == Place(Path(source), 31, 9)


def test_a_failed_build_leads_to_its_first_error(tmp_path: Path) -> None:
    opened = project(tmp_path)
    diagnostics = (Diagnostic("error", "mismatched types", "src/lib.rs", 7, 3),)
    build = Build(1, 0, None, None, "average", False, "dev", 10, None, diagnostics)

    assert place_of(build, None, opened) == Place(opened.functions["average"].directory / "src" / "lib.rs", 7, 3)


def test_anything_else_leads_to_the_functions_source(tmp_path: Path) -> None:
    opened = project(tmp_path)

    assert place_of(None, "ping", opened) == Place(opened.functions["ping"].directory / "src" / "lib.rs")


async def test_e_opens_the_source_of_the_chosen_instance(
    app: Workbench, session: StubSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[Place] = []
    monkeypatch.setattr(errands, "open_place", lambda app, place: opened.append(place))
    async with app.run_test(size=WIDE) as pilot:
        await choose(pilot, "ping")
        await press(pilot, "e")

        assert opened == [Place(session.picture.project.functions["ping"].directory / "src" / "lib.rs")]


async def test_e_opens_the_line_of_what_is_pointed_at(
    app: Workbench, session: StubSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[tuple[int | None, int | None]] = []
    monkeypatch.setattr(errands, "open_place", lambda app, place: opened.append((place.line, place.column)))
    root = session.picture.project.root
    shim = root / "shim.rs"
    shim.write_text("// of no function")
    frames = (
        Frame("core::panicking::panic_fmt"),
        Frame("shim::log", str(shim), 1, 1),
        Frame("filter::inner", str(root / "filter" / "src" / "lib.rs"), 31, 9),
        Frame("filter::outer", str(root / "filter" / "src" / "lib.rs"), 12, 5),
    )
    seq = session.journal.end
    session.add(Trap(0, 725_000, "filter", None, "handle_cast", "unreachable", "asked to", frames))
    dead = InstanceView("filter", "filter", "trapped", last_trap=seq)
    warned = BuildView("ping", "live", diagnostics=(Diagnostic("warning", "unused", "src/lib.rs", 7, 3),))
    others = [one for one in session.picture.instances if one.name != "filter"]
    session.show(instances=(dead, *others), builds=(warned,))
    async with app.run_test(size=WIDE) as pilot:
        await press(pilot, "1")
        await choose(pilot, "filter")
        await press(pilot, "e")
        await press(pilot, "2", "end", "e")
        await press(pilot, "5", "e")

        assert opened[0] == (31, 9)
        assert opened[1] == (31, 9)
        assert opened[-1] == (7, 3)
        inspector = app.panes["inspector"]
        for index in range(inspector.count()):
            if "outer" in inspector.line_at(index, 80, False).plain:
                inspector.rows.place_cursor(inspector.id_at(index))
        await press(pilot, "6", "e")
        assert opened[-1] == (12, 5)


def test_a_build_that_names_what_no_file_can_be_leads_to_the_source(session: StubSession) -> None:
    project = session.picture.project
    wrong = Diagnostic("error", "odd", "x" * 300, 1, 1)
    record = Build(0, 0, None, None, "ping", False, "dev", 1.0, None, (wrong,))
    assert place_of(record, "ping", project) == Place(project.functions["ping"].directory / "src" / "lib.rs")


async def test_an_editor_that_is_missing_is_told(app: Workbench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VISUAL", "code")
    monkeypatch.setenv("PATH", "")
    async with app.run_test(size=WIDE) as pilot:
        await choose(pilot, "ping")
        await press(pilot, "e")

        assert any("code cannot be started" in sentence for sentence in told(pilot))


async def test_a_windowed_editor_gets_the_file(
    app: Workbench, session: StubSession, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    program = tmp_path / "code"
    seen = tmp_path / "seen"
    program.write_text(f'#!/bin/sh\necho "$@" > {seen}.part && mv {seen}.part {seen}\n')
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("VISUAL", str(program))
    source = session.picture.project.functions["ping"].directory / "src" / "lib.rs"
    async with app.run_test(size=WIDE) as pilot:
        errands.open_place(app, Place(source, 3, 4))
        from tests.tui.driving import until

        await until(pilot, seen.exists)

    assert seen.read_text().split() == ["--goto", f"{source}:3:4"]
