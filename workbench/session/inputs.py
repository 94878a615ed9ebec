"""What moves a world from outside its own laws, as data: done again in the same order, it does the same again."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import TypeAlias

from msgspec import Struct

from workbench.build.events import Failed, Finished
from workbench.host.guest import Progress
from workbench.project.model import Project
from workbench.records import DropReason, KillReason, Profile, ReplyOutcome
from workbench.session.code import Loaded, Refused
from workbench.session.commands import Command
from workbench.weight import of_text


class Turn(Struct, frozen=True, gc=False):
    """An instance had a turn: `begun` events were handed over, `taken` effects came about, and it stood at `progress`.

    `handled` events share `spent_s` seconds in the guest; `idle_s` is what it worked before, in turns in which nothing
    came about. The clock stood at `before_ms`, and at `after_ms` when it came back. `halted`: the world was halted
    before all that the guest did had come about. `first`: the next turn was its own again.
    """

    instance: str
    begun: int
    taken: int
    handled: int
    spent_s: float
    progress: Progress
    before_ms: float
    after_ms: float
    halted: bool = False
    first: bool = False
    idle_s: float = 0.0


class Fire(Struct, frozen=True, gc=False):
    """What was due next came about."""


class Deed(Struct, frozen=True, gc=False):
    """A front asked for something. `stand_in` is whose call it is, of an `Answer` that was given."""

    command: Command
    stand_in: str | None = None


class News(Struct, frozen=True, gc=False):
    """New code is there, or is not to be had."""

    news: Loaded | Refused


class Plan(Struct, frozen=True, gc=False):
    """The project was opened, or has changed."""

    project: Project


class Built(Struct, frozen=True, gc=False):
    """A build has ended."""

    event: Finished | Failed
    profile: Profile


class Limited(Struct, frozen=True, gc=False):
    """These limits hold from now on: bytes of memory for each instance that starts, ms in the guest for each handler
    (None: no limit), events in a mailbox, bytes in a mailbox."""

    memory_bytes: int
    time_ms: int | None
    mailbox: int
    mailbox_bytes: int


class Overdue(Struct, frozen=True, gc=False):
    """A handler was ended because something waited too long for its end."""

    instance: str
    reason: KillReason


class Replied(Struct, frozen=True, gc=False):
    """A real resource has answered the call numbered `call`, which said `asked` where that is known."""

    resource: str
    call: int
    outcome: ReplyOutcome
    payload: bytes
    asked: bytes | None = None


class Came(Struct, frozen=True, gc=False):
    """Something came from outside by way of a real resource: a cast to what its output leads to."""

    resource: str
    output: str
    payload: bytes


class Asked(Struct, frozen=True, gc=False):
    """The outside asks by way of a real resource: a call, whose answer is told by its number `token`."""

    resource: str
    output: str
    payload: bytes
    token: int


class Remarked(Struct, frozen=True, gc=False):
    """A real resource has something to remark."""

    resource: str
    message: str


class Undone(Struct, frozen=True, gc=False):
    """A real resource has dropped the message numbered `event`."""

    resource: str
    event: int
    reason: DropReason


class Kept(Struct, frozen=True, gc=False):
    """The state that the instance of that name left in an earlier run has been read; None: it left none."""

    instance: str
    state: str | None


Input: TypeAlias = (
    Kept | Turn | Fire | Deed | News | Plan | Built | Limited | Overdue | Replied | Came | Asked | Remarked | Undone
)


class Entry(Struct, frozen=True, gc=False):
    """An input, the time in ms, and the `seq` that the first record it brought about has, if it brought any."""

    at: int
    t: float
    input: Input


class Again(Struct, frozen=True, gc=False):
    """What came from outside once, to come again. An answer is to the call that waits longest at `stand_in`."""

    what: Input
    stand_in: str | None = None


ENTRY_BYTES = 240
"""What an input weighs besides its texts and payloads."""


def weight_of(what: Input) -> int:
    """Roughly the bytes that an input takes in the history."""
    if isinstance(what, Turn | Fire):
        return ENTRY_BYTES
    told = what.command if isinstance(what, Deed) else what.event if isinstance(what, Built) else what
    if isinstance(told, Finished | Failed):
        return ENTRY_BYTES + sum(of_text(one.message) + of_text(one.rendered) for one in told.diagnostics)
    return ENTRY_BYTES + sum(_held(getattr(told, name)) for name in _names(type(told)))


@cache
def _names(kind: type) -> tuple[str, ...]:
    names: Iterable[str] = getattr(kind, "__struct_fields__", getattr(kind, "__dataclass_fields__", ()))
    return tuple(names)


def _held(value: object) -> int:
    return len(value) if isinstance(value, bytes) else of_text(value) if isinstance(value, str) else 0
