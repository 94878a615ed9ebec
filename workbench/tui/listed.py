"""The order in which instances and stand-ins are listed."""

from __future__ import annotations

from collections.abc import Iterable

from workbench.session.view import InstanceView


def listed(instances: Iterable[InstanceView]) -> tuple[InstanceView, ...]:
    """The functions first, as they are what is worked on; then the stand-ins around them."""
    return tuple(sorted(instances, key=lambda instance: instance.status == "stand-in"))
