"""Physical addresses: a node's and a component's UUID, as records name them and as guests see them.

They follow from names, so that the same run has the same addresses every time: a guest may log or send its own.
"""

from __future__ import annotations

import uuid

from workbench.host.contract import Identity
from workbench.records import USER, InstanceId

_NODE = uuid.uuid5(uuid.NAMESPACE_URL, "edgeless-workbench")

USER_IDENTITY: Identity = (
    uuid.UUID("00000000-0000-0000-0000-fffe00000000").bytes + uuid.UUID("00000000-0000-0000-0000-fffd00000000").bytes
)
"""Where events sent by hand come from: the address the platform's own command line has (EDGELESS 1.2)."""


def address(name: str) -> InstanceId:
    """The address of the instance or stand-in called `name`."""
    return InstanceId(str(_NODE), str(uuid.uuid5(_NODE, name)))


def identity(instance_id: InstanceId) -> Identity:
    """An address as a guest sees it."""
    return uuid.UUID(instance_id.node_id).bytes + uuid.UUID(instance_id.function_id).bytes


def sender(name: str) -> Identity:
    """The address that a message says it comes from, when `name` sent it."""
    return USER_IDENTITY if name == USER else identity(address(name))


def hyphenated(identity: Identity) -> str:
    """An address a guest used, for sentences."""
    return f"{uuid.UUID(bytes=identity[:16])}/{uuid.UUID(bytes=identity[16:])}"
