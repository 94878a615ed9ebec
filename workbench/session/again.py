"""A turn taken again as it was once: the guest does at least what it did then, and what it does beyond is kept."""

from __future__ import annotations

from time import perf_counter

from workbench.host.contract import Effect
from workbench.host.guest import Guest, Progress
from workbench.session.actors import Event, Instance
from workbench.session.inputs import Turn

PATIENCE_S = 2.0
"""Beyond twenty times what a handler took once, it may take this much longer."""

ALL = -1
"""In place of a number of effects: whatever comes."""


class Diverged(Exception):
    """A guest did otherwise than before: `instance` says whose, the words what."""

    def __init__(self, instance: str, words: str) -> None:
        super().__init__(f"{instance} did otherwise when it was run again: {words}")


def take_again(instance: Instance, guest: Guest, letters: list[Event], turn: Turn) -> list[Effect]:
    """Let the guest, given `letters`, run until it has done what it did in `turn`; the effects of that turn.

    Slices end elsewhere than they did: only what comes about counts. Raises `Diverged`.
    """
    deadline = perf_counter() + PATIENCE_S + 20 * (instance.guest_s + turn.spent_s)
    ahead = instance.ahead
    goes_on = turn.progress is Progress.RUNNING
    while letters or len(ahead) < turn.taken or not goes_on:
        if guest.progress is Progress.IDLE and letters:
            guest.deliver(letters)
            guest.run()
            del letters[: guest.begun]
        elif guest.progress is Progress.RUNNING:
            guest.run()
        else:
            break
        ahead += guest.effects()
        if perf_counter() > deadline:
            raise Diverged(instance.name, "it does not come to an end")
    if turn.taken == ALL:
        instance.ahead = []
        return ahead
    if len(ahead) < turn.taken:
        raise Diverged(instance.name, f"{len(ahead)} effects instead of {turn.taken}")
    if not goes_on and (guest.progress is not turn.progress or len(ahead) > turn.taken):
        was, now = turn.progress.name.lower(), guest.progress.name.lower()
        raise Diverged(instance.name, f"{len(ahead)} effects and {now}, instead of {turn.taken} and {was}")
    instance.ahead = ahead[turn.taken :]
    return ahead[: turn.taken]
