"""The environments that a terminal program meets: the screen is drawn, and keys are heard, in each."""

from __future__ import annotations

import re

import pytest

from tests.terminal.opening import PALETTE, QUIT, Open, goes_on


@pytest.mark.parametrize(
    "environment",
    [
        {"NO_COLOR": "1"},
        {"NO_COLOR": "1", "COLORTERM": "truecolor"},
        {"TERM": "dumb", "COLORTERM": ""},
        {"TERM": "xterm-16color", "COLORTERM": ""},
        {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
        {"PYTHONIOENCODING": "latin-1"},
        {"COLUMNS": "0", "LINES": "many"},
        {"HOME": "/nonexistent", "XDG_CONFIG_HOME": "/nonexistent/config", "XDG_CACHE_HOME": "/nonexistent/cache"},
        {"PYTHONWARNINGS": "error"},
        {"RUST_LOG": "trace"},
    ],
    ids=lambda environment: " ".join(f"{name}={value}" for name, value in environment.items()),
)
def test_the_screen_is_drawn_and_hears_keys(open_terminal: Open, environment: dict[str, str]) -> None:
    terminal = open_terminal(environment=environment)
    terminal.wait_for_text("No function is here yet")
    assert "○ nothing to build" in terminal.screen
    goes_on(terminal)


def test_where_no_colours_are_wanted_the_terminals_own_sixteen_are_not_used(open_terminal: Open) -> None:
    terminal = open_terminal(environment={"NO_COLOR": "1", "TERM": "xterm-16color", "COLORTERM": ""})
    terminal.wait_for_text("No function is here yet")
    styles = re.findall(rb"\x1b\[([0-9;]*)m", bytes(terminal.output))
    used = {int(code) for style in styles for code in style.split(b";") if code}
    assert used <= {*range(10), 39, 49}  # 39 and 49: the terminal's text on its background


def test_the_size_is_the_terminals_wherever_standard_output_leads(open_terminal: Open) -> None:
    terminal = open_terminal("import os; os.dup2(os.open('told', os.O_WRONLY | os.O_CREAT), 1)")
    terminal.wait_for_text("No function is here yet")
    terminal.wait_for(lambda screen: "palette" in screen.splitlines()[-1], "the footer in the last of 36 rows")


def test_bytes_that_are_not_utf8_are_lost_and_later_keys_are_heard(open_terminal: Open) -> None:
    terminal = open_terminal()
    terminal.wait_for_text("No function is here yet")
    terminal.type_bytes(b"\xff")

    def hears(screen: str) -> bool:
        terminal.type(PALETTE)  # what is read together with such bytes is lost with them
        return "Find an action" in screen

    terminal.wait_for(hears, "the palette")
    terminal.type(QUIT)
    assert terminal.wait_for_end() == 0
