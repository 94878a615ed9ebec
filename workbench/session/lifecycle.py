"""How an instance starts, stops, starts anew and takes new code: each between two events."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from time import perf_counter

from workbench.errors import UserError
from workbench.host.guest import Guest
from workbench.host.modules import Module
from workbench.host.traps import ModuleRefused
from workbench.records import KillReason, Reload, ReloadOutcome, ReloadPolicy, Start, Stop, Timer
from workbench.session import remarks
from workbench.session.actors import Ending, Init, Instance, Stopping
from workbench.session.handling import A_TURN, Handling
from workbench.session.noted import Noted
from workbench.session.text import check_text
from workbench.session.timers import Late
from workbench.session.undeclared import is_played
from workbench.session.world import World

HELD_UP_S, HELD_UP_AT_CLOSE_S = 1.0, 2.0
"""How long new code, a restart, or a removal waits for a handler to end before the handler is ended; and how long a
session that closes."""

FOR_GOOD: tuple[Ending, ...] = ("by hand", "closed")
"""Ends after which the old code does not go on."""


class Lifecycle:
    """Moves instances of `world` from one life to the next. `memory_bytes` limits each that starts."""

    def __init__(self, world: World, handling: Handling, memory_bytes: int) -> None:
        self._world, self._handling = world, handling
        self.memory_bytes = memory_bytes
        self._closed = False

    def close(self) -> None:
        """Nothing starts from now on."""
        self._closed = True

    def start(
        self, instance: Instance, module: Module, state: str | None, then: Callable[[Ending], None] | None = None
    ) -> None:
        """Make a guest of `module` and begin its `handle_init`; `then` hears how that went."""
        if self._closed:
            if then is not None:
                then("closed")
            return
        world = self._world
        instance.module, instance.memory_limit = module, self.memory_bytes
        instance.noted = Noted()
        instance.calls_made = 0
        instance.young = instance.wary = True
        instance.next_call_fails, instance.handles_first = False, 0
        instance.in_one_go = 1
        instance.killed_for = None
        try:
            check_text("init payload", instance.init_payload)
            check_text("state", state)
            guest = Guest(world.host, module, instance.identity, self.knows(instance), self.memory_bytes)
        except UserError as error:
            instance.status, instance.detail, instance.guest = "failed", str(error), None
            if then is not None:
                then("trap")
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
        if world.strict or instance.unlinked:
            instance.unlinked = world.strict
            world.link(instance)
        self._handling.begin(instance, seq)
        remarks.started(world, instance)
        guest.init(instance.init_payload, state)
        instance.snapshot, instance.ahead = None, []
        instance.fed_s, instance.fed_bytes, instance.unnoted_s = 0.0, 0, 0.0
        instance.fed = [Init(instance.init_payload, state)] if world.recording else None
        world.queue(instance)

    def knows(self, instance: Instance) -> Callable[[str], bool]:
        """Whether one of its aliases leads somewhere now, or will once it is used."""
        return lambda alias: alias.encode() in instance.links or is_played(self._world, instance, alias)

    def fail(self, instance: Instance, error: UserError) -> None:
        """Say why an instance that does not run cannot start."""
        if isinstance(error, ModuleRefused) and error.unsupported_import:
            self._world.note(instance, "unsupported-import", f"{error}: the platform's node panics on it", str(error))
        if instance.guest is None:
            instance.status, instance.detail = "failed", str(error)

    def stop(
        self, instance: Instance, then: Callable[[Ending], None] | None = None, held_up: KillReason | None = None
    ) -> None:
        """As `rest`, and not to begin anew of itself: who still waits for an answer of it is told."""

        def ended(how: Ending) -> None:
            self._world.leave_callers(instance, "stopped")
            if then is not None:
                then(how)

        self.rest(instance, ended, held_up)

    def stop_in_turn(
        self, instances: Sequence[Instance], ended: Callable[[Instance, Ending], None], then: Callable[[], None],
        held_up: KillReason | None = None,
    ) -> None:  # fmt: skip
        """`rest` these one after another, each once the one before has ended; `ended` hears of each, `then` of the end.

        Those whose turn has not come go on handling events; what is sent in the `handle_stop` of one is handled by the
        next before it stops, if not much else waits there. The order is theirs, or by chance where chance decides:
        the platform promises none (edgeless-facts 0b).
        """
        order = list(instances)
        if self._world.chance is not None:
            self._world.chance.shuffle(order)
        turns, since = iter(order), self._world.journal.end

        def go_on() -> None:
            instance = next(turns, None)
            if instance is None:
                then()
            else:
                waits = len(instance.mailbox)
                instance.handles_first = waits if waits <= A_TURN and _newest(instance) >= since else 0
                self.rest(instance, lambda how: self._ended_in_turn(instance, how, ended, go_on), held_up)

        go_on()

    def _ended_in_turn(
        self, instance: Instance, how: Ending, ended: Callable[[Instance, Ending], None], go_on: Callable[[], None]
    ) -> None:
        if self._world.strict:
            self._world.link_all()  # the platform takes a stopped function out of the others' outputs
        ended(instance, how)
        go_on()

    def rest(
        self, instance: Instance, then: Callable[[Ending], None] | None = None, held_up: KillReason | None = None
    ) -> None:
        """Stop it in good order: what it handles ends, a call it waits in returns an error, `handle_stop` runs.

        If it waits in no call, the next it makes returns an error, as on the platform (edgeless-facts 1.5).

        `then` hears how that went. With `held_up`, what it handles is killed for that reason when it does not end soon.
        """

        def ended(how: Ending) -> None:
            if instance.guest is not None:
                instance.guest.kill()
                instance.guest = None
            if not instance.agenda:
                self._world.held_up.pop(instance, None)  # what waited for a handler to end had its turn
            if how == "ok" or instance.status in ("loading", "failed"):
                instance.status, instance.detail, instance.resting = "stopped", "", False
            if then is not None:
                then(how)

        if held_up is not None:
            self._world.held_up[instance] = (perf_counter(), held_up)
        self._between_events(instance, lambda: self._begin_stop(instance, ended))
        if instance.waiting_call is not None:
            self._world.answer(instance.waiting_call, "err", b"", parent=None, by=None)
        else:
            instance.next_call_fails = instance.guest is not None

    def _begin_stop(self, instance: Instance, then: Callable[[Ending], None]) -> None:
        world = self._world
        if instance.guest is None:  # it died while this waited for its turn
            then("trap")
            return
        seq = world.journal.end
        world.journal.append(Stop(seq, world.clock.now(), instance.name, None))
        instance.callback, instance.then = "handle_stop", then
        self._handling.begin(instance, seq)
        instance.guest.stop()
        if instance.fed is not None:
            instance.fed.append(Stopping())

    def restart(self, instance: Instance, module: Module, state: str | None, then: Callable[[Ending], None]) -> None:
        """Stop it and start it anew with `state`; what waits in its mailbox waits on. `then` hears how it started."""

        def anew(how: Ending) -> None:
            self._world.held_up.pop(instance, None)
            if how not in FOR_GOOD:
                self.start_anew(instance, module, state, then)

        self.rest(instance, anew, held_up="restart")

    def forget_messages(self, instance: Instance) -> None:
        """Whatever was sent to it, and has not been handled, never comes."""
        world, name = self._world, instance.name
        world.leave_callers(instance, "started anew with its workflow")
        world.empty(instance, "restart")
        world.drop_timers(lambda due: isinstance(due, Timer | Late) and due.target == name, "restart")
        for held in [one for one in world.held.values() if one.target == name and not isinstance(one.content, int)]:
            del world.held[held.seq]
            world.tell_dropped(held.seq, name, "restart")

    def start_anew(self, instance: Instance, module: Module, state: str | None, then: Callable[[Ending], None]) -> None:
        """Start one whose life has ended anew."""
        lost = instance.state if state is None else None
        self._world.drop_timers(
            lambda due: isinstance(due, Timer) and due.source == due.target == instance.name, "restart"
        )
        self.start(instance, module, state, then)
        if lost:
            message = "its synced state is not kept over a restart, as on the platform"
            self._world.note(instance, "state-not-kept", message)

    def swap(self, instance: Instance, module: Module, done: Callable[[Ending], None]) -> None:
        """Hand the instance over to new code with its last synced state; the old goes on should the new not start."""
        self._world.held_up[instance] = (perf_counter(), "reload")
        alive = instance.guest is not None

        def begin() -> None:
            began = perf_counter()
            if instance.guest is None:
                if instance.status == "stopped" or (alive and instance.killed_for in FOR_GOOD):
                    self._world.held_up.pop(instance, None)
                    return
                self._hand_over(instance, None, None, module, began, done)
                return
            old, old_module = instance.guest, instance.module

            def stopped(how: Ending) -> None:
                if how in FOR_GOOD:
                    old.kill()
                    self._world.held_up.pop(instance, None)
                    return
                self._hand_over(instance, old if how == "ok" else None, old_module, module, began, done)

            self._begin_stop(instance, stopped)

        self._between_events(instance, begin)

    def _hand_over(
        self, instance: Instance, old: Guest | None, old_module: Module | None, module: Module, began: float,
        done: Callable[[Ending], None],
    ) -> None:  # fmt: skip
        world, state = self._world, instance.state
        syncs = old_module is not None and old_module.syncs
        unsynced = syncs and instance.last_sync is None and not instance.young
        kept = instance.snapshot, instance.fed, instance.fed_s, instance.fed_bytes
        known = instance.last_sync, instance.synced, instance.memory_limit, instance.calls_made
        told = instance.young, instance.wary, instance.noted
        if instance.agenda:
            world.held_up[instance] = (perf_counter(), "reload")
        else:
            world.held_up.pop(instance, None)
        first = world.journal.end

        def ended(how: Ending) -> None:
            if how == "ok":
                self._replace_timers(instance, first)
                self._reloaded(instance, "swapped", began)
                if unsynced:
                    message = "it had handled events and never synced: the new code began without its state"
                    world.note(instance, "state-not-synced", message)
            if old is not None and (how == "ok" or how in FOR_GOOD):
                old.kill()
            elif old is not None:  # it goes on as if the new had never begun
                world.drop_timers(
                    lambda due: isinstance(due, Timer) and due.source == instance.name and due.seq >= first, "reload"
                )
                instance.guest, instance.module, instance.state = old, old_module, state
                instance.snapshot, instance.fed, instance.fed_s, instance.fed_bytes = kept
                instance.last_sync, instance.synced, instance.memory_limit, instance.calls_made = known
                instance.young, instance.wary, instance.noted = told
                instance.status, instance.detail = "idle", f"keeps its old code: {instance.detail}"
                world.rest_or_go_on(instance)
                self._reloaded(instance, "kept-old", began)
            done(how)

        self.start(instance, module, state, ended)

    def _replace_timers(self, instance: Instance, first: int) -> None:
        """A timer that the new code's `handle_init` set anew replaces the old code's: else each reload adds one."""
        timers = self._world.timers
        mine = [timer for timer in timers.delayed_casts() if timer.source == instance.name]
        anew = {(timer.alias, timer.target, timer.payload) for timer in mine if timer.seq >= first}
        old = {timer.seq for timer in mine if timer.seq < first and (timer.alias, timer.target, timer.payload) in anew}
        self._world.drop_timers(lambda due: isinstance(due, Timer) and due.seq in old, "reload")

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

    def be_patient(self) -> None:
        """While the world stands still, nobody waits too long."""
        held_up = self._world.held_up
        for instance, (_, reason) in held_up.items():
            held_up[instance] = (perf_counter(), reason)

    def overdue(self) -> list[tuple[Instance, KillReason]]:
        """Whose handlers something has waited for too long: an endless loop, a call nobody answers.

        When the session closes, one that goes on with what waits is to end with that first, and to stop.
        """
        now = perf_counter()
        for instance, (since, reason) in self._world.held_up.items():
            if reason == "closed" and instance.handles_first and now - since > HELD_UP_S:
                instance.handles_first = 0
                self._world.held_up[instance] = (now, reason)
        return [
            (instance, reason)
            for instance, (since, reason) in self._world.held_up.items()
            if instance.cause is not None and now - since > (HELD_UP_AT_CLOSE_S if reason == "closed" else HELD_UP_S)
        ]

    def end_overdue(self, name: str, reason: KillReason) -> None:
        """End the handler that new code, a restart or a removal has waited for."""
        instance = self._world.actors.get(name)
        if isinstance(instance, Instance) and instance.cause is not None:
            why = "as the session closes" if reason == "closed" else f"for a {reason}"
            message = f"its {instance.callback} was ended {why}"
            self._world.note(instance, "runaway", message, f"{reason} {instance.cause}")
            overran = reason == "closed" and instance.callback == "handle_stop"
            self._handling.kill(instance, message, "limit" if overran else reason)


def _newest(instance: Instance) -> int:
    """The `seq` of what came into its mailbox last; -1 when nothing waits there."""
    return instance.mailbox[-1].seq if instance.mailbox else -1
