"""State that a module's memory and number globals do not hold, found by reading the module.

Beside those a core module can keep state in further memories, in globals of other types, in its tables, and in which of
its segments are dropped. The host changes none of these, so what counts is which instructions the module has. Rust's
compiler makes none that count; other languages and handwritten text may.
"""

from __future__ import annotations

import re

from workbench.host import binary, instructions
from workbench.host.leb import Undecodable

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
    sections = binary.sections(wasm)
    found = []
    if binary.count(wasm, sections.get(binary.MEMORIES)) > 1:
        found.append("it has more than one memory")
    if any(
        kind.mutable and kind.value not in binary.NUMBERS
        for kind in binary.global_types(wasm, sections.get(binary.GLOBALS))
    ):
        found.append("it has a mutable global that holds a reference or a vector")
    tables = binary.count(wasm, sections.get(binary.TABLES))
    suspect = _ONE_TABLE if tables == 1 else _MORE_TABLES
    for at, end in binary.bodies(wasm, sections.get(binary.CODE)):
        if suspect.search(wasm, at, end):
            first = binary.after_locals(wasm, at)
            found += [
                _CHANGES[opcode] for opcode, _ in instructions.instructions(wasm, first, end) if opcode in _CHANGES
            ]
    return found
