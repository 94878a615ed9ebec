"""The program opened in a real terminal, on an empty directory."""

from __future__ import annotations

from collections.abc import Callable

from tests.terminal.terminal import Terminal

ESCAPE, PALETTE, QUIT, SUSPEND = "\x1b", "\x10", "\x11", "\x1a"

Open = Callable[..., Terminal]
"""`open(before, environment)`: Python to run before the program, and variables it finds besides those of here."""


def is_given_back(terminal: Terminal) -> bool:
    """Whether the terminal is as it was before the screen took it."""
    left = terminal.output.rindex(b"\x1b[?1049l") > terminal.output.rindex(b"\x1b[?1049h")
    return left and terminal.modes() == terminal.modes_before


def goes_on(terminal: Terminal) -> None:
    """Raises AssertionError unless the screen hears keys, ends well and gives the terminal back."""
    terminal.type(PALETTE)
    terminal.wait_for_text("Find an action")
    terminal.type(ESCAPE)
    terminal.wait_for(lambda screen: "Find an action" not in screen, "the palette has gone")
    terminal.type(QUIT)
    assert terminal.wait_for_end() == 0
    assert is_given_back(terminal)
