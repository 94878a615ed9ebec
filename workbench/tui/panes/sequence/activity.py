"""Who was handling an event when a record was written: read off the journal, block by block, where one looks.

An instance is busy from the first thing it does for an event until that event's handling ends. What it did before the
block counts as far as the block before is known, or else as far as `LOOKBACK` goes.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field

from workbench.journal import Journal
from workbench.records import Call, Cast, Handled, Log, Record, Start, Stop, Sync, Timer, Trap

BLOCK = 1024
LOOKBACK = 256
"""Records."""
MOST_KEPT = 16
"""Blocks."""

_DOINGS = frozenset({Cast, Call, Timer, Log, Sync, Start, Stop})
Names = frozenset[str]


@dataclass
class _Block:
    """From each of `seqs` on those in `busy` at the same place were busy; known up to before `end`."""

    end: int
    seqs: list[int] = field(default_factory=list)
    busy: list[Names] = field(default_factory=list)


class Activity:
    """Answers for one journal. What is asked for costs one pass over its block, once."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._blocks: dict[int, _Block] = {}

    def at(self, seq: int) -> Names:
        """The names of the instances that were in a handler when record `seq` was written."""
        number = seq // BLOCK
        block = self._blocks.get(number)
        if block is None:
            block = self._blocks[number] = self._begun(number)
            if len(self._blocks) > MOST_KEPT:
                del self._blocks[next(iter(self._blocks))]
        if block.end <= seq:
            wanted = (number + 1) * BLOCK - block.end
            self._read(block, self._journal.read(block.end, wanted))
        at = bisect_right(block.seqs, seq) - 1
        return block.busy[at] if at >= 0 else frozenset()

    def _begun(self, number: int) -> _Block:
        start = number * BLOCK
        before = self._blocks.get(number - 1)
        if before is not None and before.end == start:
            return _Block(start, [start], [before.busy[-1] if before.busy else frozenset()])
        earlier = _Block(max(0, start - LOOKBACK))
        self._read(earlier, self._journal.read(earlier.end, start - earlier.end))
        return _Block(start, [start], [earlier.busy[-1] if earlier.busy else frozenset()])

    def _read(self, block: _Block, records: list[Record]) -> None:
        busy = block.busy[-1] if block.busy else frozenset()
        for record in records:
            name, kind = record.instance, type(record)
            if name is None:
                continue
            if name in busy:
                if kind is Handled or kind is Trap:
                    busy -= {name}
                    block.seqs.append(record.seq)
                    block.busy.append(busy)
            elif kind in _DOINGS and self._is_done_in_a_handler(record):
                busy |= {name}
                block.seqs.append(record.seq)
                block.busy.append(busy)
        if records:
            block.end = records[-1].seq + 1

    def _is_done_in_a_handler(self, record: Record) -> bool:
        if isinstance(record, Start | Stop):
            return True
        # A timer that fires casts in the name of who set it, who may be idle by then.
        return record.parent is not None and not isinstance(self._journal.get(record.parent), Timer)
