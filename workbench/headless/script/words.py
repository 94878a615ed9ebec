"""What a line of a script is made of: each knows how it is written, and `str()` of it reads as the same again."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TypeAlias

from workbench.query.nodes import quoted
from workbench.records import ReplyOutcome
from workbench.session.view import Status
from workbench.units import DURATIONS_MS

BEFORE_NAMES = ("into", "over", "out", "last")
"""Words that may stand where a name does; the name is in quotes then."""
BARE_NAME = re.compile(r"[^\s={}\"#][^\s=\"]*")
TIMES = "\N{MULTIPLICATION SIGN}"


@dataclass(frozen=True)
class Word:
    """A word of the language itself."""

    text: str

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True)
class Name:
    """Whom or what the project calls so. `column`, from 1, is where it stands."""

    text: str
    what: str
    column: int = field(default=0, compare=False)

    def __str__(self) -> str:
        return self.text if BARE_NAME.fullmatch(self.text) and self.text not in BEFORE_NAMES else quoted(self.text)


@dataclass(frozen=True)
class Asked:
    """A query, as written between its braces."""

    query: str

    def __str__(self) -> str:
        return f"{{{self.query}}}"


@dataclass(frozen=True)
class Numbered:
    """The message, timer, call or record of that `seq`."""

    seq: int

    def __str__(self) -> str:
        return f"#{self.seq}"


@dataclass(frozen=True)
class Chosen:
    """Of those that a query matches, one: the first or the last of what waits, the newest record."""

    query: str
    last: bool = False

    def __str__(self) -> str:
        return f"last {{{self.query}}}" if self.last else f"{{{self.query}}}"


@dataclass(frozen=True)
class Number:
    """A whole number."""

    value: int

    def __str__(self) -> str:
        return str(self.value)


@dataclass(frozen=True)
class Count:
    """How many there must be: from `least` to `most`."""

    least: int = 0
    most: int | None = None

    def __str__(self) -> str:
        if self.least == self.most:
            return str(self.least)
        return f"at least {self.least}" if self.most is None else f"at most {self.most}"

    def holds(self, number: int) -> bool:
        """Whether `number` is that many."""
        return self.least <= number and (self.most is None or number <= self.most)


@dataclass(frozen=True)
class Time:
    """An amount of time, or a time of the session clock, in ms."""

    ms: int

    def __str__(self) -> str:
        unit = next(unit for unit, factor in reversed(list(DURATIONS_MS.items())) if self.ms % factor == 0)
        return f"{self.ms // DURATIONS_MS[unit]}{unit}"


@dataclass(frozen=True)
class Scale:
    """How many seconds of the session clock go into a real one."""

    factor: float

    def __str__(self) -> str:
        return f"x{self.factor:.15g}"


@dataclass(frozen=True)
class Path:
    """A way into a JSON state, as written."""

    text: str

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True)
class StatusWord:
    """How an instance stands."""

    status: Status

    def __str__(self) -> str:
        return self.status


@dataclass(frozen=True)
class Payload:
    """What a message says; `written` is how the script says it, which may name a file. With another outcome than
    `reply`, nothing is said."""

    content: bytes
    written: str
    outcome: ReplyOutcome = "reply"

    def __str__(self) -> str:
        return self.written


Part: TypeAlias = (
    Word | Name | Asked | Numbered | Chosen | Number | Count | Time | Scale | Path | StatusWord | Payload
)  # fmt: skip


def written(verb: str, parts: tuple[Part, ...]) -> str:
    """The line that says so."""
    text = verb
    for before, part in zip((None, *parts), parts, strict=False):
        joined = part == Word("=") or before == Word("=")
        text += str(part) if joined else f" {part}"
    return text
