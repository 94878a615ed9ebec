"""Timers: what is due when; equal times in the order they were set."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from random import Random
from typing import TypeAlias

from workbench.records import Timer
from workbench.session.actors import Event
from workbench.session.sending import Sending
from workbench.weight import MESSAGE_BYTES


@dataclass(frozen=True)
class Late:
    """A message that the developer lets arrive later."""

    event: Event
    target: str
    alias: str | None


Due: TypeAlias = Timer | Sending | Late
"""A delayed cast, what is still to be sent by hand, a message that was delayed."""


_Entry: TypeAlias = tuple[float, float, int, Due]
"""When it is due, what chance drew, the order of setting, and what it is. No two have the same order."""


class Timers:
    """A heap of what is due on the session clock (ms). Setting, taking and firing one cost little, however many wait.

    What is taken away stays in the heap, and nowhere else, until it is on top or there is more of that than of others.
    """

    def __init__(self) -> None:
        self._heap: list[_Entry] = []
        self._by_seq: dict[int, _Entry] = {}
        self._length = 0
        self._order = 0
        self.bytes = 0
        """What they weigh."""

    def __len__(self) -> int:
        return self._length

    def __contains__(self, seq: int) -> bool:
        return seq in self._by_seq

    def set(self, due_ms: float, what: Due, chance: Random | None = None) -> None:
        """`what` is due at `due_ms`: after all that is already due then, or where `chance` puts it among them."""
        self._order += 1
        entry = (due_ms, chance.random() if chance is not None else 1.0, self._order, what)
        heapq.heappush(self._heap, entry)
        self._length += 1
        self.bytes += weight_of(what)
        if (seq := seq_of(what)) is not None:
            self._by_seq[seq] = entry

    def put_first(self, seq: int, before: int | None) -> None:
        """Let the one of record `seq` come right before the one of record `before`, or first of all."""
        mine = self._by_seq[seq]
        due, chance, order, _ = self._by_seq[before] if before is not None else self._heap[0]
        moved: list[_Entry] = [(due, chance, order, mine[3])]
        for entry in self._heap:
            if entry is mine or not self._waits(entry):
                continue
            d, c, o, what = entry
            # Those behind it at the same time and place make room.
            moved.append((d, c, o + 2, what) if (d, c) == (due, chance) and o >= order else entry)
        self._order += 2
        self._hold(moved)

    def get(self, seq: int) -> Timer | Late | None:
        """The one of record `seq`; None when there is none."""
        entry = self._by_seq.get(seq)
        return entry[3] if entry is not None and not isinstance(entry[3], Sending) else None

    def take(self, seq: int) -> tuple[float, Due] | None:
        """Take the one of record `seq` away; when it was due, and what it is. None when there is none."""
        entry = self._by_seq.pop(seq, None)
        if entry is None:
            return None
        self._gone(entry[3])
        self._clean()
        return entry[0], entry[3]

    def in_order(self) -> Iterator[tuple[float, Due]]:
        """All of them with when they are due, in the order they will come; what is not asked for costs nothing."""
        heap = self._heap
        ahead = [(heap[0], 0)] if heap else []
        while ahead:
            entry, at = heapq.heappop(ahead)
            for below in (2 * at + 1, 2 * at + 2):
                if below < len(heap):
                    heapq.heappush(ahead, (heap[below], below))
            if self._waits(entry):
                yield entry[0], entry[3]

    def all(self) -> list[Due]:
        """All of them, in no order."""
        return [entry[3] for entry in self._heap if self._waits(entry)]

    def copy(self) -> Timers:
        """The same timers, apart from these."""
        copy = Timers()
        copy._order, copy._length, copy._by_seq = self._order, self._length, dict(self._by_seq)
        copy.bytes = self.bytes
        copy._heap = [
            (*entry[:3], replace(entry[3])) if isinstance(entry[3], Sending) else entry for entry in self._heap
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
        if not self._heap or self._heap[0][0] > now_ms:
            return None
        what = heapq.heappop(self._heap)[3]
        if (seq := seq_of(what)) is not None:
            del self._by_seq[seq]
        self._gone(what)
        self._clean()
        return what

    def delayed_casts(self) -> list[Timer]:
        """The delayed casts that are set, in no order."""
        return [what for *_, what in self._by_seq.values() if isinstance(what, Timer)]

    def sendings(self) -> list[Sending]:
        """What is still to be sent by hand, in no order."""
        return [what for *_, what in self._heap if isinstance(what, Sending)]

    def drop(self, unwanted: Callable[[Timer | Late], bool]) -> list[Timer | Late]:
        """Take away, unfired, what is unwanted; that."""
        dropped = []
        for seq, (*_, what) in list(self._by_seq.items()):
            if not isinstance(what, Sending) and unwanted(what):
                del self._by_seq[seq]
                self._gone(what)
                dropped.append(what)
        self._clean()
        return dropped

    def _gone(self, what: Due) -> None:
        self._length -= 1
        self.bytes -= weight_of(what)

    def _waits(self, entry: _Entry) -> bool:
        """Whether it was not taken away."""
        seq = seq_of(entry[3])
        return seq is None or self._by_seq.get(seq) is entry

    def _clean(self) -> None:
        """Let what was taken away go where that is due: what is on top waits."""
        heap = self._heap
        if len(heap) > 2 * self._length:
            self._hold([entry for entry in heap if self._waits(entry)])
        while heap and not self._waits(heap[0]):
            heapq.heappop(heap)

    def _hold(self, entries: list[_Entry]) -> None:
        heapq.heapify(entries)
        self._heap[:] = entries
        self._by_seq = {seq: entry for entry in entries if (seq := seq_of(entry[3])) is not None}


def weight_of(what: Due) -> int:
    """Roughly the bytes that it takes while it waits."""
    if isinstance(what, Timer):
        return MESSAGE_BYTES + len(what.payload)
    return MESSAGE_BYTES + len(what.event.payload if isinstance(what, Late) else what.send.payload)


def seq_of(what: Due) -> int | None:
    """The `seq` of the record that it is of; None when it has none yet."""
    if isinstance(what, Timer):
        return what.seq
    return what.event.seq if isinstance(what, Late) else None
