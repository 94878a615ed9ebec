"""The guest contract as data: what a function imports and exports, and the codes that cross (EDGELESS 1.2)."""

from __future__ import annotations

from typing import TypeAlias

I32, I64 = "i32", "i64"

Signature: TypeAlias = tuple[tuple[str, ...], tuple[str, ...]]
"""Parameter and result types of a wasm function."""

IMPORT_MODULE = "env"

IMPORTS: dict[str, Signature] = {
    "cast_asm": ((I32,) * 4, ()),
    "cast_raw_asm": ((I32,) * 4, ()),
    "call_asm": ((I32,) * 6, (I32,)),
    "call_raw_asm": ((I32,) * 6, (I32,)),
    "delayed_cast_asm": ((I64, *(I32,) * 4), ()),
    "telemetry_log_asm": ((I32,) * 5, ()),
    "slf_asm": ((I32,) * 2, ()),
    "sync_asm": ((I32,) * 2, ()),
}

EXPORTS: dict[str, Signature] = {
    "edgeless_mem_alloc": ((I32,), (I32,)),
    "edgeless_mem_free": ((I32,) * 2, ()),
    "edgeless_mem_clear": ((), ()),
    "handle_init_asm": ((I32,) * 4, ()),
    "handle_cast_asm": ((I32,) * 4, ()),
    "handle_call_asm": ((I32,) * 6, (I32,)),
    "handle_stop_asm": ((), ()),
}

MEMORY = "memory"

Identity: TypeAlias = bytes
"""An instance's address as a guest sees it: 32 bytes, the node's UUID and then the component's."""

Effect: TypeAlias = tuple[int, int, bytes, bytes]
"""What a guest did: kind, number, first and second bytes; docs/architecture.md says what each kind carries."""

CAST, LOG, SYNC, DELAYED, CALL, CAST_RAW, CALL_RAW = range(1, 8)
DONE = 8
"""The handling of an event has ended: number is the code `handle_call` answered with, second its reply."""
REPLY, REFUSED, GIVEN_AWAY = 9, 10, 11
"""Kinds that stay inside the host: what `DONE` will bring, an effect that was refused (number: its kind), and that the
allocator gave away room which was asked about."""

REPLY_CODES = {"noreply": 0, "reply": 1, "err": 2}
"""What `call_asm` and `handle_call_asm` return."""
