"""How an instance starts, stops, starts anew and takes new code: each between two events."""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter

from workbench.errors import UserError
from workbench.host.guest import Guest
from workbench.host.modules import Module
from workbench.records import Reload, ReloadOutcome, ReloadPolicy, Start, Stop, Timer
from workbench.session.actors import Instance
from workbench.session.world import World

HELD_UP_S = 1.0
"""How long new code waits for a handler to end before the handler is ended."""


class Lifecycle:
    """Moves instances of `world` from one life to the next. `memory_bytes` limits each."""

    def __init__(self, world: World, memory_bytes: int) -> None:
        self._world = world
        self._memory_bytes = memory_bytes

    def start(
        self, instance: Instance, module: Module, state: str | None, then: Callable[[bool], None] | None = None
    ) -> None:
        """Make a guest of `module` and begin its `handle_init`; `then` hears whether that went well."""
        world = self._world
        instance.module = module
        instance.noted.clear()
        try:
            guest = Guest(
                world.host,
                module,
                instance.identity,
                lambda alias: alias.encode() in instance.links,
                self._memory_bytes,
            )
        except UserError as error:
            instance.status, instance.detail, instance.guest = "failed", str(error), None
            if then is not None:
                then(False)
            return
        seq = world.journal.end
        world.journal.append(
            Start(
                seq, world.clock.now(), instance.name, None,
                instance.function, instance.instance_id, instance.init_payload, state,
            )
        )  # fmt: skip
        instance.guest, instance.callback, instance.then, instance.detail = guest, "handle_init", then, ""
        instance.state = state
        world.begin(instance, seq)
        guest.init(instance.init_payload, state)
        world.queue(instance)

    def fail(self, instance: Instance, reason: str) -> None:
        """Say why an instance that has never run cannot start."""
        if instance.guest is None:
            instance.status, instance.detail = "failed", reason

    def stop(self, instance: Instance, then: Callable[[bool], None] | None = None) -> None:
        """Stop it in good order: what it handles ends, a call it waits in returns an error, `handle_stop` runs."""

        def ended(well: bool) -> None:
            if instance.guest is not None:
                instance.guest.kill()
                instance.guest = None
            if well or instance.status == "loading":
                instance.status, instance.detail, instance.resting = "stopped", "", False
            if then is not None:
                then(well)

        self._between_events(instance, lambda: self._begin_stop(instance, ended))
        if instance.waiting_call is not None:
            self._world.answer(instance.waiting_call, "err", b"", parent=None, by=None)

    def _begin_stop(self, instance: Instance, then: Callable[[bool], None]) -> None:
        world = self._world
        if instance.guest is None:  # it died while this waited for its turn
            then(False)
            return
        seq = world.journal.end
        world.journal.append(Stop(seq, world.clock.now(), instance.name, None))
        instance.callback, instance.then = "handle_stop", then
        world.begin(instance, seq)
        instance.guest.stop()

    def restart(self, instance: Instance, module: Module, state: str | None) -> None:
        """Stop it and start it anew with `state`; what waits in its mailbox waits on."""
        lost = instance.state if state is None else None

        def anew(_: bool) -> None:
            instance.swap_asked_s = None
            self._world.timers.drop(lambda due: isinstance(due, Timer) and due.source == due.target == instance.name)
            self.start(instance, module, state)
            if lost:
                message = "its synced state is not kept over a restart, as on the platform"
                self._world.note(instance, "state-not-kept", message)

        instance.swap_asked_s = perf_counter()
        self.stop(instance, anew)

    def swap(self, instance: Instance, module: Module, done: Callable[[bool], None]) -> None:
        """Hand the instance over to new code with its last synced state; the old goes on should the new not start."""
        instance.swap_asked_s = perf_counter()

        def begin() -> None:
            began = perf_counter()
            if instance.guest is None:
                self._hand_over(instance, None, None, module, began, done)
                return
            old, old_module = instance.guest, instance.module
            self._begin_stop(
                instance,
                lambda well: self._hand_over(instance, old if well else None, old_module, module, began, done),
            )

        self._between_events(instance, begin)

    def _hand_over(
        self, instance: Instance, old: Guest | None, old_module: Module | None, module: Module, began: float,
        done: Callable[[bool], None],
    ) -> None:  # fmt: skip
        world, state = self._world, instance.state
        instance.swap_asked_s = None
        first = world.journal.end

        def ended(well: bool) -> None:
            if well:
                self._replace_timers(instance, first)
                if old is not None:
                    old.kill()
            elif old is not None:
                why = instance.detail
                instance.guest, instance.module = old, old_module
                instance.status, instance.detail = "idle", f"keeps its old code: {why}"
                world.rest_or_go_on(instance)
            self._reloaded(instance, "swapped" if well else "kept-old", began)
            done(well)

        self.start(instance, module, state, ended)

    def _replace_timers(self, instance: Instance, first: int) -> None:
        """A timer that the new code's `handle_init` set anew replaces the old code's: else each reload adds one."""
        timers = self._world.timers
        mine = [timer for timer in timers.delayed_casts() if timer.source == instance.name]
        anew = {(timer.alias, timer.target, timer.payload) for timer in mine if timer.seq >= first}
        old = {timer.seq for timer in mine if timer.seq < first and (timer.alias, timer.target, timer.payload) in anew}
        timers.drop(lambda due: isinstance(due, Timer) and due.seq in old)

    def _reloaded(self, instance: Instance, outcome: ReloadOutcome, began: float) -> None:
        world = self._world
        policy: ReloadPolicy = "handoff"
        since = instance.changed_at_ms() if instance.changed_at_ms is not None else None
        duration = (perf_counter() - began) * 1000
        world.journal.append(
            Reload(world.journal.end, world.clock.now(), instance.name, None, policy, outcome, duration, since)
        )

    def _between_events(self, instance: Instance, job: Callable[[], None]) -> None:
        instance.agenda.append(job)
        if instance.cause is None:
            self._world.rest_or_go_on(instance)

    def end_what_holds_up(self) -> None:
        """End the handlers for which new code has waited too long: an endless loop, a call nobody answers."""
        for instance in self._world.instances():
            asked = instance.swap_asked_s
            if asked is not None and instance.cause is not None and perf_counter() - asked > HELD_UP_S:
                message = f"its {instance.callback} was ended to let new code in"
                self._world.note(instance, "runaway", message, f"swap {instance.cause}")
                self._world.kill(instance, message)
