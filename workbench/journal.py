"""The journal: the bounded, ordered record of everything that happened.

One thread (the engine's) appends; any thread reads by cursor, a `seq`. Nothing is locked: a record is complete before
`end` moves past it, and the oldest records leave a whole chunk at a time.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence

from workbench.records import Record

CHUNK = 1024
RECORD_BYTES = 160
"""What a record weighs besides its payload, roughly; for the bound in bytes."""


class Journal:
    """Keeps the newest records, at most `max_records` of them and about `max_bytes` bytes.

    The `seq` of a new record is `end`: the writer builds it with that number and appends it.
    """

    def __init__(self, max_records: int = 400_000, max_bytes: int = 256 << 20) -> None:
        self.bound(max_records, max_bytes)
        self._tail: list[Record] = []
        self._chunks: deque[Sequence[Record]] = deque([self._tail])
        self._sizes: deque[int] = deque()
        self._bytes = 0
        self._tail_bytes = 0
        self._sinks: tuple[Callable[[Record], None], ...] = ()
        self.end = 0
        """The `seq` the next record will get."""

    def bound(self, max_records: int, max_bytes: int) -> None:
        """Keep so much from now on."""
        self._max_chunks = max(2, max_records // CHUNK)
        self._max_bytes = max_bytes

    @property
    def first(self) -> int:
        """The oldest `seq` still kept (equal to `end` when nothing is)."""
        oldest = self._chunks[0]
        return oldest[0].seq if oldest else self.end

    @property
    def bytes(self) -> int:
        """Roughly what its records weigh."""
        return self._bytes + self._tail_bytes + len(self._tail) * RECORD_BYTES

    def append(self, record: Record, payload_bytes: int = 0) -> None:
        """Add `record`, whose `seq` must be `end`; `payload_bytes` is what its variable parts weigh."""
        tail = self._tail
        tail.append(record)
        self._tail_bytes += payload_bytes
        for sink in self._sinks:
            sink(record)
        self.end += 1
        if len(tail) == CHUNK:
            self._seal()

    def _seal(self) -> None:
        # A tuple, for the garbage collector does not look into one again: with lists a full journal cost 60 ms a time.
        self._chunks[-1] = tuple(self._tail)
        size = self._tail_bytes + CHUNK * RECORD_BYTES
        self._sizes.append(size)
        self._bytes += size
        self._tail, self._tail_bytes = [], 0
        self._chunks.append(self._tail)
        while len(self._sizes) > 1 and (len(self._chunks) > self._max_chunks or self._bytes > self._max_bytes):
            self._chunks.popleft()
            self._bytes -= self._sizes.popleft()

    def get(self, seq: int) -> Record | None:
        """The record numbered `seq`, or None when it was dropped or is not written yet."""
        found = self.read(seq, 1)
        return found[0] if found and found[0].seq == seq else None

    def read(self, cursor: int, limit: int | None = None) -> list[Record]:
        """Records from `cursor` on, oldest first, at most `limit`; starts at `first` when `cursor` was dropped."""
        stop = self.end if limit is None else min(self.end, max(cursor, self.first) + limit)
        return list(self._iterate(cursor, stop))

    def iterate(self, cursor: int = 0) -> Iterator[Record]:
        """Records from `cursor` on up to now, one by one."""
        return self._iterate(cursor, self.end)

    def _iterate(self, cursor: int, stop: int) -> Iterator[Record]:
        while cursor < stop:
            first = self.first
            cursor = max(cursor, first)
            if cursor >= stop:
                return
            chunk = self._chunks[(cursor - first) // CHUNK]
            if not chunk or not chunk[0].seq <= cursor < chunk[0].seq + CHUNK:
                continue  # the oldest chunk left between the two look-ups
            begin = chunk[0].seq
            part = chunk[cursor - begin : stop - begin]
            yield from part
            cursor += len(part)

    def until(self, end: int) -> Journal:
        """A journal of its own that begins with those before `end` that are kept; nobody follows it."""
        other = Journal(self._max_chunks * CHUNK, self._max_bytes)
        chunks = list(self._chunks)
        sizes = list(self._sizes)
        first = self.first
        other.end = end
        if end <= first:
            return other
        whole, rest = divmod(end - first, CHUNK)
        other._tail = list(chunks[whole][:rest]) if whole < len(chunks) else []
        other._chunks = deque([*chunks[:whole], other._tail])
        other._sizes = deque(sizes[:whole])
        other._bytes = sum(other._sizes)
        if other._tail:
            share = sizes[whole] if whole < len(sizes) else self._tail_bytes
            other._tail_bytes = share * rest // max(1, len(chunks[whole]))
        return other

    def follow(self, sink: Callable[[Record], None]) -> Callable[[], None]:
        """Call `sink` with each record as it is appended, on the appending thread; returns what ends it."""
        self._sinks = (*self._sinks, sink)

        def unfollow() -> None:
            self._sinks = tuple(other for other in self._sinks if other is not sink)

        return unfollow
