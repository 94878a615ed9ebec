"""What an earlier workbench wrote into a project, taken to where it belongs now."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from workbench import places
from workbench.errors import UserError, reason_of
from workbench.project.functions import is_function_directory
from workbench.project.messages import DIRECTORY
from workbench.project.model import Project

_BUILD_OUTPUT = ("target", "artifacts")


def take_along(project: Project) -> str | None:
    """Move the `.workbench` of the opened directory to the project's own; a sentence where there was something to move.

    Build output is removed, as it is in the cache now. A function's saved messages stay where they are read.
    Raises `UserError` when something cannot be moved; what was moved by then stays moved.
    """
    old, new = project.root / places.OWN, project.own_directory
    if os.path.islink(old) or not os.path.isdir(old):
        return None
    try:
        for name in _BUILD_OUTPUT:
            shutil.rmtree(old / name, ignore_errors=True)
        if old == new:
            return None
        staying = {DIRECTORY.name} if is_function_directory(project.root) else set()
        moved = [name for name in sorted(os.listdir(old)) if name not in staying and _merge(old / name, new / name)]
        if os.listdir(old) == [".gitignore"]:
            (old / ".gitignore").unlink()
        if not os.listdir(old):
            old.rmdir()
    except OSError as error:
        raise UserError(f"this cannot be moved to {new}: {reason_of(error)}", path=old) from error
    if not moved:
        return None
    left = f"; what is there already stays in {old}" if os.path.isdir(old) and set(os.listdir(old)) - staying else ""
    return f"moved {', '.join(moved)} from {old} to {new}, where cargo leaves it alone{left}"


def _merge(old: Path, new: Path) -> bool:
    """Move it, or what in it is not there yet; whether anything was moved."""
    if not os.path.lexists(new):
        places.make_directory(new.parent)
        shutil.move(old, new)
        return old.name != ".gitignore"
    if os.path.islink(old) or not (os.path.isdir(old) and os.path.isdir(new)):
        return False
    moved = [_merge(old / name, new / name) for name in os.listdir(old)]
    if not os.listdir(old):
        old.rmdir()
    return any(moved)
