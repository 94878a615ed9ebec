"""What a changed file means to a function: a build, a question to cargo whether it would build, or nothing.

Cargo alone knows what it reads: a build script may name files or directories, or none, and then every file of its
package counts; a configuration may appear in any directory above. So cargo is asked, which takes it about 30 ms when it
finds nothing to do. A file that it did not mind is not asked about again before the next real build.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal, TypeAlias

from workbench.build import consulted
from workbench.build.consulted import real
from workbench.build.events import Artifact
from workbench.project.model import Function
from workbench.records import Diagnostic

Concern: TypeAlias = Literal["build", "ask"]
"""`build`: the function is made of it. `ask`: it may be."""


@dataclass(frozen=True)
class Known:
    """What earlier builds of a function told.

    `files` are those it was made of, and those its errors are in. `complete` when the last build went well: before,
    any file in its directories may be what it needs. `unread` did not matter to that build.
    """

    files: frozenset[Path] = frozenset()
    complete: bool = False
    unread: frozenset[Path] = frozenset()


@dataclass
class Sources:
    """What is known of each function, by id."""

    _known: dict[str, Known] = field(default_factory=dict)

    def built(self, function: Function, artifact: Artifact) -> None:
        """A build went well: it is made of the artifact's sources."""
        self._known[function.id] = Known(frozenset(map(real, artifact.sources)), complete=True)

    def failed(self, function: Function, diagnostics: Iterable[Diagnostic]) -> None:
        """Keeps the files of the last good build, as the cause may be any of them."""
        named = {real(function.directory / each.file) for each in diagnostics if each.file is not None}
        self._known[function.id] = Known(self._of(function).files | named)

    def not_read(self, function: Function, changed: Iterable[Path]) -> None:
        """Cargo had nothing to do after these were changed."""
        known = self._of(function)
        self._known[function.id] = replace(known, unread=known.unread | set(changed))

    def concerns(self, function: Function, changed: Mapping[Path, frozenset[Path]]) -> dict[Path, Concern]:
        """What changed files mean to the function, those that mean something. Each comes with its `places`."""
        known, directories = self._of(function), _directories(function)
        by_cargo = function.command is None
        packages = consulted.packages(function, known.files) if by_cargo else frozenset()
        settings = consulted.settings(packages) if by_cargo else frozenset()
        made = real(function.wasm)
        found: dict[Path, Concern] = {}
        for path, places in changed.items():
            if made in places:  # made of its source, not the other way round
                continue
            if not places.isdisjoint(settings):
                found[path] = "ask"
            elif any(_is_in(place, known.files) for place in places):  # a build script may name directories
                found[path] = "build"
            elif path not in known.unread and any(_is_in(place, packages | directories) for place in places):
                found[path] = "ask" if known.complete and by_cargo else "build"
        return found

    def watched(self, function: Function) -> frozenset[Path]:
        """The directories and files whose changes may concern the function, there or not."""
        directories = _directories(function)
        if function.command is not None:
            return directories
        known = self._of(function)
        packages = consulted.packages(function, known.files)
        outside = {file for file in known.files if not _is_in(file, packages)}
        return directories | packages | outside | consulted.settings(packages)

    def _of(self, function: Function) -> Known:
        return self._known.get(function.id, Known())


def places(path: Path) -> frozenset[Path]:
    """All names that may be meant by a file that is watched as `path`: links may lead there, and on from there."""
    return frozenset({path, real(path.parent) / path.name, real(path)})


def _directories(function: Function) -> frozenset[Path]:
    """What is the function's own, and what its user names besides."""
    return frozenset({function.directory, *function.watch, *map(real, (function.directory, *function.watch))})


def _is_in(path: Path, places: frozenset[Path]) -> bool:
    return path in places or not places.isdisjoint(path.parents)
