"""What the user's environment and cargo's configuration files say, where the workbench has to know of it."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path

from workbench.build.manifests import table

WRAPPERS = ("rustc-wrapper", "rustc-workspace-wrapper")


def cargo_home() -> Path:
    """Where cargo keeps its own files, the crates it fetched and its configuration among them."""
    return Path(os.path.realpath(os.environ.get("CARGO_HOME") or Path.home() / ".cargo"))


def configurations(directory: Path) -> Iterator[tuple[Path, Mapping[str, object]]]:
    """The configuration files cargo reads there, each with the directory that paths in it are relative to.

    Those that count more come behind; what is broken is left out: cargo will say so.
    """
    here = Path(os.path.realpath(directory))
    above = [folder / ".cargo" for folder in (here, *here.parents)]
    for folder in dict.fromkeys([cargo_home(), *reversed(above)]):
        paths = (folder / name for name in ("config", "config.toml"))
        path = next((path for path in paths if os.path.isfile(path)), None)
        if path is not None:
            try:
                yield folder.parent, tomllib.loads(path.read_text(encoding="utf-8"))
            except (OSError, ValueError):
                continue


def target_directory(directory: Path) -> Path | None:
    """Where the user wants build output to be for a cargo run in `directory`; None where they say nothing.

    The Cargo book, "build.target-dir": `CARGO_TARGET_DIR`, `CARGO_BUILD_TARGET_DIR`, then the configuration.
    """
    for name in ("CARGO_TARGET_DIR", "CARGO_BUILD_TARGET_DIR"):
        if said := os.environ.get(name):
            return Path(os.path.abspath(directory / said))
    found = None
    for base, content in configurations(directory):
        said_there = table(content, "build").get("target-dir")
        if isinstance(said_there, str) and said_there and "\0" not in said_there:
            found = Path(os.path.abspath(base / said_there))
    return found


def is_wrapped(directory: Path) -> bool:
    """Whether rustc runs in a wrapper, such as sccache, which refuses what is compiled incrementally."""
    names = [each.upper().replace("-", "_") for each in WRAPPERS]
    if any(os.environ.get(key) for name in names for key in (name, f"CARGO_BUILD_{name}")):
        return True
    builds = [table(content, "build") for _, content in configurations(directory)]
    return any(build.get(each) for build in builds for each in WRAPPERS)


def has_linker(directory: Path, target: str) -> bool:
    """Whether a configuration file names the linker for `target`."""
    targets = [table(content, "target") for _, content in configurations(directory)]
    return any(table(each, target).get("linker") for each in targets)
