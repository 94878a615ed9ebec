"""What the lines of a script ask for, as frozen data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, TypeAlias

from workbench.headless.script.words import Chosen, Count, Numbered, Part, written
from workbench.session.commands import Command, Jump, Rerun, SelfCheck, StepBack, SwitchLine
from workbench.session.view import Status

Pick: TypeAlias = Numbered | Chosen
"""What a line acts on: by its number, or as one of those that a query matches."""


@dataclass(frozen=True)
class Order:
    """Have `command` done; each of `gaps` is a field of it whose number is known only when the line's turn comes."""

    command: Command
    gaps: Mapping[str, Pick] = field(default_factory=dict)


@dataclass(frozen=True)
class Show:
    """Print what waits, how the instances stand, and so on."""

    what: Literal["waits", "clock", "instances", "breakpoints", "lines"]


@dataclass(frozen=True)
class ShowState:
    """Print the state an instance synced last."""

    instance: str


@dataclass(frozen=True)
class ShowLog:
    """Print the newest log lines, at most so many."""

    most: int


@dataclass(frozen=True)
class ExpectMode:
    """It must be paused, or not."""

    paused: bool


@dataclass(frozen=True)
class ExpectWaits:
    """So much must wait, of what `query` matches if there is one."""

    count: Count
    query: str | None = None


@dataclass(frozen=True)
class ExpectRecords:
    """So many records must match."""

    count: Count
    query: str


@dataclass(frozen=True)
class ExpectState:
    """The state an instance synced last must match."""

    instance: str
    query: str


@dataclass(frozen=True)
class ExpectStatus:
    """An instance must stand so."""

    instance: str
    status: Status


@dataclass(frozen=True)
class ExpectTime:
    """The session clock must show that time, in ms."""

    ms: int


Expectation: TypeAlias = ExpectMode | ExpectWaits | ExpectRecords | ExpectState | ExpectStatus | ExpectTime
Showing: TypeAlias = Show | ShowState | ShowLog
Action: TypeAlias = Order | Showing | Expectation

GOING_BACK = (StepBack, Jump, SwitchLine, Rerun, SelfCheck)


@dataclass(frozen=True)
class Line:
    """One line: where it stands (from 1), how it is put, and what it asks for. `str()` of it reads as the same."""

    number: int = field(compare=False)
    verb: str
    parts: tuple[Part, ...]
    action: Action

    def __str__(self) -> str:
        return written(self.verb, self.parts)


@dataclass(frozen=True)
class Script:
    """A whole script; `path` is what errors name."""

    path: Path
    lines: tuple[Line, ...]

    @property
    def goes_back(self) -> bool:
        """Whether some line wants the history to be kept."""
        return any(
            isinstance(line.action, Order) and isinstance(line.action.command, GOING_BACK) for line in self.lines
        )

    def __str__(self) -> str:
        return "".join(f"{line}\n" for line in self.lines)
