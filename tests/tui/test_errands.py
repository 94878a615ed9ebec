"""A function is made beside the screen, which goes on meanwhile; what goes wrong with it is told."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

from tests.tui.driving import WIDE, press, settle, told, until
from tests.tui.stub import StubSession
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
