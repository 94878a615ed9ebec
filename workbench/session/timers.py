"""Timers: what is due when; equal times in the order they were set."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from typing import TypeAlias

from workbench.records import Timer
from workbench.session.sending import Sending

Due: TypeAlias = Timer | Sending
"""A delayed cast, or what is still to be sent by hand."""


class Timers:
    """A heap of what is due on the session clock (ms)."""

    def __init__(self) -> None:
        self._heap: list[tuple[float, int, Due]] = []
        self._order = 0

    def __len__(self) -> int:
        return len(self._heap)

    def set(self, due_ms: float, what: Due) -> None:
        """`what` is due at `due_ms`, after all that is already due then."""
        self._order += 1
        heapq.heappush(self._heap, (due_ms, self._order, what))

    @property
    def next_ms(self) -> float | None:
        """When the next one is due; None when none is set."""
        return self._heap[0][0] if self._heap else None

    def pop_due(self, now_ms: float) -> Due | None:
        """Take the next one that is due by now; None when none is."""
        if self._heap and self._heap[0][0] <= now_ms:
            return heapq.heappop(self._heap)[2]
        return None

    def delayed_casts(self) -> list[Timer]:
        """The delayed casts that are set, in no order."""
        return [what for _, _, what in self._heap if isinstance(what, Timer)]

    def drop(self, unwanted: Callable[[Due], bool]) -> list[Due]:
        """Take away, unfired, what is unwanted."""
        kept: list[tuple[float, int, Due]] = []
        dropped: list[Due] = []
        for entry in self._heap:
            if unwanted(entry[2]):
                dropped.append(entry[2])
            else:
                kept.append(entry)
        if dropped:
            heapq.heapify(kept)
            self._heap = kept
        return dropped
