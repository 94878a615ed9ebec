"""Targets: from what stands on the command line to a `Project`, and from a project to what the files say now."""

from __future__ import annotations

import os
import shlex
import stat
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Literal, TypeAlias

from workbench.config import Settings
from workbench.config.shape import nearest, suggestion
from workbench.errors import UserError, reason_of
from workbench.home import home_of
from workbench.project.draft import Draft
from workbench.project.files import Content, Files
from workbench.project.functions import (
    SPEC,
    function_directories,
    is_function_directory,
    open_directory,
    open_wasm,
)
from workbench.project.model import Project
from workbench.project.workflow import open_workflow

Kind: TypeAlias = Literal["function", "directory", "workflow", "wasm"]

DEEPEST = 3
"""How many levels below a directory are looked at for something to open."""
MOST_LOOKED_AT = 1000
"""And how many directories at most."""
MOST_NAMED = 5
"""How many are named."""

ALLOWED = "a target is a function directory (with function.json), a directory of them, a workflow*.json or a .wasm file"


def read(targets: Sequence[Path], settings: Settings) -> Project:
    """The project that `targets` name; none means the current directory.

    Broken files, and directories without a function, become problems of the project (see `sound`). Raises `UserError`
    when a target itself is wrong.
    """
    paths = tuple(Path(os.path.abspath(target)) for target in targets)
    for path in paths:
        if not os.path.isdir(path):  # of a directory, nothing is wrong that could not get better
            kind_of(path)
    return _read(paths or (Path.cwd(),), settings, {}, None)


def refresh(previous: Project, settings: Settings) -> Project:
    """`previous` as its files are now. What is broken or gone keeps its last meaning and adds a problem."""
    return _read(previous.targets, settings, previous.files, previous.home)


def sound(project: Project) -> Project:
    """`project` itself. Raises the first of its errors, or that there is nothing to run."""
    for problem in project.problems:
        if problem.severity == "error":
            raise problem.error
    if project.empty:
        for problem in project.problems:
            if problem.code == "several-workflows":
                raise problem.error
        raise UserError(f"no function here; {ALLOWED}", path=project.root)
    return project


def kind_of(path: Path) -> Kind:
    """What kind of target `path` is. Raises `UserError` when it is none."""
    if os.path.isdir(path):
        if is_function_directory(path):
            return "function"
        if workflows_in(path) or any(True for _ in function_directories(path)):
            return "directory"
        raise UserError(f"no function is in this directory; {_below(path) or ALLOWED}", path=path)
    try:
        mode = path.stat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        what = "this is a link to nothing" if os.path.lexists(path) else "there is no such file or directory"
        raise UserError(f"{what}; {ALLOWED}", path=path) from None
    except (OSError, ValueError) as error:
        reason = reason_of(error)
        raise UserError(f"it cannot be read: {reason}; {ALLOWED}", path=path) from None
    if not stat.S_ISREG(mode):
        raise UserError(f"this is no regular file; {ALLOWED}", path=path)
    if path.suffix == ".wasm":
        return "wasm"
    if is_workflow_name(path.name):
        return "workflow"
    raise UserError(f"this is something else; {ALLOWED}", path=path)


def _below(directory: Path) -> str:
    """What could be opened further down; empty where nothing could."""
    found = list(islice(_openable(directory), MOST_NAMED + 1))
    if not found:
        return ""
    names = [os.path.relpath(path, directory) for path in found[:MOST_NAMED]]
    more = " and more" if len(found) > MOST_NAMED else ""
    return f"open one of those below: {', '.join(names)}{more}; as in workbench {shlex.quote(str(found[0]))}"


def _openable(directory: Path) -> Iterator[Path]:
    """The directories below that are targets, those further up first; a few levels deep, and not for long."""
    waiting, looked_at = deque([(directory, 0)]), 0
    while waiting and looked_at < MOST_LOOKED_AT:
        current, depth = waiting.popleft()
        looked_at += 1
        try:
            folders = sorted(entry for entry in current.iterdir() if entry.is_dir() and not entry.is_symlink())
            if depth and (
                workflows_in(current) or is_function_directory(current) or any(function_directories(current))
            ):
                yield current
                continue
        except (OSError, UserError):
            continue
        if depth < DEEPEST:
            waiting += [
                (each, depth + 1) for each in folders if not each.name.startswith(".") and each.name != "target"
            ]


def is_workflow_name(name: str) -> bool:
    """Whether a file of this name is taken for a workflow."""
    return name.startswith("workflow") and name.endswith(".json")


