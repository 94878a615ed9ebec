"""What must be true of every journal, whatever was done: laws that a session is held to."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TypeAlias

from workbench.records import (
    Call,
    Cast,
    Change,
    Entry,
    Handled,
    Log,
    Note,
    Record,
    Reload,
    Reply,
    Start,
    Stop,
    Sync,
    Timer,
    Trap,
)
from workbench.session.view import InstanceView, View

Sent: TypeAlias = Cast | Call
Event: TypeAlias = Start | Stop | Cast | Call

_CALLBACKS = {Start: "handle_init", Stop: "handle_stop", Cast: "handle_cast", Call: "handle_call"}
_SAID = {"noreply": "noreply", "err": "err"}


def to_itself(record: Record) -> bool:
    """Whether it is a call that its own sender would have to answer: it fails at once and waits in no mailbox."""
    return isinstance(record, Call) and record.parent is not None and record.source == record.target


class Laws:
    """Holds a journal, which must be whole, to the laws. `keep_all` says which it broke, by AssertionError."""

    def __init__(self, records: Sequence[Record]) -> None:
        self.records = records
        self.handled = {one.event: one for one in records if isinstance(one, Handled)}
        self.dropped = {one.event: one for one in records if isinstance(one, Change) and one.action == "dropped"}
        self.replies: dict[int, Reply] = {}
        self.fired: dict[int, Cast] = {}
        for one in records:
            if isinstance(one, Reply):
                assert one.call not in self.replies, ("answered twice", one)
                self.replies[one.call] = one
            elif isinstance(one, Cast) and one.parent is not None and isinstance(records[one.parent], Timer):
                assert one.parent not in self.fired, ("fired twice", one)
                self.fired[one.parent] = one

    def keep_all(self) -> None:
        """The laws that hold at any moment."""
        self.are_numbered()
        self.have_causes()
        for name in {one.instance for one in self.records if isinstance(one, Start)}:
            self.live_one_event_after_the_other([one for one in self.records if one.instance == name])
        self.answer_calls_that_wait()
        self.fire_timers_when_they_are_due()

    def are_numbered(self) -> None:
        """Numbers have no gaps, and time does not go back."""
        assert [one.seq for one in self.records] == list(range(len(self.records)))
        assert all(before.t <= after.t for before, after in pairwise(self.records))

    def have_causes(self) -> None:
        """What has a cause has an earlier one, and one of the right kind."""
        for one in self.records:
            cause = None if one.parent is None else self.records[one.parent]
            assert cause is None or cause.seq < one.seq, one
            if isinstance(one, Start | Stop | Reload):
                assert cause is None, one
            elif isinstance(one, Handled):
                assert one.parent == one.event, one
                assert self.belongs(cause, one.instance), (one, cause)
                assert one.callback == _CALLBACKS[type(cause)], (one, cause)  # type: ignore[index]
            elif isinstance(one, Log | Sync | Trap | Timer):
                assert self.belongs(cause, one.instance), (one, cause)
            elif isinstance(one, Reply):
                assert isinstance(self.records[one.call], Call), one
                assert one.call < one.seq, one
                assert cause is None or (one.parent == one.call and self.belongs(cause, one.instance)), one
            elif isinstance(one, Cast | Call) and cause is not None:
                assert one.instance == one.source, one
                assert one.seq == getattr(self.fired.get(cause.seq), "seq", -1) or self.belongs(cause, one.instance), (
                    one
                )

    @staticmethod
    def belongs(event: Entry | None, name: str | None) -> bool:
        """Whether `event` is one that the instance called `name` handles."""
        return (isinstance(event, Start | Stop) and event.instance == name) or (
            isinstance(event, Cast | Call) and event.target == name
        )

    def live_one_event_after_the_other(self, records: Sequence[Record]) -> None:
        """One instance: it lives between a start and its end, one event at a time, in the order they were sent."""
        alive, opened, last, stopped_well = False, None, -1, False
        for one in records:
            if isinstance(one, Note) or one.parent in self.fired:
                continue
            if isinstance(one, Reload):
                alive = alive if one.outcome == "swapped" else stopped_well
            elif isinstance(one, Start | Stop):
                assert opened is None, ("began in the middle of another", one)
                assert isinstance(one, Start) or alive, one
                alive, opened = True, one.seq
            elif one.parent is not None:
                assert alive, ("the dead do nothing", one)
                assert opened in (None, one.parent), ("two events at once", one, opened)
                opened = one.parent
                if isinstance(one, Handled):
                    opened = None
                    cause = self.records[one.event]
                    assert self.handled[one.event] is one, ("handled twice", one)
                    if isinstance(cause, Cast | Call):
                        assert last < one.event, ("out of order", one)
                        last = one.event
                    alive = one.outcome == "ok" and not isinstance(cause, Stop)
                    if isinstance(cause, Stop):
                        stopped_well = one.outcome == "ok"
                else:
                    ended = self.handled.get(one.parent)
                    assert ended is None or one.seq < ended.seq, ("after its end", one)

    def answer_calls_that_wait(self) -> None:
        """A caller goes on once it is answered, with what it was answered; nobody answers who is dead."""
        for call in self.records:
            if not isinstance(call, Call) or call.parent is None:
                continue
            reply, ended = self.replies.get(call.seq), self.handled.get(call.parent)
            mine = [
                one for one in self.records[call.seq + 1 :]
                if one.instance == call.instance and one.parent == call.parent and not isinstance(one, Note)
            ]  # fmt: skip
            if reply is None:
                assert [one.kind for one in mine if not isinstance(one, Handled)] == [], ("went on", call, mine)
                assert ended is None or ended.outcome == "killed", ("ended without an answer", call, ended)
                answered = self.handled.get(call.seq)
                assert answered is None or answered.outcome != "ok" or (ended and ended.seq < answered.seq), call
                continue
            assert ended is None or reply.seq < ended.seq, ("answered after its end", reply, ended)
            assert all(one.seq > reply.seq for one in mine), ("went on too early", call, mine)
            if mine and isinstance(mine[0], Log):
                text = f"reply {(reply.payload or b'').decode()}" if reply.outcome == "reply" else _SAID[reply.outcome]
                assert mine[0].message == text, (reply, mine[0])

    def fire_timers_when_they_are_due(self) -> None:
        """In virtual time a delayed cast comes to the millisecond; equal times in the order they were set."""
        order = []
        for timer_seq, cast in self.fired.items():
            timer = self.records[timer_seq]
            assert isinstance(timer, Timer)
            due = timer.t + timer.delay_ms
            assert cast.t == due, (timer, cast)
            said = (cast.source, cast.alias, cast.payload)
            assert said == (timer.source, timer.alias, timer.payload), (timer, cast)
            assert cast.target in (timer.target, None), ("to another than when it was set", timer, cast)
            order.append((due, timer_seq))
        assert order == sorted(order)

    # ---- at rest, when nothing is left to do

    def agree_with(self, view: View, stand_ins: frozenset[str], mailbox: int) -> None:
        """The picture of a session at rest shows what the journal says, and nobody who could go on does not."""
        kinds = [type(one) for one in self.records]
        assert (view.events, view.traps, view.notes) == (kinds.count(Handled), kinds.count(Trap), kinds.count(Note))
        assert (view.idle, view.timers) == (True, 0)
        waiting = [
            one.seq for one in self.records
            if isinstance(one, Call) and one.target in stand_ins and one.seq not in self.replies
            and (one.parent is None or one.parent not in self.handled)
        ]  # fmt: skip
        assert [call.seq for call in view.pending_calls] == waiting
        for instance in view.instances:
            if instance.name not in stand_ins:
                self._agree_on(instance, mailbox)
        self._leave_no_timer()

    def _agree_on(self, instance: InstanceView, mailbox: int) -> None:
        name = instance.name
        handled = [one for one in self.handled.values() if one.instance == name]
        assert instance.handled == len(handled), instance
        sent = [one.seq for one in self.records if isinstance(one, Cast | Call) and one.target == name]
        left = [seq for seq in sent if seq not in self.handled and not to_itself(self.records[seq])]
        depth = [event.seq for event in instance.next_events]
        assert instance.mailbox == len(depth) <= mailbox, instance
        began = {one.parent for one in self.records if one.instance == name and not isinstance(one, Note)}
        dropped = [one.event for one in self.dropped.values() if one.instance == name]
        beyond = [seq for seq in left if seq not in depth and seq not in began]
        assert beyond == sorted(seq for seq in dropped if not isinstance(self.records[seq], Timer)), name
        assert instance.dropped == sum(self.dropped[seq].reason == "limit" for seq in beyond), instance
        assert instance.status != "running", instance
        if instance.status == "idle":
            assert instance.mailbox == 0, instance
        if instance.status == "waiting":
            calls = [one for one in self.sent_by(name) if isinstance(one, Call)]
            assert calls[-1].seq not in self.replies, instance
            assert calls[-1].target in (instance.waits_on, None), instance  # None: it is lost
        begun = [one.seq for one in self.records if isinstance(one, Start | Stop) and one.instance == name]
        for seq in begun:
            assert seq in self.handled or (instance.status == "waiting" and seq == begun[-1]), self.records[seq]

    def sent_by(self, name: str) -> list[Sent]:
        """What the instance called `name` sent while it handled something."""
        mine = [one for one in self.records if isinstance(one, Cast | Call) and one.source == name]
        return [one for one in mine if one.parent is not None]

    def _leave_no_timer(self) -> None:
        for one in self.records:
            if isinstance(one, Timer) and one.seq not in self.fired:
                assert one.seq in self.dropped, ("never fired", one)

    def ends(self, stand_ins: frozenset[str]) -> dict[int, str]:
        """How messages and timers ended, by their numbers: one end each. Those that are not told of wait."""
        targets = {one.event: one.target for one in self.records if isinstance(one, Change) and one.target is not None}
        ends = {}
        for one in self.records:
            if not isinstance(one, Cast | Call | Timer):
                continue
            target = targets.get(one.seq, one.target)
            found = [
                end
                for end, is_so in (
                    ("handled", one.seq in self.handled or one.seq in self.fired),
                    ("dropped", one.seq in self.dropped),
                    ("lost", (target is None and not isinstance(one, Timer)) or to_itself(one)),
                )
                if is_so
            ]
            if target in stand_ins and not isinstance(one, Timer) and not found:
                found = ["handled"]
            assert len(found) <= 1, (one, found)
            if found:
                ends[one.seq] = found[0]
        return ends

    # ---- at the end, when the session was closed

    def have_ended(self) -> None:
        """Of a closed session nothing goes on: what has begun has ended."""
        for one in self.records:
            if isinstance(one, Start | Stop):
                assert one.seq in self.handled, ("never ended", one)
