"""Handling: an instance's turn, from the events it is given to how their handling ends."""

from __future__ import annotations

from itertools import islice
from time import perf_counter
from typing import Literal

from workbench.host import contract
from workbench.host.contract import Effect
from workbench.host.guest import Guest, Progress
from workbench.records import Handled, HandledOutcome, KillReason, ReplyOutcome, Trap
from workbench.session import remarks
from workbench.session.actors import Event, Instance
from workbench.session.again import take_again
from workbench.session.effects import Effects
from workbench.session.inputs import Turn
from workbench.session.node_lints import note_a_trap_among_stops
from workbench.session.world import World
from workbench.weight import MESSAGE_BYTES

A_TURN = 16
"""Events an instance may handle before it is another's turn; handed over together they cost half (measured)."""

RUNAWAY_S = 1.0
"""A handler that has had the processor this long is worth a note."""

_OUTCOMES: dict[int, ReplyOutcome] = {0: "noreply", 1: "reply"}


class Handling:
    """Lets the instances of `world` handle their events. `time_limit_ms` bounds a handler's time in the guest."""

    def __init__(self, world: World, time_limit_ms: int | None) -> None:
        self._world = world
        self._effects = Effects(world, self._ended)
        self.limit(time_limit_ms)
        self.last: Turn | None = None
        """How the last turn went, where that is recorded."""

    def limit(self, time_limit_ms: int | None) -> None:
        """Bound each handler's time in the guest from now on."""
        self._time_limit_s = None if time_limit_ms is None else time_limit_ms / 1000

    def turn(self, instance: Instance, again: Turn | None = None) -> bool:
        """Give `instance` one slice: begin with its next events, or go on with the one it handles.

        True when it is still in a handler that could go on at once. `again` is a turn as it was once, to be taken in
        the same way.
        """
        world, clock = self._world, self._world.clock
        instance.queued = False
        if again is not None:
            clock.put(again.before_ms)
            instance.guest_s += again.idle_s - instance.unnoted_s
            instance.unnoted_s = 0.0
        before_ms = clock.tick()
        fresh, halted = instance.cause is None, False
        letters: list[Event] | None = []
        if fresh:
            if instance.agenda and not (instance.handles_first and instance.mailbox and instance.guest is not None):
                instance.turn_left = instance.handles_first = 0
                instance.agenda.popleft()()
            elif instance.mailbox and instance.guest is not None:
                letters = self._hand_over(instance, instance.guest, again)
            if instance.cause is None:
                if letters is None:
                    world.queue_first(instance)
                else:
                    instance.turn_left = 0
                    world.rest_or_go_on(instance)
                if world.recording:
                    first = _is_first(instance, world)
                    self.last = Turn(instance.name, 0, 0, 0, 0.0, Progress.IDLE, before_ms, before_ms, first=first)
                return False
        guest = instance.guest
        assert guest is not None
        assert letters is not None
        if world.halted:  # its `handle_stop` is to begin, and is not to yet
            effects, progress, handled, spent, halted = [], Progress.RUNNING, 1, 0.0, True
        elif again is not None:
            effects = take_again(instance, guest, letters, again)
            progress, handled, spent, halted = again.progress, again.handled, again.spent_s, again.halted
            clock.put(again.after_ms)
        elif instance.ahead:
            effects, progress, handled, spent = instance.ahead, guest.progress, 1, 0.0
            instance.ahead = []
        else:
            before = guest.ended
            began = perf_counter()
            progress = guest.run()
            spent = perf_counter() - began - guest.host_s
            clock.tick()
            handled = max(1, guest.begun - before)
            effects = guest.effects()
        instance.to_begin = handled - 1
        # What was handled in one go shares its time evenly; an event that was alone has its own.
        instance.share_s = spent / handled
        instance.guest_s += instance.share_s
        taken = len(effects)
        if effects and (left := self._effects.take(instance, effects)):
            taken -= len(left)
            instance.ahead = [*left, *instance.ahead]
            halted = True
        elif world.halted and progress is Progress.DEAD:  # nothing comes about behind what halted it, its death neither
            halted = True
        if halted:
            progress = Progress.RUNNING
        if not world.recording:
            return self._after(instance, progress, fresh, halted)
        instance.fed_s += spent
        if instance.cause is not None:
            instance.taken = _since_done(effects[:taken], instance.taken)
        begun = again.begun if again is not None else max(1, guest.begun) if fresh else 0
        goes_on = self._after(instance, progress, fresh, halted)
        if again is not None and again.first and instance.queued:
            world.ready.remove(instance)
            world.ready.appendleft(instance)
        self.last = Turn(
            instance.name, begun, taken, handled, spent, progress, before_ms, clock.now(), halted,
            _is_first(instance, world),
        )  # fmt: skip
        return goes_on

    def _after(self, instance: Instance, progress: Progress, fresh: bool, halted: bool) -> bool:
        if progress is Progress.IDLE:
            if fresh and not instance.young:  # its first event is alone, so that the guest can be looked at behind it
                instance.in_one_go = min(2 * instance.in_one_go, A_TURN)
            if instance.cause is None:
                self._next_turn(instance)
            return False
        instance.in_one_go = 1  # others were taken back: it would be in vain to hand over so many
        if halted:
            self._world.queue_first(instance)
            return True
        if progress is Progress.RUNNING:
            self._still_running(instance)
            return True
        instance.turn_left = 0
        if progress is Progress.DEAD:
            self._trapped(instance)
        return False

    def _hand_over(self, instance: Instance, guest: Guest, again: Turn | None) -> list[Event] | None:
        """Begin with what waits; None when it may not begin. Of a turn taken again, what the guest is still to get."""
        world, mailbox = self._world, instance.mailbox
        letters: list[Event] = []
        if not instance.turn_left:
            instance.turn_left = min(A_TURN if world.seed is None else 1, len(mailbox))
        if again is not None:
            letters = list(islice(mailbox, again.begun))
            if not letters:
                return None
        elif world.may_begin is not None and not world.may_begin(mailbox[0]):
            return None
        else:
            together = 1 if world.one_by_one else min(instance.turn_left, instance.in_one_go)
            guest.deliver(islice(mailbox, together))
        self._begin_next(instance)
        return letters

    def _begin_next(self, instance: Instance) -> None:
        event = instance.event = instance.mailbox.popleft()
        instance.mailbox_bytes -= MESSAGE_BYTES + len(event.payload)
        instance.cause, instance.status = event.seq, "running"
        instance.callback = "handle_call" if event.call else "handle_cast"
        instance.turn_left -= 1
        if instance.handles_first:
            instance.handles_first -= 1
        if instance.fed is not None:
            instance.fed.append(event)
            instance.fed_bytes += len(event.payload)

    def _next_turn(self, instance: Instance) -> None:
        if instance.turn_left and instance.mailbox and not instance.agenda:
            self._keep_turn(instance)
        else:
            instance.turn_left = 0
            self._world.rest_or_go_on(instance)

    def _keep_turn(self, instance: Instance) -> None:
        """It goes on, in virtual time before all others: else the order would hang on how fast the machine is."""
        world = self._world
        if (world.clock.virtual or world.seed is not None) and not instance.warned:
            world.queue_first(instance)
        else:
            world.queue(instance)

    def begin(self, instance: Instance, cause: int) -> None:
        """`handle_init` or `handle_stop` has begun, caused by the record numbered `cause`."""
        instance.cause, instance.event, instance.status, instance.resting = cause, None, "running", False
        instance.taken = 0

    # ---- how it ends

    def _ended(self, instance: Instance, code: int, reply: bytes) -> None:
        """An event has been handled well; the next of those that were handed over has begun, if one was left."""
        event = instance.event
        if event is not None and event.call:
            outcome = _OUTCOMES.get(code, "err")
            if outcome == "reply" and (instance.wary or not reply.isascii()):
                self._check_reply(instance, reply)
            self._world.answer(event.seq, outcome, reply, parent=event.seq, by=instance.name)
        instance.status = "idle"
        self._end(instance, "ok", None)
        if instance.to_begin:
            instance.to_begin -= 1
            self._begin_next(instance)
            instance.guest_s = instance.share_s

    def _check_reply(self, instance: Instance, reply: bytes) -> None:
        freed = remarks.frees_replies(self._world, instance)
        instance.wary = freed is None
        try:
            reply.decode()
        except UnicodeDecodeError:
            if freed:
                message = "its reply is not UTF-8: sent so, or damaged when it was freed before the host read it"
                self._world.note(instance, "reply-after-free", message, "damaged")
            else:
                message = "its reply is not UTF-8: whoever gets it on the platform gets damaged text"
                self._world.note(instance, "non-utf8", message, "reply")

    def _end(self, instance: Instance, outcome: HandledOutcome, reason: KillReason | None) -> None:
        """Write down that the handler has ended, and do what was to follow."""
        assert instance.cause is not None
        assert instance.callback is not None
        world = self._world
        if instance.young:
            self._grow_up(instance, outcome)
        journal, cause = world.journal, instance.cause
        journal.append(
            Handled(
                journal.end, world.clock.now(), instance.name, cause,
                cause, instance.callback, instance.guest_s * 1e6, outcome, reason,
            ),
            0,
        )  # fmt: skip
        instance.event = instance.cause = instance.callback = instance.panic = None
        instance.guest_s, instance.warned, instance.taken = 0.0, False, 0
        instance.handled += 1
        world.handled += 1
        then = instance.then
        if then is not None:
            instance.then = None
            then(reason or outcome)

    def _grow_up(self, instance: Instance, outcome: HandledOutcome) -> None:
        """Its `handle_init` has ended, or its first event behind that."""
        if instance.unlinked:
            instance.unlinked = False
            self._world.link(instance)
        if instance.event is not None:
            instance.young = False
            if outcome == "ok":
                remarks.first_handled(self._world, instance)

    def _still_running(self, instance: Instance) -> None:
        world, limit_s = self._world, self._time_limit_s
        if limit_s is not None and instance.guest_s > limit_s:
            message = f"its {instance.callback} ran longer than the limit of {limit_s:g} s"
            world.note(instance, "runaway", message, str(instance.cause))
            self.kill(instance, message, "limit")
            return
        if instance.guest_s > RUNAWAY_S and not instance.warned:
            instance.warned = True
            message = f"its {instance.callback} has run for {RUNAWAY_S:g} s: the platform could not end it"
            world.note(instance, "runaway", message, str(instance.cause))
        self._keep_turn(instance)

    def _trapped(self, instance: Instance) -> None:
        world = self._world
        assert instance.guest is not None
        assert instance.callback is not None
        report = instance.guest.trap
        assert report is not None
        if report.refusal is not None:
            world.note(instance, report.refusal.code, report.refusal.message, report.message)
        journal = world.journal
        instance.last_trap = journal.end
        panic = instance.panic
        journal.append(
            Trap(
                journal.end, world.clock.now(), instance.name, instance.cause,
                instance.callback, report.message, panic, report.frames,
            )
        )  # fmt: skip
        world.traps += 1
        if remarks.sets_logger_again(report.frames, panic):
            message = "init_logger was called though a logger is set, which traps: call it once, in handle_init"
            world.note(instance, "logger-twice", message)
        if panic is not None:
            world.note(instance, "panic-lost", "the platform loses the text of this panic, and tells nobody of it")
        note_a_trap_among_stops(world, instance)
        self._bury(instance, "trapped", panic or report.message)
        self._end(instance, "trap", None)
        if instance.cause is None:
            world.rest_or_go_on(instance)

    def kill(self, instance: Instance, detail: str = "killed by hand", reason: KillReason = "by hand") -> None:
        """End it wherever it is. Its mailbox stays."""
        if instance.guest is None:
            return
        instance.killed_for = reason
        instance.guest.kill()
        self._bury(instance, "killed", detail)
        if instance.cause is not None:
            self._end(instance, "killed", reason)
        if instance.cause is None:
            self._world.rest_or_go_on(instance)

    def _bury(self, instance: Instance, status: Literal["trapped", "killed"], detail: str) -> None:
        """It is dead; whose calls it will never answer learn nothing, as on the platform, but a note is made."""
        world, event = self._world, instance.event
        instance.guest = instance.fed = instance.snapshot = None
        instance.ahead = []
        instance.resting = False
        instance.status, instance.detail = status, detail
        world.forget_call(instance)
        if event is not None and event.call:
            message = f"it was {status} in the call of {event.source}, who gets no reply and waits for ever"
            world.note(instance, "callee-trapped", message, str(event.seq))
        world.leave_callers(instance, status)


def _is_first(instance: Instance, world: World) -> bool:
    return bool(world.ready) and world.ready[0] is instance


def _since_done(effects: list[Effect], before: int) -> int:
    """How many effects the event that is being handled has had, `before` of them in earlier turns."""
    for back, effect in enumerate(reversed(effects)):
        if effect[0] == contract.DONE:
            return back
    return before + len(effects)
