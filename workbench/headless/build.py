"""`workbench build`: each function once, its wasm put where the platform looks for it."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from workbench import places
from workbench.build import guest_crate, toolchain
from workbench.build.events import Failed, Finished
from workbench.build.once import build_once
from workbench.config.settings import settings_for
from workbench.errors import UserError, reason_of
from workbench.headless.said import Progress, said
from workbench.headless.terminal import complain
from workbench.host.engine import Host
from workbench.host.traps import ModuleRefused
from workbench.project.model import Function, Project
from workbench.project.moving import take_along
from workbench.project.targets import read, sound
from workbench.records import Profile


def run(targets: Sequence[Path], profile: Profile, *, put_guest_crate: bool = False) -> int:
    """0 if all could be built, else 1, and a sentence on standard error. Raises `UserError` for wrong targets.

    `put_guest_crate`: first have every function use the guest crate that ships, telling each line that is written.
    """
    project = sound(read(targets, settings_for(targets)))
    if not project.functions:
        raise UserError("no function here to build, only resources", path=project.root)
    if moved := take_along(project):
        complain(moved)
    for problem in project.problems:
        complain(str(problem.error))
    if put_guest_crate:
        for function in project.functions.values():
            _put_guest_crate(function)
    progress = Progress()
    broken = [
        error for function in project.functions.values() if (error := _build(function, project, profile, progress))
    ]
    if broken:
        more = f"; {len(broken) - 1} more could not be built" if len(broken) > 1 else ""
        complain(f"{str(broken[0]).rstrip('.')}{more}")
    return 1 if broken else 0


def _put_guest_crate(function: Function) -> None:
    change = None if function.manifest is None else guest_crate.change_for(function.manifest)
    if change is not None:
        guest_crate.make(change)
        complain(change.words.replace(" will say ", " says ", 1))


def _build(function: Function, project: Project, profile: Profile, progress: Progress) -> UserError | None:
    """Build one and put it in its place; what went wrong, if it did."""
    if not function.buildable:
        return UserError(f"{function.id} has no source to build it from, only its wasm", path=function.wasm)
    ended = build_once(
        function,
        profile,
        toolchain.find,
        places.build_directory(),
        progress=lambda now: progress.show(now.function, now.crate, now.done, now.total),
    )
    progress.clear()
    ok = isinstance(ended, Finished)
    sys.stderr.write(said(function.id, profile, ok, ended.duration_ms, ended.diagnostics, progress.colours))
    sys.stderr.flush()
    if isinstance(ended, Failed):
        return ended.error
    try:
        content = ended.artifact.path.read_bytes()
        if ended.artifact.path != function.wasm:
            _put(content, function.wasm)
    except OSError as error:
        return UserError(f"the wasm cannot be written: {reason_of(error)}", path=function.wasm)
    return _refused(content, function)


def _refused(content: bytes, function: Function) -> UserError | None:
    """Why what was built is no function that could run, if it is none."""
    host = Host()
    try:
        host.load(content, function.wasm.name)
    except ModuleRefused as error:
        return UserError(f"{function.id} is built but cannot run: {error.message}", path=function.wasm)
    finally:
        host.close()
    return None


def _put(content: bytes, path: Path) -> None:
    """Write it all or not at all, readable for whom a new file is."""
    handle, fresh = tempfile.mkstemp(dir=path.parent, prefix=places.SCRATCH)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        mask = os.umask(0)
        os.umask(mask)
        os.chmod(fresh, 0o666 & ~mask)
        os.replace(fresh, path)
    except BaseException:
        os.unlink(fresh)
        raise
