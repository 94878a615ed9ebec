"""The yardstick for the engine: wasmtime-py's own classes, used as they are meant to be, and nothing around them."""

from __future__ import annotations

from pathlib import Path

from wasmtime import Caller

from tests.guests.plain_host import PlainHost


class PlainInstance(PlainHost):
    """A plain host that forgets effects, and whose calls a second one may answer."""

    def __init__(self, wasm: Path, answering: PlainHost | None = None) -> None:
        super().__init__(wasm)
        self._answering = answering

    def cast(self, payload: bytes) -> None:
        super().cast(payload)
        self.effects.clear()

    def call(self, payload: bytes) -> tuple[int, bytes]:
        answer = super().call(payload)
        self.effects.clear()
        return answer

    def _call(
        self, caller: Caller, name: int, name_size: int, payload: int, size: int, reply: int, reply_size: int
    ) -> int:
        if self._answering is not None:
            self.answers[self._text(name, name_size)] = self._answering.call(self.get(payload, size))
        return super()._call(caller, name, name_size, payload, size, reply, reply_size)
