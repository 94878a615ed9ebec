"""A function is made beside the screen, which goes on meanwhile; what goes wrong with it is told."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest
from textual.widgets import Static

from tests.tui.driving import WIDE, press, settle, told, until
from tests.tui.stub import StubSession
from workbench.session.commands import Rebuild
from workbench.session.view import BuildView
from workbench.tui import errands
from workbench.tui.app import Workbench


async def test_the_screen_goes_on_while_a_function_is_made(
    app: Workbench, session: StubSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = session.picture.project.root
    patient = "import pathlib, time\nwhile not pathlib.Path('go-on').exists(): time.sleep(0.01)"
    monkeypatch.setattr(errands, "own_command", lambda *_: [sys.executable, "-c", patient])
    async with app.run_test(size=WIDE) as pilot:
        await press(pilot, "N", *"mine", "enter")
        await press(pilot, "3")
        assert app.workspace.focused == "logs"
        assert told(pilot) == ["making mine…"]
        (root / "go-on").touch()
        await until(pilot, lambda: "mine is made" in told(pilot))


async def test_what_goes_wrong_while_it_is_made_is_told(
    app: Workbench, session: StubSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    complaint = "import sys; sys.exit('a line\\nworkbench: no \\x1b[31mroom')"
    monkeypatch.setattr(errands, "own_command", lambda *_: [sys.executable, "-c", complaint])
    async with app.run_test(size=WIDE) as pilot:
        await press(pilot, "N", *"mine", "enter")
        await until(pilot, lambda: "workbench: no \\x1b[31mroom" in told(pilot))


async def test_a_folder_that_is_gone_is_told(app: Workbench, session: StubSession) -> None:
    root: Path = session.picture.project.root
    async with app.run_test(size=WIDE) as pilot:
        await press(pilot, "N", *"mine")
        shutil.rmtree(root)
        await press(pilot, "enter")
        await until(pilot, lambda: any("cannot be started" in sentence for sentence in told(pilot)))
        await settle(pilot)


async def test_the_guest_crate_is_put_there_once_all_that_is_written_was_shown(
    app: Workbench, session: StubSession
) -> None:
    root = session.picture.project.root
    manifest = root / "ping" / "Cargo.toml"
    manifest.write_text('[package]\n[dependencies]\nedgeless_function = { path = "../gone" }\n')
    session.show(builds=(BuildView("pong", "live"), BuildView("ping", "failed")))
    async with app.run_test(size=WIDE) as pilot:
        await press(pilot, "ctrl+d")
        question = str(app.screen.query_one(".dialog-question", Static).content)
        assert f'{manifest}:3 will say `edgeless_function = {{ path = "../edgeless_function" }}`' in question
        assert 'instead of `edgeless_function = { path = "../gone" }`' in question
        assert f"a copy of the crate is put into {root / 'edgeless_function'}" in question
        await press(pilot, "escape")
        assert 'path = "../gone"' in manifest.read_text()
        await press(pilot, "ctrl+d", "y")
        await until(pilot, lambda: Rebuild("ping") in session.asked)
    assert 'path = "../edgeless_function"' in manifest.read_text()
    assert (root / "edgeless_function" / "src" / "lib.rs").exists()


async def test_the_guest_crate_is_for_what_does_not_build(app: Workbench, session: StubSession) -> None:
    async with app.run_test(size=WIDE) as pilot:
        await press(pilot, "ctrl+d")
        assert told(pilot) == ["use our guest crate: every function builds"]
