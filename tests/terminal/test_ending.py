"""The program in a real terminal comes to its end in good order, whatever ends it, and says why."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from tests.terminal.opening import Open, is_given_back

WATCHED = """
from pathlib import Path
from workbench.session.session import Session
def close(self, close=Session.close):
    Path("closing").touch()
    {meanwhile}
    close(self)
    Path("closed").touch()
Session.close = close
"""
FAULTY = """
from workbench.tui import deeds
def fail(app):
    secret = "a local variable"
    raise {error}
deeds.DEEDS["help"] = fail
"""
DRAWING = """
from workbench.tui.app import Workbench
def look(self, look=Workbench.look):
    for _ in range(100):
        self._driver.write(" ")
    look(self)
Workbench.look = look
"""
PATIENT = "import time\n    while not Path('go-on').exists(): time.sleep(0.01)"


@pytest.mark.parametrize("error", ["ValueError('out of luck')", "__import__('textual').markup.MarkupError('[/b]')"])
def test_a_fault_of_the_screen_is_told_in_one_sentence_with_a_report(
    tmp_path: Path, open_terminal: Open, error: str
) -> None:
    terminal = open_terminal(WATCHED.format(meanwhile="") + FAULTY.format(error=error))
    terminal.wait_for_text("No function is here yet")
    terminal.type("?")
    assert terminal.wait_for_end() == 1
    assert is_given_back(terminal)
    said = terminal.output[terminal.output.rindex(b"\x1b[?1049l") :].decode()
    assert "workbench: the workbench has a fault, " in said
    assert "Traceback" not in said
    assert "a local variable" not in said
    [report] = (tmp_path / ".workbench").glob("crash-*.txt")
    assert str(report.relative_to(tmp_path)) in said
    assert "Traceback" in report.read_text()
    assert (tmp_path / "closed").exists()


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_a_signal_ends_it_in_good_order(tmp_path: Path, open_terminal: Open, number: int, status: int) -> None:
    terminal = open_terminal(WATCHED.format(meanwhile=""))
    terminal.wait_for_text("No function is here yet")
    os.kill(terminal.pid, number)
    assert terminal.wait_for_end() == status
    assert is_given_back(terminal)
    assert terminal.output.endswith(b"workbench: interrupted\r\n")
    assert (tmp_path / "closed").exists()


def test_a_terminal_that_is_gone_is_no_fault_and_holds_up_nothing(tmp_path: Path, open_terminal: Open) -> None:
    terminal = open_terminal(WATCHED.format(meanwhile="") + DRAWING)
    terminal.wait_for_text("No function is here yet")
    terminal.hang_up()
    assert terminal.wait_for_exit() == 129
    assert (tmp_path / "closed").exists(), "the last resort ended it"
    assert not list((tmp_path / ".workbench").glob("crash-*"))


def test_what_is_drawn_on_must_be_a_terminal_and_what_is_printed_on_need_not(
    tmp_path: Path, open_terminal: Open
) -> None:
    terminal = open_terminal("import os; os.dup2(os.open('told', os.O_WRONLY | os.O_CREAT), 2)")
    assert terminal.wait_for_end() == 2
    assert "standard error is none" in (tmp_path / "told").read_text()
    terminal = open_terminal("import os; os.dup2(os.open('told', os.O_WRONLY | os.O_CREAT), 1)")
    terminal.wait_for_text("No function is here yet")
    terminal.type("\x11")
    assert terminal.wait_for_end() == 0


def test_more_signals_do_not_break_off_the_end(tmp_path: Path, open_terminal: Open) -> None:
    terminal = open_terminal(WATCHED.format(meanwhile=PATIENT))
    terminal.wait_for_text("No function is here yet")
    os.kill(terminal.pid, signal.SIGTERM)
    terminal.wait_for(lambda _: (tmp_path / "closing").exists(), "the end begins")
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
        os.kill(terminal.pid, number)
    (tmp_path / "go-on").touch()
    assert terminal.wait_for_end() == 143
    assert b"Traceback" not in terminal.output
    assert (tmp_path / "closed").exists()
