"""The program itself, run as a user runs it."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

from workbench import trace
from workbench.records import Record

ROOT = Path(__file__).parents[2]
_PROGRAM = [sys.executable, "-c", "from workbench.cli import main; main()"]


_ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT)}


def workbench(*arguments: str, cwd: Path | None = None, typed: str = "") -> subprocess.CompletedProcess[str]:
    """Run it to its end, for at most two minutes; `typed` is what it reads from standard input."""
    command = [*_PROGRAM, *arguments]
    return subprocess.run(command, cwd=cwd, env=_ENVIRONMENT, input=typed, capture_output=True, text=True, timeout=120)


def start(*arguments: str, cwd: Path | None = None) -> subprocess.Popen[str]:
    """Let it run."""
    pipe = subprocess.PIPE
    return subprocess.Popen([*_PROGRAM, *arguments], cwd=cwd, env=_ENVIRONMENT, stdout=pipe, stderr=pipe, text=True)


def runs(pid: int) -> bool:
    """Whether the process still runs; one that only waits for somebody to take note of its end does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def wait_until(condition: Callable[[], bool]) -> None:
    """Wait for it, for at most half a minute."""
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline
        threading.Event().wait(0.01)


def traced(*arguments: str, cwd: Path | None = None) -> list[Record]:
    """The records of a run, whose trace goes to standard output."""
    ended = workbench("run", *arguments, "--trace", "-", cwd=cwd)
    assert ended.returncode in (0, 1), ended.stderr
    return [trace.decode(line.encode()) for line in ended.stdout.splitlines()]
