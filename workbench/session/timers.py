"""Timers: what is due when; equal times in the order they were set."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from dataclasses import dataclass, replace
from random import Random
from typing import TypeAlias

from workbench.records import Timer
from workbench.session.actors import Event
from workbench.session.sending import Sending


@dataclass(frozen=True)
class Late:
    """A message that the developer lets arrive later."""

    event: Event
    target: str
    alias: str | None


Due: TypeAlias = Timer | Sending | Late
"""A delayed cast, what is still to be sent by hand, a message that was delayed."""


class Timers:
    """A heap of what is due on the session clock (ms)."""

    def __init__(self) -> None:
        self._heap: list[tuple[float, float, int, Due]] = []
        self._order = 0

    def __len__(self) -> int:
        return len(self._heap)

    def set(self, due_ms: float, what: Due, chance: Random | None = None) -> None:
        """`what` is due at `due_ms`: after all that is already due then, or where `chance` puts it among them."""
        self._order += 1
        heapq.heappush(self._heap, (due_ms, chance.random() if chance is not None else 1.0, self._order, what))

    def put_first(self, seq: int, before: int | None) -> None:
        """Let the one of record `seq` come right before the one of record `before`, or first of all."""
        mine = self._entry(seq)
        other = self._entry(before) if before is not None else min(self._heap)
        due, chance, order, _ = other
        self._heap = [entry for entry in self._heap if entry is not mine]
        # Those behind it at the same time and place make room.
        self._heap = [
            (d, c, o + (2 if (d, c) == (due, chance) and o >= order else 0), what) for d, c, o, what in self._heap
        ]
        self._order += 2
        self._heap.append((due, chance, order, mine[3]))
        heapq.heapify(self._heap)

    def _entry(self, seq: int) -> tuple[float, float, int, Due]:
        return next(entry for entry in self._heap if seq_of(entry[3]) == seq)

    def take(self, seq: int) -> tuple[float, Due] | None:
        """Take the one of record `seq` away; when it was due, and what it is. None when there is none."""
        for entry in self._heap:
            if seq_of(entry[3]) == seq:
                self._heap.remove(entry)
                heapq.heapify(self._heap)
                return entry[0], entry[3]
        return None

    def in_order(self) -> list[tuple[float, Due]]:
        """All of them with when they are due, in the order they will come."""
        return [(entry[0], entry[3]) for entry in sorted(self._heap, key=lambda entry: entry[:3])]

    def copy(self) -> Timers:
        """The same timers, apart from these."""
        copy = Timers()
        copy._order = self._order
        copy._heap = [
            (due, chance, order, replace(what) if isinstance(what, Sending) else what)
            for due, chance, order, what in self._heap
        ]
        return copy

    @property
    def next_ms(self) -> float | None:
        """When the next one is due; None when none is set."""
        return self._heap[0][0] if self._heap else None

    @property
    def next_is_by_hand(self) -> bool:
        """Whether the next one is what is sent by hand."""
        return bool(self._heap) and isinstance(self._heap[0][3], Sending)

    def pop_due(self, now_ms: float) -> Due | None:
        """Take the next one that is due by now; None when none is."""
        if self._heap and self._heap[0][0] <= now_ms:
            return heapq.heappop(self._heap)[3]
        return None

    def delayed_casts(self) -> list[Timer]:
        """The delayed casts that are set, in no order."""
        return [what for *_, what in self._heap if isinstance(what, Timer)]

    def sendings(self) -> list[Sending]:
        """What is still to be sent by hand, in no order."""
        return [what for *_, what in self._heap if isinstance(what, Sending)]

    def drop(self, unwanted: Callable[[Due], bool]) -> list[Due]:
        """Take away, unfired, what is unwanted."""
        kept: list[tuple[float, float, int, Due]] = []
        dropped: list[Due] = []
        for entry in self._heap:
            if unwanted(entry[3]):
                dropped.append(entry[3])
            else:
                kept.append(entry)
        if dropped:
            heapq.heapify(kept)
            self._heap = kept
        return dropped


def seq_of(what: Due) -> int | None:
    """The `seq` of the record that it is of; None when it has none yet."""
    if isinstance(what, Timer):
        return what.seq
    return what.event.seq if isinstance(what, Late) else None
