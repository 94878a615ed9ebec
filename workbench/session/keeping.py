"""Keeping state between runs: each instance's last synced state in a file of its own, if the user asked for it."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import quote

from workbench.errors import UserError
from workbench.places import make_directory
from workbench.project.model import Problem
from workbench.session.actors import Instance


class Keeper:
    """Writes changed states into `directory` and reads them back; does nothing when that is None."""

    def __init__(self, directory: Path | None) -> None:
        self._directory = directory
        self._keeps = directory is not None
        self._kept: dict[str, str] = {}
        self._found: dict[str, str | None] = {}
        self.left: dict[str, str] = {}
        """The states of instances that left while the session ran, by name."""
        self.problems: tuple[Problem, ...] = ()

    def state(self, name: str) -> str | None:
        """The state an instance left, in an earlier run or in this one."""
        if name in self.left:
            return self.left[name]
        if name not in self._found:
            self._found[name] = self._read(name)
        return self._found[name]

    def move(self, directory: Path | None) -> None:
        """States are kept there from now on."""
        if directory != self._directory:
            self._directory = directory
            self._kept.clear()

    def leave(self, instance: Instance) -> None:
        """The instance leaves; one of its name may come again."""
        if self._keeps and instance.state is not None and instance.last_sync is not None:
            self.left[instance.name] = instance.state
        self.keep([instance])

    def again(self) -> Keeper:
        """One that tells the same and writes nothing, for what has been once."""
        keeper = Keeper(None)
        keeper._keeps = self._keeps
        keeper._found = self._found
        return keeper

    def _read(self, name: str) -> str | None:
        if self._directory is None:
            return None
        path = self._path(self._directory, name)
        try:
            return path.read_text(encoding="utf-8")
        except FileNotFoundError:
            return None
        except (OSError, UnicodeDecodeError) as error:
            self._report(UserError(f"the kept state cannot be read ({error}); it starts fresh", path=path))
            return None

    def keep(self, instances: Iterable[Instance]) -> None:
        """Write down what has been synced since the last time."""
        if self._directory is None:
            return
        for instance in instances:
            sync, state = instance.last_sync, instance.state
            if sync is None or state is None or self._kept.get(instance.name) == state:
                continue
            path = self._path(self._directory, instance.name)
            try:
                make_directory(self._directory)
                written = path.with_name(path.name + ".new")
                written.write_text(state, encoding="utf-8")
                os.replace(written, path)
                self._kept[instance.name] = state
                self.problems = tuple(one for one in self.problems if one.error.path != path)
            except OSError as error:
                self._report(UserError(f"the state cannot be kept: {error.strerror}", path=path))

    @staticmethod
    def _path(directory: Path, name: str) -> Path:
        return directory / f"{quote(name, safe=' ')}.state"

    def _report(self, error: UserError) -> None:
        if all(str(problem.error) != str(error) for problem in self.problems):
            self.problems = (*self.problems, Problem("error", error))
