"""Done: what real resources were sent on a line that was left, after the moment from which another line goes on."""

from __future__ import annotations

from collections import defaultdict, deque
from typing import NamedTuple

from workbench.session.actors import Event
from workbench.session.inputs import Replied

COUNTS_AS_DONE = (
    "what it was sent before one went back counts as done while the same comes again: it is not done twice, and calls "
    "get the answers of then"
)


class Sent(NamedTuple):
    """A message, and what was answered."""

    call: bool
    payload: bytes
    reply: Replied | None


class Done:
    """Messages that count as done while the same are sent again, by each sender in the same order.

    With the first other message its resource is in another state than then: it does all it is sent from then on.
    """

    def __init__(self) -> None:
        self._sent: dict[str, dict[str, deque[Sent]]] = defaultdict(lambda: defaultdict(deque))
        self._told: set[str] = set()

    def add(self, resource: str, source: str, sent: Sent) -> None:
        """It was sent that after all before."""
        self._sent[resource][source].append(sent)

    def take(self, resource: str, event: Event) -> Sent | None:
        """What `event` repeats, once; None when it is to be done."""
        of_all = self._sent.get(resource)
        if of_all is None:
            return None
        of_source = of_all.get(event.source)
        same = of_source[0] if of_source else None
        if of_source is None or same is None or same[:2] != (event.call, event.payload) or _unanswered(same):
            del self._sent[resource]
            return None
        of_source.popleft()
        if not of_source:
            del of_all[event.source]
        return same

    def is_news(self, resource: str) -> bool:
        """Whether it is the first time that something counts as done there."""
        first = resource not in self._told
        self._told.add(resource)
        return first


def _unanswered(sent: Sent) -> bool:
    return sent.call and sent.reply is None
