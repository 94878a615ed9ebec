"""The stepper: whether the world turns, what makes it stop, and the one step it may take."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from workbench.errors import UserError
from workbench.records import Handled, Record, Reply, Start, Stop, Sync
from workbench.session.actors import Event, Instance
from workbench.session.catches import Catch, Known, catch, query_of
from workbench.session.commands import DropBreakpoint, Moment, SetBreakpoint, Step, Until
from workbench.session.stage import Stage

Mode = Literal["running", "paused", "stepping"]


@dataclass(frozen=True)
class Goal:
    """What ends a step or a run: a record that `test` is true of, or an event that `begins` is true of, before it
    begins; when nothing is left to do (`idle`); a time in ms. `words` say what is waited for."""

    words: str
    test: Callable[[Record], bool] | None = None
    begins: Callable[[Record], bool] | None = None
    idle: bool = False
    t_ms: float | None = None


class Stepper:
    """Decides when `stage` stands still. A breakpoint, a goal, or a word from the developer stops it."""

    def __init__(self, stage: Stage, paused: bool) -> None:
        self.mode: Mode = "running"
        self.why = ""
        self.at: int | None = None
        self.catches: dict[int, Catch] = {}
        self.alone: Instance | None = None
        """The only one that has turns, in a step into an event."""
        self.goal: Goal | None = None
        self._passed: int | None = None
        self._states: dict[str | None, str] = {}
        self._numbers = 0
        self._unfollow: Callable[[], None] | None = None
        self._stage = stage
        if paused:
            self.pause("paused before the first event")

    def move_to(self, stage: Stage) -> None:
        """Watch another stage from now on."""
        self._let_go()
        self._stage = stage
        self._passed = None
        if self.mode == "paused":
            self.why, self.at = "", None
        self._watch()
        stage.clock.pause(self.mode == "paused")

    # ---- what the developer says

    def pause(self, why: str, at: int | None = None) -> None:
        """Stand still."""
        self.mode, self.why, self.at = "paused", why, at
        self.goal = self.alone = None
        self._stage.world.halted = False
        self._stage.clock.pause(True)
        self._watch()

    @staticmethod
    def check(until: Until | None) -> None:
        """Raises `UserError` for a query that cannot be read."""
        if until is not None and until.query is not None:
            query_of(until.query)

    def holds(self) -> list[SetBreakpoint]:
        """What is to be held back, as commands."""
        return [one.command() for one in self.catches.values() if one.hold]

    def run(self, until: Until | None) -> None:
        """Go on, until `until` when it says something. Raises `UserError` for a time that is over."""
        goal = None if until is None else _goal(until, self._stage)
        self.goal, self.alone = goal if until != Until() else None, None
        self._go("running" if self.goal is None else "stepping")

    def step(self, step: Step, instance: Instance) -> None:
        """Let `instance`, which is ready, have its turn; then go on as far as the step says."""
        self._passed = instance.mailbox[0].seq if instance.cause is None and instance.mailbox else None
        if step.how == "into":
            self.alone, self.goal = instance, None
        else:
            self.alone = instance  # it goes first; the goal is set once it is known what it handles
            self.goal = self._end_of(step, instance)
        self._go("stepping")

    def _end_of(self, step: Step, instance: Instance) -> Goal:
        event = instance.cause
        if event is None and (instance.agenda or not instance.mailbox):
            name = instance.name
            return Goal(f"the end of what {name} does", lambda one: isinstance(one, Handled) and one.instance == name)
        if event is None:
            event = instance.mailbox[0].seq
        calling = instance.event is not None and instance.event.call
        if step.how == "out" and calling:
            return Goal(f"the answer to #{event}", test=lambda one: isinstance(one, Reply) and one.call == event)
        return Goal(f"the end of #{event}", test=lambda one: isinstance(one, Handled) and one.event == event)

    def set(self, command: SetBreakpoint) -> int:
        """Add or change a breakpoint; its number. Raises `UserError` for a query or field that cannot be read."""
        if command.number is not None and command.number not in self.catches:
            raise UserError(f"there is no breakpoint {command.number}")
        number = command.number
        if number is None:
            number = self._numbers + 1
        self._numbers = max(self._numbers, number)
        hits = self.catches[number].hits if number in self.catches else 0
        self.catches[number] = catch(command, number)
        self.catches[number].hits = hits
        self._watch()
        return number

    def drop(self, command: DropBreakpoint) -> None:
        """Remove one. Raises `UserError` when there is none of that number."""
        if self.catches.pop(command.number, None) is None:
            raise UserError(f"there is no breakpoint {command.number}")
        self._watch()

    def let_all_go(self) -> None:
        """The end has come: nothing stops the world any more."""
        self.catches.clear()
        self.run(None)

    # ---- what the engine asks

    def halted(self) -> None:
        """The world was halted: stand still where it is."""
        self.pause(self.why, self.at)

    def stepped(self, had_its_turn: bool = True) -> None:
        """The instance whose turn it was has had it, or will have none."""
        instance, self.alone = self.alone, None
        if self.goal is None or not had_its_turn:
            assert instance is not None
            ends = self._stage.journal.end - 1
            self.pause(f"{instance.name} {_stands(instance)}", ends if ends >= 0 else None)

    def nothing_left(self) -> bool:
        """Nothing is left to do but to wait; True when that ends the step or run."""
        if self.mode != "stepping":
            return False
        if self.time_has_come():
            return True
        goal = self.goal
        self.pause("nothing is left to do" + ("" if goal is None or goal.idle else f", and {goal.words} did not come"))
        return True

    def time_has_come(self) -> bool:
        """Whether the time that a run was to end at is there; it ends then."""
        goal = self.goal
        if goal is None or goal.t_ms is None or self._stage.clock.tick() < goal.t_ms:
            return False
        self.pause("the time has come")
        return True

    # ---- watching

    def _go(self, mode: Mode) -> None:
        self.mode, self.why, self.at = mode, "", None
        world = self._stage.world
        world.halted = False
        self._stage.clock.pause(False)
        self._watch()

    def _watch(self) -> None:
        """Look at records and beginnings just as far as something is looked for."""
        self._let_go()
        on = [one for one in self.catches.values() if one.on and not one.hold]
        world = self._stage.world
        goal = self.goal
        world.one_by_one = bool(on) or goal is not None or self.alone is not None
        if any(one.at == "begins" for one in on) or (goal is not None and goal.begins is not None):
            world.may_begin = self._may_begin
        if on or (goal is not None and (goal.test is not None or goal.begins is not None)):
            if any(one.path is not None for one in on):
                self._states = {one.name: one.state for one in world.instances() if one.state is not None}
            self._unfollow = self._stage.journal.follow(self._see)

    def _let_go(self) -> None:
        if self._unfollow is not None:
            self._unfollow()
            self._unfollow = None
        world = self._stage.world
        world.may_begin, world.one_by_one = None, False

    def _see(self, record: Record) -> None:
        before, known = self._states.get(record.instance), Known(self._stage.world)
        begins = isinstance(record, Start | Stop)  # what it causes begins behind it
        for one in self.catches.values():
            asked = one.at == "written" or begins
            if asked and not one.hold and one.hit(record, known, before):
                self._halt(one.words() + _before(one.at), record.seq)
        if isinstance(record, Sync):
            self._states[record.instance] = record.state
        elif isinstance(record, Start):
            self._states[record.instance] = record.state or ""
        goal = self.goal
        if goal is not None:
            test = goal.begins if begins and goal.test is None else goal.test
            if test is not None and test(record):
                self._halt(goal.words, record.seq)

    def _may_begin(self, event: Event) -> bool:
        if event.seq == self._passed:
            self._passed = None
            return True
        record, known, words = event.record, Known(self._stage.world), None
        for one in self.catches.values():
            if not one.hold and one.at == "begins" and one.hit(record, known):
                words = one.words() + _before(one.at)
        goal = self.goal
        if goal is not None and goal.begins is not None and goal.begins(record):
            words = goal.words
        if words is None:
            return True
        self._passed = event.seq
        self._halt(words, event.seq)
        return False

    def _halt(self, words: str, seq: int) -> None:
        world = self._stage.world
        if not world.halted:
            world.halted = self.mode != "paused"
            self.why, self.at = words, seq


def _before(at: Moment) -> str:
    return ", before it begins" if at == "begins" else ""


def _stands(instance: Instance) -> str:
    if instance.status == "waiting":
        waits_on = instance.waits_on.name if instance.waits_on is not None else "nobody"
        return f"waits for {waits_on}"
    if instance.cause is not None:
        return f"is handling #{instance.cause}"
    return "is done" if instance.guest is not None else f"is {instance.status}"


def _goal(until: Until, stage: Stage) -> Goal:
    if until.t_ms is not None:
        if until.t_ms <= stage.clock.tick():
            raise UserError(f"it is {stage.clock.now():,.0f} ms already: choose a later time to run until")
        return Goal("the time", t_ms=until.t_ms)
    if until.query is None:
        return Goal("the end", idle=True)
    query = query_of(until.query)

    def matches(record: Record) -> bool:
        return query.matches(record, Known(stage.world))

    words = until.query or "the next record"
    return Goal(words, begins=matches) if until.at == "begins" else Goal(words, test=matches)
