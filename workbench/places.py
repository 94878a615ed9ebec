"""Where the workbench writes by itself: build output in the user's cache, all else in a project's `.workbench`.

Cargo, git and the watcher leave both alone: the cache is outside of every project, and a `.workbench` is neither in a
cargo package nor taken for one (`home.py`), tells git to ignore it, and is known to `is_own`.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from platformdirs import user_cache_path, user_data_path

APPLICATION = "edgeless-workbench"
OWN = ".workbench"
"""The directory in a project."""
SCRATCH = ".workbench-"
"""How the names begin of files that stand beside a user's own for a moment, until they are written whole."""
CACHE_VARIABLE = "WORKBENCH_CACHE"

_IGNORED = """\
# Written by the workbench. Saved messages are worth keeping, the rest is for this machine alone.
*
!/messages/
!/messages/*.toml
"""


def cache_directory() -> Path:
    """Where everything is that can be made again: `$WORKBENCH_CACHE`, else in the user's cache directory."""
    said = os.environ.get(CACHE_VARIABLE)
    return Path(os.path.abspath(said)) if said else user_cache_path(APPLICATION)


def build_directory() -> Path:
    """The target directory that all functions share."""
    return cache_directory() / "build" / "target"


def projects_directory() -> Path:
    """Where the `.workbench` of a project is that has no place for it."""
    return user_data_path(APPLICATION) / "projects"


def is_own(path: Path) -> bool:
    """Whether the workbench itself writes there, so that a change means nothing. Looks at the path only."""
    if any(name == OWN or name.startswith(SCRATCH) for name in path.parts):
        return True
    return path.is_relative_to(cache_directory())


def make_directory(directory: Path) -> None:
    """Make it with those above it. A `.workbench` among them tells git to leave it alone. Raises OSError."""
    directory.mkdir(parents=True, exist_ok=True)
    own = next((each for each in (directory, *directory.parents) if each.name == OWN), None)
    if own is not None and not os.path.lexists(own / ".gitignore"):
        with suppress(OSError):  # it is made without one rather than not at all
            (own / ".gitignore").write_text(_IGNORED)
