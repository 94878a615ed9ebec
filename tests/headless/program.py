"""The program itself, run as a user runs it."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from workbench import trace
from workbench.records import Record

ROOT = Path(__file__).parents[2]
PROGRAM = "from workbench.cli import main; main()"
PATIENCE_S = 120


def workbench(*arguments: str, cwd: Path | None = None, typed: str = "") -> subprocess.CompletedProcess[str]:
    """Run it to its end, for at most two minutes; `typed` is what it reads from standard input."""
    return python(PROGRAM, *arguments, cwd=cwd, typed=typed)


def python(code: str, *arguments: str, cwd: Path | None = None, typed: str = "") -> subprocess.CompletedProcess[str]:
    """The same of `code` that makes the program from what is in `workbench`."""
    command, environment = _started_as(code, arguments)
    return subprocess.run(
        command, cwd=cwd, env=environment, input=typed, capture_output=True, text=True, timeout=PATIENCE_S
    )


@contextmanager
def running(*arguments: str, cwd: Path | None = None) -> Iterator[subprocess.Popen[str]]:
    """Let it run, for two minutes and for as long as the block lasts at most."""
    command, environment = _started_as(PROGRAM, arguments)
    pipe, nothing = subprocess.PIPE, subprocess.DEVNULL
    with subprocess.Popen(
        command, cwd=cwd, env=environment, stdin=nothing, stdout=pipe, stderr=pipe, text=True
    ) as program:
        patience = threading.Timer(PATIENCE_S, program.kill)
        patience.start()
        try:
            yield program
        finally:
            patience.cancel()
            program.kill()


def _started_as(code: str, arguments: tuple[str, ...]) -> tuple[list[str], dict[str, str]]:
    return [sys.executable, "-c", code, *arguments], {**os.environ, "PYTHONPATH": str(ROOT)}


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
