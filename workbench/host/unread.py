"""State that a function syncs and never asks for again, found by reading its module."""

from __future__ import annotations

import re
from collections.abc import Iterator

from workbench.host import binary, instructions, leb
from workbench.host.leb import Undecodable
from workbench.host.names import function_names

_SYNC = b"\x03env\x08sync_asm"
_INIT = b"\x0fhandle_init_asm\x00"
_OWN = re.compile(r"Edge[Ff]unction(?:\$GT\$)?11handle_init")
"""What a function's own `handle_init` is called, in builds that have names."""
_LOCAL_GET = 0x20
_STATE = (2, 3)
"""The parameters of `handle_init` that say where the state is and how long."""
_PARAMETERS = b"\x7f" * 4


def never_read(wasm: bytes) -> bool:
    """Whether `wasm`, which the host accepts, syncs state, and its `handle_init` looks at none.

    False where that cannot be told: the exported `handle_init_asm` of a build without optimisation passes the state on,
    and only names say what to. With full debug information the compiler copies every parameter, and so looks at it.
    """
    try:
        return _syncs(wasm) and any(_looks_at_none(wasm, *body) for body in _inits(wasm))
    except (Undecodable, IndexError, KeyError, ValueError):
        return False


def _syncs(wasm: bytes) -> bool:
    imports = binary.sections(wasm)[binary.IMPORTS]
    return wasm.find(_SYNC, imports.content, imports.end) >= 0


def _inits(wasm: bytes) -> Iterator[tuple[int, int]]:
    """The bodies that the state passes through on its way to the function's own code."""
    sections = binary.sections(wasm)
    exports, first = sections[binary.EXPORTS], binary.count(wasm, sections[binary.IMPORTS])  # all are functions
    bodies = list(binary.bodies(wasm, sections[binary.CODE]))
    exported = wasm.index(_INIT, exports.content, exports.end)
    yield bodies[leb.unsigned(wasm, exported + len(_INIT))[0] - first]
    for index, name in function_names(wasm).items():
        if _OWN.search(name) and binary.parameters(wasm, sections, index - first) == _PARAMETERS:
            yield bodies[index - first]


def _looks_at_none(wasm: bytes, at: int, end: int) -> bool:
    begin = binary.after_locals(wasm, at)
    for opcode, following in instructions.instructions(wasm, begin, end):
        if opcode == _LOCAL_GET and leb.unsigned(wasm, begin + 1)[0] in _STATE:
            return False
        begin = following
    return True
