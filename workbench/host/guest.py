"""One instance: a guest, its dock, and the fiber that carries both."""

from __future__ import annotations

import struct
from collections.abc import Callable
from enum import IntEnum
from typing import TYPE_CHECKING

from wasmtime import Func, FuncType, Linker, Memory, Store, ValType

from workbench.host import capi, contract, dock, traps
from workbench.host.contract import Effect, Identity
from workbench.records import ReplyOutcome

if TYPE_CHECKING:
    from workbench.host.engine import Host
    from workbench.host.modules import Module


class Progress(IntEnum):
    """Where a guest stands after a slice."""

    IDLE = 0
    """It waits for its next event."""
    RUNNING = 1
    """Its slice ended inside a handler."""
    WAITING = 2
    """It waits for the reply to its last `CALL` or `CALL_RAW` effect."""
    DEAD = 3
    """It trapped, or was killed."""


DEFAULT_MEMORY_LIMIT = 256 << 20

NOBODY: Identity = bytes(32)
"""The source of what no instance sent."""

_I32 = ValType.i32()
_WORD = struct.Struct("<I")
_VERB = struct.Struct("<IIII")
_CALLS = (contract.CALL, contract.CALL_RAW)
_OUTCOMES: dict[int, ReplyOutcome] = {0: "noreply", 1: "reply"}


