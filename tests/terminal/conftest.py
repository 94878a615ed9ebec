"""What tests in a real terminal open."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pytest

from tests.headless.program import ROOT
from tests.terminal.opening import Open
from tests.terminal.terminal import Terminal, surroundings


@pytest.fixture
def open_terminal(tmp_path: Path) -> Iterator[Open]:
    """Opens the program in `tmp_path`, or with `command` another; all are ended with the test."""
    opened: list[Terminal] = []

    def open_(
        before: str = "", environment: Mapping[str, str] | None = None, command: Sequence[str] | None = None
    ) -> Terminal:
        home = {"PYTHONPATH": str(ROOT), "XDG_CONFIG_HOME": str(tmp_path / "config"), "HOME": str(tmp_path)}
        program = [sys.executable, "-c", f"{before}\nfrom workbench.cli import main; main()"]
        opened.append(Terminal(command or program, tmp_path, {**surroundings(), **home, **(environment or {})}))
        return opened[-1]

    yield open_
    for terminal in opened:
        terminal.close()
