"""History: every input of a world since the oldest moment one can go back to, and checkpoints between them."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from itertools import pairwise
from time import perf_counter
from typing import TYPE_CHECKING

from workbench.host.guest import Progress
from workbench.session.actors import Instance
from workbench.session.checkpoint import Checkpoint
from workbench.session.inputs import Entry, weight_of

if TYPE_CHECKING:
    from workbench.session.stage import Stage

FED_EVENTS, FED_S, FED_BYTES = 512, 0.005, 8 << 20
"""A guest's memory is taken once it was given this much, or has worked this long, since the last time."""

MAX_FED, MAX_FED_BYTES = 100_000, 64 << 20
"""A guest whose memory cannot be taken is brought back by giving it all again; not if that is more than this."""

EVERY_INPUTS, EVERY_S = 256, 0.02
"""A checkpoint of the world is made after so many inputs, or that long after the last."""

PAUSE = 9
"""Behind a checkpoint comes none for this many times what it took: a large world does not spend its time on them."""

MAX_CHECKPOINTS = 96
MAX_BYTES = 256 << 20
MAX_ENTRIES, MAX_ENTRIES_APART = 400_000, 100_000
"""Entries that are kept, and how many there may be without a checkpoint: if none is possible, nothing is kept."""

MAX_ENTRY_BYTES = 256 << 20
"""What entries may weigh: payloads that were sent by hand, or came from outside."""


