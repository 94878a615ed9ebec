"""What a wasm module declares: its types, imports, exports, tables, memories and globals (core specification 5.5).

Read from the binary alone, in one pass, as wasmtime's C API ends the process at types it has no name for.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from workbench.host import binary, leb
from workbench.host.binary import Section
from workbench.host.contract import Signature
from workbench.host.instructions import END, after_type, instructions
from workbench.host.leb import Undecodable

FUNCTION, TABLE, MEMORY, GLOBAL = range(4)
"""Kinds of imports and exports."""

NUMBERS = ("i32", "i64", "f32", "f64")

_VALUES = {0x7F: "i32", 0x7E: "i64", 0x7D: "f32", 0x7C: "f64", 0x7B: "v128", 0x70: "funcref", 0x6F: "externref"}
_REFERENCES = {0x63: "ref null", 0x64: "ref"}
_FUNCTION_TYPE = 0x60
_CONST = 0x41
PAGE = 65536
"""Bytes in a page of a wasm memory."""

_WITH_VALUE = b"\x40\x00"
"""What stands before a table's type when the value its elements begin with follows."""

T = TypeVar("T")


@dataclass(frozen=True)
class Export:
    """What an exported name means: a kind, and an index among those of that kind, imported ones first."""

    kind: int
    index: int


@dataclass(frozen=True)
class Limits:
    """The size of a memory in pages, or of a table in elements: at first, and at most (None: no limit of its own)."""

    minimum: int
    maximum: int | None
    shared: bool


@dataclass(frozen=True)
class GlobalType:
    """The type of a global's value, and whether it can change."""

    value: str
    mutable: bool


@dataclass(frozen=True)
class Import:
    """What a module wants from outside. `declared` is what it declares it as: a function by the index of its type."""

    module: str
    name: str
    kind: int
    declared: int | Limits | GlobalType


@dataclass(frozen=True)
class Declarations:
    """All of them, by index; imported ones come first. `functions` are indices into `types`."""

    sections: Mapping[int, Section]
    types: tuple[Signature, ...]
    imports: tuple[Import, ...]
    functions: tuple[int, ...]
    tables: tuple[Limits, ...]
    memories: tuple[Limits, ...]
    globals: tuple[GlobalType, ...]
    exports: Mapping[str, Export]
    start: int | None
    imported_functions: int


def declarations(wasm: bytes) -> Declarations:
    """What `wasm` declares. Raises Undecodable or IndexError where that cannot be read."""
    sections = binary.sections(wasm)
    types = _entries(wasm, sections.get(binary.TYPES), _type)
    imports = _entries(wasm, sections.get(binary.IMPORTS), _import)
    outside = [each.declared for each in imports]
    functions = [each for each in outside if isinstance(each, int)]
    imported_functions = len(functions)
    tables = [each.declared for each in imports if each.kind == TABLE and isinstance(each.declared, Limits)]
    memories = [each.declared for each in imports if each.kind == MEMORY and isinstance(each.declared, Limits)]
    variables = [each for each in outside if isinstance(each, GlobalType)]
    functions += _entries(wasm, sections.get(binary.FUNCTIONS), leb.unsigned)
    tables += _entries(wasm, sections.get(binary.TABLES), _table)
    memories += _entries(wasm, sections.get(binary.MEMORIES), _limits)
    variables += _entries(wasm, sections.get(binary.GLOBALS), _global)
    exports = dict(_entries(wasm, sections.get(binary.EXPORTS), _export))
    start = sections.get(binary.START)
    return Declarations(
        sections, tuple(types), tuple(imports), tuple(functions), tuple(tables), tuple(memories), tuple(variables),
        exports, leb.unsigned(wasm, start.content)[0] if start is not None else None, imported_functions,
    )  # fmt: skip


def signature(declared: Declarations, function: int) -> Signature:
    """The type of a function. Raises IndexError where there is no such function or type."""
    return declared.types[declared.functions[function]]


def body(declared: Declarations, function: int) -> int:
    """Which of the module's own bodies a function has. Raises IndexError for an imported one."""
    if function < declared.imported_functions:
        raise IndexError("an imported function has no body")
    return function - declared.imported_functions


