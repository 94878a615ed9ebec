"""State that a module's memory and number globals do not hold, found by reading the module.

Beside those a core module can keep state in further memories, in globals of other types, in its tables, and in which of
its segments are dropped. The host changes none of these, so what counts is which instructions the module has. Rust's
compiler makes none that count; other languages and handwritten text may.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from workbench.host import binary, instructions
from workbench.host.declarations import NUMBERS, Declarations, declarations
from workbench.host.leb import Undecodable
from workbench.host.opening import MOST_GLOBALS, number_globals

_CHANGES = {
    instructions.TABLE_SET: "it changes its table",
    instructions.TABLE_INIT: "it changes its table",
    instructions.TABLE_COPY: "it changes its table",
    instructions.TABLE_GROW: "it changes its table",
    instructions.TABLE_FILL: "it changes its table",
    instructions.ELEM_DROP: "it drops element segments",
    instructions.DATA_DROP: "it drops data segments",
}

# Decoding every body takes 15 to 20 ms for a dev build, which a developer waits for when saving. A body without these
# bytes has none of the instructions above, and hardly any has them by chance: measured, 1 ms. Numbers may be padded.
_NUMBERED = rb"\xFC(?:[\x09\x0C-\x0F\x11]|[\x89\x8C-\x8F\x91]\x80*\x00)"
_ONE_TABLE = re.compile(rb"\x26\x80*\x00|" + _NUMBERED)
_MORE_TABLES = re.compile(rb"\x26|" + _NUMBERED)


def hidden_state(wasm: bytes) -> str | None:
    """What `wasm`, which is valid, keeps elsewhere, as a clause: "it changes its table". None when it keeps nothing.

    What cannot be read is taken for state.
    """
    try:
        found = _reasons(wasm)
    except Undecodable as error:
        return f"it {error}"
    except IndexError:
        return "it cannot be read here"
    return " and ".join(dict.fromkeys(found)) or None


def _reasons(wasm: bytes) -> list[str]:
    declared = declarations(wasm)
    found = []
    if len(declared.memories) > 1:
        found.append("it has more than one memory")
    if any(each.mutable and each.value not in NUMBERS for each in declared.globals):
        found.append("it has a mutable global that holds a reference or a vector")
    numbers = len(number_globals(declared))
    if numbers > MOST_GLOBALS:
        found.append(f"it has {numbers:,} mutable globals, of which {MOST_GLOBALS:,} at most are looked at")
    return found + [_CHANGES[opcode] for opcode in _changes(wasm, declared)]


def grows_tables(wasm: bytes, declared: Declarations) -> bool:
    """Whether the code of `wasm` can make a table larger; what cannot be read may."""
    try:
        return instructions.TABLE_GROW in _changes(wasm, declared)
    except (Undecodable, IndexError):
        return True


def _changes(wasm: bytes, declared: Declarations) -> Iterator[int]:
    suspect = _ONE_TABLE if len(declared.tables) == 1 else _MORE_TABLES
    for at, end in binary.bodies(wasm, declared.sections.get(binary.CODE)):
        if suspect.search(wasm, at, end):
            first = binary.after_locals(wasm, at)
            for opcode, _ in instructions.instructions(wasm, first, end):
                if opcode in _CHANGES:
                    yield opcode
