"""The journal: the bounded, ordered record of everything that happened.

One thread (the engine's) appends; any thread reads by cursor, a `seq`. Nothing is locked: the chunks are one tuple
that the writer replaces whole, so a reader that has it has a consistent picture, and a record is in place before `end`
moves past it. The oldest records leave a whole chunk at a time.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from typing import TypeAlias

from workbench.records import Record
from workbench.weight import RECORD_BYTES, cut, held

CHUNK = 1024
"""Records in a chunk, at most."""

SHARES = 64
"""A chunk takes at most this fraction of the journal's bytes; a record that is heavier is a chunk of its own."""

LEAST_BYTES = 64 << 10
"""A journal is never smaller than this."""

Chunk: TypeAlias = Sequence[Record]


class Journal:
    """Keeps the newest records, at most `max_records` of them and `max_bytes` bytes (as `workbench.weight` has it).

    The `seq` of a new record is `end`: the writer builds it with that number and appends it. A record that weighs more
    than a quarter of the journal is cut; `on_cut` then hears of it as it was.
    """

    def __init__(self, max_records: int = 400_000, max_bytes: int = 256 << 20) -> None:
        self.bound(max_records, max_bytes)
        self._tail: list[Record] = []
        self._chunks: tuple[Chunk, ...] = ()
        """None of them is empty; the last is the tail."""
        self._sizes: deque[int] = deque()
        """What the chunks weigh, without the tail."""
        self._sealed = 0
        """And all of them together."""
        self._capacity = self._room = 0
        """What the tail may weigh, and how much of that is left."""
        self._sinks: tuple[Callable[[Record], None], ...] = ()
        self.on_cut: Callable[[Record], None] | None = None
        self.end = 0
        """The `seq` the next record will get."""
        self.failure: Exception | None = None
        """What the first sink that broke raised: a fault of the workbench. That sink is followed no more."""

    def bound(self, max_records: int, max_bytes: int) -> None:
        """Keep so much from now on."""
        self._max_records, self._max_bytes = max_records, max(max_bytes, LEAST_BYTES)
        self.record_bytes = self._max_bytes // 4
        """What one record may weigh; longer texts and payloads are cut."""
        self._chunk_records = max(1, min(CHUNK, max_records // 4))
        self._chunk_bytes = min(self._max_bytes // SHARES, self._chunk_records * RECORD_BYTES)

    @property
    def first(self) -> int:
        """The oldest `seq` still kept (equal to `end` when nothing is)."""
        end, chunks = self.end, self._chunks
        return chunks[0][0].seq if chunks else end

    @property
    def bytes(self) -> int:
        """Roughly what its records weigh."""
        return self._sealed + self._capacity - self._room

    def append(self, record: Record, size: int | None = None) -> None:
        """Add `record`, whose `seq` must be `end`, and tell all who follow.

        `size` is what its texts and payloads weigh, where the writer knows (it is weighed otherwise).
        """
        if size is None:
            size = held(record)
        whole, room = record, self._room - size - RECORD_BYTES
        if room < 0:
            record = self._append_in_new_chunk(record, size)
        else:
            self._room = room
            self._tail.append(record)
        self.end += 1
        for sink in self._sinks:
            try:
                sink(record)
            except Exception as error:
                self._fail(sink, error)
        if record is not whole and self.on_cut is not None:
            self.on_cut(whole)

    def _append_in_new_chunk(self, record: Record, size: int) -> Record:
        """The record as it is kept."""
        if size > self.record_bytes:
            record = cut(record, self.record_bytes)
            size = held(record)
        self._begin_chunk(record, size + RECORD_BYTES)
        return record

    def _begin_chunk(self, record: Record, size: int) -> None:
        """Let the oldest chunks go, so that all is within bounds even when the new one is full."""
        chunks, full = self._chunks, self._tail
        if full:
            self._sizes.append(self._capacity - self._room)
            self._sealed += self._sizes[-1]
        capacity, gone = max(self._chunk_bytes, size), 0
        while gone < len(chunks) and (
            self._sealed + capacity > self._max_bytes
            or self.end + self._chunk_records - chunks[gone][0].seq > self._max_records
        ):
            self._sealed -= self._sizes.popleft()
            gone += 1
        self._tail, self._capacity, self._room = [record], capacity, capacity - size
        # A tuple, for the garbage collector does not look into one again: with lists a full journal cost 60 ms a time.
        sealed = (*chunks[:-1], tuple(full)) if full else ()
        self._chunks = (*sealed[gone:], self._tail)

    def _fail(self, sink: Callable[[Record], None], error: Exception) -> None:
        self._sinks = tuple(other for other in self._sinks if other is not sink)
        if self.failure is None:
            self.failure = error

    def get(self, seq: int) -> Record | None:
        """The record numbered `seq`, or None when it was dropped or is not written yet."""
        end, chunks = self.end, self._chunks
        if seq >= end or not chunks or seq < chunks[0][0].seq:
            return None
        chunk = chunks[_place(chunks, seq)]
        return chunk[seq - chunk[0].seq]

    def read(self, cursor: int, limit: int | None = None) -> list[Record]:
        """Records from `cursor` on, oldest first, at most `limit`; starts at `first` when `cursor` was dropped."""
        end, chunks = self.end, self._chunks
        if not chunks:
            return []
        cursor = max(cursor, chunks[0][0].seq)
        stop = end if limit is None else min(end, cursor + limit)
        found: list[Record] = []
        if cursor < stop:
            for place in range(_place(chunks, cursor), len(chunks)):
                chunk = chunks[place]
                begin = chunk[0].seq
                if begin >= stop:
                    break
                found += chunk[max(0, cursor - begin) : stop - begin]
        return found

    def iterate(self, cursor: int = 0) -> Iterator[Record]:
        """Records from `cursor` on up to now, one by one; what is dropped meanwhile is passed over."""
        stop = self.end
        while cursor < stop:
            part = self.read(cursor, min(CHUNK, stop - cursor))
            part = [record for record in part if record.seq < stop]
            if not part:
                return
            yield from part
            cursor = part[-1].seq + 1

    def until(self, end: int) -> Journal:
        """A journal of its own that begins with those before `end` that are kept; nobody follows it."""
        other = Journal(self._max_records, self._max_bytes)
        other.end = end
        chunks, sizes = self._chunks, list(self._sizes)
        count = _place(chunks, end - 1) + 1 if chunks and end > chunks[0][0].seq else 0
        if count:
            *whole, last = chunks[:count]
            other._tail = list(last[: end - last[0].seq])
            other._capacity = sum(held(record) + RECORD_BYTES for record in other._tail)
            other._chunks = (*whole, other._tail)
            other._sizes = deque(sizes[: len(whole)])
            other._sealed = sum(other._sizes)
        return other

    def follow(self, sink: Callable[[Record], None]) -> Callable[[], None]:
        """Call `sink` with each record as it is appended, on the appending thread; returns what ends it.

        A sink that raises is followed no more; `failure` has what it raised.
        """
        self._sinks = (*self._sinks, sink)

        def unfollow() -> None:
            self._sinks = tuple(other for other in self._sinks if other is not sink)

        return unfollow


def _place(chunks: Sequence[Chunk], seq: int) -> int:
    """Which of `chunks` has `seq`, which is not before the first."""
    return bisect_right(chunks, seq, key=lambda chunk: chunk[0].seq) - 1
