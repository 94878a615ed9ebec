"""The whole program in a real terminal: a file is edited, the change arrives, a message is sent, the reply is seen."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.headless.program import ROOT, wait_until
from tests.terminal.terminal import Terminal, surroundings
from workbench import assets

PROGRAM = [sys.executable, "-c", "from workbench.cli import main; main()"]

BACK_TAB, RIGHT, CTRL_C, CTRL_J = "\x1b[Z", "\x1b[C", "\x03", "\x0a"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A directory with one function that answers calls, `ping` with `pong`."""
    for name in (assets.GUEST_CRATE, "pong"):
        shutil.copytree(assets.samples() / name, tmp_path / name, ignore=shutil.ignore_patterns("target"))
    return tmp_path


@pytest.fixture
def terminal(home: Path) -> Iterator[Terminal]:
    environment = {**surroundings(), "PYTHONPATH": str(ROOT), "XDG_CONFIG_HOME": str(home / "config")}
    terminal = Terminal([*PROGRAM, "pong"], home, environment)
    yield terminal
    terminal.close()


def test_a_change_arrives_a_call_is_answered_and_the_terminal_is_given_back(home: Path, terminal: Terminal) -> None:
    terminal.wait_for(lambda screen: "● live" in screen and "start" in screen, "pong runs")
    assert b"\x1b[?1049h" in terminal.output

    source = home / "pong" / "src" / "lib.rs"
    source.write_text(source.read_text().replace('"pong"', '"a new pong"'))
    terminal.wait_for_text("reload")

    terminal.type("s")
    terminal.wait_for_text("send it")
    terminal.type("ping 1")
    terminal.wait_for_text("ping 1")
    terminal.type(BACK_TAB * 5 + RIGHT)
    terminal.wait_for_text("[call]")
    terminal.type(CTRL_J)
    terminal.wait_for_text("a new pong 1 after ")

    terminal.type(CTRL_C)
    assert terminal.wait_for_end() == 0
    assert terminal.modes() == terminal.modes_before
    for taken_back in (b"\x1b[?1049l", b"\x1b[?1000l", b"\x1b[?25h"):
        assert taken_back in terminal.output
    assert terminal.output.rindex(b"\x1b[?1049l") > terminal.output.rindex(b"\x1b[?1049h")


def test_leaving_while_a_build_runs_leaves_nothing_behind(home: Path, terminal: Terminal) -> None:
    build = home / "pong" / "build.rs"
    build.write_text("fn main() { std::thread::sleep(std::time::Duration::from_secs(600)); }\n")
    terminal.wait_for_text("building")
    terminal.wait_for(lambda _: bool(processes_below(home)), "the build")
    terminal.type(CTRL_C)
    assert terminal.wait_for_end() == 0
    assert terminal.modes() == terminal.modes_before
    wait_until(lambda: processes_below(home) == [])  # what was killed takes a moment to be gone


def processes_below(directory: Path) -> list[str]:
    """The commands of all processes that work somewhere in it, the program itself left out."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            inside = Path(os.readlink(entry / "cwd")).is_relative_to(directory / "pong")
            command = (entry / "cmdline").read_bytes()
        except OSError:
            continue
        if inside and command:
            found.append(command.decode(errors="replace"))
    return found


def test_a_terminal_that_is_closed_ends_the_program(terminal: Terminal) -> None:
    terminal.wait_for(lambda screen: "● live" in screen, "pong runs")
    terminal.hang_up()
    terminal.wait_for_exit()
