"""The user's editor, opened at a line."""

from __future__ import annotations

import os
import shlex
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from workbench.errors import UserError
from workbench.project.frames import culprit
from workbench.project.model import Project
from workbench.records import Build, Record, Trap


@dataclass(frozen=True)
class Place:
    """A place in a source file; `line` and `column` count from 1."""

    path: Path
    line: int | None = None
    column: int | None = None


_Arguments: TypeAlias = Callable[[str, int, int], list[str]]


def _vi(path: str, line: int, column: int) -> list[str]:
    return [f"+call cursor({line},{column})", path]


def _plus_comma(path: str, line: int, column: int) -> list[str]:
    return [f"+{line},{column}", path]


def _plus_colon(path: str, line: int, column: int) -> list[str]:
    return [f"+{line}:{column}", path]


def _after_path(path: str, line: int, column: int) -> list[str]:
    return [f"{path}:{line}:{column}"]


def _goto(path: str, line: int, column: int) -> list[str]:
    return ["--goto", f"{path}:{line}:{column}"]


def _line_option(path: str, line: int, column: int) -> list[str]:
    return ["--line", str(line), path]


def _plus(path: str, line: int, column: int) -> list[str]:
    return [f"+{line}", path]


_SYNTAX: Mapping[str, _Arguments] = {
    **dict.fromkeys(("vim", "nvim", "gvim"), _vi),
    **dict.fromkeys(("nano", "pico"), _plus_comma),
    **dict.fromkeys(("emacs", "emacsclient", "kak", "micro"), _plus_colon),
    **dict.fromkeys(("hx", "helix", "zed", "subl"), _after_path),
    **dict.fromkeys(("code", "code-insiders", "codium", "cursor"), _goto),
    **dict.fromkeys(("idea", "rustrover", "clion"), _line_option),
}
"""How each editor is told a line. One that is not here gets `+line`, which most understand."""

WINDOWED = frozenset({"code", "code-insiders", "codium", "cursor", "zed", "subl", "gvim", "idea", "rustrover", "clion"})
"""Editors with a window of their own: the workbench goes on beside them."""

_FALLBACKS = ("sensible-editor", "nano", "vim", "vi", "hx", "emacs")


def editor(environment: Mapping[str, str] = os.environ) -> list[str]:
    """The user's editor as a command. Raises `UserError` when there is none."""
    for variable in ("VISUAL", "EDITOR"):
        if command := environment.get(variable, "").strip():
            try:
                return shlex.split(command)
            except ValueError as error:
                raise UserError(f"${variable} cannot be read as a command: {error}") from None
    path = environment.get("PATH")
    found = next((name for name in _FALLBACKS if shutil.which(name, path=path)), None)
    if found is None:
        raise UserError("there is no editor: set $EDITOR to the one you like, for example EDITOR=nano")
    return [found]


def command(editor: list[str], place: Place) -> list[str]:
    """The command that opens `place`."""
    if place.line is None:
        return [*editor, str(place.path)]
    arguments = _SYNTAX.get(Path(editor[0]).name, _plus)
    return [*editor, *arguments(str(place.path), place.line, place.column or 1)]


def windowed(editor: list[str]) -> bool:
    """Whether it opens a window of its own instead of using the terminal."""
    return Path(editor[0]).name in WINDOWED


def place_of(record: Record | None, function: str | None, project: Project) -> Place:
    """The source a record leads to: a trap's innermost own frame, a build's first error, else the function's code.

    Raises `UserError` when there is none.
    """
    if isinstance(record, Trap):
        frame = culprit(record.frames, project)
        if frame is not None and frame.file is not None:
            return Place(Path(frame.file), frame.line, frame.column)
    if isinstance(record, Build):
        for diagnostic in record.diagnostics:
            of = project.functions.get(record.function)
            if of is not None and diagnostic.file is not None and os.path.isfile(of.directory / diagnostic.file):
                return Place(of.directory / diagnostic.file, diagnostic.line, diagnostic.column)
    found = project.functions.get(function or "") or next(iter(project.functions.values()), None)
    if found is None:
        raise UserError("there is no function here whose source could be opened")
    for candidate in (found.directory / "src" / "lib.rs", found.manifest, found.spec):
        if candidate is not None and os.path.isfile(candidate):
            return Place(candidate)
    raise UserError(f'"{found.id}" has no source here, only its .wasm')
