"""What a module calls its functions: builds of profile dev say so, stripped ones do not."""

from __future__ import annotations

from workbench.host import binary, leb

_FUNCTIONS = 1


def function_names(wasm: bytes) -> dict[int, str]:
    """The names by index, as the compiler mangled them; empty where there are none.

    Raises Undecodable or IndexError where they cannot be read.
    """
    return {index: name.decode(errors="replace") for index, name in symbols(wasm).items()}


def symbols(wasm: bytes) -> dict[int, bytes]:
    """The same as bytes (core specification 7.4.1)."""
    section = next((section for name, section in binary.customs(wasm) if name == b"name"), None)
    at, end = (section.content, section.end) if section is not None else (0, 0)
    while at < end:
        kind = wasm[at]
        size, at = leb.unsigned(wasm, at + 1)
        if kind == _FUNCTIONS:
            return _names(wasm, at, end)
        at += size
    return {}


def _names(wasm: bytes, at: int, end: int) -> dict[int, bytes]:
    found = {}
    number, at = leb.unsigned(wasm, at)
    for _ in range(number):
        index, at = leb.unsigned(wasm, at)
        length, at = leb.unsigned(wasm, at)
        found[index] = wasm[at : min(at + length, end)]
        at += length
    return found
