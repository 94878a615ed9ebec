"""The host: one wasmtime engine, the dock compiled once, and the clock that shares time among guests."""

from __future__ import annotations

import os

# wasmtime reads this once, when an engine is made: it puts files and lines into backtraces.
os.environ.setdefault("WASMTIME_BACKTRACE_DETAILS", "1")

import threading

import wasmtime

from workbench import threads
from workbench.errors import UserError
from workbench.host import capi, dock, room
from workbench.host.modules import Module, compile_module
from workbench.threads import Died, raise_it

SLICE_SECONDS = 0.005
"""How long a guest runs before another may."""


class Host:
    """What all guests of a session share.

    `load` may be called on any thread, everything else on the engine's. The slices are counted by a thread of the
    host's own, which rests while `rest` says that nothing runs.
    """

    def __init__(self, died: Died = raise_it) -> None:
        """`died` hears when no slices are counted any more, so that a guest may run without end.

        Raises UserError where the machine has no room.
        """
        try:
            self.engine = capi.host_engine()
            self.shim = wasmtime.Module(self.engine, dock.SHIM)
            self.dock = wasmtime.Module(self.engine, dock.DOCK)
        except wasmtime.WasmtimeError as error:
            raise UserError(f"no instance can run here: {room.shortage()}") from error
        self._awake = threading.Event()
        self._awake.set()
        self._closed = threading.Event()
        self._ticker = threads.start("clock of the host", self._tick, died)

    def load(self, wasm: bytes, name: str) -> Module:
        """Check and compile a module; `name` is how sentences call it. Raises ModuleRefused."""
        return compile_module(wasm, name, self.engine)

    def rest(self) -> None:
        """Nothing will run until `wake`: stop counting slices, so that an idle session costs nothing."""
        self._awake.clear()

    def wake(self) -> None:
        """Count slices again."""
        self._awake.set()

    def close(self) -> None:
        """End the host's thread. Guests must have been killed before."""
        self._closed.set()
        self._awake.set()
        self._ticker.join()

    def _tick(self) -> None:
        while not self._closed.wait(SLICE_SECONDS):
            self._awake.wait()
            self.engine.increment_epoch()
