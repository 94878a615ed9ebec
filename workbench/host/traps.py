"""Why a guest ended, in words, with the frames a person can read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from wasmtime import Trap, WasmtimeError

from workbench.errors import UserError
from workbench.host import contract
from workbench.records import Frame, NoteCode


class ModuleRefused(UserError):
    """A module that cannot run here, as it could not on the platform; the sentence says why."""

    unsupported_import = False
    """Whether it imports what the platform does not have."""


@dataclass(frozen=True)
class Refusal:
    """An effect the host refused, so that the guest trapped: the note's code and words, and the bytes at fault."""

    code: NoteCode
    message: str
    content: bytes


@dataclass(frozen=True)
class TrapReport:
    """How a guest died: in which callback, one sentence, and the frames, innermost first."""

    callback: str
    message: str
    frames: tuple[Frame, ...]
    refusal: Refusal | None = None


_WHAT = {
    contract.CAST: "cast",
    contract.CAST_RAW: "cast_raw",
    contract.CALL: "call",
    contract.CALL_RAW: "call_raw",
    contract.DELAYED: "delayed_cast",
    contract.LOG: "log",
    contract.SYNC: "sync",
}

_WORDS = {
    "unreachable": "it panicked or aborted (the wasm instruction `unreachable` was executed)",
    "call stack exhausted": "its call stack is exhausted, most likely by endless recursion",
    "out of bounds memory access": "it touched memory outside its linear memory",
    "integer divide by zero": "it divided by zero",
    "integer overflow": "an integer division overflowed",
    "indirect call type mismatch": "it called a function pointer of another type",
    "uninitialized element": "it called a null function pointer",
    "undefined element: out of bounds table access": "it called a function pointer that does not exist",
    "invalid conversion to integer": "it converted a number that fits no integer",
}

_OUT_OF_MEMORY = re.compile(r"alloc_error|rust_oom|handle_alloc_error|capacity_overflow")
_FRAME = re.compile(r"^\s*\d+:\s+0x[0-9a-f]+ - (?:(?P<module>[^!\s]+)!)?(?P<function>.*)$")
_PLACE = re.compile(r"^\s+at (?P<file>.+?):(?P<line>\d+):(?P<column>\d+)$")
_HASH = re.compile(r"::h[0-9a-f]{16}$|\[[0-9a-f]{16}\]")
_OURS = ("edgeless_dock", "edgeless_env")


def report(
    failure: Trap | WasmtimeError | None, callback: str, refused: tuple[int, bytes] | None, memory_limit: int
) -> TrapReport:
    """Read wasmtime's own text of a failure: it holds the inlined frames and places that its objects lack."""
    text = str(failure) if failure is not None else "the guest's loop ended"
    frames = tuple(_frames(text))
    refusal = _refusal(refused) if refused is not None else None
    if refusal is not None:
        message = refusal.message
    else:
        message = _reason(text)
        if any(_OUT_OF_MEMORY.search(frame.function) for frame in frames):
            message = f"it ran out of memory (the limit is {memory_limit / (1 << 20):g} MiB)"
    return TrapReport(callback, message, frames, refusal)


def _reason(text: str) -> str:
    for known, words in _WORDS.items():
        if f"wasm trap: {known}" in text or f"`{known}`" in text:
            return words
    if "wasm `unreachable`" in text:
        return _WORDS["unreachable"]
    cause = re.search(r"wasm trap: (.+)", text)
    if cause:
        return cause[1].strip()
    last = text.strip().splitlines()[-1]
    return re.sub(r"^\s*\d+: ", "", last).strip()


def _refusal(refused: tuple[int, bytes]) -> Refusal:
    kind, content = refused
    if kind not in _WHAT:
        return Refusal("runaway", "it had no memory left to take the event", b"")
    what = _WHAT[kind]
    try:
        name = content.decode()
    except UnicodeDecodeError as error:
        bad = content[error.start]
        fault = f"0x{bad:02x} at offset {error.start}"
        return Refusal("non-utf8", f"{what} with bytes that are not UTF-8 ({fault}): the platform traps here", content)
    return Refusal("unknown-alias", f'{what} to "{name}", which leads nowhere: the platform traps here', content)


def _frames(text: str) -> Iterator[Frame]:
    function, skip = "", True
    placed = True
    for line in text.splitlines():
        frame = _FRAME.match(line)
        place = _PLACE.match(line)
        if frame:
            if not placed and not skip:
                yield Frame(function)
            skip = frame["module"] in _OURS
            function, placed = _tidy(frame["function"]), False
        elif place and not skip:
            yield Frame(function, place["file"], int(place["line"]), int(place["column"]))
            placed = True
    if not placed and not skip:
        yield Frame(function)


def _tidy(function: str) -> str:
    return _HASH.sub("", function.strip())


@contextmanager
def refusing(name: str) -> Iterator[None]:
    """Turn a failed instantiation into the sentence for the user."""
    try:
        yield
    except (Trap, WasmtimeError) as error:
        raise ModuleRefused(f"{name} cannot be started: {_reason(str(error))}") from error
