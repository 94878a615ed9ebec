"""Where cargo looks besides the sources it names: packages' directories, and files that count wherever they appear."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from workbench.build.cargo_config import cargo_home
from workbench.build.manifests import local_packages, named_workspace
from workbench.build.toolchain import rustup_home
from workbench.project.model import Function

NAMES = (
    "Cargo.toml",
    "Cargo.lock",
    ".cargo/config.toml",
    ".cargo/config",
    "rust-toolchain.toml",
    "rust-toolchain",
)
"""What cargo and rustup look for in a package's directory and in each one above it (the Cargo book, "Configuration",
"Workspaces"; the rustup book, "Overrides"). They need not be there."""


def packages(function: Function, sources: Iterable[Path] = ()) -> frozenset[Path]:
    """The directories of the function and its path dependencies, and of the packages that `sources` are of."""
    found = {function.directory, real(function.directory)}
    if function.manifest is not None:
        found |= local_packages(function.manifest).keys()
    for source in sources:
        if found.isdisjoint(source.parents):
            package = next((each for each in source.parents if os.path.isfile(each / "Cargo.toml")), None)
            found |= {package} if package is not None else set()
    return frozenset(found)


def settings(directories: Iterable[Path]) -> frozenset[Path]:
    """The files, there or not, that say how packages in `directories` are built."""
    places = set(directories)
    places |= {root for directory in places if (root := named_workspace(directory)) is not None}
    above = {parent for place in places for parent in (place, *place.parents)}
    home = cargo_home()
    users = {home / "config.toml", home / "config", rustup_home() / "settings.toml"}
    return frozenset({directory / name for directory in above for name in NAMES} | users)


def real(path: Path) -> Path:
    """Where it really is. Of links that lead in a circle, which `Path.resolve` takes for a fault, the link itself."""
    return Path(os.path.realpath(path))