class Guest:
    """A running function. Used on one thread only.

    `knows(alias)` says whether an alias leads somewhere at this moment. `memory_limit` is in bytes.
    Raises ModuleRefused when the module cannot be instantiated, which is what a trapping start function does.
    """

    def __init__(
        self,
        host: Host,
        module: Module,
        identity: Identity,
        knows: Callable[[str], bool],
        memory_limit: int = DEFAULT_MEMORY_LIMIT,
    ) -> None:
        self._knows = knows
        self._memory_limit = memory_limit
        self._progress = Progress.RUNNING
        self._callback = ""
        self._done: list[Effect] = []
        self._read = dock.RING
        self._spilled: list[bytes] = []
        self._inbox = b""
        self._reply: tuple[ReplyOutcome, bytes] = ("noreply", b"")
        self._refused: tuple[int, bytes] | None = None
        self.trap: traps.TrapReport | None = None
        """How it died, once it is DEAD by a trap."""
        store = Store(host.engine)
        self._store: Store | None = store
        store.set_limits(memory_size=max(memory_limit, dock.IO_PAGES * dock.PAGE))
        capi.yield_at_epochs(store)
        linker = Linker(host.engine)
        self._waits = capi.Waits(linker, "host", ("next_event", "await_reply"), self._suspended)
        linker.define_func("host", "knows", FuncType([_I32, _I32], [_I32]), self._answer_knows)
        linker.define_func("host", "flush", FuncType([], []), self._flush)
        linker.define_func("host", "spill", FuncType([_I32, _I32], []), self._spill)
        linker.define_func("host", "fetch", FuncType([_I32, _I32, _I32], []), self._fetch)
        shim = capi.instantiate(store, linker, host.shim).exports(store)
        for name in (*contract.IMPORTS, "table"):
            linker.define(store, contract.IMPORT_MODULE, name, shim[name])
        with traps.refusing(module.name):
            guest = capi.instantiate(store, linker, module.compiled).exports(store)
        for name in (contract.MEMORY, *contract.EXPORTS):
            linker.define(store, "guest", name, guest[name])
        memory = guest[contract.MEMORY]
        assert isinstance(memory, Memory)
        self._memory = memory
        docked = capi.instantiate(store, linker, host.dock).exports(store)
        io, run = docked["io"], docked["run"]
        assert isinstance(io, Memory)
        self._io = capi.memory_view(store, io)
        self._io[dock.SELF : dock.SELF + 32] = identity
        self._linker = linker
        assert isinstance(run, Func)
        self._fiber = capi.Fiber(store, run)
        while self.run() is Progress.RUNNING:  # a slice may end before the dock has asked for its first event
            pass

    # ---- events: begin one, then `run` until the guest is not RUNNING

    def init(self, payload: str | None, state: str | None) -> None:
        """Begin `handle_init`. None is absent; an empty text is handed over but looks absent to the guest."""
        first = (payload or "").encode()
        second = (state or "").encode()
        present = (payload is not None) | (state is not None) << 1
        self._begin("handle_init", dock.INIT, first + second, len(first), len(second), present)

    def cast(self, source: Identity, payload: bytes) -> None:
        """Begin `handle_cast`."""
        self._begin("handle_cast", dock.DELIVER_CAST, payload, len(payload), source=source)

    def call(self, source: Identity, payload: bytes) -> None:
        """Begin `handle_call`; `take_reply` has the answer when the guest is IDLE again."""
        self._begin("handle_call", dock.DELIVER_CALL, payload, len(payload), source=source)

    def stop(self) -> None:
        """Begin `handle_stop`."""
        self._begin("handle_stop", dock.STOP, b"", 0)

    def resume(self, outcome: ReplyOutcome, payload: bytes = b"") -> None:
        """Answer the call the guest waits in; `run` lets it go on."""
        if self._progress is not Progress.WAITING:
            raise RuntimeError("the guest does not wait for a reply")
        self._put_inbox(payload)
        _VERB.pack_into(self._io, dock.FIRST_LENGTH, len(payload), 0, 0, contract.REPLY_CODES[outcome])
        self._continue()

    def _begin(
        self,
        callback: str,
        verb: int,
        inbox: bytes,
        first: int,
        second: int = 0,
        present: int = 0,
        source: Identity = NOBODY,
    ) -> None:
        if self._progress is not Progress.IDLE:
            raise RuntimeError(f"the guest cannot take an event now: it is {self._progress.name}")
        self._callback = callback
        self._io[dock.SOURCE : dock.SOURCE + 32] = source
        self._put_inbox(inbox)
        _VERB.pack_into(self._io, dock.VERB, verb, first, second, present)
        self._continue()

    def _put_inbox(self, content: bytes) -> None:
        self._inbox = content
        begin = content[: dock.INBOX_SIZE]
        self._io[dock.INBOX : dock.INBOX + len(begin)] = begin

    def _continue(self) -> None:
        self._progress = Progress.RUNNING
        self._waits.go_on()

    def run(self) -> Progress:
        """Let it run for one slice at most (5 ms), and say where it stands."""
        if self._progress is Progress.RUNNING and self._fiber.poll():
            self._died()
        return self._progress

    def _suspended(self, name: str) -> None:
        self._progress = Progress.IDLE if name == "next_event" else Progress.WAITING

    # ---- what it did

    def effects(self) -> list[Effect]:
        """What it did since last asked, in order; also in the middle of a handler."""
        if self._store is not None:
            self._drain()
        done, self._done = self._done, []
        if self._progress is Progress.RUNNING:
            if done and done[-1][0] in _CALLS:  # it is about to wait, but cannot be answered before it does
                self._done.append(done.pop())
        elif self._store is not None:
            self._empty_ring()
        return done

    def take_reply(self) -> tuple[ReplyOutcome, bytes]:
        """The answer of the call just handled; `effects` must have been asked before."""
        return self._reply

    @property
    def progress(self) -> Progress:
        """Where it stood after its last slice."""
        return self._progress

    @property
    def memory_bytes(self) -> int:
        """How much linear memory it has; 0 when it is gone."""
        return self._memory.data_len(self._store) if self._store is not None else 0

    def _drain(self) -> None:
        # A slice may end while the dock writes a record: the ring's head may be moved back only when it does not.
        io = self._io
        (head,) = _WORD.unpack_from(io, dock.HEAD)
        at = self._read
        if head == at:
            return
        self._read = head
        ring = bytes(io[at:head])
        at, end = 0, head - at
        append, unpack, size = self._done.append, dock.RECORD.unpack_from, dock.RECORD.size
        while at < end:
            number, kind, length, other = unpack(ring, at)
            at += size
            if length == dock.SPILLED:
                first = self._spilled.pop(0)
            else:
                first = ring[at : at + length]
                at += length
            if other == dock.SPILLED:
                second = self._spilled.pop(0)
            else:
                second = ring[at : at + other]
                at += other
            if kind < contract.REPLY:
                append((kind, number, first, second))
            elif kind == contract.REPLY:
                self._reply = (_OUTCOMES.get(number, "err"), second)
            else:
                self._refused = (number, first)

    def _empty_ring(self) -> None:
        if self._read != dock.RING:
            self._read = dock.RING
            _WORD.pack_into(self._io, dock.HEAD, dock.RING)

    def _died(self) -> None:
        self._drain()
        self.trap = traps.report(self._fiber.failure(), self._callback, self._refused, self._memory_limit)
        self._progress = Progress.DEAD
        self._release()

    # ---- the dock's host imports; all are rare

    def _answer_knows(self, at: int, length: int) -> int:
        return int(self._knows(self._guest_bytes(at, length).decode()))

    def _flush(self) -> None:
        self._drain()
        self._empty_ring()

    def _spill(self, at: int, length: int) -> None:
        self._spilled.append(self._guest_bytes(at, length))

    def _fetch(self, at: int, offset: int, length: int) -> None:
        assert self._store is not None
        view = capi.memory_view(self._store, self._memory)
        view[at : at + length] = self._inbox[offset : offset + length]

    def _guest_bytes(self, at: int, length: int) -> bytes:
        assert self._store is not None
        at, length = at & 0xFFFFFFFF, length & 0xFFFFFFFF
        view = capi.memory_view(self._store, self._memory)
        if at + length > len(view):
            raise IndexError("the guest pointed outside its memory")
        return bytes(view[at : at + length])

    # ---- the end

    def kill(self) -> None:
        """End it wherever it is and free what it holds; harmless when done twice."""
        if self._store is not None:
            self._drain()
            self._progress = Progress.DEAD
            self._release()

    def _release(self) -> None:
        store, self._store = self._store, None
        if store is None:
            return
        self._io = memoryview(b"")
        self._inbox = b""
        self._fiber.drop()
        self._linker.close()
        store.close()
