"""One cargo run as data: its command and environment, its progress, its diagnostics, the file it made."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workbench.build import rustflags
from workbench.build.cargo_config import has_linker, is_wrapped
from workbench.build.diagnostics import from_message, from_text
from workbench.build.events import WAITING
from workbench.build.leash import Leash
from workbench.build.toolchain import LINKER, TARGET, Toolchain
from workbench.project.model import Function
from workbench.records import Diagnostic, Profile

_KEPT_TEXT = 200
_LONGEST_LINE = 8 << 20
_BAR = re.compile(r"\s*Building \[[=> ]*\] (\d+)/(\d+)(?:: (.*))?")
_BUSY = re.compile(r"\s*(Blocking|Updating|Locking|Downloading|Downloaded)\b.*")
_BEAT_S = 0.5
_PLAIN = re.compile(r"\s*(Adding|Compiling|Dirty|Fresh|Finished)\b.*")
_SUMMARY = re.compile(r"warning: .* generated \d+ warnings?|warning: build failed, waiting")
_MESSAGE = re.compile(r"(error|warning|note|help)\b.*:| +[A-Z][a-z]+ ")
"""The first line of another message of cargo's, or one of what it is doing: a verb at the end of 12 columns."""
_DEV = {
    # Line tables are enough for a trap to name its line, and a third of the size. The user's environment counts more.
    "CARGO_PROFILE_DEV_DEBUG": "line-tables-only",
    "CARGO_PROFILE_DEV_STRIP": "none",
}
_TERMINAL = {
    # The progress bar is the only place where cargo says how many crates there are to build.
    "CARGO_TERM_PROGRESS_WHEN": "always",
    "CARGO_TERM_PROGRESS_WIDTH": "120",
    "CARGO_TERM_PROGRESS_TERM_INTEGRATION": "false",
    "CARGO_TERM_COLOR": "never",
    "CARGO_TERM_QUIET": "false",
    "CARGO_TERM_VERBOSE": "false",
}


@dataclass(frozen=True)
class CargoRun:
    """How a run ended. `wasm` is the file made, None when the crate makes none; `success` is cargo's own word.

    `fresh`: it was made before, and there was nothing to do.
    """

    success: bool
    wasm: Path | None
    diagnostics: tuple[Diagnostic, ...]
    fresh: bool = False


def build(
    function: Function,
    manifest: Path,
    profile: Profile,
    toolchain: Toolchain,
    target_dir: Path,
    leash: Leash,
    progress: Callable[[str, int, int], None],
) -> CargoRun:
    """Run `cargo build` for the function on the leash. Raises OSError when it cannot be started.

    It runs in the function's directory, so that the `.cargo/config.toml` a user's own cargo would read is read.
    """
    reading = _Reading(function, manifest, progress)
    environment = {**(_defaults(function.directory) if profile == "dev" else {}), **os.environ, **_TERMINAL}
    environment |= toolchain.environment
    if LINKER not in os.environ and has_linker(function.directory, TARGET):
        del environment[LINKER]
    environment["CARGO_BUILD_DEP_INFO_BASEDIR"] = str(target_dir)  # see depinfo.py
    flags = rustflags.shut_off(function.directory, environment)
    if profile == "release":
        fetch = [str(toolchain.cargo), "fetch", "--target", TARGET, "--manifest-path", str(manifest)]
        _play(reading, leash, fetch, function.directory, environment)
        if leash.exit_status != 0:
            return reading.run(leash.exit_status)
        flags += rustflags.without_this_machine(manifest)
    arguments, variables = rustflags.added(flags, environment)
    command = [str(toolchain.cargo), "build", "--lib", "--target", TARGET, "--manifest-path", str(manifest)]
    command += ["--target-dir", str(target_dir), "--message-format=json-diagnostic-rendered-ansi", *arguments]
    command += ["--release"] if profile == "release" else []
    _play(reading, leash, command, function.directory, environment | variables)
    return reading.run(leash.exit_status)


def _defaults(directory: Path) -> dict[str, str]:
    """What holds for a dev build where the user's environment says nothing of it."""
    return {**_DEV, **({"CARGO_INCREMENTAL": "0"} if is_wrapped(directory) else {})}


