"""A mailbox that holds no more than it should: what a resource cannot work off must not fill the machine's memory."""

from __future__ import annotations

from collections import deque

from workbench.resources.model import Message

MOST_MESSAGES = 10_000
MOST_BYTES = 64 * 1024 * 1024
"""How many messages may wait for one resource, and how many bytes of payload. The platform's wait without a bound."""


class Mailbox:
    """First in, first out. To be used by one thread, or under a lock."""

    def __init__(self) -> None:
        self._waiting: deque[Message] = deque()
        self._bytes = 0

    def __len__(self) -> int:
        return len(self._waiting)

    def put(self, message: Message) -> bool:
        """Whether there was room for it."""
        if len(self._waiting) >= MOST_MESSAGES or self._bytes + len(message.payload) > MOST_BYTES:
            return False
        self._waiting.append(message)
        self._bytes += len(message.payload)
        return True

    def get(self) -> Message:
        """The oldest one, which waits no more."""
        message = self._waiting.popleft()
        self._bytes -= len(message.payload)
        return message

    def clear(self) -> None:
        """Nothing waits any more."""
        self._waiting.clear()
        self._bytes = 0
