"""A model of the scheduler, and the real one held to it: whatever is sent, stepped, changed, gone back to and gone on
from, the same waits in the same order, and a moment met again has the same memory."""

from __future__ import annotations

import tempfile
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from tests.session.playing import Play, plan, project
from workbench.errors import UserError
from workbench.host.guest import Progress
from workbench.session.commands import (
    Advance,
    Command,
    Delay,
    Drop,
    Duplicate,
    Edit,
    Hold,
    Jump,
    Move,
    Pause,
    Redirect,
    Release,
    Run,
    SelfCheck,
    Step,
    StepBack,
    Until,
)
from workbench.session.options import Options

OUT = {"a": "b", "b": "c", "c": "a"}
A_TURN = 16


@dataclass
class Model:
    """What the scheduler is to do: a message is its text. `askers` wait for its answer."""

    t: float = 0.0
    mailboxes: dict[str, list[str]] = field(default_factory=lambda: {name: [] for name in OUT})
    askers: dict[str, list[str | None]] = field(default_factory=lambda: {name: [] for name in OUT})
    ready: list[str] = field(default_factory=list)
    left: dict[str, int] = field(default_factory=lambda: dict.fromkeys(OUT, 0))
    waiting: set[str] = field(default_factory=set)
    answered: set[str] = field(default_factory=set)
    timers: list[tuple[float, str, str]] = field(default_factory=list)
    held: list[tuple[str, str, str | None]] = field(default_factory=list)
    states: dict[str, str] = field(default_factory=dict)

    def arrive(self, name: str, text: str, asker: str | None = None) -> None:
        self.mailboxes[name].append(text)
        self.askers[name].append(asker)
        if name not in self.ready and name not in self.waiting and name not in self.answered:
            self.ready.append(name)

    def set_timer(self, due: float, name: str, text: str) -> None:
        self.timers.append((due, name, text))
        self.timers.sort(key=lambda timer: timer[0])

    def fire_due(self, t: float) -> None:
        while self.timers and self.timers[0][0] <= t:
            due, name, text = self.timers.pop(0)
            self.t = max(self.t, due)
            self.arrive(name, text)

    def step(self, name: str | None = None) -> bool:
        """Let the next event, or the next of `name`, be handled; False when there is none."""
        while not self.ready and self.timers:  # who waits for an answer is not woken by a message
            self.fire_due(self.timers[0][0])
        if not self.ready:
            return False
        name = name or self.ready[0]
        self.ready.remove(name)
        if name in self.answered:
            self.answered.discard(name)
        else:
            if not self.left[name]:
                self.left[name] = min(A_TURN, len(self.mailboxes[name]))
            self.left[name] -= 1
            text, asker = self.mailboxes[name].pop(0), self.askers[name].pop(0)
            verb, _, rest = text.partition(" ")
            if verb == "sync":
                self.states[name] = rest
            elif verb == "cast":
                self.arrive(OUT[name], rest.removeprefix("out "))
            elif verb == "delayed":
                ms, _, what = rest.partition(" out ")
                self.set_timer(self.t + int(ms), OUT[name], what)
            elif verb == "call":
                self.waiting.add(name)
                self.left[name] = 0
                self.arrive(OUT[name], rest.removeprefix("out "), name)
                return True
            if asker is not None:
                self.waiting.discard(asker)
                self.answered.add(asker)
                self.ready.append(asker)
        if not self.mailboxes[name]:
            self.left[name] = 0
        elif self.left[name]:
            self.ready.insert(0, name)
        else:
            self.ready.append(name)
        return True

    def take(self, name: str, place: int) -> tuple[str, str | None]:
        text, asker = self.mailboxes[name].pop(place), self.askers[name].pop(place)
        if not self.mailboxes[name] and name in self.ready and name not in self.answered:
            self.ready.remove(name)
            self.left[name] = 0
        return text, asker

    def put_first(self, name: str, place: int) -> None:
        self.mailboxes[name].insert(0, self.mailboxes[name].pop(place))
        self.askers[name].insert(0, self.askers[name].pop(place))
        if name in self.ready:
            self.ready.remove(name)
            self.ready.insert(0, name)