def has_stack(wasm: bytes, declared: Declarations) -> bool:
    """Whether the first global may be the pointer into a stack that grows down in linear memory: by wasm-ld's
    convention it is, and begins with a place in the first memory."""
    section = declared.sections.get(binary.GLOBALS)
    if section is None or declared.globals[0] != GlobalType("i32", True) or not declared.memories:
        return False
    at = leb.unsigned(wasm, section.content)[1] + 2
    return wasm[at] == _CONST and 0 < leb.unsigned(wasm, at + 1)[0] <= declared.memories[0].minimum * PAGE


def _entries(wasm: bytes, section: Section | None, read: Callable[[bytes, int], tuple[T, int]]) -> list[T]:
    if section is None:
        return []
    number, at = leb.unsigned(wasm, section.content)
    found = []
    for _ in range(number):
        entry, at = read(wasm, at)
        found.append(entry)
    return found


def _type(wasm: bytes, at: int) -> tuple[Signature, int]:
    if wasm[at] != _FUNCTION_TYPE:
        raise Undecodable(f"declares a type of the form {wasm[at]:#04x}, which is unknown here")
    params, at = _values(wasm, at + 1)
    results, at = _values(wasm, at)
    return (params, results), at


def _values(wasm: bytes, at: int) -> tuple[tuple[str, ...], int]:
    number, at = leb.unsigned(wasm, at)
    found = []
    for _ in range(number):
        value, at = _value(wasm, at)
        found.append(value)
    return tuple(found), at


def _value(wasm: bytes, at: int) -> tuple[str, int]:
    first = wasm[at]
    known = _VALUES.get(first)
    if known is not None:
        return known, at + 1
    form = _REFERENCES.get(first)
    if form is None:
        raise Undecodable(f"has a value of the type {first:#04x}, which is unknown here")
    heap = {0x70: "func", 0x6F: "extern"}.get(wasm[at + 1])
    if heap is not None:
        return f"({form} {heap})", at + 2
    index, at = leb.unsigned(wasm, at + 1)
    return f"({form} {index})", at


def _name(wasm: bytes, at: int) -> tuple[str, int]:
    length, at = leb.unsigned(wasm, at)
    end = at + length
    if end > len(wasm):
        raise Undecodable("is cut off in a name")
    return wasm[at:end].decode(errors="replace"), end


def _import(wasm: bytes, at: int) -> tuple[Import, int]:
    module, at = _name(wasm, at)
    name, at = _name(wasm, at)
    kind = wasm[at]
    read = _IMPORTED.get(kind)
    if read is None:
        raise Undecodable(f"imports something of the kind {kind}, which is unknown here")
    declared, at = read(wasm, at + 1)
    return Import(module, name, kind, declared), at


def _limits(wasm: bytes, at: int) -> tuple[Limits, int]:
    flags = wasm[at]
    if flags > 3:
        raise Undecodable(f"has a memory or table of the form {flags:#04x}, which is unknown here")
    minimum, at = leb.unsigned(wasm, at + 1)
    maximum = None
    if flags & 1:
        maximum, at = leb.unsigned(wasm, at)
    return Limits(minimum, maximum, bool(flags & 2)), at


def _table(wasm: bytes, at: int) -> tuple[Limits, int]:
    begins_with = wasm.startswith(_WITH_VALUE, at)
    found, at = _limits(wasm, after_type(wasm, at + len(_WITH_VALUE) * begins_with))
    return found, after_expression(wasm, at) if begins_with else at


def _global_type(wasm: bytes, at: int) -> tuple[GlobalType, int]:
    value, at = _value(wasm, at)
    return GlobalType(value, wasm[at] == 1), at + 1


def _global(wasm: bytes, at: int) -> tuple[GlobalType, int]:
    found, at = _global_type(wasm, at)
    return found, after_expression(wasm, at)


def after_expression(wasm: bytes, at: int) -> int:
    """Where the constant expression at `at` ends. Raises Undecodable or IndexError."""
    for opcode, following in instructions(wasm, at, len(wasm)):
        if opcode == END:
            return following
    raise Undecodable("is cut off in an expression")


def _export(wasm: bytes, at: int) -> tuple[tuple[str, Export], int]:
    name, at = _name(wasm, at)
    index, after = leb.unsigned(wasm, at + 1)
    return (name, Export(wasm[at], index)), after


_IMPORTED: dict[int, Callable[[bytes, int], tuple[int | Limits | GlobalType, int]]] = {
    FUNCTION: leb.unsigned, TABLE: _table, MEMORY: _limits, GLOBAL: _global_type,
}  # fmt: skip
