"""Leaving the screen for the editor, the doctor or the shell: it comes back, however that went."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.terminal.opening import ESCAPE, QUIT, SUSPEND, Open, goes_on

CTRL_C, CTRL_D = "\x03", "\x04"
LEFT = b"\x1b[?1049l"
ENTERED = b"\x1b[?1049h"


@pytest.fixture
def function(tmp_path: Path) -> None:
    """A function that cannot be built, with a source to edit."""
    source = tmp_path / "f" / "src" / "lib.rs"
    source.parent.mkdir(parents=True)
    source.write_text("// nothing\n")
    (tmp_path / "f" / "Cargo.toml").write_text("[package]\n")
    (tmp_path / "f" / "function.json").write_text(
        '{"id": "f", "version": "0.1", "function_type": "RUST_WASM", "outputs": []}'
    )


@pytest.mark.usefixtures("function")
@pytest.mark.parametrize(
    ("editor", "said"),
    [
        ("nosuch-editor", "nosuch-editor cannot be started: No such file or directory"),
        ("/", "/ cannot be started: Permission denied"),
        ("false", "false ended with status 1"),
    ],
)
def test_an_editor_that_fails_is_told_on_the_screen(open_terminal: Open, editor: str, said: str) -> None:
    terminal = open_terminal(environment={"VISUAL": editor})
    terminal.wait_for_text("traffic")
    terminal.type("1e")
    terminal.wait_for_text(said[:20])
    goes_on(terminal)


@pytest.mark.usefixtures("function")
def test_ctrl_c_in_the_editor_is_the_editors(tmp_path: Path, open_terminal: Open) -> None:
    editor = tmp_path / "editor"
    editor.write_text("#!/bin/sh\ntrap 'echo it was interrupted' INT\necho it edits\nread line\nread line\n")
    editor.chmod(0o755)
    terminal = open_terminal(environment={"VISUAL": str(editor), "PATH": "/usr/bin:/bin"})
    terminal.wait_for_text("traffic")
    terminal.type("1e")
    terminal.wait_for_text("it edits")
    terminal.type(CTRL_C)
    terminal.wait_for_text("it was interrupted")
    terminal.type("\r\r")
    terminal.wait_for(lambda screen: "traffic" in screen and "it edits" not in screen, "the screen is back")
    goes_on(terminal)


@pytest.mark.usefixtures("function")
def test_the_modes_an_editor_leaves_the_terminal_in_end_with_it(tmp_path: Path, open_terminal: Open) -> None:
    editor = tmp_path / "editor"
    editor.write_text("#!/bin/sh\nstty raw -echo\nkill -9 $$\n")
    editor.chmod(0o755)
    terminal = open_terminal(environment={"VISUAL": str(editor)})
    terminal.wait_for_text("traffic")
    terminal.type("1e")
    terminal.wait_for_text("ended with status -9")
    goes_on(terminal)


def test_the_end_of_input_at_the_doctors_prompt_brings_the_screen_back(open_terminal: Open) -> None:
    terminal = open_terminal("from workbench.tui import errands\nerrands.own_command = lambda *_: ['true']")
    terminal.wait_for_text("No function is here yet")
    terminal.type("D")
    terminal.wait_for_text("Press Enter to go back")
    terminal.type(CTRL_D)
    terminal.wait_for_text("No function is here yet")
    goes_on(terminal)


def test_the_shell_is_gone_back_to_and_returned_from(tmp_path: Path, open_terminal: Open) -> None:
    terminal = open_terminal(command=["bash", "--norc", "--noprofile"], environment={"PS1": "$ "})
    terminal.wait_for_text("$ ")
    (tmp_path / "start").write_text(f"{sys.executable} -c 'from workbench.cli import main; main()'\ntrue\n")
    terminal.type("sh start\r")  # as make does: a program between the shell and us, which has to stop, too
    terminal.wait_for_text("No function is here yet")
    terminal.type(SUSPEND)
    terminal.wait_for_text("Stopped")
    terminal.type("echo here I a''m\r")
    terminal.wait_for_text("here I am")
    entered = terminal.output.count(ENTERED)
    terminal.type("fg\r")
    terminal.wait_for(lambda _: terminal.output.count(ENTERED) > entered, "the screen is back")
    terminal.type("?")
    terminal.wait_for_text("Messages")
    terminal.type(ESCAPE)
    terminal.type(QUIT)
    left = terminal.output.count(LEFT)
    terminal.wait_for(lambda _: terminal.output.count(LEFT) > left, "the screen is left")
    terminal.type("exit\r")
    assert terminal.wait_for_end() == 0


def test_without_a_shell_to_go_back_to_the_program_goes_on(open_terminal: Open) -> None:
    terminal = open_terminal()
    terminal.wait_for_text("No function is here yet")
    terminal.type(SUSPEND)
    terminal.wait_for_text("no shell to go back to")
    goes_on(terminal)
