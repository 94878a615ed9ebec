"""Supply: which of a project's resources run for real, kept in step with the project, its settings and the world.

As on the platform, a workflow's resources start after its functions.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator
from pathlib import Path

from workbench.errors import UserError
from workbench.project.model import Problem, Project, StandInPlan
from workbench.resources.configuration import kind_of
from workbench.session.actors import Event, StandIn, event_of
from workbench.session.commands import SetResource
from workbench.session.done import Done
from workbench.session.given import Given, workflow_id
from workbench.session.inputs import Deed, Replied
from workbench.session.outside import Outside, Report
from workbench.session.recorded import Recorded
from workbench.session.stage import Stage


class Supply:
    """Starts and stops the resources of `outside`, on the engine's thread. `real`: also those nobody asked for run."""

    def __init__(self, outside: Outside, real: bool, post: Callable[[Callable[[], None]], None]) -> None:
        """`post` has a job done on the engine's thread, between two turns."""
        self._outside, self._real, self._post = outside, real, post
        self._plans: dict[str, StandInPlan] = {}
        self._given: dict[str, Given] = {}
        self._asked: dict[str, bool] = {}
        """What the developer asked for in this session: whether it is to run."""
        self._refused: dict[str, UserError] = {}
        self._starts: Counter[str] = Counter()
        """How often each workflow was started anew."""
        self._taken_up: Stage | None = None

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Why resources do not run that were to."""
        return tuple(Problem("error", error) for error in self._refused.values())

    def workflow_ids(self, project: Project) -> dict[Path, str]:
        """The id that each workflow has since it was started last."""
        return {each: workflow_id(each, self._outside.root, self._start_of(each)) for each in project.workflows}

    def _start_of(self, workflow: Path | None) -> int:
        """The number of a workflow's newest start."""
        return self._starts[str(workflow)] + 1

    def follow(self, project: Project, stage: Stage) -> None:
        """Who is new is started, who is gone stops; who is given something else than before is decided on anew."""
        self._outside.follow(project.resources)
        before, self._plans = self._plans, _known(project)
        gone = [name for name in before if name not in self._plans]
        for name in gone:
            self._given.pop(name, None)
            self._asked.pop(name, None)
            self._refused.pop(name, None)
        self._stop(gone, stage)
        self._go_on(stage)
        for name, plan in self._plans.items():
            if name in before and before[name].links != plan.links:
                self._outside.relink(plan)

    def _go_on(self, stage: Stage) -> None:
        """Decide on those that are given something else than before; who has to wait for functions is given nothing."""
        for name, plan in self._plans.items():
            if not isinstance(stage.world.actors.get(name), StandIn):
                continue  # an instance that is about to go has its name
            if stage.population.holds(plan):
                if not self._outside.runs(name):
                    self._outside.stop(name)  # what was said of it is said no more
                    if self._wants(plan):
                        self._outside.report(name, Report("starting", "after the functions of its workflow"))
                continue
            known, self._given[name] = self._given.get(name), self._outside.given(plan)
            if known is not None and known.own.real is not self._given[name].own.real:
                self._asked.pop(name, None)  # the newest word counts
            if known != self._given[name]:
                self._settle(plan, stage)

    def set(self, command: SetResource, stage: Stage) -> None:
        """What the developer wants of one. Raises `UserError` when it cannot run for real."""
        actor = stage.deeds.stand_in(command.name)
        if not command.real:
            self._outside.stop(actor.name)
            self._refused.pop(actor.name, None)
            stage.do(Deed(command))
        elif actor.stopped:
            raise UserError(f"{actor.name} cannot run for real: its workflow is stopped, start that first")
        else:
            self._start(actor.plan, stage, allowed=True)
            self._given[actor.name] = self._outside.given(actor.plan)
        self._asked[actor.name] = command.real

    def close(self, workflow: str, stage: Stage) -> None:
        """Its resources end with it."""
        self._stop([plan.name for plan in self._of(workflow)], stage)

    def reopen(self, workflow: str, stage: Stage) -> None:
        """It is started anew, and those of its resources with it that are to run."""
        self.close(workflow, stage)
        self._starts[workflow] += 1
        for plan in self._of(workflow):
            self._given.pop(plan.name, None)
        self._go_on(stage)

    def enter(self, stage: Stage) -> None:
        """The world of `stage` goes on: the outside is there, and what is stopped in that world does not run.

        While what was comes again, it is answered from what is recorded instead.
        """
        world = stage.world
        if isinstance(world.outside, Recorded):
            if not world.outside.over:
                return
            for target in {target.name for _, target in world.standing}:
                self._play(target)  # a call that was not made then: the developer decides whether it goes out
        world.outside = self._outside
        stage.population.started = lambda: self._post(lambda: self._functions_started(stage))
        stage.population.stopped = lambda workflow: self._post(lambda: self._functions_stopped(workflow, stage))
        for actor in [actor for actor in world.actors.values() if isinstance(actor, StandIn)]:
            name, plan = actor.name, self._plans.get(actor.name)
            if actor.stopped or stage.population.holds(actor.plan):
                self._outside.stop(name)
                self._given.pop(name, None)
            elif plan is not None and not self._outside.runs(name) and name not in self._refused and self._wants(plan):
                self._try(plan, stage)
            if actor.real is not self._outside.runs(name):
                stage.do(Deed(SetResource(name, not actor.real)))

    def take_up(self, stage: Stage, replied: Callable[[int], Replied | None], done: Done) -> None:
        """Another line goes on for good. Of the calls that wait in it at real resources, those that were answered on
        a line, as `replied` knows, get that answer: nothing is done outside twice. The others go out. What comes then
        counts as `done` as long as it was sent before."""
        if stage is self._taken_up:
            return
        self._taken_up, self._outside.done = stage, done
        waiting = list(_waiting(stage))
        self._outside.abandon(waiting)
        for name, event in waiting:
            if stage.world.outside is not self._outside or not self._outside.runs(name):
                continue
            reply = replied(event.seq)
            if reply is not None:
                stage.do(reply)
            elif not self._outside.has(name, event):
                self._outside.take(name, event)

    def _functions_started(self, stage: Stage) -> None:
        if stage.world.outside is self._outside:
            self._go_on(stage)

    def _functions_stopped(self, workflow: Path, stage: Stage) -> None:
        if stage.world.outside is self._outside:
            actors = (stage.world.actors.get(plan.name) for plan in self._of(str(workflow)))
            # It may have been started anew since.
            self._stop([one.name for one in actors if isinstance(one, StandIn) and one.stopped], stage)

    def _stop(self, names: Collection[str], stage: Stage) -> None:
        """They run no more; those that are still there are stand-ins from now on."""
        self._outside.stop(*names)
        for name in names:
            actor = stage.world.actors.get(name)
            if isinstance(actor, StandIn) and actor.real:
                stage.do(Deed(SetResource(name, False)))

    # ---- one resource

    def _of(self, workflow: str) -> list[StandInPlan]:
        return [plan for plan in self._plans.values() if str(plan.workflow) == workflow]

    def _wants(self, plan: StandInPlan) -> bool:
        """Whether it is to run, as the developer asked, or else as its class and the settings say."""
        asked = self._asked.get(plan.name)
        return (self._real and self._outside.is_to_run(plan)) if asked is None else asked

    def _settle(self, plan: StandInPlan, stage: Stage) -> None:
        """Let it run or not, with what it is given now."""
        actor = stage.world.actors.get(plan.name)
        if isinstance(actor, StandIn) and actor.stopped:
            return
        self._refused.pop(plan.name, None)
        if self._wants(plan):
            self._try(plan, stage)
        else:
            self._stop([plan.name], stage)

    def _try(self, plan: StandInPlan, stage: Stage) -> None:
        """Start it; where it cannot, a stand-in plays it and the reason is a problem."""
        try:
            self._start(plan, stage, allowed=self._asked.get(plan.name, False))
        except UserError as error:
            self._refused[plan.name] = UserError(f"{plan.name} does not run: {error}")

    def _start(self, plan: StandInPlan, stage: Stage, allowed: bool) -> None:
        """Start it; calls that have waited at its stand-in go to it. Raises `UserError` when it does not start."""
        ran = self._outside.runs(plan.name)
        try:
            self._outside.start(plan, allowed, self._start_of(plan.workflow))
        except UserError:
            if ran:
                stage.do(Deed(SetResource(plan.name, False)))
            raise
        self._refused.pop(plan.name, None)
        stage.do(Deed(SetResource(plan.name, True)))
        if not ran and stage is self._taken_up:
            for name, event in _waiting(stage):
                if name == plan.name:
                    self._outside.take(name, event)

    def _play(self, name: str) -> None:
        kind = self._given[name].kind if name in self._given else None
        if kind is not None and kind.takes_call and self._outside.runs(name):
            self._outside.stop(name)
            self._asked[name] = False


def _known(project: Project) -> dict[str, StandInPlan]:
    """The resources whose class is known here."""
    return {plan.name: plan for plan in project.stand_ins if kind_of(plan, project.resources) is not None}


def _waiting(stage: Stage) -> Iterator[tuple[str, Event]]:
    """The calls that wait at resources and stand-ins, with who is to answer."""
    for call, target in list(stage.world.standing):
        yield target.name, event_of(call)
