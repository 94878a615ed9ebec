"""Cargo's dependency information: the files an artifact was made of."""

from __future__ import annotations

import os
import re
from pathlib import Path


def sources(wasm: Path) -> frozenset[Path]:
    """The local files named in the `.d` file beside `wasm`, with those of path dependencies and build scripts.

    Format: a make rule, with spaces in names escaped (the Cargo book, "dep-info files"). Raises OSError.
    """
    text = wasm.with_suffix(".d").read_text(encoding="utf-8", errors="surrogateescape")
    _, _, files = text.partition(".wasm: ")
    return frozenset(Path(name.replace("\\ ", " ")) for name in re.split(r"(?<!\\) ", files.strip()) if name)


def manifests(files: frozenset[Path]) -> frozenset[Path]:
    """What says how `files` are built: for each, every Cargo.toml, cargo configuration and toolchain file above it."""
    directories = {parent for file in files for parent in file.parents}
    names = ("Cargo.toml", "build.rs", ".cargo/config.toml", ".cargo/config", "rust-toolchain.toml", "rust-toolchain")
    named = (directory / name for directory in directories for name in names)
    return frozenset(path for path in named if os.path.isfile(path))
