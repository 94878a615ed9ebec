"""What a module calls its functions: builds of profile dev say so, stripped ones do not."""

from __future__ import annotations

from workbench.host import binary, leb

_FUNCTIONS = 1


def function_names(wasm: bytes) -> dict[int, str]:
    """The names by index, as the compiler mangled them; empty where there are none (core specification 7.4.1).

    Raises Undecodable or IndexError where they cannot be read.
    """
    section = binary.custom(wasm, "name")
    at, end = (section.content, section.end) if section is not None else (0, 0)
    while at < end:
        kind = wasm[at]
        size, at = leb.unsigned(wasm, at + 1)
        if kind == _FUNCTIONS:
            return _names(wasm, at, end)
        at += size
    return {}


def _names(wasm: bytes, at: int, end: int) -> dict[int, str]:
    found = {}
    number, at = leb.unsigned(wasm, at)
    for _ in range(number):
        index, at = leb.unsigned(wasm, at)
        length, at = leb.unsigned(wasm, at)
        found[index] = wasm[at : min(at + length, end)].decode(errors="replace")
        at += length
    return found
