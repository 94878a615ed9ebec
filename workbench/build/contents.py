"""What is in watched files: a digest of each, to tell a change from a touch; and which files nobody means to watch."""

from __future__ import annotations

import hashlib
import os
import re
import stat
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

LARGE = 4 << 20
"""Files of more bytes than this are told apart by size and time, without reading them."""

_TOOLS = frozenset({"target", ".git", ".hg", ".jj", ".svn", ".workbench", ".venv", "__pycache__", "node_modules"})
_TEMPORARY = re.compile(r"4913|.*~|\.#.*|#.*#|\..*\.sw[a-z]|\.goutputstream-.*|.*\.kate-swp|.*___jb_(tmp|old)___")


def ignored(path: Path, root: Path) -> bool:
    """Whether `path`, below `root`, is something tools write for themselves: build output, editors' temporary files."""
    return any(_skipped(name) for name in path.relative_to(root).parts)


def directories(root: Path) -> Iterator[Path]:
    """`root` and the directories below it that are not ignored. Links below it are not followed, so loops are none."""
    for directory, below, _ in os.walk(root):
        below[:] = [name for name in below if not _skipped(name)]
        yield Path(directory)


def can_be_entered(directory: Path) -> bool:
    """Whether it is a directory, and this user may list it."""
    try:
        os.scandir(directory).close()
    except OSError:
        return False
    return True


def files(root: Path) -> Iterator[Path]:
    """The files that count in `root`; `root` itself when it is a file."""
    if os.path.isfile(root):
        yield root
        return
    for directory in directories(root):
        with suppress(OSError):  # it went meanwhile
            yield from (path for path in directory.iterdir() if not _skipped(path.name))


def _skipped(name: str) -> bool:
    return name in _TOOLS or _TEMPORARY.fullmatch(name) is not None


def digest(path: Path) -> bytes | None:
    """Of the content; None when there is no such file, or it cannot be read (pipes and devices are never opened)."""
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            return None
        if status.st_size > LARGE:
            return f"{status.st_size} {status.st_mtime_ns}".encode()
        return hashlib.blake2b(path.read_bytes(), digest_size=16).digest()
    except OSError:
        return None
