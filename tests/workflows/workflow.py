"""Workflows written to the platform's format, run by the program as a user would have it run them."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from tests.guests.build import wasm
from tests.headless.program import running, workbench

LISTENS = " listens at http://"
PATIENCE_S = 60.0


class Workflow:
    """Resources around one function, the probe, which is called `a` and has an output of each resource's name."""

    def __init__(self, directory: Path) -> None:
        directory.mkdir()
        shutil.copyfile(wasm("probe", "release"), directory / "probe.wasm")
        self.directory = directory
        self.files = directory / ".workbench" / "files"
        self.path = directory / "workflow.json"
        self._resources: list[dict[str, Any]] = []

    def resource(
        self, name: str, class_type: str, outputs: Mapping[str, str] | None = None, /, **settings: str
    ) -> None:
        """Add one."""
        self._resources.append(
            {
                "name": name,
                "class_type": class_type,
                "output_mapping": dict(outputs or {}),
                "configurations": settings,
            }
        )
        names = [resource["name"] for resource in self._resources]
        specification = {
            "id": "probe",
            "function_type": "RUST_WASM",
            "version": "0.1",
            "code": "probe.wasm",
            "outputs": names,
        }
        function = {
            "name": "a",
            "class_specification": specification,
            "output_mapping": {name: name for name in names},
            "annotations": {},
        }
        content = {"functions": [function], "resources": self._resources, "annotations": {}}
        self.path.write_text(json.dumps(content, indent=2))

    def settings(self, toml: str) -> None:
        """What its `workbench.toml` says."""
        (self.directory / "workbench.toml").write_text(toml)

    def run(self, *options: str, script: str | None = None) -> subprocess.CompletedProcess[str]:
        """Run it to its end."""
        if script is None:
            return workbench("run", str(self.path), "--no-build", *options)
        return workbench("run", str(self.path), "--no-build", "--script", "-", *options, typed=script)

    def well(self, *options: str, script: str | None = None) -> str:
        """Run it to a good end; what it printed."""
        ended = self.run(*options, script=script)
        assert ended.returncode == 0, ended.stdout + ended.stderr
        return ended.stdout

    def said(self, *commands: str) -> list[str]:
        """Run it, cast each command to `a`; what the function logged of them."""
        return said(self.well(*(option for command in commands for option in ("--cast", f"a={command}"))))


def said(printed: str) -> list[str]:
    """What the probe logged."""
    return [line.partition("  a  info  probe: ")[2] for line in printed.splitlines() if "  a  info  probe: " in line]


class Served:
    """A run that takes requests at `address`. What it printed so far is `printed`, what it said on standard error
    `said`."""

    def __init__(self, program: subprocess.Popen[str]) -> None:
        self._program = program
        self.printed = self.said = ""
        self._changed = threading.Condition()
        self._threads = [
            threading.Thread(target=self._read, args=(name, stream), daemon=True)
            for name, stream in (("printed", program.stdout), ("said", program.stderr))
        ]
        for thread in self._threads:
            thread.start()
        self.wait_for(LISTENS)
        self.address = self.said.partition(LISTENS)[2].split()[0]

    def wait_for(self, words: str) -> None:
        """Wait until it has printed or said that."""
        with self._changed:
            assert self._changed.wait_for(lambda: words in self.printed + self.said, PATIENCE_S), self.said

    def end(self) -> int:
        """Interrupt it, and wait for its end; the exit status."""
        self._program.send_signal(signal.SIGINT)
        status = self._program.wait(PATIENCE_S)
        for thread in self._threads:
            thread.join()
        return status

    def _read(self, name: str, stream: IO[str]) -> None:
        for line in stream:
            with self._changed:
                setattr(self, name, getattr(self, name) + line)
                self._changed.notify_all()


@contextmanager
def serving_run(target: Path, *options: str) -> Iterator[Served]:
    """A run with an http-ingress, from when it listens to when it is interrupted; it must end well."""
    with running("run", str(target), "--no-build", "--watch", "--port", "0", *options) as program:
        served = Served(program)
        yield served
        assert served.end() == 0, served.printed + served.said
