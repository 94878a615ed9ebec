"""A line of history: what happened from the beginning on, one way. Others leave it where one went back and went on."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from msgspec.structs import replace

from workbench.errors import UserError
from workbench.host.guest import Progress
from workbench.journal import Journal
from workbench.records import Call, Cast, Handled, Record
from workbench.session.actors import StandIn
from workbench.session.again import ALL, Diverged
from workbench.session.checkpoint import Checkpoint
from workbench.session.clock import Clock
from workbench.session.commands import SetResource
from workbench.session.done import Done, Sent
from workbench.session.history import History
from workbench.session.inputs import Deed, Entry, Replied, Turn
from workbench.session.stage import Stage
from workbench.session.view import LineView


@dataclass(eq=False)
class Line:
    """`stage` is where it goes on, None once another line went on in its place."""

    number: int
    parent: int | None
    forked_at: int | None
    journal: Journal
    history: History | None
    stage: Stage | None
    handled: int = 0
    """Events handled, once it goes on no more."""

    @property
    def horizon(self) -> int | None:
        """The oldest `seq` one can go back to; None when there is none."""
        if self.history is None or self.history.horizon is None:
            return None
        return max(self.history.horizon, self.journal.first)

    @property
    def bytes(self) -> int:
        """What its journal and its history hold; what it shares with other lines counts, too."""
        history = self.history
        return self.journal.bytes + (history.bytes + history.entry_bytes if history is not None else 0)

    def view(self) -> LineView:
        """As fronts see it."""
        handled = self.stage.world.handled if self.stage is not None else self.handled
        return LineView(self.number, self.parent, self.forked_at, handled, self.journal.end)

    def leave(self) -> None:
        """Another line goes on in its place."""
        if self.stage is not None:
            self.handled = self.stage.world.handled
            put_away(self.stage)
            self.stage = None


@dataclass(eq=False)
class Visit:
    """A moment of a line, come alive again: `stage` after record `seq`.

    `index` entries of the line's history led there, and then `part`, the beginning of one more.
    """

    line: Line
    stage: Stage
    index: int
    part: Entry | None

    @property
    def seq(self) -> int:
        """The record after which it is."""
        return self.stage.journal.end - 1

    def history(self) -> History:
        """What led there, for going on from there."""
        assert self.line.history is not None
        history = self.line.history.until(self.index)
        if self.part is not None:
            history.note(self.part)
        return history

    def done_since(self) -> Done:
        """What resources that were real were sent on the line after the moment."""
        done, history, journal = Done(), self.line.history, self.line.journal
        assert history is not None
        entries = history.entries[self.index - history.first :]
        replies = {entry.input.call: entry.input for entry in entries if isinstance(entry.input, Replied)}
        switches = deque(
            (entry.at, entry.input.command)
            for entry in entries
            if isinstance(entry.input, Deed) and isinstance(entry.input.command, SetResource)
        )
        actors = self.stage.world.actors
        real = {name for name, actor in actors.items() if isinstance(actor, StandIn) and actor.real}
        if not real and not switches:
            return done
        for record in journal.iterate(self.seq + 1):
            while switches and switches[0][0] <= record.seq:
                _, command = switches.popleft()
                (real.add if command.real else real.discard)(command.name)
            if isinstance(record, Cast | Call) and record.target in real:
                sent = Sent(isinstance(record, Call), record.payload, replies.get(record.seq))
                done.add(record.target, record.source, sent)
        return done


def visit(line: Line, like: Stage, seq: int, at_its_end: bool = False) -> Visit:
    """Let the moment after record `seq` of `line` come alive on a stage of its own, made with the terms of `like`.

    `at_its_end`: together with what came about behind the last record without one of its own.
    Raises `UserError` when that is beyond what is kept, or when a guest did otherwise than then.
    """
    history = line.history
    if history is None:
        raise UserError("the history is not kept here, so there is no going back")
    if seq >= line.journal.end:
        raise UserError(f"there is no #{seq} yet: the newest is #{line.journal.end - 1}")
    place, oldest = history.place(seq), line.horizon
    if place is None or oldest is None or seq < oldest:
        raise UserError(
            f"#{seq} is further back than is kept"
            + ("" if oldest is None else f": the oldest moment to go back to is after #{oldest}")
        )
    checkpoint, index = place
    stage = _at(checkpoint, line, like)
    try:
        for number in range(checkpoint.index, index):
            stage.do_again(history.entry(number))
        last = history.entry(index)
        stops_short = index + 1 < history.end and history.entry(index + 1).at > seq + 1
        part = None
        if isinstance(last.input, Turn) and (stops_short or (index + 1 == history.end and seq + 1 < line.journal.end)):
            part = _partly(stage, last, last.input, seq, line.journal)
        else:
            stage.do_again(last)
            index += 1
            while at_its_end and index < history.end:
                stage.do_again(history.entry(index))
                index += 1
    except Exception as error:
        put_away(stage)
        raise _not_again(error) from error
    return Visit(line, stage, index, part)


def visit_beginning(line: Line, like: Stage) -> Visit:
    """Let the oldest moment of `line` come alive. Raises `UserError` when it cannot."""
    assert line.history is not None
    checkpoint = line.history.checkpoints[0]
    return Visit(line, _at(checkpoint, line, like), checkpoint.index, None)


def _at(checkpoint: Checkpoint, line: Line, like: Stage) -> Stage:
    stage = like.another(line.journal.until(checkpoint.at), Clock("frozen", now_ms=checkpoint.t))
    try:
        checkpoint.put_into(stage)
    except Exception as error:
        put_away(stage)
        raise _not_again(error) from error
    return stage


def _not_again(error: Exception) -> Exception:
    """What to tell of `error`, which was met on the way to a moment."""
    if isinstance(error, Diverged | UserError | MemoryError):
        return UserError(f"that moment cannot be brought back: {error}")
    return error


def _partly(stage: Stage, entry: Entry, turn: Turn, seq: int, journal: Journal) -> Entry:
    """Take a turn again up to record `seq`; as much of it as came about."""
    ended = sum(
        isinstance(record, Handled) and record.instance == turn.instance
        for record in journal.read(entry.at, seq + 1 - entry.at)
    )
    events = ended if isinstance(journal.get(seq), Handled) else ended + 1
    if turn.begun and events < turn.handled:
        turn = replace(
            turn, begun=events, handled=events, taken=ALL, progress=Progress.IDLE,
            spent_s=turn.spent_s * events / turn.handled,
        )  # fmt: skip

    def halt(record: Record) -> None:
        stage.world.halted = stage.world.halted or record.seq >= seq

    unfollow = stage.journal.follow(halt)
    try:
        stage.do_again(replace(entry, input=turn))
    finally:
        unfollow()
        stage.world.halted = False
    taken = stage.handling.last
    assert taken is not None
    return replace(entry, input=taken)


def hand_over(left: Line, stage: Stage) -> None:
    """What is still to be sent by hand on the line that is `left` is sent on `stage`, or its sender hears why not."""
    heirs = stage.world.timers.sendings()
    for sending in left.stage.world.timers.sendings() if left.stage is not None else ():
        if sending.future.done():
            continue
        heir = next((one for one in heirs if one.send == sending.send), None)
        if heir is None:
            sending.future.set_exception(UserError("it was not sent: one went on from another moment before"))
        else:
            heirs.remove(heir)
            heir.future = sending.future


def put_away(stage: Stage) -> None:
    """Free the guests of a stage that is left."""
    for instance in stage.world.instances():
        if instance.guest is not None:
            instance.guest.kill()
            instance.guest = None
