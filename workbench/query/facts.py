"""What a query can know about a record: what it holds, its names, how long it took, how it ended."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from operator import attrgetter
from typing import Any, Protocol

from msgspec.structs import replace

from workbench.records import (
    Build,
    Call,
    Cast,
    Change,
    Handled,
    Log,
    Note,
    Record,
    Reload,
    Reply,
    Start,
    Stop,
    Sync,
    Timer,
    Trap,
)


class Index(Protocol):
    """What is known about an event besides its own record."""

    def get(self, seq: int) -> Record | None:
        """The record numbered `seq`."""

    def handled(self, event: int) -> Handled | None:
        """How the handling of `event` ended."""

    def reply(self, call: int) -> Reply | None:
        """How `call` was answered."""


_SENT = (Cast, Call, Timer)
_EVENTS = (Cast, Call, Start, Stop)


def _trap_words(trap: Trap) -> str:
    return f"{trap.message}\n{trap.panic}" if trap.panic else trap.message


def _build_words(build: Build) -> str:
    return "\n".join(diagnostic.message for diagnostic in build.diagnostics)


_CONTENTS: Mapping[type, Callable[[Any], bytes | str | None]] = {
    **dict.fromkeys((*_SENT, Reply, Change), attrgetter("payload")),
    **dict.fromkeys((Log, Note), attrgetter("message")),
    Sync: attrgetter("state"),
    Start: attrgetter("init_payload"),
    Trap: _trap_words,
    Build: _build_words,
}


def content(record: Record) -> bytes | str | None:
    """The payload, state or words of a record."""
    of = _CONTENTS.get(type(record))
    return None if of is None else of(record)


def edited(record: Record, change: Record | None) -> Record:
    """A message as it says what `change`, if it is an edit, made it say."""
    if not isinstance(change, Change) or change.payload is None:
        return record
    if isinstance(record, Reply):
        return replace(record, outcome="reply", payload=change.payload)
    return replace(record, payload=change.payload) if isinstance(record, _SENT) else record


def size(record: Record) -> int | None:
    """How many bytes it holds."""
    held = content(record)
    if held is None or isinstance(held, bytes):
        return None if held is None else len(held)
    return len(held) if held.isascii() else len(held.encode(errors="replace"))


def duration_ms(record: Record, index: Index | None) -> float | None:
    """How long it took: a call until its reply, another event its handling, a build or reload itself."""
    if isinstance(record, Handled):
        return record.duration_us / 1000
    if isinstance(record, Build | Reload):
        return record.duration_ms
    if index is None:
        return None
    if isinstance(record, Reply):
        call = index.get(record.call)
        return None if call is None else record.t - call.t
    if isinstance(record, Call):
        reply = index.reply(record.seq)
        return None if reply is None else reply.t - record.t
    handled = index.handled(record.seq) if isinstance(record, _EVENTS) else None
    return None if handled is None else handled.duration_us / 1000


def outcome(record: Record, index: Index | None) -> str | None:
    """How it ended: a reply's, a handling's or a reload's own word; `ok` or `failed` for a build."""
    if isinstance(record, Handled | Reply | Reload):
        return record.outcome
    if isinstance(record, Build):
        return "ok" if record.ok else "failed"
    if isinstance(record, Trap):
        return "trap"
    handled = index.handled(record.seq) if index is not None and isinstance(record, _EVENTS) else None
    return None if handled is None else handled.outcome


_Names = tuple[str | None, ...]
_NAMES: Mapping[type, Callable[[Any], _Names]] = {
    **dict.fromkeys(_SENT, attrgetter("instance", "source", "target", "alias")),
    **dict.fromkeys((Log, Change), attrgetter("instance", "target")),
    **dict.fromkeys((Start, Build), attrgetter("instance", "function")),
}


def names(record: Record) -> _Names:
    """Every name it has: whose it is, from, to, by which output, of which function."""
    of = _NAMES.get(type(record))
    return (record.instance,) if of is None else of(record)


def parties(record: Record) -> _Names:
    """The instances it has to do with."""
    return (record.instance, record.source, record.target) if isinstance(record, _SENT) else (record.instance,)


def source(record: Record) -> _Names:
    """Who sent it."""
    if isinstance(record, _SENT):
        return (record.source,)
    return (record.instance,) if isinstance(record, Reply) else ()


def target(record: Record) -> _Names:
    """To whom it was sent."""
    return (record.target,) if isinstance(record, Cast | Call | Timer | Change) else ()


def alias(record: Record) -> _Names:
    """By which output it was sent."""
    return (record.alias,) if isinstance(record, _SENT) else ()


def function(record: Record) -> _Names:
    """Of which function it is."""
    return (record.function,) if isinstance(record, Start | Build) else ()
