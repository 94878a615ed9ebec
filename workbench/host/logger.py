"""Whether what a function logs by the macros of the `log` crate can get out, found by reading the module.

Until a logger is set, which the guest crate's `init_logger` does, those macros print nothing (edgeless-facts 0.17).
Each asks a static of the `log` crate up to which level lines pass; it begins at 0, which is none. Where that static
lies can be read in a build without optimisation that has names. In others it cannot be told: the compiler has taken the
names away, and of macros that nobody listens to the code as well.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from workbench.host import binary, instructions, leb
from workbench.host.declarations import declarations
from workbench.host.leb import Undecodable
from workbench.host.names import function_names

_MACRO = re.compile(r"3log13_?__private_api3log")
_SETTER = re.compile(r"3log1[0-9]set_max_level")
_LOAD = re.compile(r"4sync6atomic")
"""What a macro asks for the level by, with `4load` behind it; a call of its own only where nothing is optimised."""
_CRATE = re.compile(r"_ZN17edgeless_function|_RI?N[a-z]+Cs\w+?_17edgeless_function")
"""The guest crate, whose own few lines a function may do without."""

_CALL = re.compile(rb"\x10([\x80-\xff]{4}[\x00-\x0f])")
"""The instruction `call` as wasm-ld writes it where it may not shorten it."""
_CONST = 0x41
_STATICS = 1024
"""Where a Rust module's statics begin at the earliest (wasm-ld's `--global-base`)."""


@dataclass(frozen=True)
class Logger:
    """What the macros of a module ask. `level_at`: where its memory has the level; None when no code ever sets it."""

    level_at: int | None


def logger(wasm: bytes) -> Logger | None:
    """What the macros of `wasm`, which is valid, ask; None when it has none, or that cannot be told."""
    try:
        return _logger(wasm)
    except (Undecodable, IndexError, KeyError):
        return None


def _logger(wasm: bytes) -> Logger | None:
    names = function_names(wasm)
    if not names:
        return None
    declared = declarations(wasm)
    macros = {leb.padded(index) for index, name in names.items() if _MACRO.search(name)}
    loads = {leb.padded(index) for index, name in names.items() if _loads(name)}
    bodies = list(binary.bodies(wasm, declared.sections[binary.CODE]))
    first = declared.imported_functions
    for index, name in names.items():
        if index >= first and not _CRATE.match(name):
            called = set(_CALL.findall(wasm, *bodies[index - first]))
            if not called.isdisjoint(macros) and not called.isdisjoint(loads):
                return _setter(wasm, names, first, bodies)
    return None


def _loads(name: str) -> bool:
    found = _LOAD.search(name)
    return found is not None and name.find("4load", found.end()) >= 0


def _setter(wasm: bytes, names: dict[int, str], first: int, bodies: list[tuple[int, int]]) -> Logger | None:
    setters = [index for index, name in names.items() if _SETTER.search(name)]
    if not setters:
        return Logger(None)
    at, end = bodies[setters[0] - first]
    begin = binary.after_locals(wasm, at)
    found = set()
    for opcode, following in instructions.instructions(wasm, begin, end):
        if opcode == _CONST and (value := leb.unsigned(wasm, begin + 1)[0]) >= _STATICS:
            found.add(value)
        begin = following
    return Logger(found.pop()) if len(found) == 1 else None
