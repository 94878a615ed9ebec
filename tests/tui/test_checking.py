"""The checks beside the screen: modules are looked into off its thread, each once until its file changes."""

from __future__ import annotations

import os
import shutil
import threading
from dataclasses import replace
from pathlib import Path
from time import monotonic, sleep

import pytest

from tests.project import files
from tests.tui.driving import WIDE, press, until
from tests.tui.panes.stage import text_of
from tests.tui.stub import StubSession
from workbench import assets
from workbench.checks.rules import modules
from workbench.config import Settings
from workbench.host.engine import Host
from workbench.project.targets import read
from workbench.session.view import BuildView, InstanceView, View
from workbench.tui.app import Workbench
from workbench.tui.checking import Checking


@pytest.fixture
def view(tmp_path: Path) -> View:
    """Two functions that are there as wasm, one of which no node would run."""
    for name in ("ping", "pong"):
        files.function(tmp_path, name, source=False)
        shutil.copy(assets.samples() / name / f"{name}.wasm", tmp_path / name)
    (tmp_path / "pong" / "pong.wasm").write_bytes(b"no wasm")
    return View(read((tmp_path,), Settings()), builds=(BuildView("ping", "prebuilt"), BuildView("pong", "failed")))


def told(checking: Checking, view: View, wanted: set[str]) -> None:
    """Look until the findings are of these codes."""
    end = monotonic() + 20
    while {str(problem.code) for problem in checking.found} != wanted:
        assert monotonic() < end, checking.found
        checking.look(view)
        sleep(0.01)


def test_modules_are_looked_into_off_the_thread_of_the_screen_and_once(
    view: View, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked: list[tuple[str, str]] = []
    found = modules._found

    def seen(host: Host, wasm: Path, name: str, memory_bytes: int) -> object:
        looked.append((name, threading.current_thread().name))
        return found(host, wasm, name, memory_bytes)

    monkeypatch.setattr(modules, "_found", seen)
    checking = Checking()
    told(checking, view, {"not-wasm"})
    assert [name for name, _ in looked] == ["ping", "pong"]
    assert not any(thread == threading.main_thread().name for _, thread in looked)

    pong = view.project.functions["pong"].wasm
    shutil.copy(assets.samples() / "pong" / "pong.wasm", pong)
    os.utime(pong)
    told(checking, replace(view, builds=(view.builds[0], BuildView("pong", "prebuilt"))), set())
    assert [name for name, _ in looked] == ["ping", "pong", "pong"]
    checking.close()


def test_modules_are_not_looked_into_while_others_need_the_machine(view: View) -> None:
    checking = Checking()
    for busy in (
        replace(view, builds=(BuildView("ping", "building"),)),
        replace(view, instances=(InstanceView("ping", "ping", "loading"),)),
    ):
        checking.look(busy)
        assert not checking._wasm._running
    told(checking, view, {"not-wasm"})
    checking.close()


async def test_what_is_found_in_a_module_stands_beside_the_other_findings(
    view: View, session: StubSession, config: Path
) -> None:
    session.show(project=view.project, builds=view.builds, instances=())
    app = Workbench(session, config)
    async with app.run_test(size=WIDE) as pilot:
        await press(pilot, "5")
        await until(pilot, lambda: "not a WebAssembly" in text_of(app.panes["diagnostics"]))
