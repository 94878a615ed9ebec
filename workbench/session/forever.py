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
    chain: list[Actor] = [caller]
    at: Actor | None = target
    while isinstance(at, Instance) and at not in chain:
        chain.append(at)
        at = at.waits_on
    if at is caller:
        names = " → ".join(one.name for one in [*chain, caller])
        world.note_from(caller, parent, "call-cycle", f"a circle of calls, where all wait for ever: {names}", names)
    elif target.waiting_call is not None and target.calls_made == caller.calls_made:
        number = f"{caller.calls_made:,}"
        message = (
            f"its call number {number} reaches {target.name}, which waits in its own call number {number}: "
            "the platform takes the one for the answer to the other, and both fail"
        )
        world.note_from(caller, parent, "call-unanswered", message, f"number {number} {target.name}")
