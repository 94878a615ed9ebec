"""What a Redis server, or what is none, has against a command or a connection, in words for people."""

from __future__ import annotations

import socket
from dataclasses import dataclass
from typing import Literal

from workbench.errors import UserError
from workbench.resources.wording import reason, shown
from workbench.units import format_size

MOST_REPLY = 64 << 20
"""How many bytes a reply may have."""

Extent = Literal["start", "calls", "command"]
"""What the platform does about it: it does not start the resource, it answers each call with Err, or only this one."""


class ReplyTooLarge(Exception):
    """A reply has more than `MOST_REPLY` bytes."""


@dataclass(frozen=True)
class Fault:
    """What is wrong, in a sentence without its end, and what it concerns."""

    words: str
    extent: Extent


_KNOWN: dict[str, Fault] = {
    "NOAUTH": Fault("it wants a password: put it into the url, as in redis://:PASSWORD@127.0.0.1:6379", "calls"),
    "WRONGPASS": Fault("it refuses the user or the password in the url", "start"),
    "NOPERM": Fault("its access control (ACL) does not let this user do that", "command"),
    "WRONGTYPE": Fault("the key holds a list, a hash or the like, and only plain values are read", "command"),
    "LOADING": Fault("it is still loading its data; it will answer when it has", "calls"),
    "OOM": Fault("its memory is full: raise its maxmemory, or let it evict keys", "command"),
    "READONLY": Fault("it is a replica, which takes no values: name the primary server in the url", "command"),
    "MASTERDOWN": Fault("it is a replica that has lost its primary server", "command"),
    "MISCONF": Fault("it cannot save its data to its disk, and takes no values until it can: see its log", "command"),
    "CLUSTERDOWN": Fault("its cluster is down", "command"),
    "DENIED": Fault("it is in protected mode, and lets no other machine in without a password", "calls"),
    "NOREPLICAS": Fault("too few of its replicas are there, so that it takes no values", "command"),
    "BUSY": Fault("it is busy with a script", "command"),
}
_IN_WORDS: tuple[tuple[str, Fault], ...] = (
    ("invalid password", _KNOWN["WRONGPASS"]),
    ("called without any password", Fault("it has no password: take that in the url away", "start")),
    ("DB index is out of range", Fault("it has no database of the number in the url", "start")),
    ("invalid DB index", Fault("it has no database of the number in the url", "start")),
    ("max number of clients", Fault("it has as many clients as it takes: see its maxclients", "calls")),
)


def fault_of(error: Exception, timeout_s: float) -> Fault:
    """What an error of the client, met when connecting or asking, means."""
    from redis import exceptions

    text = str(error)
    code = getattr(error, "status_code", None) or text.partition(" ")[0]
    if code in ("MOVED", "ASK"):
        where = text.removeprefix(f"{code} ").rpartition(" ")[2]
        words = f"it is part of a cluster, where this key is at {shown(where)}: this resource talks to one server only"
        return Fault(words, "command")
    if code in _KNOWN:
        return _KNOWN[code]
    for part, fault in _IN_WORDS:
        if part in text:
            return fault
    if isinstance(error, ReplyTooLarge):
        return Fault(f"its reply has more than {format_size(MOST_REPLY)}, which is the most here", "command")
    if isinstance(error, UserError):
        return Fault(error.message.removesuffix("."), "start")
    if isinstance(error, exceptions.ResponseError):
        return Fault(f"it says: {shown(text)}", "command")
    if isinstance(error, exceptions.TimeoutError | TimeoutError):
        return Fault(f"it does not answer within {timeout_s:g} s", "start")
    cause = error.__cause__ or error.__context__ or error
    if isinstance(cause, ConnectionRefusedError):
        return Fault("nothing listens there (connection refused): start the server, or mend the url", "start")
    if isinstance(cause, OSError) and not isinstance(cause, socket.timeout) and cause.errno:
        return Fault(f"it cannot be reached: {reason(cause)}", "start")
    if isinstance(error, exceptions.ConnectionError) and "closed" in text:
        return Fault("it closed the connection, as what is no Redis server does, or one that wants TLS", "start")
    return Fault("what listens there is no Redis server, or one that wants TLS, which is not spoken here", "start")
