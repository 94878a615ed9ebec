"""The world as a frozen picture for a front."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Mapping
from itertools import chain, islice
from pathlib import Path
from time import perf_counter

from workbench.session.actors import Actor, Instance, StandIn
from workbench.session.outside import Report
from workbench.session.rare import Rare
from workbench.session.view import InstanceView, PendingCall, Waiting
from workbench.session.world import World

SHOWN = 100
"""Events of a mailbox that are shown, and calls that one is to answer."""


class Rates:
    """Events per second, by name: over the last second, and of what is rare by the time between two of them. "" is the
    whole session."""

    def __init__(self) -> None:
        self._counts: dict[str, int] = {}
        self._samples: deque[tuple[float, dict[str, int]]] = deque()
        """When they were taken, and what had been handled since the one before."""
        self._sums: Counter[str] = Counter()
        """What was handled since the first of them."""
        self._rare: dict[str, Rare] = {}
        self._live: set[str] = set()
        """Those whose rate may be other than 0."""

    def sample(self, world: World) -> None:
        """Take note of the counts as they are now."""
        now = perf_counter()
        counts = {instance.name: instance.handled for instance in world.instances()}
        counts[""] = world.handled
        before = self._counts if self._samples else counts
        more = {name: count - before.get(name, 0) for name, count in counts.items() if count != before.get(name, 0)}
        for name, count in more.items():
            if count > 0:
                self._rare.setdefault(name, Rare()).add(now * 1000, count)
                self._live.add(name)
        if len(counts) != len(before) or counts.keys() != before.keys():
            for gone in self._rare.keys() - counts.keys():
                del self._rare[gone]
                self._live.discard(gone)
        self._counts = counts
        self._samples.append((now, more))
        if len(self._samples) > 1:
            self._sums.update(more)
        while len(self._samples) > 2 and self._samples[1][0] < now - 1:
            self._samples.popleft()
            for name, count in self._samples[0][1].items():
                self._sums[name] -= count
                if not self._sums[name]:
                    del self._sums[name]
        self._live = {name for name in self._live if name in self._sums or self._rare[name].rate(now * 1000)}

    def rate(self, name: str) -> float:
        """Events per second."""
        if name not in self._live or len(self._samples) < 2:
            return 0.0
        began, ended = self._samples[0][0], self._samples[-1][0]
        if (rate := self._rare[name].rate(ended * 1000)) is not None:
            return rate
        return max(0, self._sums.get(name, 0)) / max(ended - began, 1e-3)


class Actors:
    """The views of instances and stand-ins, and of the calls that wait for these. Only what has changed since the last
    picture is made anew; what has not is the same object."""

    def __init__(self) -> None:
        self._kept: dict[Actor, tuple[tuple[object, ...], InstanceView]] = {}
        self._shown: tuple[InstanceView, ...] = ()
        self._ids: Mapping[Path, str] = {}
        self._calls: dict[StandIn, tuple[int, tuple[PendingCall, ...]]] = {}
        self._pending: tuple[PendingCall, ...] = ()

    def take(
        self, world: World, rates: Rates, reports: Mapping[str, Report], ids: Mapping[Path, str]
    ) -> tuple[InstanceView, ...]:
        """All instances and stand-ins; `ids` are their workflows'."""
        if ids != self._ids:
            self._ids = ids
            self._kept.clear()
        kept, changed = self._kept, False
        for actor in world.actors.values():
            known = kept.get(actor)
            if isinstance(actor, Instance):
                rate = rates.rate(actor.name)
                stamp = _stamp_of_instance(actor, world, rate)
                if known is None or known[0] != stamp:
                    changed = True
                    kept[actor] = stamp, _instance(actor, world, rate, ids)
            else:
                stamp = _stamp_of_stand_in(actor, world, reports)
                if known is None or known[0] != stamp:
                    changed = True
                    kept[actor] = stamp, _stand_in(actor, world, reports, ids)
        if changed or len(self._shown) != len(world.actors):
            self._kept = {actor: kept[actor] for actor in world.actors.values()}
            self._shown = tuple(view for _, view in self._kept.values())
        return self._shown

    def pending_calls(self, world: World) -> tuple[PendingCall, ...]:
        """The calls that wait for their answer, oldest first: of each that is to answer, the first `SHOWN`."""
        before, self._calls = self._calls, {}
        changed = False
        for target in world.standing.targets():
            changes = world.standing.changes(target)
            known = before.pop(target, None)
            if known is None or known[0] != changes:
                changed = True
                first = islice(world.standing.of(target).values(), SHOWN)
                known = (
                    changes,
                    tuple(
                        PendingCall(call.seq, call.source, target.name, call.alias, call.payload, call.t)
                        for call in first
                    ),
                )
            self._calls[target] = known
        if changed or before:
            self._pending = tuple(sorted(chain(*(calls for _, calls in self._calls.values())), key=_since))
        return self._pending


def _since(call: PendingCall) -> tuple[float, int]:
    return call.since_ms, call.seq


def _stamp_of_instance(instance: Instance, world: World, rate: float) -> tuple[object, ...]:
    """What a view of it hangs on."""
    mailbox = instance.mailbox
    return (
        instance.status, instance.detail, instance.handled, instance.guest_s, instance.callback, instance.waits_on,
        tuple(islice(mailbox, SHOWN)) if mailbox else (), len(mailbox), instance.dropped, instance.guest, rate,
        instance.last_sync, instance.last_trap, instance.links, instance.link_names, len(world.shared_links),
        instance.init_payload, instance.workflow, instance.function,
    )  # fmt: skip


def _stamp_of_stand_in(stand_in: StandIn, world: World, reports: Mapping[str, Report]) -> tuple[object, ...]:
    """What a view of it hangs on."""
    links = stand_in.plan.links
    return (
        stand_in.plan, stand_in.rule, stand_in.fault, stand_in.real, stand_in.stopped, stand_in.dropped,
        world.standing.changes(stand_in), reports.get(stand_in.name), [name in world.actors for name in links.values()],
    )  # fmt: skip


def _instance(instance: Instance, world: World, rate: float, ids: Mapping[Path, str]) -> InstanceView:
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
        rate=rate,
        memory_bytes=instance.guest.memory_bytes if instance.guest is not None else 0,
        last_sync=instance.last_sync,
        synced=instance.synced,
        last_trap=instance.last_trap,
        links={
            alias: name if name in world.actors else None for alias, name in sorted(world.link_names(instance).items())
        },
        init_payload=instance.init_payload,
        workflow=instance.workflow,
        workflow_id=_id_of(instance.workflow, ids),
    )


def _stand_in(stand_in: StandIn, world: World, reports: Mapping[str, Report], ids: Mapping[Path, str]) -> InstanceView:
    waiting = world.standing.of(stand_in)
    detail = f"{len(waiting)} to answer" if waiting else ""
    if stand_in.dropped:
        refused = f"{stand_in.dropped:,} calls were too many and answered with an error"
        detail = "; ".join(filter(None, (detail, refused)))
    report = reports.get(stand_in.name)
    return InstanceView(
        name=stand_in.name,
        function=stand_in.plan.class_type or "",
        status="stand-in",
        detail=detail,
        instance_id=stand_in.instance_id.function_id,
        mailbox=len(waiting),
        next_events=tuple(
            Waiting(call.seq, call.source, True, call.payload) for call in islice(waiting.values(), SHOWN)
        ),
        dropped=stand_in.dropped,
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
