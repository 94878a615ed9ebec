"""The wasm itself: would the platform's node take it, and what is odd in it?"""

from __future__ import annotations

import os
from collections.abc import Iterator

from workbench.checks.rules import state
from workbench.config.shape import Key
from workbench.errors import UserError
from workbench.host.engine import Host
from workbench.host.traps import ModuleRefused
from workbench.project.codes import CheckCode, Severity
from workbench.project.formats import WorkflowJson
from workbench.project.model import Function, Problem, Project


def looked_into(project: Project) -> Iterator[Problem]:
    """Modules that no node would run, with all that is wrong, and what is odd in others. A tenth of a second each."""
    host = Host()
    try:
        for function in project.functions.values():
            for severity, code, message in _found(host, function):
                yield Problem(severity, _placed(message, function, project), code)
    finally:
        host.close()


def _found(host: Host, function: Function) -> Iterator[tuple[Severity, CheckCode, str]]:
    if not os.path.isfile(function.wasm):
        return  # there is nothing to look at, which others tell
    try:
        content = function.wasm.read_bytes()
        host.load(content, function.wasm.name)
    except OSError as error:
        yield "error", "not-wasm", f"{function.wasm.name} cannot be read: {error.strerror}"
    except ModuleRefused as error:
        yield "error", "not-wasm", error.message
    else:
        if state.never_read(content):
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
