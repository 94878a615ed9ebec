"""Writes the samples' committed wasm anew: `python -m tests.samples.rebuild`, after a change to a sample or its crate.

They are release builds, so that the samples also open on a machine without a Rust compiler.
"""

from __future__ import annotations

import shutil

from tests.guests.build import SAMPLES, wasm

NAMES = sorted(spec.parent.name for spec in SAMPLES.glob("*/function.json"))


def main() -> None:
    for name in NAMES:
        committed = SAMPLES / name / f"{name}.wasm"
        shutil.copyfile(wasm(name, "release"), committed)
        print(f"{committed.relative_to(SAMPLES)}: {committed.stat().st_size} bytes")


if __name__ == "__main__":
    main()
