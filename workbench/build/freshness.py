"""Changes that cargo would overlook: it judges by time, and a file moved into place may be older than a build."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Seen:
    """Which files the sources of a build were, by their names; it began at `began` (ns since the epoch)."""

    files: Mapping[Path, _File]
    began: int


@dataclass(frozen=True)
class _File:
    """A file as the system tells one from another; links are followed. `written` in ns."""

    written: int
    device: int
    number: int
    size: int


def look(sources: Iterable[Path], began: int) -> Seen:
    """What to remember of a build's sources."""
    return Seen({path: file for path in sources if (file := _file(path)) is not None}, began)


def overlooked(seen: Seen) -> bool:
    """Whether a source is another one now although its time is before that build, by a move or a link."""
    now = {path: _file(path) for path in seen.files}
    return any(
        file is not None and file != seen.files[path] and file.written <= seen.began for path, file in now.items()
    )


def _file(path: Path) -> _File | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return _File(status.st_mtime_ns, status.st_dev, status.st_ino, status.st_size)
