"""One instance: a guest, its dock, and the fiber that carries both."""

from __future__ import annotations

import hashlib
import struct
from collections import deque
from collections.abc import Callable, Iterable
from enum import IntEnum
from time import perf_counter
from typing import TYPE_CHECKING, Protocol

from wasmtime import Func, Global, Linker, Memory, Store, WasmtimeError

from workbench.host import capi, contract, dock, limits, traps
from workbench.host.contract import Effect, Identity
from workbench.host.snapshot import PAGE, ZEROS, Reply, Snapshot, snapshot_of
from workbench.host.traps import ModuleRefused
from workbench.records import Callback, ReplyOutcome

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


DEFAULT_MEMORY_LIMIT = 1 << 30

NOBODY: Identity = bytes(32)
"""The source of what no instance sent."""


class Letter(Protocol):
    """What can be delivered."""

    @property
    def call(self) -> bool:
        """Whether it is a call, else a cast."""

    @property
    def identity(self) -> Identity:
        """Its sender's."""

    @property
    def payload(self) -> bytes:
        """What it says."""


_WORD = struct.Struct("<I")
_CALLS = (contract.CALL, contract.CALL_RAW)
_VERBS = (dock.DELIVER_CAST, dock.DELIVER_CALL)
_CALLBACKS: tuple[Callback, Callback] = ("handle_cast", "handle_call")


