"""Build output and data of tests and benchmarks: in a directory of their own instead of the user's."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from pathlib import Path

from workbench import places

_OURS = "WORKBENCH_TESTS_DIRECTORY"


def write_apart() -> None:
    """From now on, in this process and those it starts; all share one directory, which goes with the first of them."""
    if _OURS in os.environ:
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
