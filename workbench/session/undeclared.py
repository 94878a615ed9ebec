"""Outputs that nothing declares. A function that is opened by itself has no workflow to say where they lead, and the
platform never reads the list in function.json: a stand-in plays each from its first use on.
"""

from __future__ import annotations

from workbench.project.draft import SELF
from workbench.project.model import StandInPlan
from workbench.records import USER
from workbench.session.actors import Instance, StandIn, new_stand_in
from workbench.session.world import World

RESERVED = (USER, SELF)
"""Names that no instance and no stand-in can have."""

MOST_MADE = 256
"""How many stand-ins come from use: functions may make names up without end. Beyond, outputs lead nowhere."""

LONGEST = 200
"""How many characters such an output's name has at most."""


def is_played(world: World, instance: Instance, alias: str) -> bool:
    """Whether a stand-in plays an output of `instance` that leads nowhere as yet, once it is used."""
    if instance.workflow is not None or instance.unlinked or not 0 < len(alias) <= LONGEST:
        return False
    name = _name_for(world, alias)
    made = sum(isinstance(actor, StandIn) and actor.lasting for actor in world.actors.values())
    return name is not None and (name in world.actors or made < MOST_MADE)


def play(world: World, instance: Instance, alias: str) -> StandIn | None:
    """The stand-in for an output that `instance` uses and that leads nowhere as yet; None where it is not played."""
    if not is_played(world, instance, alias):
        return None
    stand_in = stand_in_for(world, alias)
    instance.link_names = {**instance.link_names, alias: stand_in.name}
    world.link(instance)
    message = f'it uses the output "{alias}", which nothing here declares: the stand-in "{stand_in.name}" plays it'
    world.note(instance, "undeclared-output", message, alias)
    return stand_in


def stand_in_for(world: World, alias: str) -> StandIn:
    """The stand-in that plays an output nobody declared, made where there is none."""
    name = _name_for(world, alias)
    assert name is not None, alias
    known = world.actors.get(name)
    if isinstance(known, StandIn):
        return known
    stand_in = new_stand_in(StandInPlan(name))
    stand_in.lasting = True
    world.add(stand_in)
    return stand_in


def _name_for(world: World, alias: str) -> str | None:
    """How its stand-in is called; None where others have all names it could have."""
    for name in (alias, f"{alias} (stand-in)"):
        actor = world.actors.get(name)
        free = actor is None and name not in RESERVED
        if free or (isinstance(actor, StandIn) and actor.plan.class_type is None):
            return name
    return None
