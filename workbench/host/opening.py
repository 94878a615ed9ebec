"""A module as the host compiles it: what its guests are made of can be reached, and its start function can wait.

Its mutable number globals are exported, as a snapshot needs them; so is its start function, in place of being run by
whoever instantiates it, because the functions it imports exist only afterwards. Frames keep their files and lines: line
tables count from where the code section begins, wherever that is.
"""

from __future__ import annotations

from dataclasses import dataclass

from workbench.host import binary, declarations, leb
from workbench.host.declarations import NUMBERS, Declarations

MOST_GLOBALS = 1000
"""Mutable globals that can be part of a snapshot, which reads each in 2 us: Rust's compiler makes one."""

_PREFIX = "edgeless_workbench_"


@dataclass(frozen=True)
class Opened:
    """`wasm` is what to compile; the others are names that it exports beyond the module's own."""

    wasm: bytes
    globals: tuple[str, ...] = ()
    start: str | None = None


def number_globals(declared: Declarations) -> list[int]:
    """The indices of the mutable globals that hold a number."""
    return [index for index, each in enumerate(declared.globals) if each.mutable and each.value in NUMBERS]


def opened(wasm: bytes, declared: Declarations) -> Opened:
    """`wasm` opened; as it is where it exports nothing or its start function cannot be one.

    No globals are exported where there are more than `MOST_GLOBALS`.
    """
    exports = declared.sections.get(binary.EXPORTS)
    if exports is None:
        return Opened(wasm)
    added = b""
    variables = number_globals(declared)
    names = [_free(f"global_{index}", declared) for index in variables[:MOST_GLOBALS]]
    if len(variables) > MOST_GLOBALS:
        variables, names = [], []
    for name, index in zip(names, variables, strict=True):
        added += _entry(name, declarations.GLOBAL, index)
    rest, start = wasm[exports.end :], None
    section = declared.sections.get(binary.START)
    if section is not None and declared.start is not None and _can_start(declared, declared.start):
        start = _free("start", declared)
        added += _entry(start, declarations.FUNCTION, declared.start)
        rest = wasm[exports.end : section.at] + wasm[section.end :]
    number, entries = leb.unsigned(wasm, exports.content)
    content = leb.encode(number + len(names) + (start is not None)) + wasm[entries : exports.end] + added
    whole = wasm[: exports.at + 1] + leb.encode(len(content)) + content + rest
    return Opened(whole, tuple(names), start)


def _can_start(declared: Declarations, function: int) -> bool:
    return (
        function < len(declared.functions)
        and declared.functions[function] < len(declared.types)
        and declarations.signature(declared, function) == ((), ())
        and declared.sections[binary.EXPORTS].end <= declared.sections[binary.START].at
    )


def _free(name: str, declared: Declarations) -> str:
    name = _PREFIX + name
    while name in declared.exports:
        name += "_"
    return name


def _entry(name: str, kind: int, index: int) -> bytes:
    return leb.encode(len(name)) + name.encode() + bytes([kind]) + leb.encode(index)
