"""Build output that is not needed any more: bounded by age and by size, once a day, or removed on demand."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from workbench.build.target_dir import APART, locked

MOST_BYTES = 10 << 30
"""Of all target directories together."""
OLDEST_S = 30 * 86_400.0
"""How long one is kept that nothing is built in."""
EVERY_S = 86_400.0

_LOCK = ".lock"
_STAMP = ".tidied"


@contextmanager
def in_use(build: Path) -> Iterator[None]:
    """Nobody removes anything from the build directory meanwhile. Raises OSError."""
    build.mkdir(parents=True, exist_ok=True)
    with locked(build / _LOCK, shared=True):
        yield


def tidy(build: Path, shared: Path) -> None:
    """Remove what is too old or too much of `shared`, a target directory, and of the artifacts in `build`.

    Does nothing within a day of the last time, nor while another workbench builds. Raises OSError.
    """
    stamp = build / _STAMP
    if time.time() - _written(stamp) < EVERY_S:
        return
    build.mkdir(parents=True, exist_ok=True)
    with locked(build / _LOCK, wait=False) as held:
        if not held:
            return
        stamp.touch()
        now = time.time()
        for artifact in (build / "artifacts").glob("*"):
            if now - max(map(_written, artifact.glob("*")), default=0.0) > OLDEST_S:
                shutil.rmtree(artifact, ignore_errors=True)
        room = MOST_BYTES
        for used, directory in sorted(((_used(each), each) for each in _target_dirs(shared)), reverse=True):
            room -= _bytes_in(directory)
            if room < 0 or now - used > OLDEST_S or not _has_owner(directory):
                _remove(directory)


def remove_all(build: Path) -> int | None:
    """Remove everything in the build directory: how many bytes that were; None while a workbench builds there."""
    if not os.path.isdir(build):
        return 0
    with locked(build / _LOCK, wait=False) as held:
        if not held:
            return None
        total = _bytes_in(build, apart=True)
        for each in build.iterdir():
            if each.name != _LOCK:
                shutil.rmtree(each, ignore_errors=True) if each.is_dir() else each.unlink(missing_ok=True)
        return total


def _target_dirs(target_dir: Path) -> Iterator[Path]:
    yield target_dir
    for each in (target_dir / APART).glob("*"):
        yield from _target_dirs(each)


def _used(target_dir: Path) -> float:
    """When something was built there last, in seconds since the epoch."""
    return max(map(_written, (target_dir / "claims").glob("*")), default=0.0)


def _has_owner(target_dir: Path) -> bool:
    """Whether any of the packages that were built there still exists."""
    with suppress(OSError):
        claims = [claim for claim in (target_dir / "claims").iterdir() if not claim.name.startswith(".")]
        return any(os.path.exists(Path(os.fsdecode(claim.read_bytes()), "Cargo.toml")) for claim in claims)
    return False


def _remove(target_dir: Path) -> None:
    """All but the directories apart, which are looked at by themselves."""
    for each in target_dir.glob("*"):
        if each.name != APART:
            shutil.rmtree(each, ignore_errors=True) if each.is_dir() else each.unlink(missing_ok=True)
    for empty in (target_dir / APART, target_dir):
        with suppress(OSError):
            empty.rmdir()


def _bytes_in(directory: Path, *, apart: bool = False) -> int:
    """On disk; a file with several names counts once. `apart`: with what is built apart."""
    found: dict[tuple[int, int], int] = {}
    for folder, below, names in os.walk(directory):
        if not apart and APART in below and Path(folder) == directory:
            below.remove(APART)
        for name in names:
            with suppress(OSError):
                status = os.lstat(os.path.join(folder, name))
                found[status.st_dev, status.st_ino] = status.st_blocks * 512
    return sum(found.values())


def _written(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0
