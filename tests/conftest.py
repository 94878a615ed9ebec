"""What all tests have in common."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from pathlib import Path

from hypothesis import HealthCheck, settings

from workbench import places

# How fast the machine is just now says nothing of the code; the first text drawn on a fresh one takes seconds.
settings.register_profile("workbench", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("workbench")

_OURS = "WORKBENCH_TESTS_DIRECTORY"


def _write_apart() -> None:
    """Build output and data of a run are in a directory of its own, shared by its processes, instead of the user's."""
    if _OURS in os.environ:  # a process of a run that has one
        return
    directory = Path(tempfile.mkdtemp(prefix="workbench-tests-"))
    atexit.register(shutil.rmtree, directory, ignore_errors=True)
    libraries = places.cache_directory() / "sysroots"
    (directory / "cache").mkdir()
    if libraries.is_dir():  # a standard library that was built once for a compiler without one
        (directory / "cache" / libraries.name).symlink_to(libraries)
    os.environ |= {
        _OURS: str(directory),
        places.CACHE_VARIABLE: str(directory / "cache"),
        "XDG_DATA_HOME": str(directory / "data"),
    }


_write_apart()
