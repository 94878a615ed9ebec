"""What goes over each output: how often just now, and what was last. Read from the journal as it grows."""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass, field

from workbench.journal import Journal
from workbench.records import Call, Cast
from workbench.session.rare import Rare

SLICE = 5_000
"""Records looked at in one tick."""
REACH = 50_000
"""How far back one looks when one begins, or has fallen behind: nobody sees what is older."""
SPAN_MS = 1_000
STEP_MS = 100

MOST_STRAYS = 20
"""Channels of one source that lead nowhere which are told apart; a function may make up as many as it likes."""
MOST_COUNTED = 1_000
"""How many others are counted."""

Way = tuple[str, str, str]
"""Source, channel (empty for what was sent by hand), target (empty for nowhere). With neither channel nor target: all
the channels that lead nowhere and are not told apart."""


@dataclass
class Stream:
    """What went over one output."""

    payload: bytes = b""
    seq: int = -1
    count: int = 0
    steps: deque[list[int]] = field(default_factory=deque)
    """How many in each step of time, the newest last: `[step, count]`."""
    rare: Rare = field(default_factory=Rare)

    def rate(self, now: float) -> float:
        """Messages a second over the last one; where they are rare, by the time between them."""
        if (rare := self.rare.rate(now)) is not None:
            return rare
        first = (now - SPAN_MS) // STEP_MS
        while self.steps and self.steps[0][0] <= first:
            self.steps.popleft()
        return sum(count for _, count in self.steps) * 1000 / SPAN_MS


class Flow:
    """The streams of a journal up to a moment."""

    def __init__(self) -> None:
        self.streams: dict[Way, Stream] = {}
        self.read = 0
        """The record up to which it has read."""
        self.newest = -math.inf
        """When the newest message was sent, on the session clock."""
        self._strays: dict[str, int] = {}
        """How many channels of each source that lead nowhere are told apart."""
        self._others: dict[str, set[int]] = {}
        """The hashes of the names of the others."""
        self._journal: Journal | None = None

    def look(self, journal: Journal, end: int | None) -> None:
        """Read on, up to the record `end` (None: all there are); another journal, or an earlier end, begins anew."""
        earlier = end is not None and end < self.read
        if journal is not self._journal or earlier:
            self._journal = journal
            self.streams, self._strays, self._others = {}, {}, {}
            self.read, self.newest = 0, -math.inf
        stop = journal.end if end is None else min(end, journal.end)
        if stop - self.read > REACH:
            self.read = stop - REACH
        for _ in range(REACH // SLICE if not self.streams else 1):
            if self.read >= stop:
                break
            for record in journal.read(self.read, min(SLICE, stop - self.read)):
                if isinstance(record, Cast | Call):
                    self._take(record)
            self.read = min(stop, max(self.read, journal.first) + SLICE)

    def _take(self, record: Cast | Call) -> None:
        way = (record.source, record.alias or "", record.target or "")
        stream = self.streams.get(way)
        if stream is None:
            stream = self._new_stream(way)
        stream.payload, stream.seq = record.payload, record.seq
        stream.count += 1
        stream.rare.add(record.t)
        self.newest = record.t
        step = int(record.t // STEP_MS)
        if stream.steps and stream.steps[-1][0] == step:
            stream.steps[-1][1] += 1
        else:
            stream.steps.append([step, 1])
            if len(stream.steps) > 2 * SPAN_MS // STEP_MS:
                stream.steps.popleft()

    def _new_stream(self, way: Way) -> Stream:
        source, channel, target = way
        if channel and not target:
            told = self._strays.get(source, 0)
            if told == MOST_STRAYS:
                others = self._others.setdefault(source, set())
                if len(others) < MOST_COUNTED:
                    others.add(hash(channel))
                return self.streams.setdefault((source, "", ""), Stream())
            self._strays[source] = told + 1
        return self.streams.setdefault(way, Stream())

    def stray(self) -> tuple[tuple[str, str], ...]:
        """Outputs (source, channel) that something was sent to, and that led nowhere; those that are not told apart are
        one, without a channel."""
        return tuple((source, channel) for source, channel, target in self.streams if not target)

    def others(self, source: str) -> str:
        """How many outputs of `source` that led nowhere are not told apart."""
        count = len(self._others.get(source, ()))
        return f"{count:,}" if count < MOST_COUNTED else f"over {MOST_COUNTED:,}"

    def over(self, source: str, channel: str, target: str | None, now: float) -> tuple[float, Stream | None]:
        """The rate, and the newest stream, of an output; what was sent by hand in its source's name counts with it."""
        ways = ((source, channel, target or ""), (source, "", target or "\0"))
        streams = [stream for way in ways if (stream := self.streams.get(way)) is not None]
        newest = max(streams, key=lambda stream: stream.seq, default=None)
        return sum(stream.rate(now) for stream in streams), newest
