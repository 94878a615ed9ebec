"""The queue of builds: one at a time, each function once, the newest change first."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from workbench import threads
from workbench.build.affected import Sources
from workbench.build.events import BuildEvent, Failed, Finished, Progress
from workbench.build.freshness import Seen, look, overlooked
from workbench.build.leash import Leash
from workbench.build.once import build_once
from workbench.build.toolchain import Toolchain
from workbench.errors import UserError
from workbench.project.model import Function
from workbench.records import Profile
from workbench.threads import Died, ThreadDied, raise_it


@dataclass(frozen=True)
class _Request:
    function: Function
    profile: Profile
    changed_at: float | None


@dataclass
class _Running:
    request: _Request
    leash: Leash = field(default_factory=Leash)
    superseded: bool = False
    cancelled: bool = False


class Builder:
    """Builds on a thread of its own; every method may be called from any thread.

    `toolchain` finds the compiler (it is asked again when that one is gone); `target_dir` is the target directory of
    all functions; `report` gets every event, on the builder's thread. When that dies, `died` hears of it, and all that
    was asked for is reported as `Failed`, as is what is asked for later, at once.
    """

    def __init__(
        self, toolchain: Callable[[], Toolchain], target_dir: Path, report: Callable[[BuildEvent], None],
        died: Died = raise_it,
    ) -> None:  # fmt: skip
        self._find = toolchain
        self._target_dir = target_dir
        self._report, self._died = report, died
        self._death: ThreadDied | None = None
        self._toolchain: Toolchain | None = None
        self._seen: dict[str, Seen] = {}
        self._sources = Sources()
        self._changed = threading.Condition()
        self._queue: dict[str, _Request] = {}
        self._dropped: list[_Request] = []
        self._running: _Running | None = None
        self._working = self._closed = False
        self._thread = threads.start("builder", self._work, self._end_dead)

    @property
    def busy(self) -> bool:
        """Whether something is asked for of which the end is not reported yet."""
        with self._changed:
            return bool(self._working or self._queue or self._dropped)

    def request(self, function: Function, profile: Profile, changed_at: float | None) -> None:
        """Have the function built. A build of it that is running is useless now: it is killed, without a word."""
        with self._changed:
            if self._closed:
                return
            request = _Request(function, profile, changed_at)
            death = self._death
            if death is None:
                self._queue.pop(function.id, None)
                self._queue[function.id] = request
                running = self._running
                if running is not None and running.request.function.id == function.id:
                    running.superseded = True
                    running.leash.let_go()
                self._changed.notify()
        if death is not None:
            self._report(_failed(request, death))

    def cancel(self) -> None:
        """Kill the running build and drop the waiting ones; each is reported as `Failed`, with `cancelled`."""
        with self._changed:
            self._dropped += self._queue.values()
            self._queue.clear()
            if self._running is not None:
                self._running.cancelled = True
                self._running.leash.let_go()
            self._changed.notify()

    def close(self) -> None:
        """End everything and wait for it; nothing is reported any more."""
        with self._changed:
            self._closed = True
            self._queue.clear()
            if self._running is not None:
                self._running.leash.let_go()
            self._changed.notify()
        self._thread.join()

    def concerned(self, functions: Iterable[Function], changed: Iterable[Path]) -> tuple[Function, ...]:
        """Those of the functions that are made of any of the changed files, as far as builds have told."""
        with self._changed:
            building = self._running.request.function.id if self._running is not None else None
            return self._sources.concerned(functions, changed, building)

    def watched(self, functions: Iterable[Function]) -> frozenset[Path]:
        """The directories and files to watch for these functions: path dependencies and included files too."""
        with self._changed:
            return frozenset(path for function in functions for path in self._sources.watched(function))

    def _work(self) -> None:
        while True:
            with self._changed:
                self._working = False
                self._changed.wait_for(lambda: self._closed or self._queue or self._dropped)
                if self._closed:
                    return
                self._working = True
                dropped, self._dropped = self._dropped, []
                running = self._running = self._next() if self._queue else None
            for request in dropped:
                self._report(_cancelled(request, 0.0))
            if running is not None:
                self._build(running)

    def _end_dead(self, death: ThreadDied) -> None:
        with self._changed:
            self._death = death
            running, self._running = self._running, None
            left = [*self._queue.values(), *self._dropped]
            if running is not None and not running.superseded:
                left.append(running.request)
            self._queue.clear()
            self._dropped = []
            self._working = False
            closed = self._closed
        self._died(death)
        for request in () if closed else left:
            self._report(_failed(request, death))

    def _next(self) -> _Running:
        newest = max(self._queue.values(), key=lambda request: request.changed_at or 0.0)
        del self._queue[newest.function.id]
        return _Running(newest)

    def _build(self, running: _Running) -> None:
        request = running.request
        seen, began = self._seen.get(request.function.id), time.time_ns()
        event = build_once(
            request.function,
            request.profile,
            self._compiler,
            self._target_dir,
            progress=lambda progress: self._progress(running, progress),
            changed_at=request.changed_at,
            leash=running.leash,
            anew=seen is not None and overlooked(seen),
        )
        with self._changed:
            if running.superseded or self._closed:
                self._running = None
                return
            if isinstance(event, Finished):
                self._sources.built(request.function, event.artifact)
                self._seen[request.function.id] = look(event.artifact.sources, began)
            elif running.cancelled:
                event = _cancelled(request, event.duration_ms)
            else:
                self._sources.failed(request.function, event.diagnostics)
            self._running = None
        self._report(event)

    def _progress(self, running: _Running, progress: Progress) -> None:
        if not (running.superseded or running.cancelled or self._closed):
            self._report(progress)

    def _compiler(self) -> Toolchain:
        if self._toolchain is None or not os.path.exists(self._toolchain.cargo):
            self._toolchain = self._find()
        return self._toolchain


def _cancelled(request: _Request, duration_ms: float) -> Failed:
    error = UserError(f"The build of {request.function.id} was cancelled.")
    return Failed(request.function.id, error, (), duration_ms, request.changed_at, cancelled=True)


def _failed(request: _Request, death: ThreadDied) -> Failed:
    return Failed(request.function.id, death, (), 0.0, request.changed_at)
