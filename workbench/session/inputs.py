"""What moves a world from outside its own laws, as data: done again in the same order, it does the same again."""

from __future__ import annotations

from typing import TypeAlias

from msgspec import Struct

from workbench.build.events import Failed, Finished
from workbench.host.guest import Progress
from workbench.project.model import Project
from workbench.records import KillReason, Profile
from workbench.session.code import Loaded, Refused
from workbench.session.commands import Command


class Turn(Struct, frozen=True, gc=False):
    """An instance had a turn: `begun` events were handed over, `taken` effects came about, and it stood at `progress`.

    `handled` events share `spent_s` seconds in the guest. The clock stood at `before_ms`, and at `after_ms` when it
    came back.
    """

    instance: str
    begun: int
    taken: int
    handled: int
    spent_s: float
    progress: Progress
    before_ms: float
    after_ms: float


class Fire(Struct, frozen=True, gc=False):
    """What was due next came about."""


class Deed(Struct, frozen=True, gc=False):
    """A front asked for something."""

    command: Command


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


class Overdue(Struct, frozen=True, gc=False):
    """A handler was ended because something waited too long for its end."""

    instance: str
    reason: KillReason


Input: TypeAlias = Turn | Fire | Deed | News | Plan | Built | Overdue


class Entry(Struct, frozen=True, gc=False):
    """An input, the time in ms, and the `seq` that the first record it brought about has, if it brought any."""

    at: int
    t: float
    input: Input
