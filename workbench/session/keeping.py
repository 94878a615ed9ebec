"""Keeping state between runs: each instance's last synced state in a file of its own, if the user asked for it."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from workbench import threads
from workbench.errors import UserError, reason_of
from workbench.project.model import Problem
from workbench.session.actors import Instance
from workbench.threads import Died, raise_it

_NO_LINK = os.O_NOFOLLOW | os.O_CLOEXEC

THREADS = 4
"""Files that are read or written at the same time: one that hangs holds up no other."""


class Keeper:
    """Writes changed states into `directory` and reads them back, on threads of its own; nothing where that is None.

    `came` gets the state of an instance that `read` was asked for (None: it left none), on one of these threads.
    """

    def __init__(
        self, directory: Path | None, came: Callable[[str, str | None], None] = lambda name, state: None,
        died: Died = raise_it,
    ) -> None:  # fmt: skip
        self._directory = directory
        self.keeps = directory is not None
        """Whether instances may have left a state."""
        self._came = came
        self._pool = threads.Pool("keeper of states", THREADS, died)
        self._changed = threading.Condition()
        self._found: dict[str, str | None] = {}
        self._reading: set[str] = set()
        self._kept: dict[str, str] = {}
        self._unwritten: dict[str, str] = {}
        """What is to be written, or is being written, by the names of instances."""
        self.left: dict[str, str] = {}
        """The states of instances that left while the session ran, by name."""
        self.problems: tuple[Problem, ...] = ()

    @property
    def busy(self) -> bool:
        """Whether a state is being read."""
        return bool(self._reading)

    def read(self, name: str) -> None:
        """Have `came` told what the instance of that name left in an earlier run. What was found once stays so."""
        with self._changed:
            if self._directory is None or name in self._reading:
                return
            self._reading.add(name)
        self._pool.do(lambda: self._look_up(name))

    def move(self, directory: Path | None) -> None:
        """States are kept there from now on."""
        with self._changed:
            if directory != self._directory:
                self._directory = directory
                self._kept.clear()

    def leave(self, instance: Instance) -> None:
        """The instance leaves; one of its name may come again."""
        if self.keeps and instance.state is not None and instance.last_sync is not None:
            self.left[instance.name] = instance.state
        self.keep([instance])

    def again(self) -> Keeper:
        """One that reads and writes nothing, for what has been once: what was read then is told again."""
        keeper = Keeper(None)
        keeper.keeps = self.keeps
        return keeper

    def keep(self, instances: Iterable[Instance]) -> None:
        """Write down soon what has been synced since the last time."""
        if self._directory is None:
            return
        for instance in instances:
            name, state = instance.name, instance.state
            if instance.last_sync is None or state is None or self._kept.get(name) == state:
                continue
            with self._changed:
                waits = name in self._unwritten
                self._unwritten[name] = state
            if not waits:
                self._pool.do(lambda name=name: self._write_down(name))  # type: ignore[misc]

    def close(self, patience_s: float) -> None:
        """Wait so long, at most, until all is written; what is not then is a problem."""
        deadline = time.monotonic() + patience_s
        with self._changed:
            self._changed.wait_for(lambda: not self._unwritten, max(0.0, deadline - time.monotonic()))
            late = list(self._unwritten)
        for name in late:
            if self._directory is not None:
                path = self._path(self._directory, name)
                self._report(
                    UserError("the state is not written yet, and may be lost: its disk is too slow", path=path)
                )

    # ---- on threads of its own

    def _look_up(self, name: str) -> None:
        state = self._found.get(name)
        try:
            if name not in self._found:
                state = self._found[name] = self._content(name)
        finally:
            self._came(name, state)
            with self._changed:
                self._reading.discard(name)

    def _content(self, name: str) -> str | None:
        directory = self._directory
        if directory is None:
            return None
        path = self._path(directory, name)
        try:
            with (
                _opened(directory) as folder,
                open(os.open(path.name, os.O_RDONLY | _NO_LINK, dir_fd=folder), encoding="utf-8") as file,
            ):
                return file.read()
        except FileNotFoundError:
            return None
        except (OSError, UnicodeDecodeError) as error:
            self._report(UserError(f"the kept state cannot be read ({reason_of(error)}); it starts fresh", path=path))
            return None

    def _write_down(self, name: str) -> None:
        """Write the state of one instance, and what came while that was written. It is tried again where that fails."""
        written: str | None = None
        try:
            while (state := self._next_of(name, written)) is not None:
                directory = self._directory
                if directory is None or not self._write(directory, name, state):
                    break
                written = state
        finally:
            with self._changed:
                self._unwritten.pop(name, None)
                self._changed.notify_all()

    def _next_of(self, name: str, written: str | None) -> str | None:
        """What is to be written of an instance after `written`; None when nothing is left."""
        with self._changed:
            if self._unwritten[name] == written:
                del self._unwritten[name]
                return None
            return self._unwritten[name]

    def _write(self, directory: Path, name: str, state: str) -> bool:
        path = self._path(directory, name)
        try:
            directory.mkdir(parents=True, exist_ok=True)
            with _opened(directory) as folder:
                new = f"{path.name}.{os.getpid()}.new"  # another workbench may keep the same state
                number = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | _NO_LINK, 0o666, dir_fd=folder)
                with open(number, "w", encoding="utf-8") as file:
                    file.write(state)
                os.replace(new, path.name, src_dir_fd=folder, dst_dir_fd=folder)
        except OSError as error:
            self._report(UserError(f"the state cannot be kept: {reason_of(error)}", path=path))
            return False
        with self._changed:
            if directory == self._directory:
                self._kept[name] = state
            self.problems = tuple(one for one in self.problems if one.error.path != path)
        return True

    @staticmethod
    def _path(directory: Path, name: str) -> Path:
        return directory / f"{quote(name, safe=' ')}.state"

    def _report(self, error: UserError) -> None:
        with self._changed:
            if all(str(problem.error) != str(error) for problem in self.problems):
                self.problems = (*self.problems, Problem("error", error))


@contextmanager
def _opened(directory: Path) -> Iterator[int]:
    """A descriptor of the directory: what is opened in it is in it, whatever is put in its place."""
    folder = os.open(directory, getattr(os, "O_PATH", os.O_RDONLY) | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield folder
    finally:
        os.close(folder)
