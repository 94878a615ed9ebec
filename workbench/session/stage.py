"""A stage: one world and all that moves it. A session has one for the present, and others for moments gone by."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass
from random import Random

from msgspec.structs import replace

from workbench.errors import UserError
from workbench.host.engine import Host
from workbench.host.guest import Progress
from workbench.journal import Journal
from workbench.project.model import Project
from workbench.records import Timer
from workbench.session.actors import Instance, StandIn
from workbench.session.again import Diverged
from workbench.session.catches import catch
from workbench.session.clock import Clock
from workbench.session.code import ClosedDesk, CodeDesk, build_record
from workbench.session.commands import (
    Answer,
    Command,
    Delay,
    Drop,
    DropBreakpoint,
    Duplicate,
    Edit,
    Fault,
    Hold,
    Move,
    Redirect,
    Release,
    SetBreakpoint,
    SetResource,
    SetStrict,
    Shuffle,
    Step,
)
from workbench.session.deeds import Deeds
from workbench.session.forever import is_taken_for_a_reply, note_a_wait_for_ever, take_for_a_reply
from workbench.session.handling import Handling
from workbench.session.history import History
from workbench.session.inputs import (
    Again,
    Asked,
    Built,
    Came,
    Deed,
    Entry,
    Fire,
    Input,
    Kept,
    Limited,
    News,
    Overdue,
    Plan,
    Remarked,
    Replied,
    Turn,
    Undone,
)
from workbench.session.keeping import Keeper
from workbench.session.lifecycle import Lifecycle
from workbench.session.options import Options
from workbench.session.population import Population
from workbench.session.recorded import Coming
from workbench.session.sending import Sending
from workbench.session.timers import Late
from workbench.session.waiting import Waiting
from workbench.session.world import World


@dataclass(frozen=True)
class Terms:
    """What all stages of a session have in common; `limits` are those they begin with."""

    host: Host
    options: Options
    limits: Limited


class Stage:
    """`world` turned by inputs, each noted in `history` where there is one."""

    def __init__(
        self, terms: Terms, journal: Journal, clock: Clock, code: CodeDesk, keeper: Keeper, project: Project,
        recording: bool,
    ) -> None:  # fmt: skip
        self.terms, self.journal, self.clock, self.keeper = terms, journal, clock, keeper
        self.project = project
        self.history: History | None = None
        self.limits = limits = terms.limits
        self.world = World(terms.host, journal, clock, limits.mailbox, limits.mailbox_bytes)
        self.world.recording, self.world.strict = recording, terms.options.strict
        self.handling = Handling(self.world, limits.time_ms)
        self.life = Lifecycle(self.world, self.handling, limits.memory_bytes)
        options = terms.options
        self.population = Population(self.world, self.life, code, keeper, options, hold=not options.watch)
        self.deeds = Deeds(self.world, self.handling, self.life, self.population, code, lambda: self.project)
        self.waiting = Waiting(self.world)
        self.coming: Coming = deque()
        """What came from outside once and is to come again, with its time in ms, once all before is worked off. None
        stands where that ends: `all_came` hears of it."""
        self.all_came: Callable[[], None] = lambda: None
        self.lots: Random | None = None
        """Draws whose turn it is, where chance decides. What it drew is in the history: it is not asked again."""

    def another(self, journal: Journal, clock: Clock) -> Stage:
        """An empty stage on the same terms, for what has been once: it asks for no code, and keeps no state."""
        desk = ClosedDesk(self.population.code.profile)
        return Stage(self.terms, journal, clock, desk, self.keeper.again(), self.project, recording=True)

    def open(self, code: CodeDesk, keeper: Keeper, history: History) -> None:
        """From now on it is the present."""
        keeper.left = dict(self.keeper.left)
        self.keeper = self.population.keeper = keeper
        self.population.code = self.deeds.code = code
        self.population.read_states()
        self.history = history

    def limit(self, limits: Limited) -> None:
        """These limits hold from now on."""
        self.limits = limits
        self.world.mailbox_limit, self.world.mailbox_bytes = limits.mailbox, limits.mailbox_bytes
        self.handling.limit(limits.time_ms)
        self.life.memory_bytes = limits.memory_bytes

    def shuffle(self, seed: int | None) -> None:
        """Let chance decide by `seed` from now on, or the order of sending."""
        self.world.seed = seed
        self.world.chance = None if seed is None else Random(seed)
        self.lots = None if seed is None else Random(~seed)

    # ---- as it happens

    def do(self, what: Input, future: Future[object] | None = None) -> None:
        """Let `what` come about now, and note it."""
        what = self._told_whole(what)
        self.note(what)
        self._do(what, future)

    def _told_whole(self, what: Input) -> Input:
        """An answer together with what it is to, which the journal may have dropped when it comes again."""
        if isinstance(what, Deed) and isinstance(what.command, Answer):
            waiting = self.world.standing.get(what.command.call)
            return what if waiting is None else replace(what, stand_in=waiting[1].name)
        if isinstance(what, Replied):
            waiting = self.world.standing.get(what.call)
            return what if waiting is None else replace(what, asked=waiting[0].payload)
        return what

    def turn(self, instance: Instance) -> bool:
        """Give an instance that is ready a turn; True when it could go on at once."""
        history = self.history
        if history is None:
            return self.handling.turn(instance)
        at = self.journal.end
        goes_on = self.handling.turn(instance)
        turn = self.handling.last
        assert turn is not None
        if turn.progress is Progress.RUNNING and not turn.begun and self.journal.end == at:
            instance.unnoted_s += turn.spent_s  # nothing came about: what never ends is not to fill the memory
            return goes_on
        if instance.unnoted_s:
            turn = replace(turn, idle_s=instance.unnoted_s)
            instance.unnoted_s = 0.0
        history.note(Entry(at, turn.after_ms, turn))
        history.look_at(instance)
        return goes_on

    def note(self, what: Input) -> None:
        """`what` comes about now."""
        if self.history is not None:
            self.history.note(Entry(self.journal.end, self.clock.now(), what))

    # ---- again, as it happened

    def do_again(self, entry: Entry) -> None:
        """Let an input come about as it did once. Raises `Diverged` when a guest does otherwise."""
        what = entry.input
        if isinstance(what, Turn):
            instance = self.world.actors.get(what.instance)
            if not isinstance(instance, Instance) or instance not in self.world.ready:
                raise Diverged(what.instance, "it had a turn, and now has none")
            self.world.ready.remove(instance)
            self.handling.turn(instance, what)
        else:
            self.clock.put(entry.t)
            with suppress(UserError):  # it was refused then, too
                self._do(what, None)

    def _do(self, what: Input, future: Future[object] | None) -> None:
        match what:
            case Fire():
                self._fire()
            case Deed():
                self._do_deed(what.command, future)
            case News():
                self.population.take(what.news)
            case Plan():
                self._follow(what.project)
            case Kept(name, state):
                self.population.take_state(name, state)
            case Built():
                record = build_record(what.event, what.profile, self.journal.end, self.clock.now())
                self.journal.append(record)
            case Limited():
                self.limit(what)
            case Overdue():
                self.life.end_overdue(what.instance, what.reason)
            case Replied() | Came() | Asked() | Remarked() | Undone():
                self._hear(what)
            case Turn():
                raise AssertionError("turns are given, not done")

    def _hear(self, what: Replied | Came | Asked | Remarked | Undone) -> None:
        """Something came from a real resource."""
        world = self.world
        resource = world.actors.get(what.resource)
        if not isinstance(resource, StandIn):
            return
        match what:
            case Replied(call=call, outcome=outcome, payload=payload):
                if call in world.standing.of(resource):
                    world.answer(call, outcome, payload, parent=None, by=resource.name)
            case Remarked(_, message):
                world.remark(resource, message)
            case Undone(_, event, reason):
                world.tell_dropped(event, resource.name, reason)
            case Came(_, output, payload) | Asked(_, output, payload):
                target = world.actors.get(resource.plan.links.get(output, ""))
                asks = isinstance(what, Asked)
                if isinstance(what, Asked):
                    world.asked[self.journal.end] = what.token
                    resource.calls_made += 1
                if asks and is_taken_for_a_reply(world, resource, target):
                    world.lose_call(resource.name, None, output, payload, parent=None)
                    take_for_a_reply(world, resource, target)
                    return
                seq = world.send(
                    resource.name, resource.identity, target, output, payload,
                    call=asks, parent=None, instance=resource.name,
                )  # fmt: skip
                if asks:
                    note_a_wait_for_ever(world, resource, seq, target)

    def _do_deed(self, command: Command, future: Future[object] | None) -> None:
        match command:
            case Shuffle():
                self.shuffle(command.seed)
            case SetBreakpoint() | DropBreakpoint():
                self._hold(command)
            case SetStrict():
                self.world.strict = command.on
                self.world.link_all()
            case SetResource(name, real):
                self.deeds.stand_in(name).real = real
            case Fault(name):
                self.deeds.stand_in(name).fault = command if command.kind is not None else None
            case Step():
                assert command.event is not None
                instance = self.waiting.bring_forward(command.event)
                if future is not None:
                    future.set_result(instance)
                return
            case Drop() | Edit() | Duplicate() | Delay() | Redirect() | Move() | Hold() | Release():
                copy = self.waiting.do(command)
                if future is not None:
                    future.set_result(copy)
                return
            case _:
                self.deeds.do(command, future)
                return
        if future is not None:
            future.set_result(None)

    def _hold(self, command: SetBreakpoint | DropBreakpoint) -> None:
        """Hold back what a numbered breakpoint says, from now on, or no more."""
        world, number = self.world, command.number
        assert number is not None
        world.holds = [hold for hold in world.holds if hold.number != number]
        if isinstance(command, SetBreakpoint) and command.hold and command.on:
            world.holds.append(catch(command, number))

    def _follow(self, project: Project) -> None:
        first, self.project = self.population.empty, project
        if first:
            self.population.populate(project)
        else:
            self.population.adopt(project)

    def _fire(self) -> None:
        timers = self.world.timers
        next_ms = timers.next_ms
        assert next_ms is not None
        due = timers.pop_due(next_ms)
        if isinstance(due, Sending):
            self.deeds.send_due(due)
        elif isinstance(due, Timer | Late):
            self.world.fire(due)

    @property
    def next_ms(self) -> float | None:
        """When the next thing is due; None when nothing is."""
        timers = self.world.timers.next_ms
        if not self.coming:
            return timers
        return self.coming[0][0] if timers is None else min(timers, self.coming[0][0])

    def do_coming(self) -> None:
        """Let what came from outside once come again."""
        _, again = self.coming.popleft()
        if again is None:
            self.all_came()
            return
        what = self._meant(again)
        if what is not None:
            with suppress(UserError):  # what it was about may not be there this time
                self.do(what)

    def _meant(self, again: Again) -> Input | None:
        """What comes again, said of what is there this time; None when that is not there."""
        what = again.what
        if again.stand_in is not None and isinstance(what, Deed) and isinstance(what.command, Answer):
            stand_in = self.world.actors.get(again.stand_in)
            oldest = next(iter(self.world.standing.of(stand_in)), None) if isinstance(stand_in, StandIn) else None
            return None if oldest is None else Deed(replace(what.command, call=oldest))
        return what
