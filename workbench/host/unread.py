"""State that a function syncs and never asks for again, found by reading its module."""

from __future__ import annotations

import re
from collections.abc import Iterator

from workbench.host import binary, contract, instructions, leb
from workbench.host.contract import I32
from workbench.host.declarations import FUNCTION, Declarations, body, declarations, signature
from workbench.host.leb import Undecodable
from workbench.host.names import function_names

_OWN = re.compile(r"Edge[Ff]unction(?:\$GT\$)?11handle_init")
"""What a function's own `handle_init` is called, in builds that have names."""
_CALL, _LOCAL_GET = 0x10, 0x20
_STATE = (2, 3)
"""The parameters of `handle_init` that say where the state is and how long."""
_PARAMETERS = (I32,) * 4


def syncs(wasm: bytes) -> bool:
    """Whether the code of `wasm`, which the host accepts, calls `sync_asm`: importing it alone does not tell."""
    try:
        declared = declarations(wasm)
        return any(_calls(wasm, declared, function) for function in _sync_functions(declared))
    except (Undecodable, IndexError):
        return False


def never_read(wasm: bytes) -> bool:
    """Whether `wasm`, which the host accepts, syncs state, and its `handle_init` looks at none.

    False where that cannot be told: the exported `handle_init_asm` of a build without optimisation passes the state on,
    and only names say what to. With full debug information the compiler copies every parameter, and so looks at it.
    """
    try:
        return syncs(wasm) and any(_looks_at_none(wasm, *body) for body in _inits(wasm))
    except (Undecodable, IndexError, KeyError):
        return False


def _sync_functions(declared: Declarations) -> Iterator[int]:
    functions = (each for each in declared.imports if each.kind == FUNCTION)
    for index, each in enumerate(functions):
        if (each.module, each.name) == (contract.IMPORT_MODULE, "sync_asm"):
            yield index


def _calls(wasm: bytes, declared: Declarations, function: int) -> bool:
    *most, last = leb.encode(function)
    number = re.escape(bytes(most)) + b"(?:%b|%b\x80*\x00)" % (
        re.escape(bytes([last])),
        re.escape(bytes([last | 0x80])),
    )
    suspect = re.compile(b"\x10" + number, re.DOTALL)  # the same bytes may be another instruction's
    for at, end in binary.bodies(wasm, declared.sections.get(binary.CODE)):
        if suspect.search(wasm, at, end):
            begin = binary.after_locals(wasm, at)
            for opcode, following in instructions.instructions(wasm, begin, end):
                if opcode == _CALL and leb.unsigned(wasm, begin + 1)[0] == function:
                    return True
                begin = following
    return False


def _inits(wasm: bytes) -> Iterator[tuple[int, int]]:
    """The bodies that the state passes through on its way to the function's own code."""
    declared = declarations(wasm)
    bodies = list(binary.bodies(wasm, declared.sections[binary.CODE]))
    yield bodies[body(declared, declared.exports["handle_init_asm"].index)]
    for index, name in function_names(wasm).items():
        if _OWN.search(name) and signature(declared, index)[0] == _PARAMETERS:
            yield bodies[body(declared, index)]


def _looks_at_none(wasm: bytes, at: int, end: int) -> bool:
    begin = binary.after_locals(wasm, at)
    for opcode, following in instructions.instructions(wasm, begin, end):
        if opcode == _LOCAL_GET and leb.unsigned(wasm, begin + 1)[0] in _STATE:
            return False
        begin = following
    return True
