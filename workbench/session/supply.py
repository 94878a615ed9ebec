"""Supply: which of a project's resources run for real, kept in step with the project and its settings."""

from __future__ import annotations

from workbench.config import Settings
from workbench.errors import UserError
from workbench.host.contract import Identity
from workbench.project.model import Problem, Project, StandInPlan
from workbench.records import Call
from workbench.resources.configuration import kind_of
from workbench.session.actors import Event, StandIn
from workbench.session.commands import SetResource
from workbench.session.identity import USER_IDENTITY
from workbench.session.inputs import Deed
from workbench.session.outside import Outside
from workbench.session.stage import Stage


class Supply:
    """Starts and stops the resources of `outside`, on the engine's thread."""

    def __init__(self, outside: Outside) -> None:
        self._outside = outside
        self._known: dict[str, StandInPlan] = {}
        self._refused: dict[str, UserError] = {}
        self._resting: set[str] = set()

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Why resources do not run that were to."""
        return tuple(Problem("error", error) for error in self._refused.values())

    def follow(self, project: Project, settings: Settings, stage: Stage) -> None:
        """Who is new starts, who is gone stops, who is configured otherwise starts anew."""
        self._outside.follow(settings)
        plans = {plan.name: plan for plan in project.stand_ins if kind_of(plan, settings.resources) is not None}
        for name in [name for name in self._known if name not in plans]:
            del self._known[name]
            self._refused.pop(name, None)
            self._outside.stop(name)
        for name, plan in plans.items():
            known, self._known[name] = self._known.get(name), plan
            if known is None and self._outside.is_to_run(plan):
                self._try(plan, stage, allowed=False)
            elif known is not None and self._outside.runs(name):
                if (known.class_type, known.configurations) != (plan.class_type, plan.configurations):
                    self._try(plan, stage, allowed=False)
                elif known.links != plan.links:
                    self._outside.relink(plan)

    def set(self, command: SetResource, stage: Stage) -> None:
        """What the developer wants of one. Raises `UserError` when it cannot run for real."""
        actor = stage.deeds.stand_in(command.name)
        if command.real:
            self._outside.start(actor.plan, allowed=True)
        else:
            self._outside.stop(command.name)
        self._refused.pop(command.name, None)
        stage.do(Deed(command))
        if command.real:
            for call, target in list(stage.world.standing.values()):
                if target is actor:  # it was asked while it was played
                    sender = _sender(stage, call)
                    self._outside.take(actor.name, Event(call.seq, True, call.source, sender, call.payload))

    def close(self, workflow: str) -> None:
        """Its resources end with it; who ran for real does again when it starts."""
        for name, plan in self._known.items():
            if str(plan.workflow) == workflow and self._outside.runs(name):
                self._outside.stop(name)
                self._resting.add(name)

    def reopen(self, workflow: str, stage: Stage) -> None:
        """Its resources start again, those that ran for real."""
        self.close(workflow)
        for name, plan in self._known.items():
            if str(plan.workflow) == workflow and name in self._resting:
                self._resting.discard(name)
                self._try(plan, stage, allowed=True)

    def enter(self, stage: Stage) -> None:
        """Another line goes on: who runs for real now does so there."""
        self._outside.abandon()
        stage.world.outside = self._outside
        for actor in stage.world.actors.values():
            if isinstance(actor, StandIn) and actor.real is not self._outside.runs(actor.name):
                stage.do(Deed(SetResource(actor.name, not actor.real)))

    def _try(self, plan: StandInPlan, stage: Stage, allowed: bool) -> None:
        self._refused.pop(plan.name, None)
        try:
            self._outside.start(plan, allowed)
        except UserError as error:
            self._refused[plan.name] = UserError(f"{plan.name} does not run: {error}")
            stage.do(Deed(SetResource(plan.name, False)))
        else:
            stage.do(Deed(SetResource(plan.name, True)))


def _sender(stage: Stage, call: Call) -> Identity:
    source = stage.world.actors.get(call.source)
    return source.identity if source is not None else USER_IDENTITY
