"""What is held back on its way: a message, a reply or a timer, until the developer lets it go."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from workbench.records import Timer
from workbench.session.actors import Answered, Event
from workbench.weight import MESSAGE_BYTES

Content: TypeAlias = Event | Timer | int
"""A message; a timer; of a reply, the `seq` of its call."""


def weight_of(held: Held) -> int:
    """Roughly the bytes that it takes while it waits."""
    payload = b"" if isinstance(held.content, int) else held.content.payload
    return MESSAGE_BYTES + len(payload) + (0 if held.answer is None else len(held.answer.payload))


@dataclass(frozen=True)
class Held:
    """`seq` is its record's, `target` the name of whom it is for, `answer` what a reply says and `by` who sent it."""

    seq: int
    what: Literal["cast", "call", "reply", "timer"]
    content: Content
    target: str
    alias: str | None
    answer: Answered | None = None
    by: str | None = None
