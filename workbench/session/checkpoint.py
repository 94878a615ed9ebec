"""A checkpoint: a whole world at one moment as a value, and a world made of it again."""

from __future__ import annotations

import copy
from collections import deque
from dataclasses import dataclass
from itertools import takewhile
from typing import TYPE_CHECKING, Any

from workbench.host.contract import Effect
from workbench.host.guest import Guest, Progress
from workbench.host.snapshot import PAGE
from workbench.project.model import Project
from workbench.records import Call, NoteCode
from workbench.session import held, timers
from workbench.session.actors import Actor, Answered, Event, Food, Init, Instance, StandIn, Stopping, copy_of
from workbench.session.again import Diverged
from workbench.session.catches import Catch
from workbench.session.held import Held
from workbench.session.inputs import Limited
from workbench.session.population import Roster, WentLive
from workbench.session.timers import Timers
from workbench.weight import MESSAGE_BYTES, of_text

if TYPE_CHECKING:
    from workbench.session.stage import Stage

TOGETHER = 64
"""Events that are fed to a guest in one go."""

BARE, EACH, WAITS = 2000, 1000, 8
"""Bytes that a checkpoint takes, that an instance takes in it, and an event that waits; roughly."""


@dataclass(frozen=True)
class Being:
    """An instance as it was. `fed` of what it was given since its snapshot belong to it; None: it was dead."""

    instance: Instance
    waits_on: str | None
    fed: tuple[list[Food], int] | None


@dataclass(frozen=True)
class Checkpoint:
    """The world before the entry numbered `index` of its history, when the next record's number was `at`."""

    index: int
    at: int
    t: float
    beings: tuple[Being | StandIn, ...]
    ready: tuple[str, ...]
    timers: Timers
    calls: dict[int, str | None]
    standing: dict[int, tuple[Call, str]]
    asked: dict[int, int]
    called: dict[int, float]
    held: dict[int, Held]
    holds: tuple[Catch, ...]
    strict: bool
    seed: int | None
    chance: Any
    shared_links: dict[str, str]
    counts: tuple[int, int, int]
    limits: Limited
    roster: Roster
    noted_code: frozenset[tuple[bytes, NoteCode]]
    left: dict[str, str]
    project: Project

    @staticmethod
    def of(stage: Stage, index: int) -> Checkpoint | None:
        """The world of `stage` as it is; None when that cannot be kept: while an instance is between two lives, or when
        it was given too much to be given it again."""
        world = stage.world
        if world.held_up:
            return None
        if any(_is_between_lives(one) or (one.guest is not None and one.fed is None) for one in world.instances()):
            return None
        roster = stage.population.roster()
        if roster is None:
            return None
        beings = tuple(
            _being(actor) if isinstance(actor, Instance) else copy_of(actor) for actor in world.actors.values()
        )
        return Checkpoint(
            index=index, at=stage.journal.end, t=stage.clock.now(), beings=beings,
            ready=tuple(one.name for one in world.ready if world.actors.get(one.name) is one),
            timers=world.timers.copy(),
            calls={seq: caller.name if caller is not None else None for seq, caller in world.calls.items()},
            standing={call.seq: (call, target.name) for call, target in world.standing},
            asked=dict(world.asked), called=dict(world.called),
            held=dict(world.held),
            holds=tuple(copy.copy(hold) for hold in world.holds),
            strict=world.strict,
            seed=world.seed,
            chance=None if world.chance is None else world.chance.getstate(),
            shared_links=dict(world.shared_links),
            counts=(world.handled, world.traps, world.notes),
            noted_code=frozenset(world.noted_code),
            limits=stage.limits, roster=roster, left=dict(stage.keeper.left), project=stage.project,
        )  # fmt: skip

    def cost(self, before: Checkpoint | None) -> int:
        """Roughly the bytes that it holds and `before` does not: memory of guests, what they were given, what waits."""
        instances = self.instances()
        known = before.instances() if before is not None else {}
        since = before.at if before is not None else 0
        total = BARE + EACH * len(instances) + self._waiting(since)
        for name, instance in instances.items():
            total += WAITS * len(instance.mailbox)
            total += sum(map(_payload, takewhile(lambda event: event.seq >= since, reversed(instance.mailbox))))
            earlier_one = known.get(name)
            if earlier_one is None or earlier_one.fed_bytes > instance.fed_bytes:
                total += instance.fed_bytes
            else:
                total += instance.fed_bytes - earlier_one.fed_bytes
            if instance.state is not None and (earlier_one is None or earlier_one.state is not instance.state):
                total += of_text(instance.state)
            snapshot, earlier = instance.snapshot, known[name].snapshot if name in known else None
            if snapshot is not None and snapshot is not earlier:
                shared = map(id, earlier.pages) if earlier is not None else ()
                total += PAGE * len(set(map(id, snapshot.pages)).difference(shared))
        return total

    def _waiting(self, since: int) -> int:
        """What was sent since record `since`, and waits outside mailboxes, weighs."""
        total = sum(WAITS for _ in self.standing) + WAITS * len(self.timers)
        total += sum(len(call.payload) for call, _ in self.standing.values() if call.seq >= since)
        total += sum(held.weight_of(one) for one in self.held.values() if one.seq >= since)
        return total + sum(timers.weight_of(due) for due in self.timers.all() if (timers.seq_of(due) or 0) >= since)

    def instances(self) -> dict[str, Instance]:
        """The instances as they were, by name; without their guests."""
        return {being.instance.name: being.instance for being in self.beings if isinstance(being, Being)}

    def put_into(self, stage: Stage) -> None:
        """Let the new `stage` be as it was then. Raises `Diverged` when a guest cannot be brought there."""
        world = stage.world
        stage.clock.put(self.t)
        stage.project = self.project
        stage.limit(self.limits)
        stage.keeper.left = dict(self.left)
        stage.population.take_over(self.roster)
        world.shared_links, world.noted_code = dict(self.shared_links), set(self.noted_code)
        for being in self.beings:
            world.add(copy_of(being) if isinstance(being, StandIn) else _alive_again(being.instance))
        world.link_all()
        for being in self.beings:
            if isinstance(being, Being):
                instance = _instance(world.actors[being.instance.name])
                instance.waits_on = world.actors.get(being.waits_on or "")
                if being.fed is not None:
                    food, length = being.fed
                    _make_guest(stage, instance, food[:length])
        world.ready = deque(_instance(world.actors[name]) for name in self.ready)
        world.timers = self.timers.copy()
        world.calls = {
            seq: _instance(world.actors[name]) if name in world.actors else None for seq, name in self.calls.items()
        }
        for call, name in self.standing.values():
            stand_in = world.actors.get(name)
            if isinstance(stand_in, StandIn):
                world.standing.add(call, stand_in)
        world.asked, world.called = dict(self.asked), dict(self.called)
        world.held.update(self.held)
        world.holds = [copy.copy(hold) for hold in self.holds]
        world.strict = self.strict
        stage.shuffle(self.seed)
        if world.chance is not None:
            world.chance.setstate(self.chance)
        world.handled, world.traps, world.notes = self.counts


