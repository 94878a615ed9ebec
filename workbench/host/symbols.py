"""Symbols that wasmtime must not be shown: writing them out would take memory without end.

wasmtime demangles the names of functions in a backtrace, as Rust's or else as C++'s, whose symbols refer back to their
own parts. One of 400 bytes can stand for a name of 2^40, and is written out whole: measured, 210 bytes become 36 MB.
"""

from __future__ import annotations

import re
from collections import deque

from workbench.host import binary
from workbench.host.leb import Undecodable
from workbench.host.names import symbols

MOST_REFERENCES = 16
"""Back references of each kind in a symbol that is shown: a name grows some hundred times at most by these. Measured:
Rust's have 4 at most."""

_REFERENCES = re.compile(rb"S[0-9A-Z]*+_?"), re.compile(rb"T[0-9A-Z]*+_?")  # one by one: 3 times as quick as together
"""What may be back references: those that end in `_`. The others are matched, too, so that nothing is read twice."""
_END = ord("_")
_WITH_STRINGS = (b".debug_str", b".debug_line_str", b".debug_info")


def bounded(wasm: bytes) -> bytes:
    """`wasm` without what names its functions where that holds such symbols, or cannot be read, else as it is.

    A name may begin anywhere in a string of the debug information. Raises Undecodable or IndexError where sections
    cannot be told apart.
    """
    try:
        if not _grows_without_end(wasm):
            return wasm
    except (Undecodable, IndexError):
        pass  # wasmtime reads of it what it can
    kept, at = [], 0
    for name, section in binary.customs(wasm):
        if name == b"name" or name.startswith(b".debug_"):
            kept.append(wasm[at : section.at])
            at = section.end
    return b"".join([*kept, wasm[at:]])


def _grows_without_end(wasm: bytes) -> bool:
    strings = (wasm[section.content : section.end] for name, section in binary.customs(wasm) if name in _WITH_STRINGS)
    return any(map(_refers_much, strings)) or any(map(_refers_much, symbols(wasm).values()))


def _refers_much(text: bytes) -> bool:
    for reference in _REFERENCES:
        recent: deque[int] = deque(maxlen=MOST_REFERENCES + 1)
        for found in reference.finditer(text):
            if text[found.end() - 1] != _END:
                continue
            recent.append(found.start())
            if len(recent) > MOST_REFERENCES and text.find(b"\0", recent[0], found.end()) < 0:
                return True
    return False
