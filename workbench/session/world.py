"""The world: who there is, what waits, and how one event is handled. Single-threaded; the engine turns it.

The semantics are the platform's (EDGELESS 1.2); where they surprise, a note says so.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from time import perf_counter

from workbench.host import contract
from workbench.host.contract import Effect, Identity
from workbench.host.engine import Host
from workbench.host.guest import Progress
from workbench.journal import Journal
from workbench.records import (
    USER,
    Call,
    Cast,
    Handled,
    HandledOutcome,
    Log,
    LogLevel,
    Note,
    NoteCode,
    Reply,
    ReplyOutcome,
    Sync,
    Timer,
    Trap,
)
from workbench.session.actors import Actor, Event, Instance, StandIn
from workbench.session.clock import Clock
from workbench.session.identity import hyphenated
from workbench.session.timers import Timers

RUNAWAY_S = 1.0
"""A handler that has had the processor this long is worth a note."""

_LEVELS: dict[int, LogLevel] = {1: "error", 2: "warn", 3: "info", 4: "debug", 5: "trace"}
PANIC = "panic"
"""The log target under which a guest tells its panic's text before it traps."""


class World:
    """All instances and stand-ins by name, the journal they write, the clock and the timers."""

    def __init__(
        self, host: Host, journal: Journal, clock: Clock, mailbox_limit: int, time_limit_ms: int | None
    ) -> None:
        self.host = host
        self.journal = journal
        self.clock = clock
        self.timers = Timers()
        self.actors: dict[str, Actor] = {}
        self.by_identity: dict[Identity, Actor] = {}
        self.ready: deque[Instance] = deque()
        self.calls: dict[int, Instance | None] = {}
        """Callers of the calls that are not answered yet; None where the caller is no instance."""
        self.standing: dict[int, tuple[Call, StandIn]] = {}
        """Calls that wait for the developer's answer."""
        self.mailbox_limit = mailbox_limit
        self.time_limit_s = None if time_limit_ms is None else time_limit_ms / 1000
        self.handled = 0
        self.traps = 0
        self.notes = 0

    # ---- who there is

    def add(self, actor: Actor) -> None:
        """Let `actor` take part."""
        self.actors[actor.name] = actor
        self.by_identity[actor.identity] = actor

    def remove(self, name: str) -> None:
        """Let the actor of that name take part no longer."""
        actor = self.actors.pop(name)
        self.by_identity.pop(actor.identity, None)
        self.link_all()

    def link_all(self) -> None:
        """Let every alias lead where its name says now."""
        for instance in self.instances():
            names = instance.link_names.items()
            instance.links = {alias.encode(): self.actors[name] for alias, name in names if name in self.actors}
            instance.links[b"self"] = instance

    def instances(self) -> list[Instance]:
        """The instances, in the order they came."""
        return [actor for actor in self.actors.values() if isinstance(actor, Instance)]

    # ---- sending

    def send(
        self, source: str, identity: Identity, target: Actor | None, alias: str | None, payload: bytes, *,
        call: bool, parent: int | None, instance: str | None, caller: Instance | None = None,
    ) -> int:  # fmt: skip
        """Write a cast or call down and deliver it; its `seq`."""
        journal, t = self.journal, self.clock.now()
        seq, name = journal.end, target.name if target is not None else None
        kind = Call if call else Cast
        record = kind(seq, t, instance, parent, source, name, alias, payload)
        journal.append(record, len(payload))
        if call:
            self.calls[seq] = caller
        if isinstance(target, Instance):
            self._deliver(target, Event(seq, call, source, identity, payload))
        elif isinstance(target, StandIn) and isinstance(record, Call):
            if target.rule is None:
                self.standing[seq] = (record, target)
            else:
                self.answer(seq, *target.rule, parent=None, by=target.name)
        return seq

    def _deliver(self, target: Instance, event: Event) -> None:
        if len(target.mailbox) >= self.mailbox_limit:
            limit = f"{self.mailbox_limit:,}"
            self.note(target, "runaway", f"its mailbox is full ({limit} events): further events are dropped", "mailbox")
            if event.call:
                self.answer(event.seq, "err", b"", parent=None, by=None)
            return
        target.mailbox.append(event)
        if target.resting:
            target.resting = False
            self.queue(target)

    def answer(self, call: int, outcome: ReplyOutcome, payload: bytes, *, parent: int | None, by: str | None) -> None:
        """Answer a call as `by`; the caller goes on in its next turn. What nobody waits for any more is dropped."""
        if call not in self.calls:
            return
        caller = self.calls.pop(call)
        self.standing.pop(call, None)
        content = payload if outcome == "reply" else None
        self.journal.append(Reply(self.journal.end, self.clock.now(), by, parent, call, outcome, content), len(payload))
        if caller is not None and caller.waiting_call == call:
            self.resume(caller, outcome, payload)

    def resume(self, caller: Instance, outcome: ReplyOutcome, payload: bytes = b"") -> None:
        """End the wait of a guest for its reply."""
        assert caller.guest is not None
        caller.waiting_call = caller.waits_on = None
        caller.status = "running"
        caller.guest.resume(outcome, payload)
        self.queue(caller)

    # ---- handling

    def turn(self, instance: Instance) -> bool:
        """Give `instance` one slice: begin its next event, or go on with the one it handles.

        True when the slice ended before the handler did.
        """
        guest = instance.guest
        began = perf_counter()
        instance.queued = False
        if instance.cause is None:
            if instance.agenda:
                instance.agenda.popleft()()
                if instance.cause is None:
                    self.rest_or_go_on(instance)
                    return False
                guest = instance.guest
            elif instance.mailbox and guest is not None:
                event = instance.mailbox.popleft()
                instance.event, instance.cause, instance.status = event, event.seq, "running"
                if event.call:
                    instance.callback = "handle_call"
                    guest.call(event.identity, event.payload)
                else:
                    instance.callback = "handle_cast"
                    guest.cast(event.identity, event.payload)
            else:
                self.rest_or_go_on(instance)
                return False
        assert guest is not None
        progress = guest.run()
        instance.guest_s += perf_counter() - began
        effects = guest.effects()
        if effects:
            self._apply(instance, effects)
        if progress is Progress.IDLE:
            self._succeeded(instance)
        elif progress is Progress.RUNNING:
            self._still_running(instance)
            return True
        elif progress is Progress.DEAD:
            self._trapped(instance)
        return False

    def rest_or_go_on(self, instance: Instance) -> None:
        """Queue `instance` if something waits for it, else let it rest."""
        alive = instance.guest is not None
        if instance.agenda or (alive and instance.mailbox):
            instance.resting = False
            self.queue(instance)
        else:
            instance.resting = alive

    def queue(self, instance: Instance) -> None:
        """Give it a turn."""
        if not instance.queued:
            instance.queued = True
            self.ready.append(instance)

    def begin(self, instance: Instance, cause: int) -> None:
        """`handle_init` or `handle_stop` has begun, caused by the record numbered `cause`."""
        instance.cause, instance.event, instance.status, instance.resting = cause, None, "running", False

    def end_handler(self, instance: Instance, outcome: HandledOutcome) -> None:
        """Write down that the handler has ended, and do what was to follow."""
        assert instance.cause is not None
        assert instance.callback is not None
        journal = self.journal
        journal.append(
            Handled(
                journal.end, self.clock.now(), instance.name, instance.cause,
                instance.cause, instance.callback, instance.guest_s * 1e6, outcome,
            )
        )  # fmt: skip
        instance.event = instance.cause = instance.callback = instance.panic = None
        instance.guest_s, instance.warned = 0.0, False
        instance.handled += 1
        self.handled += 1
        then = instance.then
        if then is not None:
            instance.then = None
            then(outcome == "ok")

    def _succeeded(self, instance: Instance) -> None:
        event = instance.event
        if event is not None and event.call:
            assert instance.guest is not None
            outcome, payload = instance.guest.take_reply()
            self._check_reply(instance, outcome, payload)
            self.answer(event.seq, outcome, payload, parent=event.seq, by=instance.name)
        instance.status = "idle"
        self.end_handler(instance, "ok")
        if instance.cause is None:
            self.rest_or_go_on(instance)

    def _check_reply(self, instance: Instance, outcome: ReplyOutcome, payload: bytes) -> None:
        if outcome == "reply" and not payload.isascii():
            try:
                payload.decode()
            except UnicodeDecodeError:
                message = "its reply is not UTF-8: sent so, or freed before the host read it, as upstream's crate does"
                self.note(instance, "reply-after-free", message)

    def _still_running(self, instance: Instance) -> None:
        if self.time_limit_s is not None and instance.guest_s > self.time_limit_s:
            message = f"its {instance.callback} ran longer than the limit of {self.time_limit_s:g} s"
            self.note(instance, "runaway", message, str(instance.cause))
            self.kill(instance, message)
            return
        if instance.guest_s > RUNAWAY_S and not instance.warned:
            instance.warned = True
            message = f"its {instance.callback} has run for {RUNAWAY_S:g} s: the platform could not end it"
            self.note(instance, "runaway", message, str(instance.cause))
        self.queue(instance)
        if self.clock.virtual and not instance.warned:  # else the order would hang on how fast the machine is
            self.ready.rotate(1)

    def _trapped(self, instance: Instance) -> None:
        assert instance.guest is not None
        assert instance.callback is not None
        report = instance.guest.trap
        assert report is not None
        if report.refusal is not None:
            self.note(instance, report.refusal.code, report.refusal.message, report.message)
        journal = self.journal
        instance.last_trap = journal.end
        panic, event = instance.panic, instance.event
        journal.append(
            Trap(
                journal.end, self.clock.now(), instance.name, instance.cause,
                instance.callback, report.message, panic, report.frames,
            )
        )  # fmt: skip
        self.traps += 1
        if event is not None and event.call:
            message = f"it trapped in the call of {event.source}, who gets no reply and waits for ever"
            self.note(instance, "callee-trapped", message, str(event.seq))
        self._bury(instance, "trapped", panic or report.message)
        self.end_handler(instance, "trap")
        if instance.cause is None:
            self.rest_or_go_on(instance)

    def kill(self, instance: Instance, detail: str = "killed by hand") -> None:
        """End it wherever it is. Its mailbox stays."""
        if instance.guest is None:
            return
        instance.guest.kill()
        effects = instance.guest.effects()
        if effects and instance.cause is not None:
            self._apply(instance, effects, dead=True)
        event = instance.event
        self._bury(instance, "killed", detail)
        if event is not None and event.call:
            message = f"it was ended in the call of {event.source}, who gets no reply and waits for ever"
            self.note(instance, "callee-trapped", message, str(event.seq))
        if instance.cause is not None:
            self.end_handler(instance, "killed")
        if instance.cause is None:
            self.rest_or_go_on(instance)

    def _bury(self, instance: Instance, status: str, detail: str) -> None:
        instance.guest = None
        instance.resting = False
        instance.status = "killed" if status == "killed" else "trapped"
        instance.detail = detail
        if instance.waiting_call is not None:
            self.calls.pop(instance.waiting_call, None)
            self.standing.pop(instance.waiting_call, None)
            instance.waiting_call = instance.waits_on = None

    # ---- what a guest did

    def _apply(self, instance: Instance, effects: Iterable[Effect], dead: bool = False) -> None:
        journal, t, name, cause = self.journal, self.clock.now(), instance.name, instance.cause
        links, append = instance.links, journal.append
        for kind, number, first, second in effects:
            if kind == contract.CAST:
                alias = first.decode()
                target = links.get(first)
                seq = journal.end
                if target is None:
                    append(Cast(seq, t, name, cause, name, None, alias, second), len(second))
                    message = f'cast to "{alias}", which leads nowhere: the platform drops it'
                    self.note(instance, "unknown-alias", message, alias)
                    continue
                append(Cast(seq, t, name, cause, name, target.name, alias, second), len(second))
                if isinstance(target, Instance):
                    self._deliver(target, Event(seq, False, name, instance.identity, second))
            elif kind == contract.LOG:
                level = _LEVELS.get(number)
                if level is None:
                    self.note(
                        instance, "unknown-log-level", f"log level {number} is unknown: taken as error", str(number)
                    )
                where, message = first.decode(), second.decode()
                if where == PANIC or (level == "error" and message.startswith("panicked at")):
                    instance.panic = message
                append(Log(journal.end, t, name, cause, level or "error", where, message), len(second))
            elif kind == contract.SYNC:
                instance.last_sync = journal.end
                instance.state = first.decode()
                append(Sync(journal.end, t, name, cause, instance.state), len(first))
            elif kind == contract.DELAYED:
                target = links.get(first)
                record = Timer(
                    journal.end, t, name, cause, name, target.name if target else None, first.decode(), number, second
                )
                append(record, len(second))
                self.timers.set(t + number, record)
            elif kind == contract.CAST_RAW:
                self._raw_target_note(instance, first)
                self.send(
                    name, instance.identity, self.by_identity.get(first), None, second,
                    call=False, parent=cause, instance=name,
                )  # fmt: skip
            elif not dead:
                self._call(instance, kind, first, second)

    def _raw_target_note(self, instance: Instance, identity: Identity) -> None:
        if identity not in self.by_identity:
            message = f"sent to {hyphenated(identity)}, which is nobody: the platform drops it"
            self.note(instance, "unknown-alias", message, identity.hex())

    def _call(self, instance: Instance, kind: int, first: bytes, payload: bytes) -> None:
        raw = kind == contract.CALL_RAW
        target = self.by_identity.get(first) if raw else instance.links.get(first)
        if raw:
            self._raw_target_note(instance, first)
        instance.status = "waiting"
        seq = self.journal.end
        instance.waiting_call, instance.waits_on = seq, target
        if target is instance:
            self.calls[seq] = instance
            alias = None if raw else "self"
            record = Call(
                seq, self.clock.now(), instance.name, instance.cause, instance.name, instance.name, alias, payload
            )
            self.journal.append(record, len(payload))
            self.note(instance, "call-to-self", "a call to itself fails at once, its handle_call never runs", "self")
            self.answer(seq, "err", b"", parent=None, by=None)
            return
        self.send(
            instance.name, instance.identity, target, None if raw else first.decode(), payload,
            call=True, parent=instance.cause, instance=instance.name, caller=instance,
        )  # fmt: skip
        self._warn_of_a_wait_for_ever(instance, target)

    def _warn_of_a_wait_for_ever(self, instance: Instance, target: Actor | None) -> None:
        if target is None:
            self.note(instance, "call-unanswered", "a call to nobody waits for ever", "nobody")
        if not isinstance(target, Instance):
            return
        if target.guest is None and target.status not in ("loading",):
            message = f"a call to {target.name}, which is {target.status}, waits for ever"
            self.note(instance, "call-unanswered", message, target.name)
        chain: list[Instance] = [instance]
        at: Actor | None = target
        while isinstance(at, Instance) and at not in chain:
            chain.append(at)
            at = at.waits_on
        if at is instance:
            names = " → ".join(one.name for one in [*chain, instance])
            self.note(instance, "call-cycle", f"a circle of calls, where all wait for ever: {names}", names)

    def note(self, instance: Instance, code: NoteCode, message: str, key: str = "") -> None:
        """Remark something, once for each `key` in an instance's life."""
        if (code, key) in instance.noted:
            return
        instance.noted.add((code, key))
        self.notes += 1
        journal = self.journal
        journal.append(Note(journal.end, self.clock.now(), instance.name, instance.cause, code, message))

    # ---- timers

    def fire(self, timer: Timer) -> None:
        """A delayed cast is due: it goes to whom its alias led when it was set."""
        source = self.actors.get(timer.source)
        target = self.actors.get(timer.target or "")
        self.send(
            timer.source, source.identity if source else bytes(32), target, timer.alias, timer.payload,
            call=False, parent=timer.seq, instance=timer.source if timer.source != USER else None,
        )  # fmt: skip