def _payload(event: Event) -> int:
    return MESSAGE_BYTES + len(event.payload)


def _instance(actor: Actor) -> Instance:
    assert isinstance(actor, Instance)
    return actor


def _being(instance: Instance) -> Being:
    fed = None if instance.guest is None or instance.fed is None else (instance.fed, len(instance.fed))
    return Being(_apart(instance), instance.waits_on.name if instance.waits_on is not None else None, fed)


def _is_between_lives(instance: Instance) -> bool:
    followed = instance.then is not None and not isinstance(instance.then, WentLive)
    return bool(instance.agenda) or followed


def _apart(instance: Instance) -> Instance:
    """A copy that shares nothing that changes, without its guest."""
    apart = copy.copy(instance)
    apart.mailbox, apart.noted = deque(instance.mailbox), instance.noted.copy()
    apart.agenda, apart.links, apart.ahead = deque(), {}, []
    apart.guest = apart.waits_on = apart.fed = apart.then = None
    return apart


def _alive_again(instance: Instance) -> Instance:
    again = _apart(instance)
    again.snapshot = instance.snapshot
    return again


def _make_guest(stage: Stage, instance: Instance, food: list[Food]) -> None:
    """Bring a guest to where it was: its memory as it was, then all that it was given since."""
    assert instance.module is not None
    knows = stage.life.knows(instance)
    done: list[Effect] = []
    place, feeding, open_at = 0, True, len(food)
    if instance.cause is not None:
        open_at = max(at for at, one in enumerate(food) if not isinstance(one, Answered))

    def knows_then(alias: str) -> bool:
        """What it called then led somewhere; where what it calls beyond that leads, the world knows."""
        if feeding and (place <= open_at or place < len(food)):
            return True
        if feeding:
            done.extend(guest.effects())
        return (feeding and len(done) < instance.taken) or knows(alias)

    guest = Guest(stage.terms.host, instance.module, instance.identity, knows_then, instance.memory_limit)
    instance.guest, instance.fed = guest, food
    if instance.snapshot is not None and not guest.restore(instance.snapshot):
        raise Diverged(instance.name, "its new memory is larger than it was")
    while place < open_at:
        given = _feed(guest, food, place, open_at)
        _let_run(guest)
        guest.effects()
        place += guest.begun if given > 1 else 1  # those that had not begun when its slice ended are given again
    waits = instance.waiting_call is not None
    while place < len(food):
        place += _feed(guest, food, place, len(food))
        while guest.progress is Progress.RUNNING and (place < len(food) or waits or len(done) < instance.taken):
            guest.run()
            done += guest.effects()
    if len(done) < instance.taken:
        raise Diverged(instance.name, f"{len(done)} effects instead of {instance.taken}")
    instance.ahead = done[instance.taken :]
    feeding = False


def _feed(guest: Guest, food: list[Food], place: int, end: int) -> int:
    """Give the guest what comes next; how many that were."""
    match food[place]:
        case Init(payload, state):
            guest.init(payload, state)
        case Answered(outcome, payload):
            guest.resume(outcome, payload)
        case Stopping():
            guest.stop()
        case Event():
            return guest.deliver(_letters(food, place, min(end, place + TOGETHER)))
    return 1


def _letters(food: list[Food], place: int, end: int) -> list[Event]:
    """The messages from there on, up to one that called another: it is answered before the next."""
    letters: list[Event] = []
    for one in food[place:end]:
        if not isinstance(one, Event):
            break
        letters.append(one)
    return letters


def _let_run(guest: Guest) -> None:
    while guest.progress is Progress.RUNNING:
        guest.run()
