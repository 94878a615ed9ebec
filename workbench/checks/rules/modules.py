"""The wasm itself: would the platform's node take it, and what is odd in it?"""

from __future__ import annotations

import os
import stat
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import TypeAlias

from workbench.checks.subject import Place, Workflow
from workbench.errors import UserError, reason_of
from workbench.host.engine import Host
from workbench.host.guest import DEFAULT_MEMORY_LIMIT, NOBODY, Guest, Progress
from workbench.host.modules import Module
from workbench.host.traps import ModuleRefused
from workbench.project.codes import CheckCode, Severity
from workbench.project.formats import FunctionJson, WorkflowJson
from workbench.project.model import Problem, Project

START_SLICES = 400
"""Slices a start function may take before it is said to run for ever: 2 s. Rust needs none."""

_Finding: TypeAlias = tuple[Severity, CheckCode, str]


class Modules:
    """Looks into modules: those that no node would run, with all that is wrong, and what is odd in others.

    A tenth of a second each, once as long as its file stays as it is. `memory_bytes` is what an instance may have.
    """

    def __init__(self, memory_bytes: int = DEFAULT_MEMORY_LIMIT) -> None:
        self._memory_bytes = memory_bytes
        self._seen: dict[Path, tuple[object, tuple[_Finding, ...]]] = {}
        self.closed = False
        """Whether what still looks is to end; any thread."""

    def look(self, project: Project, but: Collection[str] = ()) -> Iterator[Problem]:
        """What is found in the modules of `project`, `but` those of the functions with these ids."""
        host: Host | None = None
        places = _places(project)
        try:
            for wasm, name in _modules(project).items():
                if self.closed:
                    return
                if name in but:
                    continue
                stamp, (before, found) = _stamp(wasm), self._seen.get(wasm, (None, ()))
                if stamp is not None and stamp != before:
                    host = host or _resting_host()
                    found = tuple(_found(host, wasm, name, self._memory_bytes))
                    self._seen[wasm] = stamp, found
                for severity, code, message in found if stamp is not None else ():
                    yield Problem(severity, _placed(message, wasm, places), code, "functions")
        finally:
            if host is not None:
                host.close()


def looked_into(
    project: Project, memory_bytes: int = DEFAULT_MEMORY_LIMIT, but: Collection[str] = ()
) -> Iterator[Problem]:
    """What is found in the modules of `project`, once; see `Modules`."""
    return Modules(memory_bytes).look(project, but)


def _resting_host() -> Host:
    host = Host()
    host.rest()  # nothing runs there, but for a moment what runs at the start
    return host


def _stamp(path: Path) -> object | None:
    """What changes when the file does; None when there is none to look at, which others tell."""
    try:
        found = path.stat()
    except (OSError, ValueError):
        return None
    return (found.st_ino, found.st_size, found.st_mtime_ns) if stat.S_ISREG(found.st_mode) else None


def _modules(project: Project) -> dict[Path, str]:
    """The modules of a project, with their function's id: those that run here, and those the platform is given."""
    found = {function.wasm: function.id for function in project.functions.values()}
    for wasm, spec, _ in _given(project):
        found.setdefault(wasm, spec.id)
    return found


def _given(project: Project) -> Iterator[tuple[Path, FunctionJson, Place]]:
    """Where workflows say that code is, also those that are refused."""
    for source in project.sources.values():
        if isinstance(source.content, WorkflowJson):
            for function, place in Workflow(source.content, Place(source), project, {}, {}).functions():
                spec = function.class_specification
                if spec.function_type == "RUST_WASM" and spec.code:
                    here = place.at("class_specification", "code")
                    yield Path(os.path.normpath(source.path.parent / spec.code)), spec, here


def _found(host: Host, wasm: Path, name: str, memory_bytes: int) -> Iterator[_Finding]:
    try:
        module = host.load(wasm.read_bytes(), wasm.name)
    except OSError as error:
        yield "error", "not-wasm", f"{wasm.name} cannot be read: {reason_of(error)}"
    except MemoryError:
        yield "error", "not-wasm", f"{wasm.name} cannot be read: this machine has not as much memory as it is large"
    except ModuleRefused as error:
        yield "error", "not-wasm", error.message
    else:
        against = _started(host, module, memory_bytes)
        if against is not None:
            yield "error", "cannot-start", against
        if module.forgets:
            yield "hint", "state-never-read", f"{name} syncs state, and its handle_init looks at none"


def _started(host: Host, module: Module, memory_bytes: int) -> str | None:
    """Why no instance of it can start, if so. Runs its start function, and no handler."""
    try:
        guest = Guest(host, module, NOBODY, lambda _: True, memory_bytes)
    except UserError as error:
        return error.message
    host.wake()  # a start function may run for ever
    try:
        return _start_fault(guest, module) if module.start is not None else None
    finally:
        host.rest()
        guest.kill()


def _start_fault(guest: Guest, module: Module) -> str | None:
    guest.start_up()
    for _ in range(START_SLICES):
        if guest.run() is not Progress.RUNNING:
            break
    else:
        return f"{module.name} cannot be started: its start function runs for ever"
    return f"{module.name} cannot be started: {guest.trap.message}" if guest.trap is not None else None


def _places(project: Project) -> dict[Path, Place]:
    """The workflow's line that names each module, where one does."""
    found: dict[Path, Place] = {}
    for wasm, _, place in _given(project):
        found.setdefault(wasm, place)
    return found


def _placed(message: str, wasm: Path, places: Mapping[Path, Place]) -> UserError:
    """At the workflow's line that names it, else at the file itself."""
    place = places.get(Path(os.path.normpath(wasm)))
    return place.source.mistake(message, place.key) if place is not None else UserError(message, path=wasm)
