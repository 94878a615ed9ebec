"""What records weigh: roughly the bytes of memory each holds. Every bound in bytes adds up these weights."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from msgspec.structs import fields, replace

from workbench.records import (
    Build,
    Call,
    Cast,
    Change,
    Diagnostic,
    Frame,
    Log,
    Note,
    Record,
    Reply,
    Start,
    Sync,
    Timer,
    Trap,
)

RECORD_BYTES = 160
"""What a record weighs besides its texts and payloads."""

MESSAGE_BYTES = 240
"""What a message that waits weighs besides its payload."""

T = TypeVar("T", bytes, str)


def of_text(text: str | None) -> int:
    """At most this much memory: characters outside ASCII take up to four bytes each."""
    return 0 if text is None else len(text) if text.isascii() else 4 * len(text)


def _sent(record: Cast | Call | Timer) -> int:
    alias = record.alias
    return len(record.payload) if alias is None else len(record.payload) + 4 * len(alias)


def _answered(record: Reply | Change) -> int:
    return 0 if record.payload is None else len(record.payload)


def _diagnostic(one: Diagnostic) -> int:
    return RECORD_BYTES + of_text(one.message) + of_text(one.rendered)


def _frame(one: Frame) -> int:
    return RECORD_BYTES + of_text(one.function) + of_text(one.file)


_VARIABLE: Mapping[type, Callable[[Any], int]] = {
    **dict.fromkeys((Cast, Call, Timer), _sent),
    **dict.fromkeys((Reply, Change), _answered),
    Log: lambda log: of_text(log.message) + of_text(log.target),
    Sync: lambda sync: of_text(sync.state),
    Note: lambda note: of_text(note.message),
    Start: lambda start: of_text(start.init_payload) + of_text(start.state),
    Trap: lambda trap: of_text(trap.message) + of_text(trap.panic) + sum(map(_frame, trap.frames)),
    Build: lambda build: sum(map(_diagnostic, build.diagnostics)),
}
"""What the texts and payloads of a record weigh, by its type."""

_PARTS: Mapping[type, Callable[[Any], int]] = {Diagnostic: _diagnostic, Frame: _frame}


def held(record: Record) -> int:
    """Roughly the bytes of memory that the texts and payloads of `record` take."""
    variable = _VARIABLE.get(type(record))
    return 0 if variable is None else variable(record)


def cut(record: Record, limit: int) -> Record:
    """`record` with its long texts and payloads cut, each with a mark, so that it weighs `limit` at most."""
    share = max(0, (limit - RECORD_BYTES) // 3)
    changes: dict[str, object] = {}
    for field in fields(record):
        value = getattr(record, field.name)
        if isinstance(value, str):
            shorter: object = shortened(value, share)
        elif isinstance(value, bytes):
            shorter = shortened(value, share)
        elif isinstance(value, tuple):
            shorter = _beginning(value, share)
        else:
            continue
        if shorter is not value:
            changes[field.name] = shorter
    return replace(record, **changes)


def shortened(value: T, limit: int) -> T:
    """`value`, or as much of its beginning as weighs `limit` together with a mark that says how long it was.

    Bytes are cut between two characters of UTF-8.
    """
    if (len(value) if isinstance(value, bytes) else of_text(value)) <= limit:
        return value
    if isinstance(value, str):
        mark = f"... [cut here: {len(value):,} characters in all]"
        return value[: max(0, (limit if value.isascii() else limit // 4) - len(mark))] + mark
    whole = f"... [cut here: {len(value):,} bytes in all]".encode()
    end = max(0, limit - len(whole))
    while end and value[end] & 0xC0 == 0x80:
        end -= 1
    return value[:end] + whole


def _beginning(parts: tuple[Any, ...], limit: int) -> tuple[Any, ...]:
    """The first of `parts` that weigh `limit` together."""
    total = 0
    for place, part in enumerate(parts):
        total += _PARTS[type(part)](part)
        if total > limit:
            return parts[:place]
    return parts
