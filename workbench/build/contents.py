"""What is in watched files: a digest of each, to tell a change from a touch; and which files nobody means to watch."""

from __future__ import annotations

import hashlib
import os
import re
import stat
import time
from dataclasses import dataclass
from pathlib import Path

from workbench.places import OWN, SCRATCH

LARGE = 4 << 20
"""Files of more bytes than this are told apart by size and time, without reading them."""

TAG = "CACHEDIR.TAG"
"""The file that says of its directory that it holds what can be made again (bford.info/cachedir)."""

_TOOLS = frozenset({".git", ".hg", ".jj", ".svn", OWN, ".venv", "__pycache__", "node_modules"})
_TEMPORARY = re.compile(r"4913|.*~|\.#.*|#.*#|\..*\.sw[a-z]|\.goutputstream-.*|.*\.kate-swp|.*___jb_(tmp|old)___")
_TICK_S = 0.05  # a file written twice within the clock's tick has one time; so long after it, no second write hides


def ignored(path: Path) -> bool:
    """Whether tools write this file or directory for themselves: build output, editors' temporary files.

    Build output is what says so by a CACHEDIR.TAG, as cargo's does, and `target` beside a Cargo.toml.
    """
    name = path.name
    if name in _TOOLS or name.startswith(SCRATCH) or _TEMPORARY.fullmatch(name) is not None:
        return True
    if os.path.lexists(path / TAG):
        return True
    return name == "target" and os.path.lexists(path.parent / "Cargo.toml")


@dataclass(frozen=True)
class Content:
    """What a file holds. `state` is what the system tells of it (place, size, times), None when that may hide more."""

    digest: bytes
    state: tuple[int, ...] | None


def look(path: Path, known: Content | None = None) -> Content | None:
    """Read the file, unless `known` says what is in a file of that state; None when it is not there or not readable.

    Pipes and devices are never opened.
    """
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            return None
        state = (status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns)
        if known is not None and known.state == state:
            return known
        settled = state if abs(time.time() - status.st_ctime) > _TICK_S else None
        if status.st_size > LARGE:
            return Content(f"{status.st_size} {status.st_mtime_ns}".encode(), settled)
        with path.open("rb") as file:
            return Content(hashlib.blake2b(file.read(LARGE + 1), digest_size=16).digest(), settled)
    except (OSError, ValueError):
        return None
