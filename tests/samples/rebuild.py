"""Writes the samples' committed wasm anew: `python -m tests.samples.rebuild`, after a change to a sample or its crate.

They are release builds, so that the samples also open on a machine without a Rust compiler.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from tests.guests.build import SAMPLES, source, wasm

NAMES = sorted(spec.parent.name for spec in SAMPLES.rglob("function.json"))


def committed(name: str) -> Path:
    """The wasm that comes with a sample."""
    return source(name) / f"{name}.wasm"


def main() -> None:
    for name in NAMES:
        shutil.copyfile(wasm(name, "release"), committed(name))
        print(f"{committed(name).relative_to(SAMPLES)}: {committed(name).stat().st_size} bytes")


if __name__ == "__main__":
    main()
