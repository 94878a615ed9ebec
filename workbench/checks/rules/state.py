"""State that a function syncs and never asks for again, found by reading its module."""

from __future__ import annotations

from workbench.host import binary, instructions, leb
from workbench.host.leb import Undecodable

_SYNC = b"\x03env\x08sync_asm"
_INIT = b"\x0fhandle_init_asm\x00"
_IMPORTS, _LOCAL_GET = 2, 0x20
_STATE = (2, 3)
"""The parameters of `handle_init_asm` that say where the state is and how long."""


def never_read(wasm: bytes) -> bool:
    """Whether `wasm`, which the host accepts, syncs state, and its `handle_init` looks at none.

    False where that cannot be told, as in builds without optimisation.
    """
    try:
        return _never_read(wasm)
    except (Undecodable, IndexError, KeyError):
        return False


def _never_read(wasm: bytes) -> bool:
    sections = binary.sections(wasm)
    imports, exports = sections[_IMPORTS], sections[binary.EXPORTS]
    exported = wasm.find(_INIT, exports.content, exports.end)
    if wasm.find(_SYNC, imports.content, imports.end) < 0 or exported < 0:
        return False
    index = leb.unsigned(wasm, exported + len(_INIT))[0] - binary.count(wasm, imports)  # all imports are functions
    at, end = list(binary.bodies(wasm, sections[binary.CODE]))[index]
    begin = binary.after_locals(wasm, at)
    for opcode, following in instructions.instructions(wasm, begin, end):
        if opcode == _LOCAL_GET and leb.unsigned(wasm, begin + 1)[0] in _STATE:
            return False
        begin = following
    return True
