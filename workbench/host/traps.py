"""Why a guest ended, in words, with the frames a person can read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from wasmtime import Trap, TrapCode, WasmtimeError

from workbench.errors import UserError
from workbench.host import contract, room
from workbench.host.capi import OUTSIDE
from workbench.records import Callback, Frame, NoteCode


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

    callback: Callback
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

_STACK = "its call stack is exhausted, most likely by endless recursion"

_WORDS = {
    TrapCode.UNREACHABLE: "it panicked or aborted (the wasm instruction `unreachable` was executed)",
    TrapCode.STACK_OVERFLOW: _STACK,
    TrapCode.MEMORY_OUT_OF_BOUNDS: OUTSIDE,
    TrapCode.HEAP_MISALIGNED: "an atomic instruction used an address that is not aligned",
    TrapCode.TABLE_OUT_OF_BOUNDS: "it used an element of a table that does not exist, such as a wrong function pointer",
    TrapCode.INDIRECT_CALL_TO_NULL: "it called a null function pointer",
    TrapCode.BAD_SIGNATURE: "it called a function pointer of another type",
    TrapCode.INTEGER_DIVISION_BY_ZERO: "it divided by zero",
    TrapCode.INTEGER_OVERFLOW: "an integer division overflowed",
    TrapCode.BAD_CONVERSION_TO_INTEGER: "it converted a number that fits no integer",
    TrapCode.ATOMIC_WAIT_NON_SHARED_MEMORY: "it waited in a memory that no other thread shares",
    TrapCode.NULL_REFERENCE: "it used a null reference",
}
"""Those that the platform's features can raise."""

_OUT_OF_MEMORY = re.compile(r"alloc_error|rust_oom|handle_alloc_error|capacity_overflow")
_FRAME = re.compile(r"^\s*\d+:\s+0x[0-9a-f]+ - (?:(?P<module>[^!\s]+)!)?(?P<function>.*)$")
_PLACE = re.compile(r"^\s+at (?P<file>.+?):(?P<line>\d+):(?P<column>\d+)$")
_HASH = re.compile(r"::h[0-9a-f]{16}$|\[[0-9a-f]{16}\]")
_LONGEST_NAME = 500
_OURS = ("edgeless_dock", "edgeless_env")


@dataclass(frozen=True)
class Circumstances:
    """What a trap alone does not tell: the guest's limit in bytes, whether its start function ran, and whether its
    stack in linear memory had overflowed."""

    memory_limit: int
    starting: bool
    overflowed: bool


def report(
    failure: Trap | WasmtimeError | None, callback: Callback, refused: tuple[int, bytes] | None, around: Circumstances
) -> TrapReport:
    """Read wasmtime's own text of a failure: it holds the inlined frames and places that its objects lack."""
    text = str(failure) if failure is not None else ""
    frames = tuple(_frames(text))
    refusal = _refusal(refused) if refused is not None else None
    if refusal is not None:
        message = refusal.message
    elif any(_OUT_OF_MEMORY.search(frame.function) for frame in frames):
        message = f"it ran out of memory (the limit is {around.memory_limit / (1 << 20):g} MiB)"
    elif around.overflowed and _code(failure) is TrapCode.MEMORY_OUT_OF_BOUNDS:
        message = _STACK
    else:
        message = _reason(failure)
    if around.starting:
        message = f"in its start function, before handle_init: {message}; the platform's node panics on it"
    return TrapReport(callback, message, frames, refusal)


def _code(failure: Trap | WasmtimeError | None) -> TrapCode | None:
    return failure.trap_code if isinstance(failure, Trap) else None


def _reason(failure: Trap | WasmtimeError | None) -> str:
    code = _code(failure)
    if code is not None:
        return _WORDS.get(code) or f"it trapped ({code.name.replace('_', ' ').lower()})"
    text = str(failure).strip() if failure is not None else ""
    last = text.splitlines()[-1] if text else ""  # the host's own words, behind the frames
    return re.sub(r"^\s*\d+: ", "", last).strip() or "wasmtime gave no reason"


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
    """A name as a person reads it; a module chose it."""
    name = function.strip()
    shown = _HASH.sub("", name if len(name) <= _LONGEST_NAME else name[:_LONGEST_NAME] + "…")
    return "".join(each if each.isprintable() else ascii(each)[1:-1] for each in shown)


@contextmanager
def instantiating(name: str) -> Iterator[None]:
    """Turn a failed instantiation into the sentence for the user."""
    try:
        yield
    except Trap as error:
        code = error.trap_code
        what = {TrapCode.MEMORY_OUT_OF_BOUNDS: "its data", TrapCode.TABLE_OUT_OF_BOUNDS: "its function pointers"}
        cause = f"{what[code]} would lie outside its memory or table" if code in what else _reason(error)
        raise ModuleRefused(f"{name} cannot be started: {cause}; the platform's node panics on it") from error
    except (WasmtimeError, MemoryError) as error:
        text = str(error)
        no_room = not text or room.means_no_room(text)  # a MemoryError says nothing
        cause = room.shortage() if no_room else text.splitlines()[-1].strip()
        raise UserError(f"no instance of {name} can be made: {cause}") from error
