"""The program opened in a real terminal, on an empty directory."""

from __future__ import annotations

from collections.abc import Callable

from tests.terminal.terminal import Terminal

Open = Callable[..., Terminal]
"""`open(before, environment)`: Python to run before the program, and variables it finds besides those of here."""


def is_given_back(terminal: Terminal) -> bool:
    """Whether the terminal is as it was before the screen took it."""
    left = terminal.output.rindex(b"\x1b[?1049l") > terminal.output.rindex(b"\x1b[?1049h")
    return left and terminal.modes() == terminal.modes_before
