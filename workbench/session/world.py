"""The world: who there is, what waits for whom, and how messages come to where they go. Single-threaded.

The semantics are the platform's (EDGELESS 1.2); where they surprise, a note says so.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from random import Random

from msgspec.structs import replace

from workbench.config.shape import suggestion
from workbench.errors import UserError
from workbench.host.contract import Identity
from workbench.host.engine import Host
from workbench.journal import Journal
from workbench.records import (
    USER,
    Call,
    Cast,
    Change,
    DropReason,
    KillReason,
    Note,
    NoteCode,
    Record,
    Reply,
    ReplyOutcome,
    Timer,
)
from workbench.session import held, timers
from workbench.session.actors import Actor, Answered, Event, Instance, StandIn
from workbench.session.catches import Catch, Known
from workbench.session.clock import Clock
from workbench.session.commands import FAULTS_OF_CALLS, Fault, FaultKind
from workbench.session.held import Held
from workbench.session.identity import sender
from workbench.session.outside import Outside
from workbench.session.pending import PendingCalls, weight_of
from workbench.session.recorded import Recorded
from workbench.session.timers import Due, Late, Timers, seq_of
from workbench.session.weighed import Weighed
from workbench.units import format_duration, format_size
from workbench.weight import MESSAGE_BYTES
from workbench.weight import held as held_by

TIMERS_FULL = "delayed casts fill their room"

_WRONGS: Mapping[FaultKind | None, str] = {
    "error": "is answered with an error",
    "silence": "is never answered",
    "delay": "comes {later} later",
    "loss": "never comes",
    "double": "comes twice",
}
"""What goes wrong with a message, by the fault that was ordered."""


def has_work(instance: Instance) -> bool:
    """Whether a turn would be of use to an instance: it has something to begin with, or to go on with."""
    alive = instance.guest is not None
    return bool(instance.agenda) or instance.cause is not None or (alive and bool(instance.mailbox))


class World:
    """All instances and stand-ins by name, the journal they write, the clock and the timers."""

    def __init__(self, host: Host, journal: Journal, clock: Clock, mailbox_limit: int, mailbox_bytes: int) -> None:
        self.host = host
        self.journal = journal
        journal.on_cut = self._tell_cut_record
        self.clock = clock
        self.timers = Timers()
        self.shared_links: dict[str, str] = {}
        """Aliases that lead somewhere for every instance whose own do not say otherwise."""
        self.actors: dict[str, Actor] = {}
        self.by_identity: dict[Identity, Actor] = {}
        self.ready: deque[Instance] = deque()
        self.calls: dict[int, Instance | None] = {}
        """Callers of the calls that are not answered yet; None where the caller is no instance."""
        self.called: dict[int, float] = {}
        """When they were made."""
        self.standing = PendingCalls()
        self.outside: Outside | Recorded | None = None
        """Where real resources are; None in the past, where nothing is asked of the outside again. `Recorded`: what
        was comes again, and is answered from what was recorded."""
        self.asked: dict[int, int] = {}
        """Calls that the outside waits for, by `seq`: the numbers it knows them by."""
        self.held_up: dict[Instance, tuple[float, KillReason]] = {}
        """Since when (`perf_counter`) something waits for an instance's handler to end, and what."""
        self.held: Weighed[Held] = Weighed(held.weight_of)
        """What is held back, by the `seq` of its record."""
        self.holds: list[Catch] = []
        """What is to be held back."""
        self.seed: int | None = None
        """What chance decides by who comes first where the platform promises no order; None: the order of sending."""
        self.chance: Random | None = None
        """Decides so among timers that are due at one time."""
        self.mailbox_limit, self.mailbox_bytes = mailbox_limit, mailbox_bytes
        """What waits in one mailbox at most, in messages and in bytes. The bytes also bound each of `timers`, `held`
        and `standing`. Where nothing waits yet, one message may always."""
        self.strict = False
        """Whether what the platform may lose is lost: what is sent while `handle_init` runs, the call that fails when
        its caller stops, what is sent to a function that has stopped, calls whose numbers collide."""
        self.recording = False
        """Whether what guests are given is kept, so that one can go back."""
        self.noted_code: set[tuple[bytes, NoteCode]] = set()
        """What has been remarked of which artifacts, by their digests."""
        self.halted = False
        """Nothing more is to come about just now; whoever reads it and stops resets it."""
        self.one_by_one = False
        """Whether guests are handed one event at a time, so that the world can be halted between any two."""
        self.may_begin: Callable[[Event], bool] | None = None
        """Whether an instance may begin with an event; None: always."""
        self.handled = 0
        self.traps = 0
        self.notes = 0

    # ---- who there is

    def add(self, actor: Actor) -> None:
        """Let `actor` take part."""
        self.actors[actor.name] = actor
        self.by_identity[actor.identity] = actor

    def remove(self, name: str) -> None:
        """Let the actor of that name take part no longer. Calls that it was to answer wait for ever."""
        actor = self.actors.pop(name)
        if isinstance(actor, Instance):
            self.held_up.pop(actor, None)
        self.by_identity.pop(actor.identity, None)
        if isinstance(actor, Instance):
            self.empty(actor, "gone")
        for seq in self.standing.forget(actor) if isinstance(actor, StandIn) else ():
            caller = self.calls[seq]
            if caller is not None:
                message = f"{name}, which was to answer its call, is gone: it waits for ever"
                self.note(caller, "call-unanswered", message, f"gone {seq}")
        self.link_all()

    def leave_callers(self, instance: Instance, status: str) -> None:
        """It ended as `status` says: of those whose calls wait in its mailbox, a note tells."""
        for waiting in instance.mailbox:
            caller = self.calls.get(waiting.seq) if waiting.call else None
            if caller is not None:
                message = f"its call waits in the mailbox of {instance.name}, which was {status}: it waits for ever"
                self.note(caller, "call-unanswered", message, f"mailbox {waiting.seq}")

    def link_all(self) -> None:
        """Let every alias lead where its name says now."""
        for instance in self.instances():
            self.link(instance)

    def link(self, instance: Instance) -> None:
        """Let its aliases lead where their names say now."""
        names = {} if instance.unlinked else self.link_names(instance)
        found = {alias: self.actors[name] for alias, name in names.items() if self._is_there(name)}
        instance.links = {alias.encode(errors="replace"): actor for alias, actor in found.items()}
        instance.links[b"self"] = instance

    def _is_there(self, name: str) -> bool:
        actor = self.actors.get(name)
        gone = self.strict and isinstance(actor, Instance) and actor.status == "stopped"
        return actor is not None and not gone

    def link_names(self, instance: Instance) -> dict[str, str]:
        """Where its aliases lead, by name; nobody may have that name."""
        return {**self.shared_links, **instance.link_names}

    def instances(self) -> list[Instance]:
        """The instances, in the order they came."""
        return [actor for actor in self.actors.values() if isinstance(actor, Instance)]

    def named(self, name: str) -> Actor:
        """The actor of that name. Raises `UserError` when there is none."""
        actor = self.actors.get(name)
        if actor is None:
            raise UserError(f'there is no instance or stand-in "{name}"; {suggestion(name, self.actors)}')
        return actor

    # ---- whose turn it is

    def queue(self, instance: Instance) -> None:
        """Give it a turn."""
        if not instance.queued:
            instance.queued = True
            self.ready.append(instance)

    def queue_first(self, instance: Instance) -> None:
        """Give it the next turn, before all others."""
        if not instance.queued:
            instance.queued = True
            self.ready.appendleft(instance)

    def rest_or_go_on(self, instance: Instance) -> None:
        """Queue `instance` if something waits for it, else let it rest."""
        alive = instance.guest is not None
        if instance.agenda or (alive and instance.mailbox):
            instance.resting = False
            self.queue(instance)
        else:
            instance.resting = alive

    # ---- messages

    def send(
        self, source: str, identity: Identity, target: Actor | None, alias: str | None, payload: bytes, *,
        call: bool, parent: int | None, instance: str | None, caller: Instance | None = None,
    ) -> int:  # fmt: skip
        """Write a cast or call down and deliver it; its `seq`."""
        journal, t = self.journal, self.clock.now()
        seq, name = journal.end, target.name if target is not None else None
        kind = Call if call else Cast
        record = kind(seq, t, instance, parent, source, name, alias, payload)
        journal.append(record, len(payload) + (4 * len(alias) if alias else 0))
        if call:
            self.calls[seq], self.called[seq] = caller, t
        self.arrive_unless_held(record, target, Event(seq, call, source, identity, payload, record))
        return seq

    def lose_call(
        self, source: str, target: Actor | None, alias: str | None, payload: bytes, *,
        parent: int | None, caller: Instance | None = None,
    ) -> int:  # fmt: skip
        """Write down a call of the actor `source` that never arrives; its `seq`. It waits until somebody answers it.

        `target` None: it is lost, as on the platform.
        """
        seq, t = self.journal.end, self.clock.now()
        self.calls[seq], self.called[seq] = caller, t
        to = None if target is None else target.name
        self.journal.append(Call(seq, t, source, parent, source, to, alias, payload))
        return seq

    def arrive_unless_held(self, record: Cast | Call, target: Actor | None, event: Event) -> None:
        """A message has been sent: it arrives, unless it is one to be held back."""
        if self.holds and target is not None and self._is_to_be_held(record):
            one = Held(event.seq, "call" if event.call else "cast", event, target.name, record.alias)
            if self.has_room(self.held, held.weight_of(one)):
                self.held[event.seq] = one
            else:
                self._refuse(target, event, "what is held back fills its room")
        else:
            self.arrive(event, target, record.alias)

    def arrive(self, event: Event, target: Actor | None, alias: str | None) -> None:
        """A message is there: in the mailbox, or before whoever plays the stand-in."""
        if isinstance(target, Instance):
            self.deliver(target, event)
        elif isinstance(target, StandIn) and not (target.fault and self._goes_wrong(event, target, alias)):
            self._come_before(target, event, alias)
        elif target is None and event.record.target is not None:
            self.tell_dropped(event.seq, event.record.target, "gone")

    def _come_before(self, target: StandIn, event: Event, alias: str | None) -> None:
        """A message is before a stand-in: for its rule, its real part, or whoever plays it."""
        if event.call and event.seq in self.calls:
            if target.rule is not None:
                self.answer(event.seq, *target.rule, parent=None, by=target.name)
                return
            if len(self.standing.of(target)) >= self.mailbox_limit:
                self._refuse(target, event, f"{self.mailbox_limit:,} calls wait for its answer")
                return
            call = Call(event.seq, self.clock.now(), None, None, event.source, target.name, alias, event.payload)
            if not self.has_room(self.standing, weight_of(call)):
                self._refuse(target, event, "the calls that wait for an answer fill their room")
                return
            self.standing.add(call, target)
        if target.real and self.outside is not None:
            self.outside.take(target.name, event)

    def _goes_wrong(self, event: Event, target: StandIn, alias: str | None) -> bool:
        """Let go wrong what was ordered; whether the message does not arrive now."""
        fault = target.fault
        if fault is None or target.real or (fault.kind in FAULTS_OF_CALLS and not event.call):
            return False
        self._note(target, event.seq, "fault", _gone_wrong(event, fault))
        if fault.times is not None:
            target.fault = replace(fault, times=fault.times - 1) if fault.times > 1 else None
        if fault.kind == "delay":
            late = Late(event, target.name, alias)
            if self.has_room(self.timers, timers.weight_of(late)):
                self.timers.set(self.clock.now() + fault.delay_ms, late, self.chance)
            else:
                self._refuse(target, event, TIMERS_FULL)
        elif fault.kind == "double":
            self._come_before(target, event, alias)
            seq = self.journal.end
            kind = Call if event.call else Cast
            source = event.source if event.source in self.actors else None
            again = kind(seq, self.clock.now(), source, event.seq, event.source, target.name, alias, event.payload)
            self.journal.append(again)
            if event.call:
                self.calls[seq] = None
                self.called[seq] = again.t
            self._come_before(target, Event(seq, event.call, event.source, event.identity, event.payload, again), alias)
        elif fault.kind == "error":
            self.answer(event.seq, "err", b"", parent=None, by=target.name)
        return True

    def _is_to_be_held(self, record: Cast | Call | Reply | Timer) -> bool:
        caught = [hold for hold in self.holds if hold.hit(record, Known(self))]
        return bool(caught)

    def deliver(self, target: Instance, event: Event) -> None:
        """Put `event` into the mailbox; what a full one does not take is dropped, with a note."""
        mailbox = target.mailbox
        size = target.mailbox_bytes + MESSAGE_BYTES + len(event.payload)
        if mailbox and (len(mailbox) >= self.mailbox_limit or size > self.mailbox_bytes):
            much = f"{self.mailbox_limit:,} events" if size <= self.mailbox_bytes else format_size(self.mailbox_bytes)
            self._refuse(target, event, f"its mailbox is full ({much})")
            return
        target.mailbox_bytes = size
        mailbox.append(event)
        if target.resting:
            target.resting = False
            self.queue(target)

    def room(self, target: Instance, size: int) -> int:
        """How many messages with a payload of `size` bytes its mailbox still takes."""
        mailbox = target.mailbox
        by_bytes = (self.mailbox_bytes - target.mailbox_bytes) // (MESSAGE_BYTES + size)
        return max(0 if mailbox else 1, min(self.mailbox_limit - len(mailbox), by_bytes))

    def has_room(self, there: Timers | Weighed[Held] | PendingCalls, size: int) -> bool:
        """Whether something that weighs `size` may wait there, too."""
        return not there or there.bytes + size <= self.mailbox_bytes

    def _refuse(self, target: Actor, event: Event, why: str) -> None:
        """Drop what has no room where it would wait; who calls gets an error."""
        target.dropped += 1
        self.note_from(target, event.seq, "runaway", f"{why}: further messages are dropped", why)
        self.tell_dropped(event.seq, target.name, "limit")
        if event.call:
            self.answer(event.seq, "err", b"", parent=None, by=None)

    def tell_dropped(self, seq: int, target: str | None, reason: DropReason) -> None:
        """Write down that the message or timer numbered `seq`, which was for `target`, will not come."""
        journal = self.journal
        journal.append(Change(journal.end, self.clock.now(), target, None, seq, "dropped", reason=reason))

    def empty(self, instance: Instance, reason: DropReason) -> None:
        """Drop all that waits in a mailbox."""
        waiting = list(instance.mailbox)
        instance.mailbox.clear()
        instance.mailbox_bytes = 0
        for event in waiting:
            self.tell_dropped(event.seq, instance.name, reason)

    def drop_timers(self, unwanted: Callable[[Due], bool], reason: DropReason) -> None:
        """Drop what is unwanted of what waits for its time."""
        for due in self.timers.drop(unwanted):
            seq = seq_of(due)
            if seq is not None and isinstance(due, Timer | Late):
                self.tell_dropped(seq, due.target, reason)

    def answer(self, call: int, outcome: ReplyOutcome, payload: bytes, *, parent: int | None, by: str | None) -> None:
        """Answer a call as `by`; the caller goes on in its next turn. What nobody waits for any more is dropped."""
        if call not in self.calls:
            self._release_reply_to(call, outcome, payload)
            return
        caller = self.calls.pop(call)
        self.standing.pop(call)
        content = payload if outcome == "reply" else None
        seq = self.journal.end
        reply = Reply(seq, self.clock.now(), by, parent, call, outcome, content)
        self.journal.append(reply, 0 if content is None else len(content))
        self.called.pop(call, None)
        if caller is None and (token := self.asked.pop(call, None)) is not None and self.outside is not None:
            self.outside.answered(token, outcome, payload)
        if caller is None or caller.waiting_call != call:
            return
        if self.holds and self._is_to_be_held(reply):
            self.held[seq] = Held(seq, "reply", call, caller.name, None, Answered(outcome, payload), by)  # one a caller
        else:
            self.resume(caller, outcome, payload)

    def resume(self, caller: Instance, outcome: ReplyOutcome, payload: bytes) -> None:
        """Let `caller`, who waits in a call, go on with its answer."""
        assert caller.guest is not None
        caller.waiting_call = caller.waits_on = None
        caller.status = "running"
        caller.guest.resume(outcome, payload)
        if caller.fed is not None:
            caller.fed.append(Answered(outcome, payload))
            caller.fed_bytes += len(payload)
        self.queue(caller)

    def _release_reply_to(self, call: int, outcome: ReplyOutcome, payload: bytes) -> None:
        """The call is answered, but its reply is held: another answer takes its place."""
        for one in list(self.held.values()):
            if one.content == call:
                del self.held[one.seq]
                caller = self.actors.get(one.target)
                if isinstance(caller, Instance) and caller.waiting_call == call:
                    self.resume(caller, outcome, payload)

    def forget_call(self, caller: Instance) -> None:
        """Nobody waits any more for the reply to the call that `caller` was in."""
        call = caller.waiting_call
        if call is not None:
            self.calls.pop(call, None)
            self.called.pop(call, None)
            self.standing.pop(call)
            for reply in [one for one in self.held.values() if one.content == call]:
                del self.held[reply.seq]
            caller.waiting_call = caller.waits_on = None

    def set_timer(self, timer: Timer) -> None:
        """A delayed cast was asked for: it waits until it is due, unless it is one to be held back."""
        size = timers.weight_of(timer)
        if self.holds and timer.target is not None and self._is_to_be_held(timer) and self.has_room(self.held, size):
            self.held[timer.seq] = Held(timer.seq, "timer", timer, timer.target, timer.alias)
        elif self.has_room(self.timers, size):
            self.timers.set(timer.t + timer.delay_ms, timer, self.chance)
        else:
            source = self.actors.get(timer.source)
            if source is not None:
                self.note_from(source, timer.seq, "runaway", f"{TIMERS_FULL}: further ones are dropped", TIMERS_FULL)
            self.tell_dropped(timer.seq, timer.target, "limit")

    def fire(self, due: Timer | Late) -> None:
        """A delayed cast, which goes to whom its alias led when it was set, or a message delayed by hand is due."""
        if isinstance(due, Late):
            target = self.actors.get(due.target)
            if isinstance(target, StandIn):
                self._come_before(target, due.event, due.alias)
            else:
                self.arrive(due.event, target, due.alias)
            return
        seq = self.send(
            due.source, sender(due.source), self.actors.get(due.target or ""), due.alias, due.payload,
            call=False, parent=due.seq, instance=due.source if due.source != USER else None,
        )  # fmt: skip
        source = self.actors.get(due.source)
        if due.target not in self.actors and source is not None:
            message = f"its delayed cast was for {due.target or 'nobody'}, who is gone: it is lost"
            self.note_from(source, seq, "unknown-alias", message, f"gone {due.target}")

    # ---- notes

    def remark(self, resource: StandIn, message: str) -> None:
        """Remark something that a real resource met."""
        self._note(resource, None, "resource", message)

    def note(self, instance: Instance, code: NoteCode, message: str, key: str = "") -> None:
        """Remark something that the event `instance` handles brought about, once for each `key` in its life."""
        self.note_from(instance, instance.cause, code, message, key)

    def note_code(self, instance: Instance, code: NoteCode, message: str) -> None:
        """Remark something about the code that `instance` runs, once for each artifact."""
        assert instance.module is not None
        if (key := (instance.module.digest, code)) not in self.noted_code:
            self.noted_code.add(key)
            self.note(instance, code, message, "code")

    def note_from(self, actor: Actor, parent: int | None, code: NoteCode, message: str, key: str = "") -> None:
        """Remark something about `actor` that the event numbered `parent`, or nobody's, brought about."""
        if actor.noted.is_news(code, key):
            self._note(actor, parent, code, message)

    def tell_cut(self, record: Record, size: int) -> None:
        """A record of `size` bytes was too long for the journal: as it is there, it is cut."""
        message = f"this {record.kind} is cut in the journal and in traces: it has {size:,} bytes"
        self._note_about(record.instance, record.seq, "too-long", message)

    def _tell_cut_record(self, whole: Record) -> None:
        self.tell_cut(whole, held_by(whole))

    def _note(self, actor: Actor, parent: int | None, code: NoteCode, message: str) -> None:
        self._note_about(actor.name, parent, code, message)

    def _note_about(self, name: str | None, parent: int | None, code: NoteCode, message: str) -> None:
        self.notes += 1
        journal = self.journal
        journal.append(Note(journal.end, self.clock.now(), name, parent, code, message))


def _gone_wrong(event: Event, fault: Fault) -> str:
    """What goes wrong with a message by order, as a sentence."""
    what = f"the {'call' if event.call else 'cast'} #{event.seq} from {event.source}"
    return f"{what} {_WRONGS[fault.kind].format(later=format_duration(fault.delay_ms))}, by order"
