"""The screen under a flood: how long from a key press to its repaint, and whether memory stays flat."""

from __future__ import annotations

import os
import re
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.benchmarks.figure import Figure, percentile
from tests.terminal.terminal import Terminal

ROOT = Path(__file__).parents[2]

THOUSANDS = 20
"""Events a second."""
AT_FULL_SPEED = 1000
PRESSES = 120
BACKSPACE = "\x7f"
BETWEEN_S = 0.2
PATIENCE_S = 5
GOAL_MS = 50

SETTLED, FAR = 1_000_000, 5_000_000
"""Events after which the journal has long been full, and those up to which memory is watched."""
GOAL_GROWTH = 0.05


def measure() -> list[Figure]:
    return [_key_presses(), _memory()]


def _key_presses() -> Figure:
    with _flooded(0) as (terminal, _):
        quiet = _repaints(terminal)
    with _flooded(THOUSANDS) as (terminal, progress):
        began, before = time.perf_counter(), int(progress.read_text())
        flooded = _repaints(terminal)
        rate = (int(progress.read_text()) - before) / (time.perf_counter() - began)
    worst = percentile(flooded, 0.95)
    name = f"key to repaint at {rate:,.0f} events/s, 95th percentile"
    goal = f"at most {GOAL_MS} ms"
    usual = percentile(quiet, 0.95)
    return Figure(name, "ms", worst, usual, "the same without events", f"{worst:.0f} ms", goal, worst <= GOAL_MS)


def _memory() -> Figure:
    with _flooded(AT_FULL_SPEED) as (terminal, progress):
        sizes = []
        for events in (SETTLED, FAR):
            while int(progress.read_text()) < events:
                terminal.read(0.1)
            sizes.append(_resident_mib(terminal.pid))
    settled, far = sizes
    growth = far / settled - 1
    name = f"resident memory after {FAR:,} events"
    against = f"after {SETTLED:,}"
    goal = f"at most {GOAL_GROWTH:+.0%}"
    return Figure(name, "MiB", far, settled, against, f"{growth:+.1%}", goal, growth <= GOAL_GROWTH)


@contextmanager
def _flooded(thousands: int) -> Iterator[tuple[Terminal, Path]]:
    """The program in a terminal, its composer open, under a flood; and the file that tells how many were handled."""
    with tempfile.TemporaryDirectory() as directory:
        progress = Path(directory) / "progress"
        command = [sys.executable, "-m", "tests.benchmarks.flooded", str(thousands), str(progress)]
        terminal = Terminal(command, Path(directory), {**os.environ, "PYTHONPATH": str(ROOT)}, 160, 45)
        try:
            terminal.wait_for(lambda screen: "pong" in screen and progress.exists(), "pong")
            terminal.type("s")
            terminal.wait_for_text("send it")
            yield terminal, progress
        finally:
            terminal.close()


def _repaints(terminal: Terminal) -> list[float]:
    """Milliseconds from a key press to its character on the screen: one that is nowhere else, each time another."""
    times = []
    for number in range(PRESSES):
        key = chr(0x4E00 + number)
        terminal.output.clear()
        pressed = time.perf_counter()
        terminal.type(key)
        while key.encode() not in terminal.output:
            assert time.perf_counter() - pressed < PATIENCE_S, "the program does not answer"
            terminal.read(PATIENCE_S)
        times.append((time.perf_counter() - pressed) * 1000)
        terminal.type(BACKSPACE)
        _read_for(terminal, BETWEEN_S)
    return times


def _read_for(terminal: Terminal, seconds: float) -> None:
    until = time.perf_counter() + seconds
    while (left := until - time.perf_counter()) > 0:
        terminal.read(left)


def _resident_mib(pid: int) -> float:
    found = re.search(r"VmRSS:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    assert found is not None
    return int(found[1]) / 1024
