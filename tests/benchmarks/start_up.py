"""Start-up: from the command to the first paint on the samples, against importing Textual alone."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.benchmarks.figure import Figure, median
from tests.terminal.terminal import Terminal
from workbench import assets

TIMES = 7


def measure() -> list[Figure]:
    ours = [_first_paint() for _ in range(TIMES)]
    alone = [_import_textual() for _ in range(TIMES)]
    extra = median(ours) - median(alone)
    return [
        Figure(
            "start-up to first paint",
            "ms",
            median(ours),
            median(alone),
            "importing Textual alone",
            f"+{extra:.0f} ms",
            "to be seen",
            True,
        )
    ]


def _first_paint() -> float:
    program = [sys.executable, "-c", "from workbench.cli import main; main()", str(assets.samples())]
    with tempfile.TemporaryDirectory() as empty:
        began = time.perf_counter()
        terminal = Terminal(program, Path(empty), os.environ)
        try:
            terminal.wait_for_text("counter")
            return (time.perf_counter() - began) * 1000
        finally:
            terminal.close()


def _import_textual() -> float:
    began = time.perf_counter()
    subprocess.run([sys.executable, "-c", "import textual.app, textual.widgets"], check=True)
    return (time.perf_counter() - began) * 1000
