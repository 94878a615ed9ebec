"""The wasm itself: would the platform's node take it, and what is odd in it?"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import TypeAlias

from workbench.config.shape import Key
from workbench.errors import UserError
from workbench.host.engine import Host
from workbench.host.traps import ModuleRefused
from workbench.project.codes import CheckCode, Severity
from workbench.project.formats import WorkflowJson
from workbench.project.model import Function, Problem, Project

_Finding: TypeAlias = tuple[Severity, CheckCode, str]


class Modules:
    """Looks into modules: those that no node would run, with all that is wrong, and what is odd in others.

    A tenth of a second each, once as long as its file stays as it is.
    """

    def __init__(self) -> None:
        self._seen: dict[Path, tuple[object, tuple[_Finding, ...]]] = {}
        self.closed = False
        """Whether what still looks is to end; any thread."""

    def look(self, project: Project) -> Iterator[Problem]:
        """What is found in the modules of `project`."""
        host: Host | None = None
        try:
            for function in project.functions.values():
                if self.closed:
                    return
                stamp, (before, found) = _stamp(function.wasm), self._seen.get(function.wasm, (None, ()))
                if stamp is not None and stamp != before:
                    host = host or _resting_host()
                    found = tuple(_found(host, function))
                    self._seen[function.wasm] = stamp, found
                for severity, code, message in found if stamp is not None else ():
                    yield Problem(severity, _placed(message, function, project), code)
        finally:
            if host is not None:
                host.close()


def looked_into(project: Project) -> Iterator[Problem]:
    """What is found in the modules of `project`, once."""
    return Modules().look(project)


def _resting_host() -> Host:
    host = Host()
    host.rest()  # nothing runs there
    return host


def _stamp(path: Path) -> object | None:
    """What changes when the file does; None when there is none to look at, which others tell."""
    try:
        found = path.stat()
    except (OSError, ValueError):
        return None
    return (found.st_ino, found.st_size, found.st_mtime_ns) if stat.S_ISREG(found.st_mode) else None


def _found(host: Host, function: Function) -> Iterator[_Finding]:
    try:
        module = host.load(function.wasm.read_bytes(), function.wasm.name)
    except OSError as error:
        yield "error", "not-wasm", f"{function.wasm.name} cannot be read: {error.strerror}"
    except ModuleRefused as error:
        yield "error", "not-wasm", error.message
    else:
        if module.forgets:
            yield "hint", "state-never-read", f"{function.id} syncs state, and its handle_init looks at none"


def _placed(message: str, function: Function, project: Project) -> UserError:
    """At the workflow's line that names it, else at the file itself."""
    for path, source in project.sources.items():
        if isinstance(source.content, WorkflowJson):
            for index, part in enumerate(source.content.functions):
                spec = part.class_specification
                key: Key = ("functions", index, "class_specification", "code")
                if spec.code and os.path.normpath(path.parent / spec.code) == os.path.normpath(function.wasm):
                    return source.mistake(message, key)
    return UserError(message, path=function.wasm)
