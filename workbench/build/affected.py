"""Which functions a changed file concerns, and which files to watch for that."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from workbench.build import contents
from workbench.build.events import Artifact
from workbench.build.manifests import local_packages
from workbench.project.model import Function
from workbench.records import Diagnostic


@dataclass(frozen=True)
class Known:
    """What earlier builds of a function told.

    `files` are those it was made of, and those its errors are in. `complete` when the last build went well with cargo:
    then no other file matters; before, any file in its directories may. `lock` is the digest of its Cargo.lock after
    the build, as cargo writes that file itself.
    """

    files: frozenset[Path] = frozenset()
    complete: bool = False
    lock: bytes | None = None


@dataclass
class Sources:
    """What is known of each function, by id."""

    _known: dict[str, Known] = field(default_factory=dict)

    def built(self, function: Function, artifact: Artifact) -> None:
        """A build went well: it is made of the artifact's sources."""
        files = frozenset(map(_real, artifact.sources))
        self._known[function.id] = Known(files, function.command is None, _lock_digest(function))

    def failed(self, function: Function, diagnostics: Iterable[Diagnostic]) -> None:
        """Keeps the files of the last good build, as the cause may be any of them."""
        named = {_real(function.directory / each.file) for each in diagnostics if each.file is not None}
        known = self._known.get(function.id, Known())
        self._known[function.id] = Known(known.files | named, False, _lock_digest(function))

    def concerned(
        self, functions: Iterable[Function], changed: Iterable[Path], building: str | None = None
    ) -> tuple[Function, ...]:
        """The functions made of any of the `changed` files; `building` is the id of the one now being built."""
        resolved = [_real(path) for path in changed]
        return tuple(
            function
            for function in functions
            if any(self._concerns(function, path, function.id == building) for path in resolved)
        )

    def watched(self, function: Function) -> frozenset[Path]:
        """The directories and files whose changes may concern the function."""
        directories = _directories(function)
        known = self._known.get(function.id, Known())
        outside = {file for file in known.files if not any(file.is_relative_to(each) for each in directories)}
        return directories | outside

    def _concerns(self, function: Function, path: Path, building: bool) -> bool:
        if path == _real(function.wasm):  # made of its source, not the other way round
            return False
        known = self._known.get(function.id, Known())
        if path.name == "Cargo.lock" and function.command is None:
            return path == _lock(function) and not building and _digest(path) != known.lock
        if path in known.files or not known.files.isdisjoint(path.parents):  # a build script may name directories
            return True
        return not known.complete and any(path.is_relative_to(each) for each in _directories(function))


def _directories(function: Function) -> frozenset[Path]:
    packages = local_packages(function.manifest) if function.command is None and function.manifest else {}
    return frozenset({_real(function.directory), *packages})


def _lock(function: Function) -> Path | None:
    """The Cargo.lock of the function's workspace: the nearest one."""
    directory = _real(function.directory)
    locks = (each / "Cargo.lock" for each in (directory, *directory.parents))
    return next((path for path in locks if os.path.isfile(path)), None)


def _lock_digest(function: Function) -> bytes | None:
    path = _lock(function)
    return None if path is None else _digest(path)


def _digest(path: Path) -> bytes | None:
    content = contents.look(path)
    return None if content is None else content.digest


def _real(path: Path) -> Path:
    """Where it really is. Of links that lead in a circle, which `Path.resolve` takes for a fault, the link itself."""
    return Path(os.path.realpath(path))
