"""The queue of builds: one at a time, each function once, the newest change first."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from workbench import threads
from workbench.build import affected
from workbench.build.affected import Sources
from workbench.build.events import Artifact, BuildEvent, Failed, Finished, Progress, Unchanged
from workbench.build.freshness import Seen, look, overlooked
from workbench.build.leash import Leash
from workbench.build.once import build_once
from workbench.build.own_writes import GAP_S, OwnWrites
from workbench.build.toolchain import Toolchain
from workbench.errors import UserError
from workbench.project.model import Function
from workbench.records import Profile
from workbench.threads import Died, ThreadDied, raise_it


@dataclass(frozen=True)
class Demand:
    """Why changed files ask for a build of a function.

    `changed_at` is `time.time()` of the newest change. `sure`: it is made of them, so cargo will have something to do.
    `perhaps` are those that builds themselves may have written; with `by_hand`, others are somebody's.
    """

    changed_at: float
    changed: frozenset[Path]
    sure: bool
    perhaps: frozenset[Path]
    by_hand: bool


@dataclass(frozen=True)
class _Request:
    """`demand` None: somebody wants the build, whatever changed. It begins at `ready` (`time.monotonic()`)."""

    function: Function
    profile: Profile
    changed_at: float | None
    demand: Demand | None = None
    ready: float = 0.0


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
        self._own_writes = OwnWrites()
        self._restarted: set[str] = set()
        self._reported: dict[str, tuple[Profile, str]] = {}
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

    def request(
        self, function: Function, profile: Profile, changed_at: float | None, demand: Demand | None = None
    ) -> None:
        """Have the function built. A build of it that is running is useless now: it is killed, without a word.

        With a `demand`, cargo is to build if it would, and what gives nothing new is reported as `Unchanged`. Then a
        running build is killed if it surely uses what is old now; for what it may have written itself, once at most.
        """
        with self._changed:
            if self._closed:
                return
            later = demand is not None and not demand.by_hand and self._own_writes.last(function.id, demand.perhaps)
            request = _Request(function, profile, changed_at, demand, time.monotonic() + GAP_S if later else 0.0)
            death = self._death
            if death is None:
                running = self._running
                if running is not None and running.request.function.id == function.id and self._ends(running, demand):
                    request = self._instead(running.request, request)
                    running.superseded = True
                    running.leash.let_go()
                waiting = self._queue.pop(function.id, None)
                self._queue[function.id] = request if waiting is None else _merged(waiting, request)
                self._changed.notify()
        if death is not None:
            self._report(_failed(request, death))

    def cancel(self) -> None:
        """Kill the running build and drop the waiting ones; each is reported as `Failed`, with `cancelled`."""
        with self._changed:
            self._dropped += self._queue.values()
            self._queue.clear()
            self._reported.clear()
            if self._running is not None:
                self._running.cancelled = True
                self._running.leash.let_go()
            self._changed.notify()

    def close(self) -> None:
        """End everything and wait for it, but not long; nothing is reported any more."""
        with self._changed:
            self._closed = True
            self._queue.clear()
            if self._running is not None:
                self._running.leash.let_go()
            self._changed.notify()
        self._thread.join(threads.END_S)

    def demands(self, functions: Iterable[Function], changes: Mapping[Path, float]) -> dict[str, Demand]:
        """What changed files, each with `time.time()` of its change, ask for, by the function's id."""
        places = {path: affected.places(path) for path in changes}
        with self._changed:
            found = {function.id: self._demand(function, places, changes) for function in functions}
        return {name: demand for name, demand in found.items() if demand is not None}

    def _demand(
        self, function: Function, places: Mapping[Path, frozenset[Path]], changes: Mapping[Path, float]
    ) -> Demand | None:
        concerns = self._sources.concerns(function, places)
        told = self._own_writes.sort(function.id, {path: changes[path] for path in concerns})
        changed = told.by_hand | told.perhaps
        if not changed:
            return None
        sure = any(concerns[path] == "build" for path in changed)
        newest = max(changes[path] for path in changed)
        return Demand(newest, changed, sure, told.perhaps, bool(told.by_hand))

    def own_writes(self, function: Function) -> frozenset[Path]:
        """The files for which the function is not built any more, as its builds write them."""
        with self._changed:
            return self._own_writes.own(function.id)

    def watched(self, functions: Iterable[Function]) -> frozenset[Path]:
        """The directories and files to watch for these functions: path dependencies and included files too."""
        with self._changed:
            return frozenset(path for function in functions for path in self._sources.watched(function))

    def _ends(self, running: _Running, demand: Demand | None) -> bool:
        """Whether the running build is useless for what is asked of the same function."""
        if demand is None or not demand.sure or demand.by_hand:
            return demand is None or demand.sure
        if running.request.function.id in self._restarted:
            return False
        self._restarted.add(running.request.function.id)
        return True

    def _instead(self, killed: _Request, after: _Request) -> _Request:
        """One build for both."""
        if after.demand is not None:
            self._own_writes.tried(after.function.id, after.demand.perhaps)
        old, new = (each.demand and replace(each.demand, perhaps=frozenset()) for each in (killed, after))
        return _merged(replace(killed, demand=old), replace(after, demand=new, ready=0.0))

    def _work(self) -> None:
        while True:
            with self._changed:
                self._working = False
                while not (self._closed or self._dropped or self._is_ready()):
                    begins = min((request.ready for request in self._queue.values()), default=None)
                    self._changed.wait(None if begins is None else max(0.0, begins - time.monotonic()))
                if self._closed:
                    return
                self._working = True
                dropped, self._dropped = self._dropped, []
                running = self._running = self._next() if self._is_ready() else None
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

    def _is_ready(self) -> bool:
        now = time.monotonic()
        return any(request.ready <= now for request in self._queue.values())

    def _next(self) -> _Running:
        now = time.monotonic()
        ready = (request for request in self._queue.values() if request.ready <= now)
        newest = max(ready, key=lambda request: request.changed_at or 0.0)
        del self._queue[newest.function.id]
        if newest.demand is not None:
            self._own_writes.tried(newest.function.id, newest.demand.perhaps)
        else:
            self._own_writes.asked()
        self._own_writes.began(newest.function.id, time.time())
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
            self._own_writes.ended(time.time())
            self._put_off()
            if running.superseded or self._closed:
                self._running = None
                return
            self._restarted.discard(request.function.id)
            told: BuildEvent = event
            if isinstance(event, Finished):
                self._seen[request.function.id] = look(event.artifact.sources, began)
                if self._tells_nothing(request, event.artifact):
                    told = Unchanged(request.function.id, event.diagnostics, event.duration_ms)
            elif running.cancelled:
                told = _cancelled(request, event.duration_ms)
            else:
                self._sources.failed(request.function, event.diagnostics)
                self._reported.pop(request.function.id, None)
            self._running = None
        self._report(told)

    def _put_off(self) -> None:
        """Builds that leave time for saves leave it when nothing is built."""
        for name, request in self._queue.items():
            if request.ready:
                self._queue[name] = replace(request, ready=time.monotonic() + GAP_S)

    def _tells_nothing(self, request: _Request, artifact: Artifact) -> bool:
        """Take note of what was made; whether that is what was reported last, and nobody waits to hear of it."""
        function, demand, made = request.function, request.demand, (request.profile, artifact.digest)
        known, self._reported[function.id] = self._reported.get(function.id), made
        if artifact.fresh and known == made:
            self._sources.not_read(function, demand.changed if demand is not None else ())
        else:
            self._sources.built(function, artifact)
        return demand is not None and known == made and (artifact.fresh or not demand.by_hand)

    def _progress(self, running: _Running, progress: Progress) -> None:
        demand = running.request.demand
        if demand is not None and not demand.sure and progress.total == 0:
            return  # it does not compile yet, and perhaps never will
        if not (running.superseded or running.cancelled or self._closed):
            self._report(progress)

    def _compiler(self) -> Toolchain:
        if self._toolchain is None or not os.path.exists(self._toolchain.cargo):
            self._toolchain = self._find()
        return self._toolchain


def _merged(before: _Request, after: _Request) -> _Request:
    """One build for both."""
    first, second = before.demand, after.demand
    times = [at for at in (before.changed_at, after.changed_at) if at is not None]
    demand = None
    if first is not None and second is not None:
        demand = Demand(
            max(first.changed_at, second.changed_at), first.changed | second.changed, first.sure or second.sure,
            first.perhaps | second.perhaps, first.by_hand or second.by_hand,
        )  # fmt: skip
    return _Request(after.function, after.profile, max(times, default=None), demand, min(before.ready, after.ready))


def _cancelled(request: _Request, duration_ms: float) -> Failed:
    error = UserError(f"The build of {request.function.id} was cancelled.")
    return Failed(request.function.id, error, (), duration_ms, request.changed_at, cancelled=True)


def _failed(request: _Request, death: ThreadDied) -> Failed:
    return Failed(request.function.id, death, (), 0.0, request.changed_at)
