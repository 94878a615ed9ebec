"""Functions for tests, built from source when a test asks for them.

`wasm("probe")` builds a guest of this directory, `wasm("counter")` a sample. Everything is built into one target
directory, whatever process asks: the second to ask waits, then finds it done.
"""

from __future__ import annotations

import fcntl
import os
import subprocess
from functools import cache
from pathlib import Path
from typing import Literal

from workbench.build import toolchain
from workbench.build.events import Finished
from workbench.build.once import build_once
from workbench.config.settings import Settings
from workbench.project.targets import read

ROOT = Path(__file__).parents[2]
GUESTS = ROOT / "tests" / "guests"
SAMPLES = ROOT / "sample_functions"
TARGET_DIR = ROOT / "target" / "guests"
RELEASES = ROOT / "target" / "releases" / "target"
"""The workbench's own: it removes there what it does not know, as it would remove what cargo alone has built."""

Profile = Literal["dev", "release"]


def source(name: str) -> Path:
    """The directory of a guest or sample."""
    homes = (GUESTS, SAMPLES, SAMPLES / "web")
    return next(home / name for home in homes if (home / name / "function.json").exists())


@cache
def wasm(name: str, profile: Profile = "dev") -> Path:
    """The built wasm: with line tables for profile dev, for release as `workbench build` makes it.

    Takes up to 20 s the first time and 0.2 s once built. Raises AssertionError with the compiler's words.
    """
    TARGET_DIR.mkdir(parents=True, exist_ok=True)
    with TARGET_DIR.with_suffix(".lock").open("w") as lock:  # beside it: a target directory may be emptied
        fcntl.flock(lock, fcntl.LOCK_EX)
        if profile == "release":
            (function,) = read((source(name),), Settings()).functions.values()
            ended = build_once(function, profile, toolchain.find, RELEASES)
            assert isinstance(ended, Finished), ended
            return ended.artifact.path
        cargo(source(name), "build", "--target", toolchain.TARGET)
    return TARGET_DIR / toolchain.TARGET / "debug" / f"{name}.wasm"


def cargo(directory: Path, *arguments: str) -> str:
    """Runs cargo there with the toolchain that the workbench itself finds; gives what it printed on standard output."""
    found = toolchain.find()
    environment = {
        **os.environ,
        **found.environment,
        "CARGO_TARGET_DIR": str(TARGET_DIR),
        "CARGO_PROFILE_DEV_DEBUG": "line-tables-only",
    }
    run = subprocess.run([found.cargo, *arguments], cwd=directory, env=environment, capture_output=True, text=True)
    assert run.returncode == 0, run.stdout + run.stderr
    return run.stdout
