"""Code: from source to a loaded module, off the engine's thread, and what a front may know of it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from queue import SimpleQueue
from typing import Protocol

from workbench.build.builder import Builder
from workbench.build.events import BuildEvent, Failed, Finished, Progress
from workbench.build.target_dir import artifact_path
from workbench.build.toolchain import Toolchain, ToolchainMissing, find
from workbench.errors import UserError
from workbench.host.engine import Host
from workbench.host.modules import Module
from workbench.project.model import Function
from workbench.records import Build, Diagnostic, Profile
from workbench.session.view import BuildView


@dataclass(frozen=True)
class Loaded:
    """A module is ready for its function's instances. Times in ms; `changed_at` is `time.time()` of the change.

    `early`: it is what was there before the first build.
    """

    function: str
    module: Module
    changed_at: float | None = None
    stages_ms: Mapping[str, float] = field(default_factory=dict)
    early: bool = False


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

    def want_early(self, function: Function) -> None:
        """Have what is there, until the first build is done."""

    def cancel(self) -> None:
        """End the running build."""

    def live(self, function: str, since_change_ms: float | None, stages_ms: Mapping[str, float]) -> None:
        """New code of the function is live."""

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

    def want_early(self, function: Function) -> None:
        """Nothing comes."""

    def cancel(self) -> None:
        """Nothing runs."""

    def live(self, function: str, since_change_ms: float | None, stages_ms: Mapping[str, float]) -> None:
        """It is known."""

    def forget(self, function: str) -> None:
        """The function is gone."""
        self.views.pop(function, None)


class Code:
    """Builds and loads. `report` gets `Loaded` and `Refused`, `record` a finished build's facts, on foreign threads."""

    def __init__(
        self, host: Host, target_dir: Path, build: bool, profile: Profile,
        report: Callable[[Loaded | Refused], None], record: Callable[[Finished | Failed, Profile], None],
    ) -> None:  # fmt: skip
        self._host, self._target_dir = host, target_dir
        self._report, self._record = report, record
        self.profile: Profile = profile
        self.views: dict[str, BuildView] = {}
        """How each function's code stands; replaced whole, so it may be read on any thread."""
        self.missing: str | None = None
        """What the machine lacks for building, None when nothing."""
        self._found: Toolchain | None = None
        self._began: dict[str, float] = {}
        self._open = 0
        self._lock = threading.Lock()
        self._loads: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        self._loader = threading.Thread(target=self._load_for_ever, name="loader", daemon=True)
        self._loader.start()
        self.builder = Builder(self._toolchain, target_dir, self._heard) if build else None

    @property
    def busy(self) -> bool:
        """Whether a build or a load is under way."""
        return self._open > 0

    def want(self, function: Function, changed_at: float | None = None) -> None:
        """Have the function's newest code: built where that is possible, else the `.wasm` that is there."""
        self.views = {**self.views, function.id: self.views.get(function.id, BuildView(function.id, "none"))}
        if self.builder is not None and self._is_built(function):
            if self.views.get(function.id, BuildView(function.id, "none")).state not in ("queued", "building"):
                self._count(1)
            self._began[function.id] = time.perf_counter()
            self._set(function.id, state="queued", crate="", done=0, total=0, elapsed_ms=0.0)
            self.builder.request(function, self.profile, changed_at)
            return
        self._count(1)
        self._set(function.id, state="prebuilt")
        self._loads.put(lambda: self._load(function.id, function.wasm, changed_at, {}))

    def want_early(self, function: Function) -> None:
        """Have the `.wasm` that is there, if the function is to be built and never was."""
        built = artifact_path(self._target_dir, function.id, self.profile)
        if self._is_built(function) and function.wasm.exists() and not built.exists():
            self._count(1)
            self._loads.put(lambda: self._load_early(function))

    def cancel(self) -> None:
        """End the running build and drop the waiting ones."""
        if self.builder is not None:
            self.builder.cancel()

    def live(self, function: str, since_change_ms: float | None, stages_ms: Mapping[str, float]) -> None:
        """New code of the function is live."""
        state = self.views[function].state if function in self.views else "live"
        self._set(
            function, state="prebuilt" if state == "prebuilt" else "live",
            since_change_ms=since_change_ms, stages_ms=dict(stages_ms),
        )  # fmt: skip

    def forget(self, function: str) -> None:
        """The function is gone."""
        self.views = {name: view for name, view in self.views.items() if name != function}

    def close(self) -> None:
        """End builds and loads; no cargo is left behind."""
        if self.builder is not None:
            self.builder.close()
        self._loads.put(None)
        self._loader.join()

    def _is_built(self, function: Function) -> bool:
        """Whether its code comes from its source here."""
        if self.builder is None or not function.buildable:
            return False
        return function.command is not None or self._can_build()

    def _can_build(self) -> bool:
        try:
            self._toolchain()
        except ToolchainMissing:
            return False
        return True

    def _toolchain(self) -> Toolchain:
        if self._found is None or not self._found.cargo.exists():
            try:
                self._found = find()
            except ToolchainMissing as error:
                self.missing = str(error)
                raise
            self.missing = None
        return self._found

    def _heard(self, event: BuildEvent) -> None:
        began = self._began.get(event.function, time.perf_counter())
        if isinstance(event, Progress):
            elapsed = (time.perf_counter() - began) * 1000
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
            self._count(-1)
            return
        self._record(event, event.artifact.profile)
        self._set(event.function, diagnostics=event.diagnostics)
        if event.unchanged:
            self.live(event.function, None, {})
            self._count(-1)
            return
        stages = {"build": event.duration_ms}
        if event.changed_at is not None:
            stages = {"detect": max(0.0, (time.time() - event.changed_at) * 1000 - event.duration_ms), **stages}
        self._loads.put(lambda: self._load(event.function, event.artifact.path, event.changed_at, stages))

    def _load_for_ever(self) -> None:
        while (load := self._loads.get()) is not None:
            load()

    def _load(self, function: str, path: Path, changed_at: float | None, stages: Mapping[str, float]) -> None:
        began = time.perf_counter()
        try:
            module = self._host.load(_content(path), path.name)
        except UserError as error:
            self._set(function, state="failed", diagnostics=(Diagnostic("error", str(error), rendered=str(error)),))
            self._report(Refused(function, error))
        else:
            compiled = (time.perf_counter() - began) * 1000
            self._report(Loaded(function, module, changed_at, {**stages, "compile": compiled}))
        self._count(-1)

    def _load_early(self, function: Function) -> None:
        # What is wrong with it is of no interest: it is about to be replaced.
        with suppress(UserError):
            module = self._host.load(_content(function.wasm), function.wasm.name)
            self._report(Loaded(function.id, module, early=True))
        self._count(-1)

    def _count(self, change: int) -> None:
        with self._lock:
            self._open += change

    def _set(self, function: str, **changes: object) -> None:
        if function in self.views:  # else it was forgotten meanwhile
            self.views = {**self.views, function: replace(self.views[function], **changes)}  # type: ignore[arg-type]


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise UserError("there is no such file; build the function first", path=path) from None
    except OSError as error:
        raise UserError(f"it cannot be read: {error.strerror}", path=path) from error


def build_record(event: Finished | Failed, profile: Profile, seq: int, t: float) -> Build:
    """What the journal says of a build."""
    ok = isinstance(event, Finished)
    wasm = str(event.artifact.path) if isinstance(event, Finished) else None
    diagnostics = event.diagnostics
    if isinstance(event, Failed) and not diagnostics:
        diagnostics = (Diagnostic("error", str(event.error)),)
    return Build(seq, t, None, None, event.function, ok, profile, event.duration_ms, wasm, diagnostics)
