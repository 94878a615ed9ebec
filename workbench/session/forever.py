"""Calls that will never be answered on the platform: noted as soon as they are made."""

from __future__ import annotations

from workbench.session.actors import Actor, Instance
from workbench.session.world import World


def note_a_wait_for_ever(world: World, caller: Actor, call: int, target: Actor | None) -> None:
    """Note why the call numbered `call`, which `caller` has just made to `target`, is never answered, if that is so."""
    if call not in world.calls:  # it is answered already
        return
    parent = caller.cause if isinstance(caller, Instance) else None
    if target is None:
        world.note_from(caller, parent, "call-unanswered", "a call to nobody waits for ever", "nobody")
    if not isinstance(target, Instance):
        return
    if target.guest is None and target.status != "loading":
        message = f"a call to {target.name}, which is {target.status}, waits for ever"
        world.note_from(caller, parent, "call-unanswered", message, target.name)
    if circle := _circle(caller, target):
        names = " → ".join(one.name for one in [*circle, caller])
        world.note_from(caller, parent, "call-cycle", f"a circle of calls, where all wait for ever: {names}", names)
    elif _has_the_number_of(caller, target):
        message = _same_number(caller, target)
        world.note_from(caller, parent, "call-unanswered", message, f"number {caller.calls_made} {target.name}")


def is_taken_for_a_reply(world: World, caller: Actor, target: Actor | None) -> bool:
    """Whether `target`, which waits in a call of its own, takes the new call of `caller` for the answer to that.

    On the platform it does where both are their callers' calls of the same number (edgeless-facts 0, fact 2, and 0b).
    Here too in a circle of calls, where otherwise all would wait for ever; elsewhere, where chance decides who meets
    whom, only in strict mode.
    """
    if not isinstance(target, Instance) or not _has_the_number_of(caller, target):
        return False
    return world.strict or bool(_circle(caller, target))


def take_for_a_reply(world: World, caller: Actor, target: Actor | None) -> None:
    """`target` takes the new call of `caller` for an answer to its own, which thereby fails; a note tells of it."""
    assert isinstance(target, Instance)
    assert target.waiting_call is not None
    circle = _circle(caller, target)
    message = f"{_same_number(caller, target)}, and so it is here"
    parent = caller.cause if isinstance(caller, Instance) else None
    world.note_from(caller, parent, "call-cycle" if circle else "call-unanswered", message, f"taken {target.name}")
    world.answer(target.waiting_call, "err", b"", parent=None, by=None)


def _circle(caller: Actor, target: Instance) -> list[Actor]:
    """Who waits for whom from `caller` back to `caller`, if `target` waits for it; else nobody."""
    chain: list[Actor] = [caller]
    at: Actor | None = target
    while isinstance(at, Instance) and at not in chain:
        chain.append(at)
        at = at.waits_on
    return chain if at is caller else []


def _has_the_number_of(caller: Actor, target: Instance) -> bool:
    return target.waiting_call is not None and target.calls_made == caller.calls_made


def _same_number(caller: Actor, target: Instance) -> str:
    number = f"{caller.calls_made:,}"
    return (
        f"its call number {number} reaches {target.name}, which waits in its own call number {number}: the platform "
        f"takes this call for the answer to that one: {target.name} gets an error, and this call is never answered"
    )
