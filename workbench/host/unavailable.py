"""Wasm features that wasmtime 18 lacks and today's cannot be told to lack: found by reading the module."""

from __future__ import annotations

from collections.abc import Iterator

from workbench.host import binary, leb
from workbench.host.binary import Section
from workbench.host.declarations import Declarations, after_expression
from workbench.host.instructions import END, after_type, instructions

_ARITHMETIC = (0x6A, 0x6B, 0x6C, 0x7C, 0x7D, 0x7E)
"""add, sub and mul of i32 and of i64, which the extended-const proposal allows in constant expressions."""

_PASSIVE, _INDEXED, _EXPRESSIONS = 1, 2, 4
"""What the bits of a segment's first number mean: not active, or with the number of its table or memory; and that its
elements are expressions."""


def unavailable_feature(wasm: bytes, declared: Declarations) -> tuple[str, int] | None:
    """The name of such a feature that `wasm`, which is valid, uses, and the offset in bytes where it does so.

    Raises Undecodable or IndexError where that cannot be read.
    """
    for begin in _expressions(wasm, declared):
        at = begin
        for opcode, following in instructions(wasm, begin, len(wasm)):
            if opcode in _ARITHMETIC:
                return "extended-const", at
            if opcode == END:
                break
            at = following
    return None


def _expressions(wasm: bytes, declared: Declarations) -> Iterator[int]:
    """Where each constant expression begins that is a number: others cannot compute."""
    sections = declared.sections
    yield from _of_globals(wasm, sections.get(binary.GLOBALS))
    yield from _of_elements(wasm, sections.get(binary.ELEMENTS))
    yield from _of_data(wasm, sections.get(binary.DATA))


def _of_globals(wasm: bytes, section: Section | None) -> Iterator[int]:
    number, at = leb.unsigned(wasm, section.content) if section is not None else (0, 0)
    for _ in range(number):
        begin = after_type(wasm, at) + 1
        yield begin
        at = after_expression(wasm, begin)


def _of_elements(wasm: bytes, section: Section | None) -> Iterator[int]:
    number, at = leb.unsigned(wasm, section.content) if section is not None else (0, 0)
    for _ in range(number):
        flags, at = leb.unsigned(wasm, at)
        if not flags & _PASSIVE:
            at = leb.skip(wasm, at) if flags & _INDEXED else at
            yield at
            at = after_expression(wasm, at)
        if flags & (_PASSIVE | _INDEXED):
            at = after_type(wasm, at) if flags & _EXPRESSIONS else at + 1
        pass_over = after_expression if flags & _EXPRESSIONS else leb.skip
        elements, at = leb.unsigned(wasm, at)
        for _ in range(elements):
            at = pass_over(wasm, at)


def _of_data(wasm: bytes, section: Section | None) -> Iterator[int]:
    number, at = leb.unsigned(wasm, section.content) if section is not None else (0, 0)
    for _ in range(number):
        flags, at = leb.unsigned(wasm, at)
        if not flags & _PASSIVE:
            at = leb.skip(wasm, at) if flags & _INDEXED else at
            yield at
            at = after_expression(wasm, at)
        size, at = leb.unsigned(wasm, at)
        at += size
