"""Code: from source to a loaded module, off the engine's thread, and what a front may know of it."""

from __future__ import annotations

import hashlib
import os
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Protocol

from workbench import threads
from workbench.build import pinned
from workbench.build.builder import Builder, Demand
from workbench.build.events import BuildEvent, Failed, Finished, Progress, Unchanged
from workbench.build.toolchain import Toolchain, ToolchainMissing, find
from workbench.errors import UserError, reason_of
from workbench.host.engine import Host
from workbench.host.modules import Module
from workbench.project.model import Function
from workbench.records import Build, Diagnostic, Profile
from workbench.session.view import BuildState, BuildView
from workbench.threads import Died, ThreadDied


@dataclass(frozen=True)
class Loaded:
    """A module is ready for its function's instances. Times in ms; `changed_at` is `time.time()` of the change.

    It is the same module as before when the newest build gave the same code.
    """

    function: str
    module: Module
    changed_at: float | None = None
    stages_ms: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Refused:
    """There is no module: the build failed, or the host refused what it made."""

    function: str
    error: UserError


class CodeDesk(Protocol):
    """Where code is asked for, and told that it is live."""

    views: dict[str, BuildView]
    profile: Profile

    def want(self, function: Function, changed_at: float | None = None) -> None:
        """Have the function's newest code."""

    def cancel(self) -> None:
        """End the running build."""

    def live(self, loaded: Loaded, since_change_ms: float | None, swap_ms: float) -> None:
        """An instance has started well on this code."""

    def forget(self, function: str) -> None:
        """The function is gone."""


class ClosedDesk:
    """A desk for what has been once: nothing is built for it, and nobody is told."""

    def __init__(self, profile: Profile) -> None:
        self.views: dict[str, BuildView] = {}
        self.profile: Profile = profile

    def want(self, function: Function, changed_at: float | None = None) -> None:
        """Nothing comes."""
        self.views[function.id] = BuildView(function.id, "none")

    def cancel(self) -> None:
        """Nothing runs."""

    def live(self, loaded: Loaded, since_change_ms: float | None, swap_ms: float) -> None:
        """It is known."""

    def forget(self, function: str) -> None:
        """The function is gone."""
        self.views.pop(function, None)


@dataclass(frozen=True)
class _Ready:
    """What was loaded last of a function. `live`: an instance has started well on it."""

    digest: bytes
    module: Module
    live: bool = False


_UNDER_WAY: tuple[BuildState, ...] = ("queued", "building")


