"""What is wrong in the files stands beside what the compiler says, and leads to its place."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

from tests.tui.driving import SIZES, WIDE, press, until
from tests.tui.panes.stage import Stage, Theatre, shown, text_of
from tests.tui.stub import StubSession
from workbench.checks.entries import entries
from workbench.config import Settings
from workbench.errors import UserError
from workbench.project.model import Problem
from workbench.project.targets import read
from workbench.records import Diagnostic, Note
from workbench.session.view import BuildView
from workbench.tui.app import Workbench
from workbench.tui.panes import DiagnosticsPane, OpenSource

WORKFLOW = Path("/project/workflow.json")
FUNCTION = Path("/project/ping/function.json")


def problem(severity: str, message: str, path: Path | None = WORKFLOW, line: int | None = 3) -> Problem:
    return Problem(severity, UserError(message, path=path, line=line), "unmapped-output")  # type: ignore[arg-type]


async def test_findings_stand_file_by_file_the_worst_first() -> None:
    stage, pane = Stage(), DiagnosticsPane()
    pane.findings = (
        problem("hint", "worth knowing", FUNCTION, 1),
        problem("error", "cannot run", line=9),
        problem("warning", "does other than it says", line=3),
    )
    app = Theatre(stage, pane)
    async with app.run_test(size=(80, 12)) as pilot:
        app.tick()
        await pilot.pause()
        rows = [row.strip() for row in shown(app) if row.strip()]
    assert rows[:5] == [
        "workflow.json  1 error, 1 warning",
        "▲ 3  does other than it says  [unmapped-output]",
        "✖ 9  cannot run  [unmapped-output]",
        "ping/function.json  1 hint",
        "○ 1  worth knowing  [unmapped-output]",
    ]
    assert pane.subtitle == "✖ 1  ▲ 1  ○ 1"


async def test_what_session_and_checks_both_say_is_said_once() -> None:
    stage, pane = Stage(), DiagnosticsPane()
    stage.picture = replace(stage.picture, problems=(problem("error", "cannot run"),))
    pane.findings = (problem("error", "cannot run"),)
    app = Theatre(stage, pane)
    async with app.run_test(size=(80, 12)) as pilot:
        app.tick()
        await pilot.pause()
        assert sum("cannot run" in row for row in shown(app)) == 1


async def test_a_finding_leads_to_its_place() -> None:
    stage, pane = Stage(), DiagnosticsPane()
    pane.findings = (problem("error", "cannot run", line=9),)
    app = Theatre(stage, pane)
    async with app.run_test(size=(80, 12)) as pilot:
        app.tick()
        pane.rows.focus()
        await pilot.press("down", "down", "enter")
        await pilot.pause()
        assert pane.place is not None
        assert (pane.place.path, pane.place.line) == (WORKFLOW, 9)
        assert [message.line for message in app.posted if isinstance(message, OpenSource)] == [9]


async def test_the_checks_run_beside_the_screen_and_again_when_a_file_changed(
    tmp_path: Path, session: StubSession, config: Path
) -> None:
    path = tmp_path / "workflow.json"
    resource = {"name": "log", "class_type": "file-log", "output_mapping": {}, "configurations": {"filname": "x"}}
    path.write_text(json.dumps({"functions": [], "resources": [resource], "annotations": {}}, indent=1))
    session.show(project=read((path,), Settings()))
    app = Workbench(session, config)
    async with app.run_test(size=WIDE) as pilot:
        await press(pilot, "5")
        await until(pilot, lambda: "filname" in text_of(app.panes["diagnostics"]))

        path.write_text(path.read_text().replace("filname", "filename"))
        session.show(project=read((path,), Settings()))
        await until(pilot, lambda: "filname" not in text_of(app.panes["diagnostics"]))


async def test_what_has_to_be_mended_stands_before_what_is_worth_knowing() -> None:
    stage, pane = Stage(), DiagnosticsPane()
    broken = Diagnostic("error", "expected `;`", "src/lib.rs", 4)
    stage.picture = replace(
        stage.picture, builds=(BuildView("pong", "live"), BuildView("ping", "failed", diagnostics=(broken,)))
    )
    pane.findings = (problem("hint", "worth knowing", FUNCTION, 1), problem("error", "cannot run", line=9))
    app = Theatre(stage, pane)
    async with app.run_test(size=(80, 16)) as pilot:
        app.tick()
        await pilot.pause()
        told = "\n".join(shown(app))
        places = [told.index(each) for each in ("cannot run", "expected `;`", "worth knowing", "pong")]
        assert places == sorted(places)
        assert pane.place is not None
        assert pane.place.line == 9


@SIZES
async def test_what_the_chosen_finding_means_stands_below_all(
    session: StubSession, config: Path, size: tuple[int, int]
) -> None:
    entry = entries()["unmapped-output"]
    app = Workbench(session, config)
    async with app.run_test(size=size) as pilot:
        await press(pilot, "5")
        session.show(problems=(problem("hint", "worth knowing"), problem("error", "no file at all", None, None)))
        await until(pilot, lambda: "worth knowing" in text_of(app.panes["diagnostics"]))
        assert entry.remedy[:9] not in screen(app)
        lines = text_of(app.panes["diagnostics"]).split("\n")
        app.panes["diagnostics"].rows.go_to(next(at for at, line in enumerate(lines) if "worth knowing" in line))
        await until(pilot, lambda: entry.remedy[:9] in screen(app))
        assert "platform: " in screen(app)
        await press(pilot, "down", "down")
        await until(pilot, lambda: entry.remedy[:9] not in screen(app))


@SIZES
async def test_what_the_chosen_note_means_stands_in_the_inspector(
    session: StubSession, config: Path, size: tuple[int, int]
) -> None:
    entry = entries()["callee-trapped"]
    note = next(record for record in session.journal.iterate() if isinstance(record, Note))
    app = Workbench(session, config)
    async with app.run_test(size=size) as pilot:
        await press(pilot, "2")
        app.panes["traffic"].rows.go_to(note.seq)
        await press(pilot, "6")
        await until(pilot, lambda: entry.remedy[:9] in screen(app))
        assert all(label in screen(app) for label in ("to do", "platform", "workbench"))


def screen(app: Workbench) -> str:
    return "\n".join(shown(app))
