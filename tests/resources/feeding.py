"""Sending as much as the other side takes, to find out how much that is."""

from __future__ import annotations

import socket
from collections.abc import Callable, Sequence

from tests.resources.ports import PATIENCE_S

SIZE = 8_000_000
"""Bytes that are sent on each connection; buffers of the system hold a part of that."""
HELD = SIZE // 2
"""More than buffers of the system hold."""
_IN_VAIN = 15
_CHUNK = bytes(1 << 16)


def feed(connections: Sequence[socket.socket], turn: Callable[[], object]) -> list[int]:
    """How much of `SIZE` bytes each takes, without the last byte: until nothing went on while the other side took many
    a turn. `turn` comes back when it has done something else meanwhile."""
    taken = [0] * len(connections)
    in_vain = 0
    for connection in connections:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 16)
        connection.setblocking(False)
    while in_vain < _IN_VAIN:
        before = sum(taken)
        for at, connection in enumerate(connections):
            while taken[at] < SIZE - 1 and (sent := _send(connection, SIZE - 1 - taken[at])):
                taken[at] += sent
        turn()
        in_vain = in_vain + 1 if sum(taken) == before else 0
    return taken


def finish(connection: socket.socket, taken: int) -> None:
    """Send what is left, and no more."""
    connection.settimeout(PATIENCE_S)
    connection.sendall(bytes(SIZE - taken))


def _send(connection: socket.socket, most: int) -> int:
    try:
        return connection.send(_CHUNK[:most])
    except BlockingIOError:
        return 0