class Code:
    """Builds and loads. `report` gets `Loaded` and `Refused`, `record` a finished build's facts, on foreign threads.

    `died` hears of the death of the thread that builds, or loads: what is asked of it then is refused.
    """

    def __init__(
        self, host: Host, target_dir: Path, build: bool, profile: Profile,
        report: Callable[[Loaded | Refused], None],
        record: Callable[[Finished | Failed | Unchanged, Profile], None], died: Died,
    ) -> None:  # fmt: skip
        self._host, self._target_dir = host, target_dir
        self._report, self._record, self._died = report, record, died
        self._death: ThreadDied | None = None
        """Of the loader."""
        self.profile: Profile = profile
        self.views: dict[str, BuildView] = {}
        """How each function's code stands; replaced whole, so it may be read on any thread."""
        self.missing: str | None = None
        """What the machine lacks for building, None when nothing."""
        self._found: Toolchain | None = None
        self._began: dict[str, float] = {}
        self._before: dict[str, BuildState] = {}
        self._ready: dict[str, _Ready] = {}
        self._lock = threading.Lock()
        self._loads: deque[tuple[str, Callable[[], None]]] = deque()
        """What is to be done for which function, and not reported yet; the first is being done."""
        self._more = threading.Semaphore(0)
        self._closed = False
        self._loader = threads.start("loader of modules", self._load_for_ever, self._end_dead)
        self.builder = Builder(self._toolchain, target_dir, self._heard, died) if build else None

    @property
    def busy(self) -> bool:
        """Whether a build or a load is under way."""
        # A build begins with a look for a compiler, which is among the loads, and ends in a load.
        return bool(self._loads) or (self.builder is not None and self.builder.busy) or bool(self._loads)

    def want(self, function: Function, changed_at: float | None = None) -> None:
        """Have the function's newest code: built where that is possible, else the `.wasm` that is there."""
        with self._lock:
            self.views = {**self.views, function.id: self.views.get(function.id, BuildView(function.id, "none"))}

        def begin() -> None:
            if self._is_built(function) and self.builder is not None:
                self._began[function.id] = time.perf_counter()
                self._enqueue(function)
                self.builder.request(function, self.profile, changed_at)
            else:
                self._take_as_it_is(function, changed_at)

        self._soon(function.id, begin)

    def follow(self, functions: Iterable[Function], changes: Mapping[Path, float]) -> None:
        """Have those functions' newest code that changed files make, each with `time.time()` of its change: of their
        source where it is built here, else of the `.wasm` that is there."""
        functions, files = list(functions), {os.path.realpath(path): at for path, at in changes.items()}
        demands = {} if self.builder is None else self.builder.demands(functions, changes)
        for function in functions:
            demand = demands.get(function.id)
            wasm_at = files.get(os.path.realpath(function.wasm))
            if demand is not None or wasm_at is not None:
                self._soon(function.id, partial(self._follow, function, demand, wasm_at))

    def _follow(self, function: Function, demand: Demand | None, wasm_at: float | None) -> None:
        if not self._is_built(function):
            if wasm_at is not None:
                self._take_as_it_is(function, wasm_at)
        elif demand is not None and self.builder is not None:
            self._began[function.id] = time.perf_counter()
            if demand.sure:
                self._enqueue(function)
            self.builder.request(function, self.profile, demand.changed_at, demand)

    def _take_as_it_is(self, function: Function, changed_at: float | None) -> None:
        self._set(function.id, state="prebuilt")
        self._load(function.id, function.wasm, changed_at, {})

    def own_writes(self, functions: Iterable[Function]) -> list[tuple[Function, Path]]:
        """The files for which functions are not built any more, as their builds write them."""
        if self.builder is None:
            return []
        return [(function, path) for function in functions for path in sorted(self.builder.own_writes(function))]

    def cancel(self) -> None:
        """End the running build and drop the waiting ones."""
        if self.builder is not None:
            self.builder.cancel()

    def live(self, loaded: Loaded, since_change_ms: float | None, swap_ms: float) -> None:
        """An instance has started well on this code."""
        function = loaded.function
        with self._lock:
            ready = self._ready.get(function)
            if ready is None or ready.module is not loaded.module:  # newer code is there already
                return
            if ready.live and since_change_ms is None:  # it has been live, and only starts once more
                return
            self._ready[function] = replace(ready, live=True)
        times = {"since_change_ms": since_change_ms, "stages_ms": {**loaded.stages_ms, "swap": swap_ms}}
        self._set(function, only=("prebuilt",), **times)
        self._set(function, only=("built", "live"), state="live", **times)

    def forget(self, function: str) -> None:
        """The function is gone."""
        with self._lock:
            self.views = {name: view for name, view in self.views.items() if name != function}
            self._ready.pop(function, None)
            self._began.pop(function, None)
            self._before.pop(function, None)

    def close(self) -> None:
        """End builds and loads; no cargo is left behind. A module that takes long to compile is not waited for."""
        if self.builder is not None:
            self.builder.close()
        self._closed = True
        self._more.release()
        self._loader.join(threads.END_S)

    def _enqueue(self, function: Function) -> None:
        self._keep_state(function.id)
        self._set(function.id, state="queued", crate="", done=0, total=0, elapsed_ms=0.0)

    def _keep_state(self, function: str) -> None:
        """Remember how its code stands, for a build that gives nothing new."""
        view = self.views.get(function)
        if view is not None and view.state not in _UNDER_WAY:
            self._before[function] = view.state

    def _state_before(self, function: str) -> BuildState:
        state, ready = self._before.get(function, "built"), self._ready.get(function)
        return "live" if state == "built" and ready is not None and ready.live else state

    def _is_built(self, function: Function) -> bool:
        """Whether its code comes from its source here."""
        if self.builder is None or not function.buildable:
            return False
        return function.command is not None or self._can_build(function)

    def _can_build(self, function: Function) -> bool:
        if pinned.is_pinned(function.directory):  # if that toolchain is no good, its build tells
            return True
        try:
            self._toolchain()
        except ToolchainMissing:
            return False
        return True

    def _toolchain(self) -> Toolchain:
        if self._found is None or not os.path.exists(self._found.cargo):
            try:
                self._found = find()
            except ToolchainMissing as error:
                self.missing = str(error)
                raise
            self.missing = None
        return self._found

    def _heard(self, event: BuildEvent) -> None:
        if event.function not in self.views:  # it was forgotten meanwhile
            return
        if isinstance(event, Unchanged):
            self._set(event.function, only=_UNDER_WAY, state=self._state_before(event.function))
            if self.views[event.function].diagnostics != event.diagnostics:
                self._set(event.function, only=("built", "live"), diagnostics=event.diagnostics)
            self._record(event, self.profile)
            return
        if isinstance(event, Progress):
            self._keep_state(event.function)
            elapsed = (time.perf_counter() - self._began.get(event.function, time.perf_counter())) * 1000
            self._set(
                event.function, state="building", crate=event.crate, done=event.done, total=event.total,
                elapsed_ms=elapsed,
            )  # fmt: skip
            return
        if isinstance(event, Failed):
            diagnostics = event.diagnostics or (Diagnostic("error", str(event.error), rendered=str(event.error)),)
            self._set(event.function, state="failed", diagnostics=() if event.cancelled else diagnostics)
            self._record(event, self.profile)
            self._report(Refused(event.function, event.error))
            return
        self._set(event.function, state="built", diagnostics=event.diagnostics)
        self._record(event, event.artifact.profile)
        stages = {"build": event.duration_ms}
        if event.changed_at is not None:
            stages = {"detect": max(0.0, (time.time() - event.changed_at) * 1000 - event.duration_ms), **stages}
        self._soon(event.function, lambda: self._load(event.function, event.artifact.path, event.changed_at, stages))

    def _soon(self, function: str, work: Callable[[], None]) -> None:
        """Have something done for a function on the loader's thread; where that is dead, its code is refused."""
        with self._lock:
            death = self._death
            if death is None:
                self._loads.append((function, work))
        if death is None:
            self._more.release()
        else:
            self._refuse(function, death)

    def _load_for_ever(self) -> None:
        while self._more.acquire() and not self._closed:
            self._loads[0][1]()
            with self._lock:
                self._loads.popleft()

    def _end_dead(self, death: ThreadDied) -> None:
        with self._lock:
            self._death = death
            left = [function for function, _ in self._loads]
            self._loads.clear()
        self._died(death)
        for function in left:
            self._refuse(function, death)

    def _load(self, function: str, path: Path, changed_at: float | None, stages: Mapping[str, float]) -> None:
        began = time.perf_counter()
        try:
            ready = self._made_ready(function, path)
        except UserError as error:
            self._refuse(function, error)
            return
        if ready.live:
            self._set(function, only=("built",), state="live")
        compiled = (time.perf_counter() - began) * 1000
        self._report(Loaded(function, ready.module, changed_at, {**stages, "compile": compiled}))

    def _refuse(self, function: str, error: UserError) -> None:
        diagnostics = (Diagnostic("error", str(error), rendered=str(error)),)
        self._set(function, only=("built", "prebuilt"), state="failed", diagnostics=diagnostics)
        self._report(Refused(function, error))

    def _made_ready(self, function: str, path: Path) -> _Ready:
        """The code in the file, loaded unless it is what was loaded last. Raises `UserError` when it is no good."""
        content = _content(path)
        digest = hashlib.blake2b(content, digest_size=16).digest()
        ready = self._ready.get(function)
        if ready is not None and ready.digest == digest:
            return ready
        ready = _Ready(digest, self._host.load(content, path.name))
        with self._lock:
            if function in self.views:
                self._ready[function] = ready
        return ready

    def _set(self, function: str, *, only: tuple[BuildState, ...] = (), **changes: object) -> None:
        """Change how a function's code stands, `only` where it stands so now; what was asked since counts more."""
        with self._lock:
            view = self.views.get(function)
            if view is not None and (not only or view.state in only):
                self.views = {**self.views, function: replace(view, **changes)}  # type: ignore[arg-type]


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise UserError("there is no such file; build the function first", path=path) from None
    except OSError as error:
        raise UserError(f"it cannot be read: {reason_of(error)}", path=path) from error


def build_record(event: Finished | Failed, profile: Profile, seq: int, t: float) -> Build:
    """What the journal says of a build."""
    ok = isinstance(event, Finished)
    wasm = str(event.artifact.path) if isinstance(event, Finished) else None
    diagnostics = event.diagnostics
    if isinstance(event, Failed) and not diagnostics:
        diagnostics = (Diagnostic("error", str(event.error)),)
    return Build(seq, t, None, None, event.function, ok, profile, event.duration_ms, wasm, diagnostics)
