"""What the host's tests share: a guest that is started and driven by hand."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable
from typing import NamedTuple

from workbench.host import contract
from workbench.host.contract import Effect, Identity
from workbench.host.engine import Host
from workbench.host.guest import DEFAULT_MEMORY_LIMIT, Guest, Progress
from workbench.host.modules import Module

SOURCE: Identity = uuid.UUID(int=1).bytes + uuid.UUID(int=2).bytes
OWN: Identity = uuid.UUID(int=3).bytes + uuid.UUID(int=4).bytes


class Letter(NamedTuple):
    """A cast or call, as a guest takes it."""

    call: bool
    payload: bytes
    identity: Identity = SOURCE


def settle(guest: Guest, seconds: float = 10) -> Progress:
    """Runs the guest until its handler ends, waits for a reply, or `seconds` have gone by."""
    deadline = time.monotonic() + seconds
    while guest.run() is Progress.RUNNING and time.monotonic() < deadline:
        pass
    return guest.progress


def start(
    host: Host,
    module: Module,
    *,
    knows: Callable[[str], bool] = lambda alias: alias in ("out", "self"),
    memory_limit: int = DEFAULT_MEMORY_LIMIT,
    payload: str | None = None,
    state: str | None = None,
) -> Guest:
    """A guest that has handled its init."""
    guest = Guest(host, module, OWN, knows, memory_limit)
    guest.init(payload, state)
    settle(guest)
    return guest


def cast(guest: Guest, payload: str | bytes) -> list[Effect]:
    """What a cast makes the guest do."""
    begin(guest, payload.encode() if isinstance(payload, str) else payload)
    settle(guest)
    return did(guest)


def begin(guest: Guest, payload: bytes, *, call: bool = False) -> None:
    """Hand it one cast or call."""
    guest.deliver([Letter(call, payload)])


def did(guest: Guest) -> list[Effect]:
    """Its effects, without the marks of where events ended."""
    return [effect for effect in guest.effects() if effect[0] != contract.DONE]


def said(effects: list[Effect]) -> list[str]:
    """The messages among what it logged."""
    return [second.decode() for kind, _, _, second in effects if kind == 2]
