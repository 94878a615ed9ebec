"""Where a project's `.workbench` stands: never in a cargo package, nor where a workspace would take it for a member."""

from __future__ import annotations

import hashlib
import os
import tomllib
from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase
from pathlib import Path

from workbench import places

_MANIFEST = "Cargo.toml"


def home_of(start: Path) -> Path:
    """The directory that the `.workbench` of a project in `start` stands in; both absolute.

    `start` itself where cargo leaves it alone there, else the nearest directory above where it does, in the same
    repository or cargo workspace; where there is none, a directory apart in the user's data directory.
    """
    for directory in _within(start):
        if not _is_cargos(directory):
            return directory
    digest = hashlib.blake2b(os.fsencode(os.path.realpath(start)), digest_size=6).hexdigest()
    return places.projects_directory() / f"{start.name or 'root'}-{digest}"


def workspace_taking(directory: Path) -> Path | None:
    """The cargo workspace above that takes `directory`, which is absolute, for a member, whether or not it is there."""
    for above in directory.parents:
        workspace = (_manifest(above) or {}).get("workspace")
        if isinstance(workspace, dict) and _takes(workspace, directory.relative_to(above).parts):
            return above
    return None


def _within(start: Path) -> Iterator[Path]:
    """`start` and those above it, up to the repository's top, else up to the outermost Cargo.toml."""
    line = (start, *start.parents)
    top = next((each for each in line if os.path.lexists(each / ".git")), None)
    if top is None:
        top = next((each for each in reversed(line) if os.path.isfile(each / _MANIFEST)), start)
    yield from line[: line.index(top) + 1]


def _is_cargos(directory: Path) -> bool:
    """Whether a `.workbench` in `directory` were part of a package, or taken for one."""
    above = filter(None, map(_manifest, (directory, *directory.parents)))
    in_package = any("package" in content or "project" in content for content in above)
    return in_package or workspace_taking(directory / places.OWN) is not None


def _takes(workspace: dict[str, object], parts: Sequence[str]) -> bool:
    """Whether a workspace takes what is there for a member. The Cargo book, "The members and exclude fields"."""
    members, excluded = ([_parts(each) for each in _texts(workspace.get(key))] for key in ("members", "exclude"))
    if any(list(parts[: len(each)]) == each for each in excluded):
        return False
    return any(_fits(each, parts) for each in members)


def _fits(pattern: Sequence[str], parts: Sequence[str]) -> bool:
    """As cargo's globs: names that begin with a dot fit, too, and `**` stands for any number of directories."""
    if not pattern:
        return not parts
    if pattern[0] == "**":
        return any(_fits(pattern[1:], parts[skipped:]) for skipped in range(len(parts) + 1))
    return bool(parts) and fnmatchcase(parts[0], pattern[0]) and _fits(pattern[1:], parts[1:])


def _parts(text: str) -> list[str]:
    return [part for part in text.split("/") if part not in ("", ".")]


def _texts(value: object) -> list[str]:
    return [each for each in value if isinstance(each, str)] if isinstance(value, list) else []


def _manifest(directory: Path) -> dict[str, object] | None:
    """What its Cargo.toml says; one that is broken is taken for a package's."""
    try:
        return tomllib.loads((directory / _MANIFEST).read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValueError):
        return {"package": {}}
