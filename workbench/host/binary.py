"""Sections of a wasm binary, as far as the host reads them (core specification 5.5)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from workbench.host import leb
from workbench.host.instructions import after_type

TYPES, IMPORTS, FUNCTIONS, TABLES, MEMORIES, GLOBALS, EXPORTS, START, ELEMENTS, CODE, DATA = range(1, 12)
"""Section ids."""

_CUSTOM = 0
_HEADER = 8


@dataclass(frozen=True)
class Section:
    """Where a section begins, where what it holds begins, and where it ends; offsets in bytes."""

    at: int
    content: int
    end: int


def sections(wasm: bytes) -> dict[int, Section]:
    """The sections by id, without the custom ones. Raises Undecodable where one reaches past the end."""
    return {identity: section for identity, section in _in_order(wasm) if identity != _CUSTOM}


def customs(wasm: bytes) -> Iterator[tuple[bytes, Section]]:
    """The custom sections in their order, each with its name, from behind that on. Raises as `sections` does."""
    for identity, section in _in_order(wasm):
        if identity == _CUSTOM:
            length, at = leb.unsigned(wasm, section.content)
            yield wasm[at : at + length], Section(section.at, at + length, section.end)


def _in_order(wasm: bytes) -> Iterator[tuple[int, Section]]:
    at = _HEADER
    while at < len(wasm):
        content_size, content = leb.unsigned(wasm, at + 1)
        end = content + content_size
        if end > len(wasm):
            raise leb.Undecodable("is cut off")
        yield wasm[at], Section(at, content, end)
        at = end


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
