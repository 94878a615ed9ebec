"""What a crate's Cargo.toml says about crates on this disk: its names, and its path dependencies."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path


def local_packages(manifest: Path) -> dict[Path, frozenset[str]]:
    """The package of this Cargo.toml and those it depends on by path, however far: directory to names.

    The names are the package's and its library's, spelled as their files are, with `_` for `-`.

    Read directly, as cargo's own answer (`cargo metadata`) takes 30 ms and needs the registry; for the time before
    cargo has said what a build really used. What cannot be read or parsed is left out: cargo says what is wrong there.
    """
    found: dict[Path, frozenset[str]] = {}
    waiting = [manifest]
    while waiting:
        path = waiting.pop()
        directory = Path(os.path.realpath(path.parent))
        if directory in found or (content := _read(path)) is None:
            continue
        names = (table(content, "package").get("name"), table(content, "lib").get("name"))
        found[directory] = frozenset(name.replace("-", "_") for name in names if isinstance(name, str))
        waiting += [directory / other / "Cargo.toml" for other in _paths(content)]
        if inherited := _inherited(content):
            waiting += [root / other / "Cargo.toml" for root, other in _of_workspace(directory, inherited)]
    return found


def table(content: Mapping[str, object], key: str) -> Mapping[str, object]:
    """The table of that name in a table; an empty one when there is none."""
    value = content.get(key)
    return value if isinstance(value, dict) else {}


def named_workspace(directory: Path) -> Path | None:
    """The directory of the workspace that the package in `directory` says it is of, where it says so."""
    content = _read(directory / "Cargo.toml")
    named = table(content or {}, "package").get("workspace")
    return Path(os.path.realpath(directory / named)) if isinstance(named, str) and "\0" not in named else None


def _read(manifest: Path) -> Mapping[str, object] | None:
    try:
        status = manifest.stat()
        return _parsed(manifest, (status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns))
    except (OSError, ValueError):
        return None


@lru_cache(maxsize=1024)
def _parsed(manifest: Path, state: tuple[int, ...]) -> Mapping[str, object] | None:
    """What is in the file of that state, as it is asked for with each change of any file."""
    try:
        return tomllib.loads(manifest.read_text(encoding="utf-8"))
    except ValueError:
        return None


def _paths(content: Mapping[str, object]) -> Iterator[str]:
    """The `path` keys of all dependency tables, of a workspace, of patches, and of targets."""
    for part in (content, table(content, "workspace"), *_tables(table(content, "target"))):
        for kind in ("dependencies", "build-dependencies"):
            yield from _paths_in(table(part, kind))
    for source in _tables(table(content, "patch")):
        yield from _paths_in(source)


def _paths_in(dependencies: Mapping[str, object]) -> Iterator[str]:
    for dependency in _tables(dependencies):
        path = dependency.get("path")
        if isinstance(path, str) and "\0" not in path:
            yield path


def _inherited(content: Mapping[str, object]) -> frozenset[str]:
    """The names of the dependencies of which a package's workspace says where they are."""
    parts = (content, *_tables(table(content, "target")))
    kinds = (table(part, kind) for part in parts for kind in ("dependencies", "build-dependencies"))
    return frozenset(
        name
        for kind in kinds
        for name, said in kind.items()
        if isinstance(said, dict) and said.get("workspace") is True
    )


def _of_workspace(directory: Path, names: frozenset[str]) -> Iterator[tuple[Path, str]]:
    """The paths of those dependencies, each with the directory of the workspace that `directory` is in."""
    named = named_workspace(directory)
    for root in (directory, *directory.parents) if named is None else (named,):
        content = _read(root / "Cargo.toml")
        if content is not None and "workspace" in content:
            dependencies = table(table(content, "workspace"), "dependencies")
            yield from ((root, path) for path in _paths_in({name: dependencies.get(name) for name in names}))
            return


def _tables(content: Mapping[str, object]) -> list[Mapping[str, object]]:
    return [value for value in content.values() if isinstance(value, dict)]
