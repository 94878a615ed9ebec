"""The platform's side of the guest contract in the plainest way: one Python call for each import and each export.

It is what a guest is tested against without the workbench's own host, and does to it what EDGELESS 1.2 does, in the
same order. It knows no mailboxes and no links: effects are listed, calls get the answer set for their alias.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from wasmtime import Caller, Engine, Func, FuncType, Instance, Linker, Memory, Module, Store, ValType

NODE, COMPONENT = bytes(range(16)), bytes(range(100, 116))
SOURCE_NODE, SOURCE_COMPONENT = b"N" * 16, b"C" * 16

NO_REPLY, REPLY, ERR = 0, 1, 2

Effect = tuple[int | str | bytes, ...]
Answer = tuple[int, bytes]

MEMORY_LIMIT = 64 << 20
"""The platform has none; with one, a guest that takes all it can get is soon done."""

ENGINE = Engine()

_I32, _I64 = ValType.i32(), ValType.i64()


class PlainHost:
    """One instance. `effects` is what it did so far, `answers` what a call to an alias (or to an id in hex) gets."""

    def __init__(self, wasm: Path) -> None:
        self.effects: list[Effect] = []
        self.answers: dict[str, Answer] = {}
        self._store = Store(ENGINE)
        self._store.set_limits(memory_size=MEMORY_LIMIT)
        linker = Linker(ENGINE)
        for name, parameters, results, function in self._imports():
            linker.define(self._store, "env", name, Func(self._store, FuncType(parameters, results), function, True))
        self._instance: Instance = linker.instantiate(self._store, Module.from_file(ENGINE, str(wasm)))
        memory = self._instance.exports(self._store)["memory"]
        assert isinstance(memory, Memory)
        self._memory = memory

    # What the platform does with an instance

    def init(self, payload: bytes | None = None, state: bytes | None = None) -> None:
        given = [(self.put(text), len(text)) if text is not None else (0, 0) for text in (payload, state)]
        self.run("handle_init_asm", *given[0], *given[1])
        for place, size in given:
            if size:
                self.run("edgeless_mem_free", place, size)

    def cast(self, payload: bytes) -> None:
        self.run("edgeless_mem_clear")
        arguments = self._event(payload)
        self.run("handle_cast_asm", *arguments)
        self._free_event(arguments)

    def call(self, payload: bytes) -> Answer:
        self.run("edgeless_mem_clear")
        arguments = self._event(payload)
        slots = self.put(bytes(4)), self.put(bytes(4))
        code = self.run("handle_call_asm", *arguments, *slots)
        place, size = (int.from_bytes(self.get(slot, 4), "little") for slot in slots)
        reply = self.get(place, size) if code == REPLY else b""
        for slot in slots:
            self.run("edgeless_mem_free", slot, 4)
        self._free_event(arguments)
        return code, reply

    def stop(self) -> None:
        self.run("edgeless_mem_clear")
        self.run("handle_stop_asm")

    # Smaller steps

    @property
    def memory_bytes(self) -> int:
        return self._memory.data_len(self._store)

    def run(self, export: str, *arguments: int) -> int:
        function = self._instance.exports(self._store)[export]
        assert isinstance(function, Func)
        result: int | None = function(self._store, *arguments)
        return result or 0

    def put(self, data: bytes) -> int:
        """Allocates room in the guest for the bytes, and gives their place."""
        place = self.run("edgeless_mem_alloc", len(data))
        self.set(place, data)
        return place

    def get(self, place: int, size: int) -> bytes:
        start, size = self._inside(place, size)
        return bytes(self._memory.read(self._store, start, start + size))

    def set(self, place: int, data: bytes) -> None:
        start, _ = self._inside(place, len(data))
        self._memory.write(self._store, data, start)

    def _inside(self, place: int, size: int) -> tuple[int, int]:
        """Both as the unsigned numbers they are. Raises IndexError outside the memory."""
        place, size = place & 0xFFFFFFFF, size & 0xFFFFFFFF
        if place + size > self.memory_bytes:
            raise IndexError(f"{size} bytes at {place} lie outside the guest's memory")
        return place, size

    def _event(self, payload: bytes) -> tuple[int, int, int, int]:
        component, node = self.put(SOURCE_COMPONENT), self.put(SOURCE_NODE)
        return node, component, self.put(payload), len(payload)

    def _free_event(self, arguments: tuple[int, int, int, int]) -> None:
        node, component, payload, size = arguments
        self.run("edgeless_mem_free", component, 16)
        self.run("edgeless_mem_free", node, 16)
        if size:
            self.run("edgeless_mem_free", payload, size)

    # What the instance does

    def _imports(self) -> list[tuple[str, list[ValType], list[ValType], Callable[..., int | None]]]:
        return [
            ("cast_asm", [_I32] * 4, [], self._cast),
            ("cast_raw_asm", [_I32] * 4, [], self._cast_raw),
            ("call_asm", [_I32] * 6, [_I32], self._call),
            ("call_raw_asm", [_I32] * 6, [_I32], self._call_raw),
            ("delayed_cast_asm", [_I64] + [_I32] * 4, [], self._delayed_cast),
            ("telemetry_log_asm", [_I32] * 5, [], self._log),
            ("slf_asm", [_I32] * 2, [], self._slf),
            ("sync_asm", [_I32] * 2, [], self._sync),
        ]

    def _text(self, place: int, size: int) -> str:
        return self.get(place, size).decode()  # what is no text makes the guest trap, as on the platform

    def _id(self, node: int, component: int) -> bytes:
        return self.get(node, 16) + self.get(component, 16)

    def _cast(self, _caller: Caller, name: int, name_size: int, payload: int, size: int) -> None:
        self.effects.append(("cast", self._text(name, name_size), self._text(payload, size)))

    def _cast_raw(self, _caller: Caller, node: int, component: int, payload: int, size: int) -> None:
        self.effects.append(("cast_raw", self._id(node, component), self._text(payload, size)))

    def _delayed_cast(self, _caller: Caller, delay: int, name: int, name_size: int, payload: int, size: int) -> None:
        self.effects.append(("delayed_cast", delay, self._text(name, name_size), self._text(payload, size)))

    def _log(self, _caller: Caller, level: int, target: int, target_size: int, message: int, size: int) -> None:
        self.effects.append(("log", level, self._text(target, target_size), self._text(message, size)))

    def _sync(self, _caller: Caller, state: int, size: int) -> None:
        self.effects.append(("sync", self._text(state, size)))

    def _slf(self, _caller: Caller, node: int, component: int) -> None:
        self.set(node, NODE)
        self.set(component, COMPONENT)

    def _call(
        self, _caller: Caller, name: int, name_size: int, payload: int, size: int, reply: int, reply_size: int
    ) -> int:
        alias = self._text(name, name_size)
        self.effects.append(("call", alias, self._text(payload, size)))
        return self._answer(self.answers[alias], reply, reply_size)

    def _call_raw(
        self, _caller: Caller, node: int, component: int, payload: int, size: int, reply: int, reply_size: int
    ) -> int:
        target = self._id(node, component)
        self.effects.append(("call_raw", target, self._text(payload, size)))
        return self._answer(self.answers[target.hex()], reply, reply_size)

    def _answer(self, answer: Answer, reply: int, reply_size: int) -> int:
        code, payload = answer
        if code == REPLY:
            self.set(reply, (self.put(payload) & 0xFFFFFFFF).to_bytes(4, "little"))
            # 8 bytes into a slot the contract calls 32 bits wide: so does the platform on a 64-bit machine.
            self.set(reply_size, len(payload).to_bytes(8, "little"))
        return code