class Guest:
    """A running function. Used on one thread only.

    `knows(alias)` says whether an alias leads somewhere at this moment. `memory_limit` is in bytes.
    Raises ModuleRefused where the module cannot be instantiated, and another UserError where the machine has no room.
    Its start function runs at the beginning of `init`.
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
        self._callbacks: list[Callback] = []
        self.begun = 0
        """How many of the events handed over last have begun."""
        self.ended = 0
        """And how many of those have ended, as far as `effects` has told."""
        self.host_s = 0.0
        """Seconds of the last slice that were no time in the guest: large payloads were handed over and taken."""
        self._effects: list[Effect] = []
        self._read = dock.RING
        self._spilled: deque[bytes] = deque()
        self._content = b""
        """The event whose bytes may be too large for the inbox: the last one handed over."""
        self._reply = b""
        self._refused: tuple[int, bytes] | None = None
        self.replied: Reply | None = None
        """Its first reply, if its module's replies were not known when it was made."""
        self.trap: traps.TrapReport | None = None
        """How it died, once it is DEAD by a trap."""
        if module.sizes.first > memory_limit:
            raise ModuleRefused(
                f"{module.name} needs {_mib(module.sizes.first)} for its memories and tables, and an instance may have"
                f" {_mib(memory_limit)}: raise `memory` under [limits] in workbench.toml, or pass --limit-memory"
            )
        with traps.instantiating(module.name):
            store, linker = Store(host.engine), Linker(host.engine)
            try:
                self._fiber = self._assemble(store, linker, host, module, identity)
            except BaseException:
                linker.close()
                store.close()
                raise
            self._store: Store | None = store
            self._linker = linker
            while self.run() is Progress.RUNNING:  # a slice may end before the dock has asked for its first event
                pass

    def _assemble(self, store: Store, linker: Linker, host: Host, module: Module, identity: Identity) -> capi.Fiber:
        capi.yield_at_epochs(store)
        self._waits = capi.Waits(linker, "host", ("next_event", "await_reply"), self._suspended)
        self._services = capi.Services(linker, "host")
        self._services.define("knows", 2, self._answer_knows, answers=True)
        self._services.define("flush", 0, self._timed(self._flush))
        self._services.define("spill", 2, self._timed(self._spill))
        self._services.define("fetch", 3, self._timed(self._fetch))
        self._services.define("replied", 3, self._hold_reply)
        shim = capi.instantiate(store, linker, host.shim)
        for name in (*contract.IMPORTS, "table"):
            linker.define(store, contract.IMPORT_MODULE, name, capi.exported(store, shim, name))
        guest = capi.instantiate(store, linker, module.compiled)
        for name in (contract.MEMORY, *contract.EXPORTS):
            linker.define(store, "guest", name, capi.exported(store, guest, name))
        start = (guest, module.start) if module.start is not None else (shim, dock.NO_START)
        linker.define(store, "guest", dock.START, capi.exported(store, *start))
        memory = capi.exported(store, guest, contract.MEMORY)
        assert isinstance(memory, Memory)
        self._memory = memory
        variables = (capi.exported(store, guest, name) for name in module.globals)
        self._globals = [each for each in variables if isinstance(each, Global)]
        self._has_stack = module.has_stack
        docked = capi.instantiate(store, linker, host.dock)
        shares = limits.shares(module.sizes, self._memory_limit)  # none of the guest's own code has run yet
        store.set_limits(memory_size=shares.memory_bytes, table_elements=shares.table_elements)
        io, run = capi.exported(store, docked, "io"), capi.exported(store, docked, "run")
        assert isinstance(io, Memory)
        self._io = capi.memory_view(store, io)
        self._io[dock.SELF : dock.SELF + 32] = identity
        _WORD.pack_into(self._io, dock.WATCH, module.replies.freed is None)
        assert isinstance(run, Func)
        return capi.Fiber(store, run)

    # ---- events: hand over what is to be handled, then `run` until the guest is not RUNNING

    def start_up(self) -> None:
        """Have only its start function run, as `init` otherwise does first."""
        self._hand_over(dock.EVENT.pack(dock.START_UP, 0, 0, 0, NOBODY), ["handle_init"], b"")

    def init(self, payload: str | None, state: str | None) -> None:
        """Have `handle_init` run. None is absent; an empty text is handed over but looks absent to the guest."""
        first, second = (payload or "").encode(), (state or "").encode()
        present = (payload is not None) | (state is not None) << 1
        event = dock.EVENT.pack(dock.INIT, len(first), len(second), present, NOBODY)
        self._hand_over(event + first + second, ["handle_init"], first + second)

    def deliver(self, letters: Iterable[Letter]) -> int:
        """Have `handle_cast` and `handle_call` run for as many of `letters`, in order, as there is room for, one at
        the least; how many that is. Those that have not begun when the guest must wait or its slice ends are given
        back: `begun` counts the others."""
        entries: list[bytes] = []
        callbacks: list[Callback] = []
        left, content = dock.INBOX_SIZE, b""
        for letter in letters:
            call, payload = letter.call, letter.payload
            left -= dock.EVENT.size + len(payload)
            if left < 0 and entries:
                break
            there = payload if left >= 0 else payload[: dock.INBOX_SIZE]  # the guest fetches what is beyond
            entries += dock.EVENT.pack(_VERBS[call], len(payload), 0, 0, letter.identity), there
            callbacks.append(_CALLBACKS[call])
            content = payload
        self._hand_over(b"".join(entries), callbacks, content)
        return len(callbacks)

    def stop(self) -> None:
        """Have `handle_stop` run."""
        self._hand_over(dock.EVENT.pack(dock.STOP, 0, 0, 0, NOBODY), ["handle_stop"], b"")

    def ask(self, at: int, length: int, used: int) -> None:
        """Have its allocator asked for so many bytes again and again, until it has no more or its memory grows: it does
        `GIVEN_AWAY` when it gets some of those at `at`, and its `DONE` says whether it got some of the identity at
        `used`. It is not to handle events any more."""
        self._hand_over(dock.EVENT.pack(dock.ASK, at, length, used, NOBODY), ["handle_call"], b"")

    def resume(self, outcome: ReplyOutcome, payload: bytes = b"") -> None:
        """Answer the call the guest waits in; `run` lets it go on."""
        if self._progress is not Progress.WAITING:
            raise RuntimeError("the guest does not wait for a reply")
        self._put_inbox(
            dock.EVENT.pack(contract.REPLY_CODES[outcome], len(payload), 0, 0, NOBODY) + payload[: dock.INBOX_SIZE],
            payload,
        )
        self._continue()

    def _hand_over(self, inbox: bytes, callbacks: list[Callback], content: bytes) -> None:
        if self._progress is not Progress.IDLE:
            raise RuntimeError(f"the guest cannot take an event now: it is {self._progress.name}")
        self._drain()
        self._callbacks = callbacks
        self.begun = self.ended = 0
        _WORD.pack_into(self._io, dock.LEFT, len(callbacks))
        self._put_inbox(inbox, content)
        self._continue()

    def _put_inbox(self, inbox: bytes, content: bytes) -> None:
        self._content = content
        begin = inbox[: dock.INBOX_SIZE]
        self._io[dock.INBOX : dock.INBOX + len(begin)] = begin

    def _continue(self) -> None:
        self._progress = Progress.RUNNING
        self._waits.go_on()

    def run(self) -> Progress:
        """Let it run for one slice at most (5 ms), and say where it stands."""
        self.host_s = 0.0
        if self._progress is Progress.RUNNING:
            ended = self._fiber.poll()
            (left,) = _WORD.unpack_from(self._io, dock.LEFT)
            self.begun = len(self._callbacks) - left
            if ended:
                self._died()
            elif self.begun:
                self._take_back()
        return self._progress

    def _take_back(self) -> None:
        """What has not begun shall not: its mailbox is where it can be seen and where others may go before it."""
        if self._progress is Progress.IDLE:
            return
        del self._callbacks[self.begun :]
        _WORD.pack_into(self._io, dock.LEFT, 0)
        self._drain()
        while self._progress is Progress.RUNNING and self.ended == self.begun:
            self._fiber.poll()  # its slice ended between two events: a moment, and it asks for the next

    def _suspended(self, name: str) -> None:
        self._progress = Progress.IDLE if name == "next_event" else Progress.WAITING

    # ---- what it did

    def effects(self) -> list[Effect]:
        """What it did since last asked, in order, `DONE` behind each event whose handling has ended; also in the
        middle of a handler."""
        if self._store is not None:
            self._drain()
        effects, self._effects = self._effects, []
        if self._progress is Progress.RUNNING:
            if effects and effects[-1][0] in _CALLS:  # it is about to wait, but cannot be answered before it does
                self._effects.append(effects.pop())
        elif self._store is not None:
            self._empty_ring()
        return effects

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
        append, unpack, size = self._effects.append, dock.RECORD.unpack_from, dock.RECORD.size
        while at < end:
            number, kind, length, other = unpack(ring, at)
            at += size
            if kind == contract.DONE:
                append((kind, number, b"", self._reply))
                self._reply = b""
                self.ended += 1
                continue
            if length == dock.SPILLED:
                first = self._spilled.popleft()
            else:
                first = ring[at : at + length]
                at += length
            if other == dock.SPILLED:
                second = self._spilled.popleft()
            else:
                second = ring[at : at + other]
                at += other
            if kind < contract.DONE:
                append((kind, number, first, second))
            elif kind == contract.REPLY:
                self._reply = second
            elif kind == contract.REFUSED:
                self._refused = (number, first)
            else:
                append((kind, number, first, second))

    def _empty_ring(self) -> None:
        if self._read != dock.RING:
            self._read = dock.RING
            _WORD.pack_into(self._io, dock.HEAD, dock.RING)

    def _died(self) -> None:
        failure = self._fiber.failure()
        if not self._callbacks and failure is not None:  # it had not begun anything: its fiber could not
            self._release()
            raise failure
        self._drain()
        (starting,) = _WORD.unpack_from(self._io, dock.STARTING)
        around = traps.Circumstances(self._memory_limit, bool(starting), self._has_overflowed())
        self.trap = traps.report(failure, self._callbacks[self.begun - 1], self._refused, around)
        self._progress = Progress.DEAD
        self._release()

    def _has_overflowed(self) -> bool:
        """Whether its stack in linear memory, which grows down, has passed 0, and so points outside the memory."""
        if not self._has_stack or not self._globals or self._store is None:
            return False
        return capi.global_bits(self._store, self._globals[0]) & 0xFFFFFFFF > self.memory_bytes

    # ---- its state, between two events

    def snapshot(self, previous: Snapshot | None = None) -> Snapshot:
        """Its memory and mutable globals as they are now; what equals `previous`, of any guest, is shared with it.

        That is all of its state unless `Module.hidden` says otherwise. Raises RuntimeError unless it is IDLE.
        """
        store = self._between_events()
        return snapshot_of(capi.memory_view(store, self._memory), self._global_bits(store), previous)

    def restore(self, snapshot: Snapshot) -> bool:
        """Make it what it was when `snapshot` was taken of it or of another guest of the same module.

        False, and nothing has changed, when its memory is larger than the snapshot's: memory cannot shrink. Effects
        that nobody has asked for are dropped: what they tell of has not happened now. Raises RuntimeError unless it
        is IDLE, and MemoryError when there is no room for the snapshot's memory, with nothing changed.
        """
        store = self._between_events()
        had = self._memory.data_len(store)
        missing = len(snapshot.pages) * PAGE - had
        if missing < 0:
            return False
        if missing:
            try:
                self._memory.grow(store, missing // dock.PAGE)
            except WasmtimeError as error:
                raise MemoryError(f"the guest cannot have {len(snapshot.pages) * PAGE:,} bytes of memory") from error
        view = capi.memory_view(store, self._memory)
        for at, page in zip(range(0, len(view), PAGE), snapshot.pages, strict=True):
            if page is not ZEROS or at < had:  # what has just grown is zero, and takes no memory of ours untouched
                view[at : at + PAGE] = page
        for each, bits in zip(self._globals, snapshot.globals, strict=True):
            capi.set_global_bits(store, each, bits)
        self.effects()
        self._callbacks = []
        self.begun = self.ended = 0
        return True

    def digest(self) -> bytes:
        """A hash of its memory and mutable globals: equal for equal states. Raises RuntimeError unless it is IDLE."""
        store = self._between_events()
        digest = hashlib.sha256(repr(self._global_bits(store)).encode())
        digest.update(capi.memory_view(store, self._memory))
        return digest.digest()

    def word(self, at: int) -> int:
        """What is in its memory there: a number of 32 bits. Raises IndexError where that is not inside."""
        return int.from_bytes(self._guest_bytes(at, _WORD.size), "little")

    def _between_events(self) -> Store:
        if self._store is None or self._progress is not Progress.IDLE:
            raise RuntimeError(f"the guest's state cannot be reached now: it is {self._progress.name}")
        return self._store

    def _global_bits(self, store: Store) -> tuple[int, ...]:
        return tuple([capi.global_bits(store, each) for each in self._globals])

    # ---- the dock's host imports; all are rare

    def _answer_knows(self, at: int, length: int) -> int:
        return int(self._knows(self._guest_bytes(at, length).decode()))

    def _timed(self, service: Callable[..., None]) -> Callable[..., None]:
        """A service whose time is the host's."""

        def timed(*arguments: int) -> None:
            began = perf_counter()
            service(*arguments)
            self.host_s += perf_counter() - began

        return timed

    def _flush(self) -> None:
        self._drain()
        self._empty_ring()

    def _spill(self, at: int, length: int) -> None:
        self._spilled.append(self._guest_bytes(at, length))

    def _fetch(self, at: int, offset: int, length: int) -> None:
        assert self._store is not None
        view = capi.memory_view(self._store, self._memory)
        if at + length > len(view):
            raise IndexError(capi.OUTSIDE)
        view[at : at + length] = memoryview(self._content)[offset : offset + length]

    def _hold_reply(self, at: int, length: int, used: int) -> None:
        store = self._store
        assert store is not None
        _WORD.pack_into(self._io, dock.WATCH, 0)
        memory = capi.memory_view(store, self._memory)
        as_it_is = snapshot_of(memory, self._global_bits(store), None)
        self.replied = Reply(at, length, used, as_it_is)

    def _guest_bytes(self, at: int, length: int) -> bytes:
        assert self._store is not None
        return capi.memory_bytes(self._store, self._memory, at, length)

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
        self._content = b""
        self._fiber.drop()
        self._linker.close()
        store.close()


def _mib(size: int) -> str:
    return f"{size / (1 << 20):,.4g} MiB"
