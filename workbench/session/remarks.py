"""What is remarked of the code an instance runs, once for each artifact: what it lacks, and what its crate does."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import pairwise

from workbench.host.reply import was_freed
from workbench.records import Frame
from workbench.session.actors import Instance
from workbench.session.world import World

_INIT = re.compile(r"(^|::)init_logger$")
_UNWRAP = "core::result::"
_ALREADY = "SetLoggerError"
"""What `log::set_logger` gives when a logger is set; upstream's `init_logger` unwraps it."""

_SILENT = "so its log macros print nothing, here as on the platform"


def started(world: World, instance: Instance) -> None:
    """Its `handle_init` has begun: remark what can be told of its code without running it."""
    module = instance.module
    assert module is not None
    if module.forgets:
        message = "its code syncs state, and its handle_init looks at none: what it syncs never comes back"
        world.note_code(instance, "state-unread", message)
    if module.logger is not None and module.logger.level_at is None:
        world.note_code(instance, "logger-missing", f"nothing in its code calls init_logger, {_SILENT}")


def first_handled(world: World, instance: Instance) -> None:
    """It has handled its first event well: remark that it has no logger still, where that can be told."""
    module, guest = instance.module, instance.guest
    assert module is not None
    assert guest is not None
    level_at = module.logger.level_at if module.logger is not None else None
    if level_at is not None and guest.word(level_at) == 0:
        message = f"neither its handle_init nor its first event called init_logger, {_SILENT}"
        world.note_code(instance, "logger-missing", message)


def frees_replies(world: World, instance: Instance) -> bool | None:
    """Whether its replies are freed before its host reads them, which is remarked; None while nobody can know."""
    module, guest = instance.module, instance.guest
    assert module is not None
    if module.replies.freed is None and guest is not None and guest.replied is not None:
        module.replies.freed = was_freed(world.host, module, guest.replied, instance.memory_limit)
    if module.replies.freed:
        message = "its replies are freed before the host reads them, as upstream's crate does: they may be damaged"
        world.note_code(instance, "reply-after-free", message)
    return module.replies.freed


def sets_logger_twice(world: World, instance: Instance) -> None:
    """It called `init_logger` again, which its crate takes softly."""
    message = "init_logger was called though a logger is set: the platform's own crate traps there; call it once"
    world.note_code(instance, "logger-twice", message)


def sets_logger_again(frames: Iterable[Frame], panic: str | None) -> bool:
    """Whether a trap shows that `init_logger` was called though there was a logger, by names or the panic's words.

    Optimised builds without names show nothing.
    """
    names = [frame.function for frame in frames]
    return any(_ALREADY in text for text in (panic or "", *names)) or any(
        _INIT.search(outer) and inner.startswith(_UNWRAP) for inner, outer in pairwise(names)
    )
