"""Why the machine gave no room for another instance, and what its user can do."""

from __future__ import annotations

import errno
import re
import resource
from pathlib import Path

_MOST_MAPS = Path("/proc/sys/vm/max_map_count")
_MAPS = Path("/proc/self/maps")
_NEARLY = 100
"""Memory maps below the limit from which on there is none left: an instance needs up to 20 at once."""

_NO_ROOM = re.compile(
    r"os error 12\b|cannot allocate memory|out of memory|failed to (allocate|map)|mmap", re.IGNORECASE
)

assert errno.ENOMEM == 12


def means_no_room(text: str) -> bool:
    """Whether the words of wasmtime or of the system for a failure say that memory could not be had."""
    return _NO_ROOM.search(text) is not None


def ran_out(error: BaseException) -> bool:
    """Whether `error` says that this process got no memory, be it for a library that was to be loaded."""
    return isinstance(error, MemoryError) or (isinstance(error, OSError | ImportError) and means_no_room(str(error)))


def shortage() -> str:
    """Which limit stands in the way of another instance, and what to do, as a clause."""
    maps, most = _count(_MAPS), _number(_MOST_MAPS)
    if maps is not None and most is not None and maps + _NEARLY >= most:
        return (
            f"the kernel allows a process {most:,} memory maps, and an instance takes about 7:"
            f" run fewer instances, or raise it with `sysctl -w vm.max_map_count={4 * most}`"
        )
    space, _ = resource.getrlimit(resource.RLIMIT_AS)
    if space != resource.RLIM_INFINITY:
        return (
            f"this process may use {space / (1 << 30):.1f} GiB of address space, of which an instance reserves 8.2 GiB"
            " without using them: raise it with `ulimit -v unlimited`, or run fewer instances"
        )
    return "the machine has no memory left: run fewer instances, or end other programs"


def _count(path: Path) -> int | None:
    try:
        with path.open("rb") as lines:
            return sum(1 for _ in lines)
    except OSError:
        return None


def _number(path: Path) -> int | None:
    try:
        return int(path.read_text())
    except (OSError, ValueError):
        return None