names = st.sampled_from(tuple(OUT))
numbers = st.integers(0, 99)
leaves = st.builds("sync {}".format, numbers)
texts = st.one_of(
    leaves,
    st.builds("cast out {}".format, leaves),
    st.builds("delayed {} out {}".format, st.sampled_from((1, 5, 5, 40)), leaves),
    st.builds("call out reply {}".format, numbers),
    st.builds("cast out call out reply {}".format, numbers),
)
places = st.integers(0, 5)


class Scheduler(RuleBasedStateMachine):
    """The real one is paused throughout; time is virtual."""

    def __init__(self) -> None:
        super().__init__()
        self.directory = tempfile.TemporaryDirectory()
        plans = tuple(plan(name, out=out) for name, out in OUT.items())
        self.play = Play(
            project(Path(self.directory.name), *plans),
            Options(clock="virtual", watch=False, build=False, history=True),
        )
        self.model = Model()
        self.present = self.model
        self.met: dict[int, dict[int, tuple[Model, dict[str, bytes]]]] = {}
        """By line, the moments met, by the record they are behind."""

    @initialize()
    def begin(self) -> None:
        self.play.settle()
        self.play.do(Pause())
        self.agree()

    def teardown(self) -> None:
        try:
            if self.play.session._travel.visit is None:
                assert self.play.do(SelfCheck()) is None
        finally:
            self.play.session.close()
            self.directory.cleanup()

    # ---- comparing

    def do(self, command: Command) -> object:
        """Have it done here; in the past that goes on from there."""
        result = self.play.do(command)
        self.play.settle()
        return result

    def agree(self) -> None:
        play, model = self.play, self.model
        view = play.session.view()
        shown = {one.name: one for one in view.instances}
        for name in OUT:
            assert [one.payload.decode() for one in shown[name].next_events] == model.mailboxes[name], name
            status = "waiting" if name in model.waiting else "running" if name in model.answered else "idle"
            assert shown[name].status == status, name
        world = play.session._travel.shown.world
        assert [one.name for one in world.ready] == model.ready
        assert {one.name: one.state for one in world.instances() if one.state is not None} == model.states
        queue = view.stepping.queue
        timers = [(one.due_ms, one.target, one.payload.decode()) for one in queue if one.kind == "timer"]
        assert timers == model.timers
        assert [one.payload.decode() for one in queue if one.kind == "held"] == [one[1] for one in model.held]
        first = next((name for name in model.ready if name not in model.answered), None)
        if first is not None:
            assert (queue[0].target, queue[0].payload.decode()) == (first, model.mailboxes[first][0])
        if view.stepping.past is None:
            assert view.t_ms == model.t
            self.present = model
        self.remember(view.stepping.line)

    def remember(self, line: int) -> None:
        """A moment met again has the memory that it had."""
        world = self.play.session._travel.shown.world
        digests = {
            one.name: one.guest.digest()
            for one in world.instances()
            if one.guest is not None and one.guest.progress is Progress.IDLE
        }
        history, end = self.play.session._travel.present.history, self.play.session.journal.end
        assert history is not None
        if self.play.session._travel.visit is not None:
            return
        if history.entries[-1].at < end:  # else more came about that left no record
            self.met.setdefault(line, {}).setdefault(end - 1, (deepcopy(self.model), digests))

    def seq(self, name: str, place: int) -> int:
        view = self.play.session.view()
        return next(one for one in view.instances if one.name == name).next_events[place].seq

    def place(self, name: str, place: int) -> int | None:
        row = self.model.mailboxes[name]
        return place % len(row) if row else None

    # ---- rules

    @rule(messages=st.lists(st.tuples(names, texts), min_size=1, max_size=4))
    def send(self, messages: list[tuple[str, str]]) -> None:
        for name, text in messages:
            self.play.post(name, text)
            self.model.arrive(name, text)
        self.play.settle()
        self.agree()

    @precondition(lambda self: self.play.session.view().stepping.past is None)
    @rule(times=st.integers(1, 4))
    def step(self, times: int) -> None:
        for _ in range(times):
            if self.model.step():
                self.do(Step())
            else:
                self.refused(Step())
            self.agree()

    @rule(name=names)
    def step_instance(self, name: str) -> None:
        if name in self.model.ready:
            self.model.step(name)
            self.do(Step(instance=name))
        else:
            self.refused(Step(instance=name))
        self.agree()

    @rule(name=names, place=places)
    def step_event(self, name: str, place: int) -> None:
        at = self.place(name, place)
        if at is None or name in self.model.waiting or name in self.model.answered:
            return
        seq = self.seq(name, at)
        self.model.put_first(name, at)
        self.model.step(name)
        self.do(Step(event=seq))
        self.agree()

    @rule(
        name=names, place=places, other=names, text=leaves, ms=st.sampled_from((0, 7)),
        verb=st.sampled_from(("drop", "edit", "move", "duplicate", "delay", "redirect", "hold")),
    )  # fmt: skip
    def change(self, verb: str, name: str, place: int, other: str, text: str, ms: int) -> None:
        at, model = self.place(name, place), self.model
        if at is None or model.askers[name][at] is not None:
            return
        seq = self.seq(name, at)
        if verb == "edit":
            model.mailboxes[name][at] = text
            self.do(Edit(seq, text.encode()))
        elif verb == "move":
            model.put_first(name, at)
            self.do(Move(seq))
        elif verb == "duplicate":
            model.arrive(name, model.mailboxes[name][at])
            self.do(Duplicate(seq))
        else:
            what, asker = model.take(name, at)
            if verb == "drop":
                self.do(Drop(seq))
            elif verb == "delay":
                now = self.play.session._travel.shown.clock.now()
                model.t = now
                model.set_timer(now + ms, name, what)
                self.do(Delay(seq, ms))
            elif verb == "redirect":
                model.arrive(other, what)
                self.do(Redirect(seq, other))
            else:
                model.held.append((name, what, asker))
                self.do(Hold(seq))
        self.agree()

    @rule()
    def release(self) -> None:
        for name, text, asker in self.model.held:
            self.model.arrive(name, text, asker)
        self.model.held = []
        self.do(Release())
        self.agree()

    @precondition(lambda self: self.play.session.view().stepping.past is None)
    @rule(ms=st.sampled_from((1, 5, 50)))
    def advance(self, ms: int) -> None:
        to = self.model.t + ms
        self.model.fire_due(to)
        self.model.t = to
        self.do(Advance(ms))
        self.agree()

    @precondition(lambda self: self.play.session.view().stepping.past is None)
    @rule()
    def run_until_idle(self) -> None:
        while self.model.step():
            pass
        self.do(Run(Until(idle=True)))
        self.agree()

    @precondition(lambda self: bool(self.met))
    @rule(data=st.data())
    def jump(self, data: st.DataObject) -> None:
        line = self.play.session.view().stepping.line
        known = self.met.get(line, {})
        if not known:
            return
        seq = data.draw(st.sampled_from(sorted(known)))
        self.play.do(Jump(seq))
        if self.play.session.view().stepping.past is None:
            self.model = self.present
            return
        model, digests = known[seq]
        self.model = deepcopy(model)
        self.agree()
        world = self.play.session._travel.shown.world
        for name, digest in digests.items():
            guest = world.actors[name].guest  # type: ignore[union-attr]
            assert guest is not None
            assert guest.digest() == digest, name
        self.model.t = world.clock.now()

    @precondition(lambda self: self.play.session.view().stepping.past is not None)
    @rule()
    def to_the_present(self) -> None:
        self.play.do(Jump(None))
        self.model = self.present
        self.agree()

    @precondition(lambda self: self.play.session.view().stepping.past is None)
    @rule()
    def back_and_forth(self) -> None:
        before = self.play.session.journal.end
        self.play.do(StepBack())
        self.play.do(Jump(None))
        assert self.play.session.journal.end == before
        self.agree()

    def refused(self, command: Command) -> None:
        try:
            self.play.do(command)
        except UserError:
            return
        raise AssertionError(f"not refused: {command}")


TestScheduler = Scheduler.TestCase
TestScheduler.settings = settings(deadline=None, max_examples=40, stateful_step_count=25, derandomize=True)
