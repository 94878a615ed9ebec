"""The world as a frozen picture for a front."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from itertools import islice
from pathlib import Path
from time import perf_counter

from workbench.session.actors import Instance, StandIn
from workbench.session.outside import Report
from workbench.session.rare import Rare
from workbench.session.view import InstanceView, PendingCall, Waiting
from workbench.session.world import World

SHOWN = 100
"""Events of a mailbox that are shown."""


class Rates:
    """Events per second, by name: over the last second, and of what is rare by the time between two of them. "" is the
    whole session."""

    def __init__(self) -> None:
        self._samples: deque[tuple[float, dict[str, int]]] = deque()
        self._rare: dict[str, Rare] = {}

    def sample(self, world: World) -> None:
        """Take note of the counts as they are now."""
        now = perf_counter()
        counts = {instance.name: instance.handled for instance in world.instances()}
        counts[""] = world.handled
        before = self._samples[-1][1] if self._samples else counts
        for name, count in counts.items():
            if (more := count - before.get(name, 0)) > 0:
                self._rare.setdefault(name, Rare()).add(now * 1000, more)
        for gone in self._rare.keys() - counts.keys():
            del self._rare[gone]
        self._samples.append((now, counts))
        while len(self._samples) > 2 and self._samples[1][0] < now - 1:
            self._samples.popleft()

    def rate(self, name: str) -> float:
        """Events per second."""
        if len(self._samples) < 2:
            return 0.0
        (began, first), (ended, last) = self._samples[0], self._samples[-1]
        rare = self._rare.get(name)
        if rare is not None and (rate := rare.rate(ended * 1000)) is not None:
            return rate
        return max(0, last.get(name, 0) - first.get(name, 0)) / max(ended - began, 1e-3)


def instance_views(
    world: World, rates: Rates, reports: Mapping[str, Report], ids: Mapping[Path, str]
) -> tuple[InstanceView, ...]:
    """All instances and stand-ins; `ids` are their workflows'."""
    return tuple(
        _instance(actor, world, rates, ids) if isinstance(actor, Instance) else _stand_in(actor, world, reports, ids)
        for actor in world.actors.values()
    )


def pending_calls(world: World) -> tuple[PendingCall, ...]:
    """The calls that wait for the developer, oldest first."""
    return tuple(
        PendingCall(call.seq, call.source, stand_in.name, call.alias, call.payload, call.t)
        for call, stand_in in world.standing.values()
    )


def _instance(instance: Instance, world: World, rates: Rates, ids: Mapping[Path, str]) -> InstanceView:
    waits_on = instance.waits_on.name if instance.waits_on is not None else None
    detail = instance.detail
    if instance.status == "waiting":
        detail = f"waits for {waits_on or 'nobody'}"
    if instance.dropped:
        detail = "; ".join(filter(None, (detail, f"its full mailbox dropped {instance.dropped:,} events")))
    return InstanceView(
        name=instance.name,
        function=instance.function,
        status=instance.status,
        detail=detail,
        instance_id=instance.instance_id.function_id,
        mailbox=len(instance.mailbox),
        next_events=tuple(
            Waiting(event.seq, event.source, event.call, event.payload) for event in islice(instance.mailbox, SHOWN)
        ),
        dropped=instance.dropped,
        waits_on=waits_on,
        callback=instance.callback,
        busy_ms=instance.guest_s * 1000,
        handled=instance.handled,
        rate=rates.rate(instance.name),
        memory_bytes=instance.guest.memory_bytes if instance.guest is not None else 0,
        last_sync=instance.last_sync,
        last_trap=instance.last_trap,
        links={
            alias: name if name in world.actors else None for alias, name in sorted(world.link_names(instance).items())
        },
        init_payload=instance.init_payload,
        workflow=instance.workflow,
        workflow_id=_id_of(instance.workflow, ids),
    )


def _stand_in(stand_in: StandIn, world: World, reports: Mapping[str, Report], ids: Mapping[Path, str]) -> InstanceView:
    waiting = [call for call, target in world.standing.values() if target is stand_in]
    report = reports.get(stand_in.name)
    return InstanceView(
        name=stand_in.name,
        function=stand_in.plan.class_type or "",
        status="stand-in",
        detail=f"{len(waiting)} to answer" if waiting else "",
        instance_id=stand_in.instance_id.function_id,
        mailbox=len(waiting),
        next_events=tuple(Waiting(call.seq, call.source, True, call.payload) for call in waiting[:SHOWN]),
        rule=stand_in.rule,
        fault=stand_in.fault,
        links={output: name if name in world.actors else None for output, name in sorted(stand_in.plan.links.items())},
        class_type=stand_in.plan.class_type,
        workflow=stand_in.plan.workflow,
        workflow_id=_id_of(stand_in.plan.workflow, ids),
        real=stand_in.real,
        stopped=stand_in.stopped,
        health=report.health if report is not None else None,
        health_words=report.words if report is not None else "",
    )


def _id_of(workflow: Path | None, ids: Mapping[Path, str]) -> str:
    return "" if workflow is None else ids.get(workflow, "")
