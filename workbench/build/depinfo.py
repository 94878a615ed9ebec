"""Cargo's dependency information: the files an artifact was made of."""

from __future__ import annotations

import re
from pathlib import Path

MOST_BYTES = 16 << 20


def sources(wasm: Path, target_dir: Path) -> frozenset[Path]:
    """The local files named in the `.d` file beside `wasm`, with those of path dependencies and build scripts.

    Not those below `target_dir`, which builds write: with that as `build.dep-info-basedir`, whatever the user's
    configuration says of it, they are the only ones named by relative paths.
    Format: a make rule, with spaces in names escaped (the Cargo book, "dep-info files"). Raises OSError.
    """
    with wasm.with_suffix(".d").open(encoding="utf-8", errors="surrogateescape") as file:
        text = file.read(MOST_BYTES)
    _, _, files = text.partition(".wasm: ")
    named = (Path(name.replace("\\ ", " ")) for name in re.split(r"(?<!\\) ", files.strip("\n")) if name)
    return frozenset(path for path in named if path.is_absolute() and not path.is_relative_to(target_dir))
