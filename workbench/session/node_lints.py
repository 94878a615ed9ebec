"""What would hurt a platform's node as a whole: remarked of instances of a workflow (edgeless-facts 0b)."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice

from workbench.session.actors import Instance
from workbench.session.world import World

LARGE = 20
"""Functions of a workflow from which on its outputs are hardly ever linked when `handle_init` runs (22 were tried)."""

_PANICS = "the platform's node panics on it"
"""How the host says so of a start."""
_DIES = "the node's runtime ends with it, and refuses every later start until the node is started anew"


def note_the_race(world: World, instance: Instance, output: str) -> None:
    """Note that `handle_init` uses an output: on the platform outputs are linked by a later message."""
    message = f'its handle_init uses the output "{output}", which the platform may not have linked yet'
    others = (one for one in world.instances() if one.workflow == instance.workflow)
    if instance.workflow is not None and len(list(islice(others, LARGE))) == LARGE:
        message += f": of {LARGE} functions or more it hardly ever has (with 22, 14 of 15 starts lost a cast)"
    world.note(instance, "init-race", message, output)


def note_stops(world: World, stopping: Iterable[Instance]) -> None:
    """Note of workflows' instances that are to stop now which of those stops a node would not survive."""
    for instance in stopping:
        if instance.workflow is not None and _panicked_at_its_start(instance):
            message = f"its start makes the platform's node panic, and where its workflow stops {_DIES}"
            world.note(instance, "stop-after-trap", message)


def note_a_trap_among_stops(world: World, instance: Instance) -> None:
    """Note that it trapped while others of its workflow were stopping, and its own stop waited."""
    if instance.workflow is None or instance.callback == "handle_stop":
        return
    others = [one for one in world.instances() if one.workflow == instance.workflow and one is not instance]
    if any(_is_stopping(world, one) or (instance.agenda and one.status == "stopped") for one in others):
        message = f"it trapped while others of its workflow stopped, before its own stop: on the platform {_DIES}"
        world.note(instance, "stop-after-trap", message)


def _is_stopping(world: World, instance: Instance) -> bool:
    """Whether its `handle_stop` runs, and not only for new code."""
    _, reason = world.held_up.get(instance, (0.0, None))
    return instance.callback == "handle_stop" and reason != "reload"


def _panicked_at_its_start(instance: Instance) -> bool:
    """Whether the platform's node would have panicked when it started it."""
    dead = instance.status in ("failed", "trapped")
    return dead and (_PANICS in instance.detail or instance.noted.has("unsupported-import"))
