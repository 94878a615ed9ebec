"""Replies of a Redis server, read with a bound: what is none, or too large, ends the connection."""

from __future__ import annotations

import time

from redis._parsers import _RESP2Parser
from redis._parsers.socket import SocketBuffer
from redis.exceptions import InvalidResponse
from redis.utils import SENTINEL

from workbench.resources import redis_errors
from workbench.resources.redis_errors import ReplyTooLarge

LONGEST_LINE = 64 << 10
"""How many bytes the line may have that begins a reply, or is one."""
REPLY_S = 60.0
"""How long a reply may take once it has begun."""


class BoundedParser(_RESP2Parser):
    """The client's own parser of RESP 2, for the commands of this resource, whose replies are never lists."""

    def on_connect(self, connection):  # type: ignore[no-untyped-def]
        """The socket is connected."""
        super().on_connect(connection)  # type: ignore[no-untyped-call]
        self._buffer = _BoundedBuffer(connection._sock, self.socket_read_size, connection.socket_timeout)

    def read_response(self, *args, **more):  # type: ignore[no-untyped-def]
        """The next reply. Raises `ReplyTooLarge`, or what the client raises."""
        if self._buffer is not None:
            self._buffer.begin()
        return super().read_response(*args, **more)


class _BoundedBuffer(SocketBuffer):
    _until = 0.0

    def begin(self) -> None:
        """A reply is to be read."""
        self._until = time.monotonic() + REPLY_S

    def read(self, length: int, timeout: float | object = SENTINEL) -> bytes:
        if length < 0:
            raise InvalidResponse(f"a reply of {length} bytes")
        if length > redis_errors.MOST_REPLY:
            raise ReplyTooLarge
        have = self.unread_bytes()
        while have < length + 2:
            self._more(timeout)
            have = self.unread_bytes()
        return super().read(length, timeout)

    def readline(self, timeout: float | object = SENTINEL) -> bytes:
        line = self._buffer.readline()
        while not line.endswith(b"\r\n"):
            if len(line) > LONGEST_LINE:
                raise InvalidResponse("a line without an end")
            self._more(timeout)
            line += self._buffer.readline()
        if line.startswith(b"*"):
            raise InvalidResponse("a list")
        return line[:-2]

    def _more(self, timeout: float | object) -> None:
        if time.monotonic() > self._until:
            raise TimeoutError
        self._read_from_socket(timeout=timeout)
