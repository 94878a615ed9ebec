"""What waits, as a front sees it: in the order it would happen, with what keeps it from happening; and who waits for
ever on whom."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Literal

from workbench.records import Call, Timer
from workbench.session.actors import Actor, Event, Instance, StandIn
from workbench.session.handling import A_TURN
from workbench.session.held import Held
from workbench.session.outside import Outside
from workbench.session.stepper import Stepper
from workbench.session.timers import Late
from workbench.session.travel import Travel
from workbench.session.view import Queued, SteppingView
from workbench.session.world import World

SHOWN = 300
SHOWN_DEADLOCKS = 100


def stepping_view(stepper: Stepper, travel: Travel) -> SteppingView:
    """How time and order stand."""
    world, clock = travel.shown.world, travel.live.clock
    history = travel.present.history
    hits = {hold.number: hold.hits for hold in world.holds}
    breakpoints = []
    for number, one in sorted(stepper.catches.items()):
        one.hits = hits.get(number, one.hits)
        breakpoints.append(one.view())
    instances = world.instances()
    full = [one for one in instances if one.mailbox]
    calling = [one for one in instances if one.waiting_call is not None]
    queued = (
        sum(len(instance.mailbox) for instance in full)
        + len(world.timers) + len(world.held) + len(world.standing)
    )  # fmt: skip
    return SteppingView(
        mode=stepper.mode,
        why=stepper.why,
        at=stepper.at,
        scale=clock.scale,
        shuffle=world.seed,
        strict=world.strict,
        queue=tuple(islice(_queue(world, full), SHOWN)),
        queued=queued,
        deadlocks=tuple(islice(_deadlocks(calling), SHOWN_DEADLOCKS)),
        breakpoints=tuple(breakpoints),
        past=travel.past(),
        line=travel.present.number,
        lines=tuple(line.view() for line in travel.lines.values()),
        horizon=travel.present.horizon,
        horizon_why=history.why if history is not None else "the history is not kept",
        checkpoint_bytes=history.bytes if history is not None else 0,
    )


def _queue(world: World, full: Sequence[Instance]) -> Iterator[Queued]:
    """First what has its turn, then what must wait for others, then by time, then what waits for the developer.

    `full` are the instances in whose mailboxes something waits.
    """
    ready = [instance for instance in world.ready if instance.cause is None and instance.guest is not None]
    yield from _in_turns(ready, world)
    have_turns = set(ready)
    for instance in full:
        if instance not in have_turns:
            why = _busy(instance)
            for event in instance.mailbox:
                yield _event(event, instance, why)
    for due, what in world.timers.in_order():
        if isinstance(what, Timer):
            yield Queued(what.seq, "timer", "cast", what.source, what.target, what.alias, what.payload, due)
        elif isinstance(what, Late):
            event = what.event
            yield Queued(event.seq, "timer", _what(event), event.source, what.target, what.alias, event.payload, due)
    for held in world.held.values():
        yield _held(held)
    for call, stand_in in world.standing:
        why = _unanswered(call, stand_in, world)
        yield Queued(call.seq, "call", "call", call.source, stand_in.name, call.alias, call.payload, None, why)


def _unanswered(call: Call, stand_in: StandIn, world: World) -> str:
    """Who is to answer a call."""
    if not stand_in.real:
        return f"{stand_in.name} is played by you: answer it"
    gave_up = isinstance(world.outside, Outside) and not world.outside.works_on(call.seq)
    return f"{stand_in.name} will not answer it any more" if gave_up else f"{stand_in.name} is at it"


def _in_turns(ready: list[Instance], world: World) -> Iterator[Queued]:
    """What those who are ready have, as they take turns of a few events each."""
    turns = deque((instance, iter(instance.mailbox), instance.turn_left) for instance in ready)
    while turns:
        instance, events, left = turns.popleft()
        shown = list(islice(events, left or (A_TURN if world.seed is None else 1)))
        yield from (_event(event, instance, "") for event in shown)
        if shown:
            turns.append((instance, events, 0))


def _event(event: Event, instance: Instance, why: str) -> Queued:
    return Queued(
        event.seq, "event", _what(event), event.source, instance.name, event.record.alias, event.payload, None, why
    )


def _what(event: Event) -> Literal["cast", "call"]:
    return "call" if event.call else "cast"


def _busy(instance: Instance) -> str:
    if instance.cause is None:
        return f"{instance.name} is {instance.status}" if instance.guest is None else ""
    if instance.waiting_call is not None:
        waits_on = instance.waits_on.name if instance.waits_on is not None else "nobody"
        return f"{instance.name} is handling #{instance.cause}, which waits for {waits_on}"
    return f"{instance.name} is handling #{instance.cause}"


def _held(held: Held) -> Queued:
    content = held.content
    if isinstance(content, Timer):
        due = content.t + content.delay_ms
        return Queued(
            held.seq, "held", "cast", content.source, held.target, held.alias, content.payload, due, "held back"
        )
    if isinstance(content, Event):
        return Queued(
            held.seq,
            "held",
            _what(content),
            content.source,
            held.target,
            held.alias,
            content.payload,
            None,
            "held back",
        )
    payload = held.answer.payload if held.answer is not None else b""
    outcome = held.answer.outcome if held.answer is not None else "noreply"
    why = f"held back: {outcome} to #{content}"
    return Queued(held.seq, "held", "reply", held.by or "", held.target, None, payload, None, why)


def _deadlocks(waiting: Sequence[Instance]) -> Iterator[str]:
    """Chains of calls that never end: in a circle, or at somebody who will not answer. `waiting` wait in a call."""
    told: set[Instance] = set()
    circling = _circling(waiting)
    waited_for = {instance.waits_on for instance in waiting}
    for instance in waiting:
        if instance in waited_for and instance not in circling:
            continue  # whose chain is longer tells it
        chain: dict[Instance, None] = {}
        at: Actor | None = instance
        while isinstance(at, Instance) and at.waiting_call is not None and at not in circling:
            chain[at] = None
            at = at.waits_on
        if isinstance(at, Instance) and at in circling:
            if at not in told:
                circle = _circle(at)
                told.update(circle)
                names = [one.name for one in (*circle, at)]
                yield f"a circle of calls, where all wait for ever: {' → '.join(names)}"
            continue
        names = [one.name for one in chain]
        if at is None:
            yield f"{' → '.join(names)} → nobody: waits for ever"
        elif isinstance(at, Instance) and at.guest is None and at.status != "loading":
            yield f"{' → '.join([*names, at.name])}, which is {at.status}: waits for ever"


def _circling(waiting: Sequence[Instance]) -> set[Instance]:
    """Those that wait in a circle, of those that wait in a call."""
    seen: set[Instance] = set()
    circling: set[Instance] = set()
    for instance in waiting:
        way: set[Instance] = set()
        at: Actor | None = instance
        while isinstance(at, Instance) and at.waiting_call is not None and at not in seen:
            seen.add(at)
            way.add(at)
            at = at.waits_on
        if isinstance(at, Instance) and at in way:
            circling.update(_circle(at))
    return circling


def _circle(of: Instance) -> list[Instance]:
    """The circle that it waits in, from it on."""
    circle = [of]
    while (after := circle[-1].waits_on) is not of:
        assert isinstance(after, Instance)
        circle.append(after)
    return circle
