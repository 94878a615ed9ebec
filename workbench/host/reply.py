"""Whether a guest had freed its reply before the host read it, as the guest crate of EDGELESS 1.2 does (facts 0.7).

Bytes do not tell: what was freed may still be whole. The guest's allocator does, which gives what is free away again.
It is asked in a copy of the guest that is thrown away, as a question would change the guest itself. Measured, once for
each module: 0.1 ms for a snapshot in the guest's own time and 1.5 ms for the copy; with a reply of 1 MB 0.5 and 4 ms.
"""

from __future__ import annotations

from workbench.errors import UserError
from workbench.host import contract
from workbench.host.engine import Host
from workbench.host.guest import NOBODY, Guest, Progress
from workbench.host.modules import Module
from workbench.host.snapshot import Reply

MOST_SLICES = 20
"""An allocator whose lists are damaged may never come back, and here nobody could end it."""


def was_freed(host: Host, module: Module, reply: Reply, memory_limit: int) -> bool:
    """Whether the room of `reply`, which a guest of `module` gave, could have been another's when the host read it.

    An allocator that never gives room out again frees nothing in this sense, nor does one that gives out what is used.
    """
    try:
        copy = Guest(host, module, NOBODY, lambda _: False, memory_limit)
    except UserError:
        return False  # there is no room for one more
    try:
        return copy.restore(reply.guest) and _gives_away(copy, reply)
    except MemoryError:
        return False
    finally:
        copy.kill()


def _gives_away(copy: Guest, reply: Reply) -> bool:
    copy.ask(reply.at, reply.length, reply.used)
    for _ in range(MOST_SLICES):
        if copy.run() is not Progress.RUNNING:
            break
    effects = copy.effects()
    given_away = any(kind == contract.GIVEN_AWAY for kind, _, _, _ in effects)
    return given_away and not any(kind == contract.DONE and number for kind, number, _, _ in effects)