def workflows_in(directory: Path) -> list[Path]:
    """The workflow files in a directory, by name. Raises `UserError` when it cannot be read."""
    try:
        names = sorted(os.listdir(directory))
    except OSError as error:
        raise UserError(f"the directory cannot be read: {reason_of(error)}", path=directory) from None
    return [directory / name for name in names if is_workflow_name(name) and os.path.isfile(directory / name)]


def _read(targets: tuple[Path, ...], settings: Settings, last: Mapping[Path, Content], home: Path | None) -> Project:
    files = Files(last)
    draft = Draft(settings, files)
    if settings.path is not None:
        draft.watch[settings.path] = None
    for target in targets:
        _open(draft, target, last)
    draft.link_to_stand_ins()
    _warn_of_unknown(draft, targets)
    for function in draft.functions.values():
        draft.watch.update(dict.fromkeys(function.watch))
    root = targets[0].parent if os.path.isfile(targets[0]) or targets[0] in last else targets[0]
    return Project(
        root=root,
        targets=targets,
        functions=draft.functions,
        instances=tuple(draft.instances),
        stand_ins=tuple(draft.stand_ins),
        workflows=tuple(draft.workflows),
        problems=tuple(files.problems),
        watch=tuple(draft.watch),
        files=files.contents,
        resources=settings.resources,
        sources=files.sources,
        home=home or home_of(root),
    )


def _open(draft: Draft, target: Path, last: Mapping[Path, Content]) -> None:
    try:
        kind = kind_of(target)
    except UserError as error:
        kind = _kind_once(target, last)
        if kind in ("directory", "wasm"):  # of the others, reading the file will say it
            draft.files.report("error", "bad-target", error)
    if kind == "function":
        open_directory(draft, target)
    elif kind == "wasm":
        open_wasm(draft, target)
    elif kind == "workflow":
        open_workflow(draft, target)
    else:
        _open_all(draft, target, last)


def _warn_of_unknown(draft: Draft, targets: tuple[Path, ...]) -> None:
    """Report settings about functions that are neither opened nor beside those that are, and about resources whose
    names look like those of others: another workflow may have them else."""
    path = draft.settings.path
    if path is None:
        return
    near = {path.parent, *(target.parent for target in targets)}
    for name, own in draft.settings.functions.items():
        if name in draft.functions or any(is_function_directory(directory / name) for directory in near):
            continue
        message = f'"function.{name}" speaks of a function that is not here; {suggestion(name, draft.functions)}'
        line, column = own.place or (None, None)
        error = UserError(message, path=path, line=line, column=column)
        draft.files.report("warning", "unknown-function-setting", error)
    resources = {stand_in.name for stand_in in draft.stand_ins}
    for name, resource in draft.settings.resources.own.items():
        meant = None if name in resources else nearest(name, resources)
        if meant is not None:
            message = f'"resource.{name}" speaks of a resource that is not here; did you mean "{meant}"?'
            line, column = resource.place or (None, None)
            error = UserError(message, path=path, line=line, column=column)
            draft.files.report("warning", "unknown-resource-setting", error)


def _kind_once(target: Path, last: Mapping[Path, Content]) -> Kind:
    """What kind a target that is wrong now was when it was in order."""
    if target / SPEC in last:
        return "function"
    if target in last:
        return "workflow"
    return "wasm" if target.suffix == ".wasm" else "directory"


def _open_all(draft: Draft, directory: Path, last: Mapping[Path, Content]) -> None:
    """Open a directory of functions: linked by its workflow when it has exactly one, the others by themselves."""
    draft.watch[directory] = None
    workflows, functions = _entries(directory, last)
    if len(workflows) == 1:
        open_workflow(draft, workflows[0])
    elif workflows:
        names = ", ".join(path.name for path in workflows)
        message = (
            f"there are {len(workflows)} workflows here ({names}): name one to open its functions linked, "
            f"as in workbench run {shlex.quote(str(workflows[0]))}"
        )
        draft.files.report("warning", "several-workflows", UserError(message, path=directory))
    for function in functions:
        if not draft.has_function(function / SPEC):
            open_directory(draft, function)


def _entries(directory: Path, last: Mapping[Path, Content]) -> tuple[list[Path], list[Path]]:
    """Workflows and function directories in a directory; those it had when it cannot be read."""
    try:
        return workflows_in(directory), list(function_directories(directory))
    except UserError:
        workflows = [path for path in last if path.parent == directory]
        return workflows, [path.parent for path in last if path.parent.parent == directory and path.name == SPEC]
