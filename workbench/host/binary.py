"""Sections of a wasm binary, as far as the host reads them (core specification 5.5)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from workbench.host import leb
from workbench.host.instructions import END, after_type, instructions

TYPES, IMPORTS, FUNCTIONS, TABLES, MEMORIES, GLOBALS, EXPORTS, CODE = 1, 2, 3, 4, 5, 6, 7, 10
"""Section ids."""

NUMBERS = (0x7F, 0x7E, 0x7D, 0x7C)
"""The value types i32, i64, f32, f64."""

_CUSTOM = 0
_HEADER = 8
_GLOBAL = b"\x03"


@dataclass(frozen=True)
class Section:
    """Where a section begins, where what it holds begins, and where it ends; offsets in bytes."""

    at: int
    content: int
    end: int


@dataclass(frozen=True)
class GlobalType:
    """The first byte of a global's value type, and whether it can change."""

    value: int
    mutable: bool


def sections(wasm: bytes) -> dict[int, Section]:
    """The sections by id, without the custom ones. Raises Undecodable where one reaches past the end."""
    return {identity: section for identity, section in _in_order(wasm) if identity != _CUSTOM}


def custom(wasm: bytes, name: str) -> Section | None:
    """The custom section of that name, from behind the name on. Raises as `sections` does."""
    wanted = leb.encode(len(name)) + name.encode()
    for identity, section in _in_order(wasm):
        if identity == _CUSTOM and wasm.startswith(wanted, section.content):
            return Section(section.at, section.content + len(wanted), section.end)
    return None


def _in_order(wasm: bytes) -> Iterator[tuple[int, Section]]:
    at = _HEADER
    while at < len(wasm):
        content_size, content = leb.unsigned(wasm, at + 1)
        end = content + content_size
        if end > len(wasm):
            raise leb.Undecodable("is cut off")
        yield wasm[at], Section(at, content, end)
        at = end


def count(wasm: bytes, section: Section | None) -> int:
    """How many entries a section has; 0 where there is none."""
    return leb.unsigned(wasm, section.content)[0] if section is not None else 0


def global_types(wasm: bytes, section: Section | None) -> Iterator[GlobalType]:
    """The globals a module has of its own, in the order of their indices. Raises Undecodable or IndexError."""
    if section is None:
        return
    number, at = leb.unsigned(wasm, section.content)
    for _ in range(number):
        value = wasm[at]
        at = after_type(wasm, at)
        yield GlobalType(value, wasm[at] == 1)
        for opcode, after in instructions(wasm, at + 1, section.end):
            at = after
            if opcode == END:
                break


def parameters(wasm: bytes, found: dict[int, Section], function: int) -> bytes:
    """The types of the parameters of a function that the module has of its own, in their order, where each takes one
    byte. Raises Undecodable, IndexError or KeyError."""
    at = leb.unsigned(wasm, found[FUNCTIONS].content)[1]
    for _ in range(function):
        at = leb.skip(wasm, at)
    wanted = leb.unsigned(wasm, at)[0]
    at = leb.unsigned(wasm, found[TYPES].content)[1]
    for _ in range(wanted):
        at = _after_types(wasm, _after_types(wasm, at + 1))
    number, at = leb.unsigned(wasm, at + 1)
    return wasm[at : at + number]


def _after_types(wasm: bytes, at: int) -> int:
    number, at = leb.unsigned(wasm, at)
    for _ in range(number):
        at = after_type(wasm, at)
    return at


def bodies(wasm: bytes, section: Section | None) -> Iterator[tuple[int, int]]:
    """Where each function's body begins, its locals first, and where it ends. Raises IndexError."""
    if section is None:
        return
    number, at = leb.unsigned(wasm, section.content)
    for _ in range(number):
        size, begin = leb.unsigned(wasm, at)
        at = begin + size
        yield begin, at


def after_locals(wasm: bytes, at: int) -> int:
    """Where the instructions begin of the body at `at`. Raises IndexError."""
    groups, at = leb.unsigned(wasm, at)
    for _ in range(groups):
        at = after_type(wasm, leb.skip(wasm, at))
    return at


def with_exported_globals(wasm: bytes, section: Section, names: dict[str, int]) -> bytes:
    """`wasm` with more globals exported, by name and index. What follows the export section moves, in one piece."""
    number, entries = leb.unsigned(wasm, section.content)
    added = [leb.encode(len(name)) + name.encode() + _GLOBAL + leb.encode(index) for name, index in names.items()]
    content = leb.encode(number + len(added)) + wasm[entries : section.end] + b"".join(added)
    return wasm[: section.at + 1] + leb.encode(len(content)) + content + wasm[section.end :]
