"""What real resources answered once, given to the same calls while all comes again: nothing goes out a second time."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable
from itertools import takewhile

from workbench.records import ReplyOutcome
from workbench.session.actors import Event
from workbench.session.clock import Clock
from workbench.session.inputs import Again, Replied

Coming = deque[tuple[float, Again | None]]


class Recorded:
    """Stands where the outside does. Calls of the same payload to the same resource get its `replies` in the order of
    the calls, by way of `coming`; a call beyond those waits as at a stand-in, and casts are not sent.
    Which resources were real at what time is among what comes again; in the end it is as it was before."""

    def __init__(self, replies: Iterable[Replied], coming: Coming, clock: Clock) -> None:
        self._coming, self._clock = coming, clock
        self.over = False
        """Whether all has come again."""
        self._replies: dict[tuple[str, bytes], deque[Replied]] = defaultdict(deque)
        for reply in sorted(replies, key=lambda reply: reply.call):
            if reply.asked is not None:
                self._replies[reply.resource, reply.asked].append(reply)

    def take(self, name: str, event: Event) -> None:
        """A message arrived for a real resource."""
        replies = self._replies.get((name, event.payload)) if event.call else None
        if replies:
            reply = replies.popleft()
            again = Again(Replied(name, event.seq, reply.outcome, reply.payload))
            before = sum(1 for _ in takewhile(_is_reply, self._coming))
            self._coming.insert(before, (self._clock.now(), again))

    def answered(self, token: int, outcome: ReplyOutcome, payload: bytes) -> None:
        """Who asked once was answered then."""


def _is_reply(coming: tuple[float, Again | None]) -> bool:
    return coming[1] is not None and isinstance(coming[1].what, Replied)
