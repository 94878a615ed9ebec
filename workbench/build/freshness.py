"""Changes that cargo would overlook: it judges by time, and a file moved into place may be older than a build."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Seen:
    """The modification times (ns) of the sources of a build that began at `began` (ns since the epoch)."""

    times: Mapping[Path, int]
    began: int


def look(sources: Iterable[Path], began: int) -> Seen:
    """What to remember of a build's sources."""
    return Seen({path: time for path in sources if (time := _time(path)) is not None}, began)


def overlooked(seen: Seen) -> bool:
    """Whether a source is another one now although its time is before that build."""
    now = {path: _time(path) for path in seen.times}
    return any(time is not None and time != seen.times[path] and time <= seen.began for path, time in now.items())


def _time(path: Path) -> int | None:
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return None