def _play(reading: _Reading, leash: Leash, command: list[str], directory: Path, environment: dict[str, str]) -> None:
    messages, remarks = _Lines(b"\n"), _Lines(b"\r\n")
    for stream, chunk in leash.run(command, directory, environment, _BEAT_S):
        if not chunk:
            reading.beat()
        elif stream == "stdout":
            for line in messages.feed(chunk):
                reading.message(line)
        else:
            for line in remarks.feed(chunk):
                reading.remark(line)
    for line in remarks.feed(b"\n"):
        reading.remark(line)


class _Reading:
    """What is known of a run so far."""

    def __init__(self, function: Function, manifest: Path, progress: Callable[[str, int, int], None]) -> None:
        self._function = function
        self._manifest = manifest
        self._progress = progress
        self._done = self._total = 0
        self._waits = ""
        self._diagnostics: list[Diagnostic] = []
        self._text: list[str] = []
        self._wasm: Path | None = None
        self._fresh = False

    def message(self, line: str) -> None:
        """A line of standard output: one JSON message (the Cargo book, "External tools")."""
        try:
            message = json.loads(line)
        except (ValueError, RecursionError):
            return  # printed by a macro while compiling
        if not isinstance(message, dict):
            return
        if message.get("reason") == "compiler-message":
            manifest = Path(message["manifest_path"])
            diagnostic = from_message(message["message"], manifest, self._function.directory)
            if diagnostic is not None and diagnostic not in self._diagnostics:
                self._diagnostics.append(diagnostic)
        elif message.get("reason") == "compiler-artifact":
            wasm = self._artifact(message)
            if wasm is not None:
                self._wasm, self._fresh = wasm, message.get("fresh") is True

    def beat(self) -> None:
        """Nothing was said for a while: report again that it waits, if it does, for cargo says so only once."""
        if self._waits:
            self._progress(self._waits, self._done, self._total)

    def remark(self, line: str) -> None:
        """A line of standard error: the progress bar, what cargo is doing, or what went wrong."""
        blocked = line.lstrip().startswith("Blocking")
        self._waits = f"{WAITING}: {line.strip()}" if blocked else ""
        if bar := _BAR.fullmatch(line.rstrip()):
            self._done, self._total = int(bar[1]), int(bar[2])
            self._progress(bar[3] or "", self._done, self._total)
        elif _BUSY.match(line):
            self._progress(self._waits or line.strip(), self._done, self._total)
        elif not _PLAIN.match(line) and len(self._text) < _KEPT_TEXT:
            self._text.append(line)

    def run(self, exit_status: int | None) -> CargoRun:
        success = exit_status == 0
        self._diagnostics += dict.fromkeys(_warnings(self._text))
        if not success and not any(diagnostic.level == "error" for diagnostic in self._diagnostics):
            text = "\n".join(self._text).strip() or f"cargo ended with status {exit_status}"
            self._diagnostics.append(from_text(text, self._function.directory))
        return CargoRun(success, self._wasm, tuple(self._diagnostics), self._fresh)

    def _artifact(self, message: dict[str, Any]) -> Path | None:
        if os.path.realpath(message["manifest_path"]) != os.path.realpath(self._manifest):
            return None
        return next((Path(name) for name in message["filenames"] if name.endswith(".wasm")), None)


def _warnings(text: Iterable[str]) -> Iterator[Diagnostic]:
    """What cargo itself warns of in its lines: each warning with those behind it that go on with it."""
    found: list[list[str]] = []
    goes_on = False
    for line in text:
        if line.startswith("warning: "):
            goes_on = not _SUMMARY.match(line)
            if goes_on:
                found.append([line])
        elif _MESSAGE.match(line):
            goes_on = False
        elif goes_on:
            found[-1].append(line)
    for lines in found:
        yield Diagnostic("warning", " ".join(lines).removeprefix("warning: "), rendered="\n".join(lines))


class _Lines:
    """Cuts what arrives in pieces into lines; a line without end is cut off."""

    def __init__(self, ends: bytes) -> None:
        self._ends = re.compile(b"[" + ends + b"]+")
        self._rest = b""

    def feed(self, chunk: bytes) -> Iterator[str]:
        *lines, self._rest = self._ends.split(self._rest + chunk)
        if len(self._rest) > _LONGEST_LINE:
            lines, self._rest = [*lines, self._rest], b""
        return (line.decode("utf-8", "replace") for line in lines if line)