class History:
    """Entries in the order they came about, numbered from 0; those before `first` are forgotten.

    Checkpoints are thinned out, the older the more, when there are more than `MAX_CHECKPOINTS` or they hold more than
    `MAX_BYTES`; one stays at the beginning of what is kept.
    """

    def __init__(self, first: int = 0, entries: Sequence[Entry] = (), checkpoints: Sequence[Checkpoint] = ()) -> None:
        self.first = first
        self.entries: list[Entry] = list(entries)
        self.checkpoints: list[Checkpoint] = list(checkpoints)
        self._costs = [one.cost(before) for before, one in pairwise([None, *self.checkpoints]) if one is not None]
        self.entry_bytes = sum(weight_of(entry.input) for entry in self.entries)
        """What entries weigh."""
        self._new_bytes = 0
        """What entries behind the newest checkpoint weigh."""
        self._next_input = 0
        self._next_s = self._not_before_s = 0.0

    @property
    def end(self) -> int:
        """The number of the next entry."""
        return self.first + len(self.entries)

    @property
    def bytes(self) -> int:
        """What checkpoints hold, most of it memory of guests."""
        return sum(self._costs)

    @property
    def why(self) -> str:
        """Why one can go back to no moment, in words; empty when one can."""
        return "" if self.checkpoints else "nothing can be kept while an instance does not come to rest"

    @property
    def horizon(self) -> int | None:
        """The `seq` of the oldest moment one can go back to."""
        return self.checkpoints[0].at if self.checkpoints else None

    def note(self, entry: Entry) -> None:
        """`entry` has come about, or is about to."""
        self.entries.append(entry)
        size = weight_of(entry.input)
        self.entry_bytes += size
        self._new_bytes += size
        if self._new_bytes > MAX_ENTRY_BYTES // 8:  # so that others can go
            self._next_input = self.end
        if self.entry_bytes > MAX_ENTRY_BYTES:
            self._shed()

    def _shed(self) -> None:
        """Let the oldest entries go, up to a checkpoint, until the rest are within bounds."""
        kept = self.checkpoints
        while self.entry_bytes > MAX_ENTRY_BYTES and len(kept) > 1:
            self._drop(0)
            self._let_go(kept[0].index)
        if self.entry_bytes > MAX_ENTRY_BYTES:
            self._let_all_go()

    def _let_go(self, index: int) -> None:
        """Forget the entries before the one numbered `index`."""
        count = index - self.first
        self.entry_bytes -= sum(weight_of(entry.input) for entry in self.entries[:count])
        del self.entries[:count]
        self.first = index

    def _let_all_go(self) -> None:
        self.first, self.entries, self.checkpoints, self._costs = self.end, [], [], []
        self.entry_bytes = self._new_bytes = self._next_input = 0

    @staticmethod
    def look_at(instance: Instance) -> None:
        """Take the memory of an instance that had a turn, if it is time and it stands between two events."""
        fed, guest, module = instance.fed, instance.guest, instance.module
        if guest is None:
            return
        if fed is not None and len(fed) < FED_EVENTS and instance.fed_s < FED_S and instance.fed_bytes < FED_BYTES:
            return
        rests = instance.cause is None and not instance.ahead and guest.progress is Progress.IDLE
        if rests and module is not None and module.hidden is None:
            instance.snapshot = guest.snapshot(instance.snapshot)
            instance.fed, instance.fed_s, instance.fed_bytes = [], 0.0, 0
        elif fed is not None and (len(fed) > MAX_FED or instance.fed_bytes > MAX_FED_BYTES):
            instance.fed, instance.fed_bytes = None, 0

    def checkpoint(self, stage: Stage) -> None:
        """Make a checkpoint of `stage`, if it is time and it is at a moment that can be kept."""
        began = perf_counter()
        if began < self._not_before_s or (self.end < self._next_input and began < self._next_s):
            return
        if self.checkpoints and self.checkpoints[-1].index == self.end:
            return
        checkpoint = Checkpoint.of(stage, self.end)
        if checkpoint is None:
            if self.end - (self.checkpoints[-1].index if self.checkpoints else self.first) > MAX_ENTRIES_APART:
                self._let_all_go()
            return
        self._costs.append(checkpoint.cost(self.checkpoints[-1] if self.checkpoints else None))
        self.checkpoints.append(checkpoint)
        self._new_bytes = 0
        self._thin()
        self._forget(stage.journal.first)
        now = perf_counter()
        self._next_input, self._next_s = self.end + EVERY_INPUTS, now + EVERY_S
        self._not_before_s = now + PAUSE * (now - began)

    def place(self, seq: int) -> tuple[Checkpoint, int] | None:
        """The number of the entry that brought about record `seq`, and the nearest checkpoint before it."""
        if not self.checkpoints or seq < self.checkpoints[0].at:
            return None
        index = self.first + bisect_right(self.entries, seq, key=lambda entry: entry.at) - 1
        position = bisect_right(self.checkpoints, index, key=lambda checkpoint: checkpoint.index) - 1
        return None if position < 0 else (self.checkpoints[position], index)

    def entry(self, index: int) -> Entry:
        """The entry of that number."""
        return self.entries[index - self.first]

    def until(self, index: int) -> History:
        """What was before the entry numbered `index`, as a history of its own."""
        kept = [checkpoint for checkpoint in self.checkpoints if checkpoint.index <= index]
        return History(self.first, self.entries[: index - self.first], kept)

    def _thin(self) -> None:
        """Drop those that are close to others for their age, so that the way to any moment grows with its age only."""
        while len(self.checkpoints) > MAX_CHECKPOINTS or (len(self.checkpoints) > 2 and self.bytes > MAX_BYTES):
            kept, end = self.checkpoints, self.end
            gaps = [
                (kept[place + 1].index - kept[place - 1].index) / (end - kept[place].index + 1)
                for place in range(1, len(kept) - 1)
            ]
            self._drop(gaps.index(min(gaps)) + 1)

    def _drop(self, place: int) -> None:
        """Drop a checkpoint that is not the last; the next one holds alone what it shared with it."""
        del self.checkpoints[place], self._costs[place]
        self._costs[place] = self.checkpoints[place].cost(self.checkpoints[place - 1] if place else None)

    def _forget(self, first_seq: int) -> None:
        """Nothing of before `first_seq` is kept in the journal: what was then cannot be told any more."""
        kept = self.checkpoints
        while len(kept) > 1 and (kept[1].at <= first_seq or self.end - kept[0].index > MAX_ENTRIES):
            self._drop(0)
        begin = self.checkpoints[0].index
        if begin - self.first > 4096:
            self._let_go(begin)
