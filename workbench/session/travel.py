"""Travel: the lines of history, the moment that is shown, and how one gets from one to another."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from msgspec.structs import replace

from workbench.errors import UserError
from workbench.journal import Journal
from workbench.records import Handled, Record, Reload
from workbench.session import pieces
from workbench.session.actors import event_of
from workbench.session.again import Diverged
from workbench.session.clock import Clock
from workbench.session.code import CodeDesk, Loaded
from workbench.session.commands import (
    Answer,
    ClockKind,
    Delay,
    Drop,
    DropBreakpoint,
    Duplicate,
    Edit,
    Hold,
    Move,
    Redirect,
    Release,
    SetBreakpoint,
)
from workbench.session.commands import Step as StepCommand
from workbench.session.done import Done
from workbench.session.history import History
from workbench.session.inputs import Again, Asked, Came, Deed, Entry, Input, Kept, News, Plan, Replied
from workbench.session.keeping import Keeper
from workbench.session.line import Line, Visit, hand_over, put_away, visit, visit_beginning
from workbench.session.recorded import Recorded
from workbench.session.stage import Stage
from workbench.session.view import Difference, Past

MAX_LINES, MAX_BYTES = 8, 1 << 30
"""Lines that are kept, and what their journals and checkpoints may hold in all; the oldest one is forgotten then."""

_NOT_AGAIN = (
    Drop, Edit, Duplicate, Delay, Redirect, Move, Hold, Release, StepCommand, SetBreakpoint, DropBreakpoint
)  # fmt: skip
"""Commands about one message of one line, which in another would mean something else, and what holds on all lines."""


class Travel:
    """Owns the lines. `enter(stage)` is called with the stage that the engine is to turn, whenever that changes, and
    `supply(stage)` when resources may be other ones; `holds` tells what is to be held back on every line."""

    def __init__(
        self, first: Line, code: CodeDesk, keeper: Keeper, enter: Callable[[Stage], None],
        supply: Callable[[Stage], None], holds: Callable[[], list[SetBreakpoint]],
    ) -> None:  # fmt: skip
        self.present = first
        self.lines: dict[int, Line] = {first.number: first}
        self._numbers = first.number
        self.visit: Visit | None = None
        self.done = Done()
        """What counts as done outside since the present's line goes on."""
        self._code, self._keeper = code, keeper
        self._enter, self._supply, self._holds = enter, supply, holds
        self._later: tuple[ClockKind, float] | None = None
        self._left: Line | None = None
        """The line that was left a moment ago, while it is not sure yet that it was left for good."""

    @property
    def live(self) -> Stage:
        """The stage of the present."""
        assert self.present.stage is not None
        return self.present.stage

    @property
    def shown(self) -> Stage:
        """The stage that is shown: of the present, or of the moment visited."""
        return self.live if self.visit is None else self.visit.stage

    @property
    def at(self) -> int:
        """The record after which the moment is that is shown."""
        return self.shown.journal.end - 1

    def past(self) -> Past | None:
        """What a front is to know of the moment visited."""
        if self.visit is None:
            return None
        events = self.live.world.handled - self.visit.stage.world.handled
        return Past(self.visit.seq, events, tuple(loaded.function for loaded in self._newer(self.visit.stage)))

    # ---- going there

    def jump(self, seq: int | None) -> None:
        """Show the moment after record `seq`; None: the present. Raises `UserError` where that cannot be."""
        if seq is None or seq == self.live.journal.end - 1:
            self._leave_visit()
            self._enter(self.live)
            return
        arrived = visit(self.present, self.live, seq)
        self._leave_visit()
        self.visit = arrived
        self._enter(arrived.stage)

    def back(self, events: int) -> None:
        """Show the moment before what was done last, that many times over."""
        oldest = self.present.horizon
        if oldest is None:
            why = self.present.history.why if self.present.history is not None else "the history is not kept here"
            raise UserError(f"{why}, so there is no going back")
        seq: int | None = self.at
        for number in range(events):
            assert seq is not None
            seq = pieces.before(self.present.journal, seq)
            if seq is None or seq < oldest:
                done = f" more than {number} times" if number else ""
                why = "this is the beginning" if self._is_whole else "nothing older is kept"
                raise UserError(f"there is no going back{done} from here: {why}")
        self.jump(seq)

    @property
    def _is_whole(self) -> bool:
        """Whether the present's line is kept from its beginning."""
        history = self.present.history
        return history is not None and history.first == 0

    def forward(self, whole: bool) -> None:
        """In the past: show the moment after what was done next, all of its event if that is to be `whole`."""
        seq = pieces.after(self.present.journal, self.at, whole)
        self.jump(seq)

    def fork(self) -> None:
        """Go on from the moment visited, on a line of its own, with the newest code; `confirm` or `take_back` it."""
        visited = self.visit
        assert visited is not None
        today, newer = self.live, self._newer(visited.stage)
        self.visit, self.done = None, visited.done_since()
        self._go_on(visited.stage, visited.history(), visited.seq)
        self._catch_up(today, newer)

    def replied(self, call: int) -> Replied | None:
        """What a real resource answered to the present's call of that number, on whichever line it did."""
        record, waits = self.present.journal.get(call), self.live.world.standing.get(call)
        asked = None if waits is None else waits[0].payload
        for line in self.lines.values():
            if line.history is not None and line.journal.get(call) == record:
                for entry in line.history.entries:
                    what = entry.input
                    if isinstance(what, Replied) and what.call == call and what.asked in (None, asked):
                        return what
        return None

    def confirm(self) -> None:
        """The line that was left has been left for good."""
        left, self._left = self._left, None
        if left is not None:
            hand_over(left, self.live)
            left.leave()
            self._forget_lines()

    def take_back(self) -> None:
        """What was to be done in the past was refused: the moment is visited again, and there is no new line."""
        left, self._left = self._left, None
        if left is None:
            return
        line, self.present = self.present, left
        del self.lines[line.number]
        self._numbers -= 1
        line.leave()
        self._enter(self.live)
        assert line.forked_at is not None
        self.jump(line.forked_at)

    def switch(self, number: int) -> None:
        """Return to another line, at its end, with the newest code. Raises `UserError` when there is none of that
        number."""
        line = self.lines.get(number)
        if line is None:
            raise UserError(f"there is no line {number}; there are {', '.join(map(str, self.lines))}")
        if line is self.present:
            self.jump(None)
            return
        arrived = visit(line, self.live, line.journal.end - 1, at_its_end=True)
        assert line.history is not None
        today, newer = self.live, self._newer(arrived.stage)
        self._leave_visit()
        self.done = Done()
        hand_over(self.present, arrived.stage)
        line.stage, line.journal = arrived.stage, arrived.stage.journal
        arrived.stage.open(self._code, self._keeper, line.history)
        left, self.present = self.present, line
        left.leave()
        self._rule(line.stage, today)
        self._enter(line.stage)
        self._catch_up(today, newer)

    def rerun(self, seq: int | None) -> None:
        """Put the newest code in at a moment, and let come again what came from outside since, up to now. Until then
        real resources answer what is recorded."""
        history = self.present.history
        if history is None or not history.checkpoints:
            raise UserError("the history is not kept here, so nothing can be run again")
        line, live = self.present, self.live
        arrived = visit_beginning(line, live) if seq is None else visit(line, live, seq)
        stage, clock = arrived.stage, live.clock
        newer, known = self._newer(stage), {loaded.function for loaded in stage.population.all_newest()}
        at_once = [loaded for loaded in newer if seq is not None or loaded.function in known]
        newest = {loaded.function: loaded for loaded in newer if loaded not in at_once}
        since, now = history.entries[arrived.index - history.first :], stage.clock.now()
        coming: list[tuple[float, Again | None]] = [
            (max(entry.t, now), again) for entry in since if (again := _again(entry.input, newest)) is not None
        ]
        stage.coming.extend([*coming, (max(clock.now(), now), None)])
        stage.all_came = partial(self._all_came, stage)
        self._leave_visit()
        self.done = Done()
        replies = [entry.input for entry in since if isinstance(entry.input, Replied)]
        stage.world.outside = recorded = Recorded(replies, stage.coming, stage.clock)
        for call, target in stage.world.standing:
            recorded.take(target.name, event_of(call))
        self._go_on(stage, arrived.history(), arrived.seq)
        self.confirm()
        if self._later is None:
            self._later = (clock.kind, clock.scale)
        stage.clock.set("virtual", 1.0)
        for loaded in at_once:
            stage.do(News(loaded))

    def come(self, what: Input) -> None:
        """Something comes from outside: now, or once all has come again that came before."""
        coming = self.live.coming
        if coming and isinstance(what, Came | Asked):
            coming.append((coming[-1][0], Again(what)))
        else:
            self.live.do(what)

    def _all_came(self, stage: Stage) -> None:
        """From now on what happens on `stage` happens for the first time."""
        assert isinstance(stage.world.outside, Recorded)
        stage.world.outside.over = True
        self.tend()
        self._supply(stage)

    def tend(self) -> None:
        """Once all has come again, let time pass as before."""
        if self._later is not None and self.visit is None:
            recorded = self.live.world.outside
            if isinstance(recorded, Recorded) and not recorded.over:
                return
            kind, scale = self._later
            self._later = None
            self.live.clock.set(kind, scale)

    # ---- looking whether it comes out the same

    def check(self) -> Difference | None:
        """Run the present's line again from the oldest checkpoint; the first record that comes out otherwise."""
        history, journal = self.present.history, self.present.journal
        if history is None or not history.checkpoints:
            raise UserError("the history is not kept here, so nothing can be compared")
        first = history.checkpoints[0]
        stage = self.live.another(journal.until(first.at), Clock("frozen", now_ms=first.t))
        found: Difference | None = None
        try:
            first.put_into(stage)
            for number in range(first.index, history.end):
                entry = history.entry(number)
                stage.do_again(entry)
                found = _compare(journal, stage, entry)
                if found is not None:
                    return found
            if stage.journal.end < journal.end:
                found = Difference(stage.journal.end, str(journal.get(stage.journal.end)), "nothing")
        except Diverged as error:
            seq = stage.journal.end
            found = Difference(seq, str(journal.get(seq)), str(error))
        finally:
            put_away(stage)
        return found

    # ---- the rest

    def _go_on(self, stage: Stage, history: History, forked_at: int) -> None:
        """`stage` is the present from now on, on a line of its own."""
        today = self.live
        self._numbers += 1
        line = Line(self._numbers, self.present.number, forked_at, stage.journal, history, stage)
        stage.open(self._code, self._keeper, history)
        self.lines[line.number] = line
        self._left, self.present = self.present, line
        self._rule(stage, today)
        self._enter(stage)

    def _rule(self, stage: Stage, today: Stage) -> None:
        """What holds on all lines holds on `stage`: the limits of `today`, and what is to be held back."""
        if stage.limits != today.limits:
            stage.do(today.limits)
        wanted, there = self._holds(), [hold.command() for hold in stage.world.holds]
        if [command for command in wanted if command.on] != there:
            for command in there:
                assert command.number is not None
                stage.do(Deed(DropBreakpoint(command.number)))
            for command in wanted:
                stage.do(Deed(command))

    def _catch_up(self, today: Stage, newer: list[Loaded]) -> None:
        """The present goes on as `today` did: with its clock, its project, and the code that is newer."""
        live = self.live
        live.clock.set(today.clock.kind, today.clock.scale)
        if live.project is not today.project:
            live.do(Plan(today.project))
            self._supply(live)
        for loaded in newer:
            live.do(News(loaded))

    def _forget_lines(self) -> None:
        """Keep no more lines than there is room for; the present one always stays."""

        def too_much() -> bool:
            return len(self.lines) > MAX_LINES or sum(line.bytes for line in self.lines.values()) > MAX_BYTES

        while len(self.lines) > 1 and too_much():
            del self.lines[min(number for number in self.lines if number != self.present.number)]

    def _leave_visit(self) -> None:
        if self.visit is not None:
            put_away(self.visit.stage)
            self.visit = None

    def _newer(self, stage: Stage) -> list[Loaded]:
        """Code that the present has and `stage` has not."""
        return [
            loaded
            for loaded in self.live.population.all_newest()
            if (known := stage.population.newest(loaded.function)) is None or known.module is not loaded.module
        ]


def _again(what: Input, newest: dict[str, Loaded]) -> Again | None:
    """An input as it is to come again; None when it is not to."""
    match what:
        case Plan():
            return Again(what)
        case News():
            loaded = newest.pop(what.news.function, None)  # it comes where the first came, and not again
            return None if loaded is None else Again(News(loaded))
        case Deed(Answer(), stand_in):
            return Again(what, stand_in)
        case Came() | Asked() | Kept():
            return Again(what)
        case Deed(command) if not isinstance(command, _NOT_AGAIN):
            return Again(what)
    return None


def _compare(journal: Journal, stage: Stage, entry: Entry) -> Difference | None:
    """The first record that came of `entry` and is not as it was; how long things took is not compared."""
    for now in stage.journal.iterate(max(entry.at, journal.first)):
        was = journal.get(now.seq)
        if was is None or _lasting(was) != _lasting(now):
            return Difference(now.seq, str(was), str(now))
    return None


def _lasting(record: Record) -> Record:
    if isinstance(record, Handled):
        return replace(record, duration_us=0.0)
    if isinstance(record, Reload):
        return replace(record, duration_ms=0.0, since_change_ms=None)
    return record
