"""What waits, and what the developer may do to it: let it go, drop, edit, double, delay, send elsewhere, put first."""

from __future__ import annotations

from dataclasses import replace
from typing import TypeAlias

from msgspec.structs import replace as replaced

from workbench.errors import UserError
from workbench.records import Call, Cast, Change, Handled, Intervention, Reply, Timer
from workbench.session.actors import Actor, Answered, Event, Instance, event_of, going_to, saying
from workbench.session.commands import Delay, Drop, Duplicate, Edit, Hold, Move, Redirect, Release
from workbench.session.held import Held
from workbench.session.identity import sender
from workbench.session.timers import Due, Late
from workbench.session.world import World
from workbench.weight import MESSAGE_BYTES

Doing: TypeAlias = Drop | Edit | Duplicate | Delay | Redirect | Move | Hold | Release


class Waiting:
    """All that waits in `world`: in mailboxes, for its time, held back, or for an answer by hand."""

    def __init__(self, world: World) -> None:
        self._world = world

    def do(self, what: Doing) -> int | None:
        """Do it; a copy's `seq`. Raises `UserError` when that does not wait, or cannot be done to it."""
        match what:
            case Release(None):
                for seq in list(self._world.held):
                    self._release(seq)
            case Release(seq):
                assert seq is not None
                self._release(seq)
            case Drop(seq):
                self._drop(seq)
            case Edit(seq, payload):
                self._edit(seq, payload)
            case Duplicate(seq):
                return self._duplicate(seq)
            case Delay(seq, by_ms):
                self._delay(seq, by_ms)
            case Redirect(seq, target):
                self._redirect(seq, self._world.named(target))
            case Move(seq, before):
                self._move(seq, before)
            case Hold(seq):
                self._hold(seq)
        return None

    def bring_forward(self, seq: int) -> Instance | None:
        """Let what is numbered `seq` be what its instance handles next; that instance.

        A held message is let go, a timer fires; None when nobody is to handle what came of it. Raises `UserError` when
        that cannot be.
        """
        world = self._world
        held = world.held.get(seq)
        if held is not None:
            self._release(seq)
            caller = world.actors.get(held.target)
            if held.what == "reply" and isinstance(caller, Instance) and caller.queued:
                return caller
        if (due := world.timers.take(seq)) is not None:
            what = due[1]
            assert isinstance(what, Timer | Late)
            end = world.journal.end
            world.fire(what)
            seq = end if isinstance(what, Timer) else seq
        target = self._mailbox_of(seq)
        if target is None:
            if held is not None or due is not None:
                return None
            if seq in world.standing:
                raise UserError(f"#{seq} waits for an answer, not for its turn")
            raise self._gone(seq)
        if target.guest is None:
            raise UserError(f"#{seq} waits for {target.name}, which is {target.status}; start it first")
        if target.cause is not None:
            doing = f"waits for {target.waits_on.name}" if target.waits_on is not None else "is not done with it"
            raise UserError(f"{target.name} still handles #{target.cause} and {doing}: let that come to its end first")
        self._put_first(target, seq, None)
        return target

    # ---- each

    def _release(self, seq: int) -> None:
        world = self._world
        held = world.held.pop(seq, None)
        if held is None:
            raise UserError(f"#{seq} is not held")
        self._tell(seq, "released", held.target, held.target)
        content = held.content
        if isinstance(content, Timer):
            world.timers.set(max(world.clock.now(), content.t + content.delay_ms), content, world.chance)
        elif isinstance(content, Event):
            world.arrive(content, world.actors.get(held.target), held.alias)
        else:
            caller = world.actors.get(held.target)
            if isinstance(caller, Instance) and caller.waiting_call == content and held.answer is not None:
                world.resume(caller, held.answer.outcome, held.answer.payload)

    def _drop(self, seq: int) -> None:
        world = self._world
        held, whose = world.held.get(seq), self._whose(seq)
        self._take(seq)
        self._tell(seq, "dropped", whose)
        call, caller = seq, world.calls.get(seq)
        if held is not None and isinstance(held.content, int):
            target = world.actors.get(held.target)
            call, caller = held.content, target if isinstance(target, Instance) else None
        if caller is not None and caller.waiting_call == call:
            world.calls[call] = caller  # it can still be answered by hand
            what = "reply to its call" if call != seq else "call"
            world.note(caller, "call-unanswered", f"its {what} #{seq} was dropped: it waits for ever", f"dropped {seq}")

    def _edit(self, seq: int, payload: bytes) -> None:
        world = self._world
        held, whose = world.held.get(seq), self._whose(seq)
        if held is not None:
            if isinstance(held.content, int):
                world.held[seq] = replace(held, answer=Answered("reply", payload))
            elif isinstance(held.content, Timer):
                world.held[seq] = replace(held, content=replaced(held.content, payload=payload))
            else:
                world.held[seq] = replace(held, content=saying(held.content, payload))
        elif (mailbox := self._mailbox_of(seq)) is not None:
            place = self._place(mailbox, seq)
            mailbox.mailbox_bytes += len(payload) - len(mailbox.mailbox[place].payload)
            mailbox.mailbox[place] = saying(mailbox.mailbox[place], payload)
        elif (due := world.timers.take(seq)) is not None:
            world.timers.set(due[0], _saying(due[1], payload), world.chance)
        else:
            raise self._gone(seq)
        self._tell(seq, "edited", whose, payload=payload)

    def _duplicate(self, seq: int) -> int:
        world = self._world
        event, target, alias, what = self._message(seq)
        if target is None:
            raise UserError(f"#{seq} is a reply: it can be edited, but not doubled")
        actor = self._world.named(target)
        source = world.actors.get(event.source)
        self._tell(seq, "duplicated", target, target)
        if isinstance(what, Timer):
            end = world.journal.end
            timer = replaced(what, seq=end, t=world.clock.now(), parent=seq)
            timer = replaced(timer, delay_ms=max(0, round(what.t + what.delay_ms - world.clock.now())))
            world.journal.append(timer)
            world.timers.set(timer.t + timer.delay_ms, timer, world.chance)
            return end
        return world.send(
            event.source, event.identity, actor, alias, event.payload,
            call=event.call, parent=seq, instance=source.name if source is not None else None,
        )  # fmt: skip

    def _delay(self, seq: int, by_ms: float) -> None:
        world = self._world
        if by_ms < 0:
            raise UserError("nothing can be delayed by less than no time; to have it sooner, move it or step it")
        whose, due = self._whose(seq), world.timers.take(seq)
        if due is not None:
            at, what = due[0] + by_ms, due[1]
        else:
            event, target, alias, what_held = self._message(seq)
            if target is None:
                raise UserError(f"#{seq} is a reply: hold it until its time has come")
            self._take(seq)
            at = world.clock.now() + by_ms
            what = what_held if isinstance(what_held, Timer) else Late(event, target, alias)
        world.timers.set(at, what, world.chance)
        self._tell(seq, "delayed", whose, delay_ms=by_ms)

    def _redirect(self, seq: int, target: Actor) -> None:
        world = self._world
        held = world.held.get(seq)
        if held is not None and not isinstance(held.content, int):
            content = held.content
            if isinstance(content, Timer):
                content = replaced(content, target=target.name)
            else:
                content = going_to(content, target.name)
            world.held[seq] = replace(held, content=content, target=target.name)
        elif held is not None:
            raise UserError(f"#{seq} is a reply: it goes to the caller, and to nobody else")
        elif (due := world.timers.take(seq)) is not None:
            world.timers.set(due[0], _going_to(due[1], target.name), world.chance)
        else:
            event, _, alias, _ = self._message(seq)
            self._take(seq)
            if event.call:
                caller = world.calls.get(seq)
                if caller is not None and caller.waiting_call == seq:
                    caller.waits_on = target
            world.arrive(going_to(event, target.name), target, alias)
        self._tell(seq, "redirected", target.name, target.name)

    def _move(self, seq: int, before: int | None) -> None:
        world = self._world
        if before == seq:
            raise UserError(f"#{seq} cannot come before itself")
        if seq in world.timers:
            if before is not None and before not in world.timers:
                raise UserError(f"#{seq} is a timer, and #{before} is none: it can come before another timer only")
            world.timers.put_first(seq, before)
        else:
            target = self._mailbox_of(seq)
            if target is None:
                raise UserError(f"#{seq} is held: let it go first") if seq in world.held else self._gone(seq)
            self._put_first(target, seq, before)
        self._tell(seq, "moved", self._whose(seq))

    def _put_first(self, target: Instance, seq: int, before: int | None) -> None:
        mailbox, world = target.mailbox, self._world
        if before is not None and self._mailbox_of(before) is not target:
            raise UserError(f"#{before} does not wait in the mailbox of {target.name}, as #{seq} does")
        event = mailbox[self._place(target, seq)]
        mailbox.remove(event)
        mailbox.insert(0 if before is None else self._place(target, before), event)
        if before is None and target.queued:
            world.ready.remove(target)
            world.ready.appendleft(target)

    def _hold(self, seq: int) -> None:
        world = self._world
        if seq in world.held:
            raise UserError(f"#{seq} is held already")
        event, target, alias, what = self._message(seq)
        assert target is not None
        self._take(seq)
        if isinstance(what, Timer):
            world.held[seq] = Held(seq, "timer", what, target, alias)
        else:
            world.held[seq] = Held(seq, "call" if event.call else "cast", event, target, alias)
        self._tell(seq, "held", target, target)

    # ---- where it is

    def _mailbox_of(self, seq: int) -> Instance | None:
        record = self._world.journal.get(seq)
        likely = self._world.actors.get(record.target or "") if isinstance(record, Cast | Call) else None
        if isinstance(likely, Instance) and any(event.seq == seq for event in likely.mailbox):
            return likely
        for instance in self._world.instances():  # it was sent elsewhere by hand, or its record is forgotten
            if any(event.seq == seq for event in instance.mailbox):
                return instance
        return None

    @staticmethod
    def _place(instance: Instance, seq: int) -> int:
        return next(place for place, event in enumerate(instance.mailbox) if event.seq == seq)

    def _whose(self, seq: int) -> str | None:
        """Whom it is for; of a reply, who answers. Raises `UserError` when it does not wait."""
        event, target, _, _ = self._message(seq)
        return event.source if target is None else target

    def _message(self, seq: int) -> tuple[Event, str | None, str | None, Due | None]:
        """What waits, for whom, by which output, and what it is where it waits for its time."""
        world = self._world
        held = world.held.get(seq)
        if held is not None:
            if isinstance(held.content, Event):
                return held.content, held.target, held.alias, None
            if isinstance(held.content, Timer):
                return self._as_event(held.content), held.target, held.alias, held.content
            reply = Cast(seq, 0.0, held.by, None, held.by or "", None, None, b"")
            return Event(seq, False, reply.source, bytes(32), b"", reply), None, None, None
        target = self._mailbox_of(seq)
        if target is not None:
            event = target.mailbox[self._place(target, seq)]
            return event, target.name, event.record.alias, None
        late = world.timers.get(seq)
        if isinstance(late, Timer):
            return self._as_event(late), late.target, late.alias, late
        if late is not None:
            return late.event, late.target, late.alias, late
        standing = world.standing.get(seq)
        if standing is not None:
            call, stand_in = standing
            return event_of(call), stand_in.name, call.alias, None
        raise self._gone(seq)

    @staticmethod
    def _as_event(timer: Timer) -> Event:
        seq, source, payload = timer.seq, timer.source, timer.payload
        cast = Cast(seq, timer.t, timer.instance, timer.parent, source, timer.target, timer.alias, payload)
        return Event(seq, False, source, sender(source), payload, cast)

    def _take(self, seq: int) -> None:
        """Take it away from where it waits."""
        world = self._world
        if world.held.pop(seq, None) is not None or world.timers.take(seq) is not None:
            return
        if world.standing.pop(seq):
            return
        target = self._mailbox_of(seq)
        if target is None:
            raise self._gone(seq)
        event = target.mailbox[self._place(target, seq)]
        target.mailbox.remove(event)
        target.mailbox_bytes -= MESSAGE_BYTES + len(event.payload)
        if target.queued and target.cause is None and not target.mailbox and not target.agenda:
            target.queued, target.turn_left = False, 0
            world.ready.remove(target)
            world.rest_or_go_on(target)

    def _gone(self, seq: int) -> UserError:
        world = self._world
        record = world.journal.get(seq)
        handling = next((one for one in world.instances() if one.cause == seq), None)
        if handling is not None:
            return UserError(f"#{seq} is being handled by {handling.name}: it does not wait any more")
        if record is None and seq < world.journal.end:
            return UserError(f"#{seq} does not wait any more")
        if record is None:
            return UserError(f"nothing that waits has the number {seq}")
        if not isinstance(record, Cast | Call | Timer | Reply):
            return UserError(f"#{seq} is a {record.kind}, not a message that waits")
        done = any(isinstance(one, Handled) and one.event == seq for one in world.journal.iterate(seq))
        return UserError(f"#{seq} does not wait any more: it {'was handled' if done else 'has arrived'} already")

    def _tell(
        self, seq: int, action: Intervention, whose: str | None, target: str | None = None,
        delay_ms: float | None = None, payload: bytes | None = None,
    ) -> None:  # fmt: skip
        journal, t = self._world.journal, self._world.clock.now()
        change = Change(journal.end, t, whose, None, seq, action, target, delay_ms, payload)
        journal.append(change)


def _going_to(what: Due, target: str) -> Due:
    if isinstance(what, Timer):
        return replaced(what, target=target)
    assert isinstance(what, Late)
    return replace(what, target=target, event=going_to(what.event, target))


def _saying(what: Due, payload: bytes) -> Due:
    if isinstance(what, Timer):
        return replaced(what, payload=payload)
    assert isinstance(what, Late)
    return replace(what, event=saying(what.event, payload))
