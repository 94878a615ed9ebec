"""Instructions of the wasm binary format: where each ends (core specification 5.4, and the threads proposal).

It knows the features that the platform has, which `capi.Features` lists, and no others.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeAlias

from workbench.host.leb import Undecodable, skip, unsigned

END = 0x0B
TABLE_SET = 0x26
DATA_DROP = 0xFC_0009
TABLE_INIT = 0xFC_000C
ELEM_DROP = 0xFC_000D
TABLE_COPY = 0xFC_000E
TABLE_GROW = 0xFC_000F
TABLE_FILL = 0xFC_0011

_PREFIXES = (0xFC, 0xFD, 0xFE)
"""First bytes that a number follows; an opcode here is then the prefix, shifted left by 16, and that number."""

Skip: TypeAlias = Callable[[bytes, int], int]
"""Where the immediates that begin at a place end."""


def instructions(wasm: bytes, at: int, end: int) -> Iterator[tuple[int, int]]:
    """The opcodes between `at` and `end`, each with where the next instruction begins.

    Raises Undecodable at an opcode it does not know, IndexError past the end of `wasm`.
    """
    immediates = _IMMEDIATES
    while at < end:
        opcode = wasm[at]
        at += 1
        if opcode in _PREFIXES:
            number, at = unsigned(wasm, at)
            opcode = opcode << 16 | number
        pass_over = immediates.get(opcode)
        if pass_over is None:
            raise Undecodable(f"has the instruction {opcode:#04x}, which is unknown here")
        at = pass_over(wasm, at)
        yield opcode, at


def after_type(wasm: bytes, at: int) -> int:
    """Where the value type or block type at `at` ends: one number, and a heap type behind `(ref` and `(ref null`."""
    return skip(wasm, at + 1) if wasm[at] in (0x63, 0x64) else skip(wasm, at)


def _none(_wasm: bytes, at: int) -> int:
    return at


def _two(wasm: bytes, at: int) -> int:
    return skip(wasm, skip(wasm, at))


def _bytes(count: int) -> Skip:
    return lambda _wasm, at: at + count


def _address(wasm: bytes, at: int) -> int:
    alignment, at = unsigned(wasm, at)
    if alignment & 0x40:  # the memory's number follows
        at = skip(wasm, at)
    return skip(wasm, at)


def _address_and_lane(wasm: bytes, at: int) -> int:
    return _address(wasm, at) + 1


def _labels(wasm: bytes, at: int) -> int:
    count, at = unsigned(wasm, at)
    for _ in range(count + 1):
        at = skip(wasm, at)
    return at


def _types(wasm: bytes, at: int) -> int:
    count, at = unsigned(wasm, at)
    for _ in range(count):
        at = after_type(wasm, at)
    return at


def _table() -> dict[int, Skip]:
    bulk, simd, atomic = 0xFC_0000, 0xFD_0000, 0xFE_0000
    rows: list[tuple[tuple[int, ...] | range, Skip]] = [
        ((0x00, 0x01, 0x05, END, 0x0F, 0x1A, 0x1B, 0xD1, 0xD4), _none),
        ((0x02, 0x03, 0x04), after_type),
        ((0x0C, 0x0D, 0x10, 0x14), skip),  # br, br_if, call, call_ref
        ((0x0E,), _labels),
        ((0x11,), _two),  # call_indirect
        ((0x1C,), _types),
        (range(0x20, 0x27), skip),  # locals, globals, table.get and table.set
        (range(0x28, 0x3F), _address),
        (range(0x3F, 0x43), skip),  # memory.size, memory.grow, i32.const, i64.const
        ((0x43,), _bytes(4)),
        ((0x44,), _bytes(8)),
        (range(0x45, 0xC5), _none),
        ((0xD0, 0xD2, 0xD5, 0xD6), skip),  # ref.null, ref.func, br_on_null, br_on_non_null
        (range(bulk, bulk + 8), _none),  # saturating conversions
        ((bulk + 8, bulk + 10, TABLE_INIT, TABLE_COPY), _two),
        ((DATA_DROP, bulk + 11, ELEM_DROP, TABLE_GROW, bulk + 16, TABLE_FILL), skip),
        (range(simd, simd + 0x0C), _address),
        ((simd + 0x0C, simd + 0x0D), _bytes(16)),  # v128.const, i8x16.shuffle
        (range(simd + 0x0E, simd + 0x15), _none),
        (range(simd + 0x15, simd + 0x23), _bytes(1)),  # lanes
        (range(simd + 0x23, simd + 0x54), _none),
        (range(simd + 0x54, simd + 0x5C), _address_and_lane),
        ((simd + 0x5C, simd + 0x5D), _address),
        (range(simd + 0x5E, simd + 0x114), _none),  # the rest, and from 0x100 relaxed SIMD
        (range(atomic, atomic + 3), _address),
        ((atomic + 3,), _bytes(1)),  # atomic.fence
        (range(atomic + 0x10, atomic + 0x4F), _address),
    ]
    return {opcode: pass_over for opcodes, pass_over in rows for opcode in opcodes}


_IMMEDIATES = _table()
