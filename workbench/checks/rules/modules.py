"""The wasm itself: would the platform's node take it?"""

from __future__ import annotations

from collections.abc import Iterator

from workbench.config.shape import Key
from workbench.errors import UserError
from workbench.host.engine import Host
from workbench.host.traps import ModuleRefused
from workbench.project.formats import WorkflowJson
from workbench.project.model import Function, Problem, Project


def refused(project: Project) -> Iterator[Problem]:
    """Modules that no node would run, each with all that is wrong with it. Compiles them: a tenth of a second each."""
    host = Host()
    try:
        for function in project.functions.values():
            message = _refusal(host, function)
            if message is not None:
                yield Problem("error", _placed(message, function, project), "not-wasm")
    finally:
        host.close()


def _refusal(host: Host, function: Function) -> str | None:
    if not function.wasm.is_file():
        return None  # there is nothing to look at, which others tell
    try:
        content = function.wasm.read_bytes()
    except OSError as error:
        return f"{function.wasm.name} cannot be read: {error.strerror}"
    try:
        host.load(content, function.wasm.name)
    except ModuleRefused as error:
        return error.message
    return None


def _placed(message: str, function: Function, project: Project) -> UserError:
    """At the workflow's line that names it, else at the file itself."""
    for path, source in project.sources.items():
        if isinstance(source.content, WorkflowJson):
            for index, part in enumerate(source.content.functions):
                spec = part.class_specification
                key: Key = ("functions", index, "class_specification", "code")
                if spec.code and (path.parent / spec.code).resolve() == function.wasm.resolve():
                    return source.mistake(message, key)
    return UserError(message, path=function.wasm)
