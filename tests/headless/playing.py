"""Scripts, played by the program as a user would have it play them."""

from __future__ import annotations

import subprocess
from collections.abc import Iterable
from pathlib import Path

from tests.headless.program import workbench
from workbench import assets, trace
from workbench.records import Log, Record

SAMPLES = assets.samples()
WORKFLOW = str(SAMPLES / "workflow.json")
VIRTUAL = ("--clock", "virtual")


class Play:
    """Runs a target with a script that is written to `path`."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __call__(self, target: str, text: str, *options: str) -> subprocess.CompletedProcess[str]:
        self.path.write_text(text)
        target = target if target.startswith("/") else str(SAMPLES / target)
        return workbench("run", target, "--no-build", "--script", str(self.path), *options)

    def well(self, target: str, text: str, *options: str) -> subprocess.CompletedProcess[str]:
        """One that must end well."""
        ended = self(target, text, *options)
        assert ended.returncode == 0, ended.stderr
        return ended

    def trace(self, target: str, text: str, *options: str) -> list[Record]:
        """What stands in its trace."""
        ended = self.well(target, text, *options, "--trace", "-")
        return [trace.decode(line.encode()) for line in ended.stdout.splitlines()]


def logs(records: Iterable[Record]) -> list[str]:
    return [record.message for record in records if isinstance(record, Log)]
