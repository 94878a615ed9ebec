"""The population: instances and stand-ins as the project plans them, and the code they run on."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from workbench.errors import UserError
from workbench.host.modules import Module
from workbench.project.model import InstancePlan, Project, StandInPlan
from workbench.session.actors import Ending, Instance, StandIn, new_instance, new_stand_in
from workbench.session.code import CodeDesk, Loaded, Refused
from workbench.session.holding import Awaited, Company, Holding, Token
from workbench.session.keeping import Keeper
from workbench.session.lifecycle import FOR_GOOD, Lifecycle
from workbench.session.options import Options
from workbench.session.world import World


@dataclass(frozen=True)
class Roster:
    """What a population knows at one moment: code, plans, what is awaited; `project` is the one followed last."""

    newest: Mapping[str, Loaded]
    refused: Mapping[str, UserError]
    plans: Mapping[str, InstancePlan]
    awaited: Awaited
    project: Project | None
    empty: bool
    states: Mapping[str, str | None]
    reading: frozenset[str]


@dataclass(frozen=True)
class WentLive:
    """Tells the desk of code that has started well, asked for at `asked_s`. In a world made again nobody misses it.

    `changed_at` is of the change that it was started for, None when that was something else.
    """

    desk: Callable[[], CodeDesk]
    loaded: Loaded
    changed_at: float | None
    asked_s: float

    def __call__(self, how: Ending) -> None:
        """The instance's `handle_init` has ended so."""
        if how == "ok":
            since = None if self.changed_at is None else (time.time() - self.changed_at) * 1000
            self.desk().live(self.loaded, since, (time.perf_counter() - self.asked_s) * 1000)


class Population:
    """Keeps `world` in step with the project and its code. A workflow's instances first start together, in order.

    With `hold`, so do all of the session, which comes out the same each time then.
    """

    def __init__(
        self, world: World, life: Lifecycle, code: CodeDesk, keeper: Keeper, options: Options, hold: bool
    ) -> None:
        self._world, self._life, self._options = world, life, options
        self.code, self.keeper = code, keeper
        self._newest: dict[str, Loaded] = {}
        self._refused: dict[str, UserError] = {}
        self._plans: dict[str, InstancePlan] = {}
        self._leaving: list[Instance] = []
        self._holding = Holding(all_together=hold)
        self._project: Project | None = None
        self._states: dict[str, str | None] = {}
        """What instances left in an earlier run, as far as that has been read."""
        self._reading: set[str] = set()
        """Those whose state is being read."""
        self.empty = True
        """Whether nobody takes part yet."""
        self.started: Callable[[], None] = lambda: None
        """Hears that instances which waited for each other have started."""
        self.stopped: Callable[[Path], None] = lambda _: None
        """Hears that all instances of a workflow have stopped, and its resources are to."""

    def roster(self) -> Roster | None:
        """What it knows now; None while somebody is leaving."""
        if self._leaving:
            return None
        return Roster(
            dict(self._newest), dict(self._refused), dict(self._plans), self._holding.awaited, self._project,
            self.empty, dict(self._states), frozenset(self._reading),
        )  # fmt: skip

    def take_over(self, roster: Roster) -> None:
        """Know what was known then."""
        self._newest, self._refused, self._plans = dict(roster.newest), dict(roster.refused), dict(roster.plans)
        self._holding.take_over(roster.awaited)
        self._project, self.empty = roster.project, roster.empty
        self._states, self._reading = dict(roster.states), set(roster.reading)

    @property
    def holding(self) -> bool:
        """Whether instances still wait for each other's code."""
        return bool(self._holding.awaited)

    def holds(self, resource: StandInPlan) -> bool:
        """Whether the functions that a resource starts after have not started."""
        return self._holding.holds(resource)

    def populate(self, project: Project) -> None:
        """Let everybody take part that `project` plans; nobody runs yet."""
        self.empty = False
        for stand_in in project.stand_ins:
            self._world.add(new_stand_in(stand_in))
        for plan in project.instances:
            self._add(plan)
        self._world.link_all()
        self._hold(self._holding.companies(project.instances))

    def want_all(self, project: Project) -> None:
        """Have the code of every function."""
        for function in project.functions.values():
            self.code.want(function)

    def adopt(self, project: Project) -> None:
        """Follow a project that has changed: who is new starts, who is gone stops, links lead where they say now."""
        world = self._world
        self._project = project
        before = self._holding.companies(self._plans.values())
        plans = {plan.name: plan for plan in project.instances}
        stand_ins = {plan.name: plan for plan in project.stand_ins}
        for name, old in list(self._plans.items()):
            if name not in plans or plans[name].function != old.function:
                del self._plans[name]
                self._retire(name)
        for actor in [actor for actor in world.actors.values() if isinstance(actor, StandIn)]:
            if actor.name not in stand_ins and not (actor.lasting and actor.name not in plans):
                world.remove(actor.name)
        for gone in {*self._newest, *self._refused, *self.code.views} - project.functions.keys():
            self._newest.pop(gone, None)
            self._refused.pop(gone, None)
            self.code.forget(gone)
        for name, stand_in in stand_ins.items():
            known = world.actors.get(name)
            if isinstance(known, StandIn):
                known.plan = stand_in
            elif known is None:
                world.add(new_stand_in(stand_in))
        companies = self._holding.companies(plans.values())
        self._hold({one: needs for one, needs in companies.items() if one not in before or self._holding.waits(one)})
        for gone_company in before.keys() - companies.keys():
            self._holding.hold(gone_company, ())
        anew: list[tuple[Instance, Module]] = []
        for name, plan in plans.items():
            here = world.actors.get(name)
            if here is None:
                added = self._add(plan)
                if not self._holding.holds(plan):
                    self._start(added)
            elif isinstance(here, Instance) and here.function != plan.function:
                self._retire(name)
            elif isinstance(here, Instance) and here not in self._leaving:
                here.link_names = dict(plan.links)
                planned, self._plans[name] = self._plans.get(name, plan), plan
                if self._init_payload(plan) != self._init_payload(planned):
                    here.init_payload = self._init_payload(plan)
                    if here.module is not None:
                        anew.append((here, here.module))
        world.link_all()
        for instance, module in anew:  # only `handle_init` can be told of another payload
            instance.changed_at_ms = None
            self._life.swap(instance, module, lambda _: None)
        for function_id, function in project.functions.items():
            if function_id not in self.code.views:
                self.code.want(function)

    def take(self, news: Loaded | Refused) -> None:
        """New code is there, or is not to be had. Who runs it already goes on."""
        if self._project is not None and news.function not in self._project.functions:
            return  # it left while its code was on its way
        if isinstance(news, Loaded):
            self._newest[news.function] = news
            self._refused.pop(news.function, None)
        else:
            self._refused[news.function] = news.error
            self._refuse(news)
        for instance in [one for one in self._world.instances() if one.function == news.function]:
            if isinstance(news, Refused) or instance.status == "stopped" or self._holding.holds(instance):
                continue
            if instance.module is None:
                self._start(instance, changed_at=news.changed_at)
            elif instance.module is not news.module or instance.status == "failed":
                self._swap(instance, news)
        self._came(("code", news.function))

    def take_state(self, name: str, state: str | None) -> None:
        """The state that an instance left in an earlier run is known."""
        if name not in self._reading:
            return
        self._reading.discard(name)
        self._states[name] = state
        instance = self._world.actors.get(name)
        if isinstance(instance, Instance) and instance.status == "loading":
            instance.detail = ""
            if not self._holding.holds(instance):
                self._start(instance)
        self._came(("state", name))

    def read_states(self) -> None:
        """Ask for the states that are waited for."""
        for name in self._reading:
            self.keeper.read(name)

    def start_together(self, workflow: Path, instances: Sequence[Instance]) -> None:
        """Stop what runs of these, and start all anew, in this order, once all has ended and all code is there.

        Raises `UserError` when code is not to be had: the platform would refuse the workflow.
        """
        if not instances:
            return
        for instance in instances:
            refused = self._refused.get(instance.function)
            if refused is not None and instance.function not in self._newest:
                raise UserError(
                    f"{workflow.name} is not started: {instance.name} has no code to run ({refused}); "
                    "the platform would refuse the whole workflow, too"
                )
        alive = [one for one in instances if one.guest is not None or one.agenda]
        for instance in instances:
            if instance not in alive:
                instance.status, instance.detail = "loading", ""
        code: set[Token] = {("code", one.function) for one in instances if one.function not in self._newest}
        company = self._holding.company(instances[0])
        ending = self._holding.ends(company)  # of a start before this one: they are not to end twice
        if not self._holding.hold(company, code | ending | {("end", one.name) for one in alive}):
            self._start_company(company)
        stopping = [one for one in alive if ("end", one.name) not in ending]
        self._life.stop_in_turn(stopping, self._ended, lambda: None, held_up="restart")

    def stop_together(self, workflow: Path, instances: Sequence[Instance]) -> None:
        """Stop these, in turn; then the workflow's resources, unless it is to start anew."""

        def stopped(instance: Instance, _: Ending) -> None:
            self._world.leave_callers(instance, "stopped")

        def all_stopped() -> None:
            if not any(self._holding.ends(self._holding.company(one)) for one in instances):
                self.mark_resources(workflow, stopped=True)
                self.stopped(workflow)

        self._life.stop_in_turn(instances, stopped, all_stopped)

    def mark_resources(self, workflow: Path, *, stopped: bool) -> None:
        """The resources of a workflow are stopped with it, or are there again."""
        for actor in self._world.actors.values():
            if isinstance(actor, StandIn) and actor.plan.class_type is not None and actor.plan.workflow == workflow:
                actor.stopped = stopped

    def spawn(self, plan: InstancePlan, state: str | None) -> Instance:
        """One more instance, beside those that the project plans."""
        instance = self._add(plan)
        del self._plans[plan.name]
        self._world.link_all()
        self._start(instance, state)
        return instance

    def restart(self, instance: Instance, loaded: Loaded, state: str | None) -> None:
        """Stop it and start it anew on this code, with `state`."""
        self._life.restart(instance, loaded.module, state, self._went_live(loaded, None))

    def newest(self, function: str) -> Loaded | None:
        """The function's newest code."""
        return self._newest.get(function)

    def all_newest(self) -> list[Loaded]:
        """The newest code of every function that has any."""
        return list(self._newest.values())

    def _add(self, plan: InstancePlan) -> Instance:
        instance = new_instance(plan)
        instance.init_payload = self._init_payload(plan)
        self._plans[plan.name] = plan
        self._world.add(instance)
        self._knows_state(instance)
        return instance

    def _knows_state(self, instance: Instance) -> bool:
        """Whether it is known what state an instance begins with; if not, it is being read."""
        name = instance.name
        known = name in self._options.states or name in self.keeper.left or name in self._states
        if known or not self.keeper.keeps:
            return True
        if name not in self._reading:
            self._reading.add(name)
            instance.detail = "the state it left is being read"
            self.keeper.read(name)
        return False

    def _init_payload(self, plan: InstancePlan) -> str | None:
        return self._options.init_payloads.get(plan.name, plan.init_payload)

    def _start(self, instance: Instance, state: str | None = None, changed_at: float | None = None) -> None:
        loaded, refused = self._newest.get(instance.function), self._refused.get(instance.function)
        if loaded is None:
            if refused is not None:
                self._life.fail(instance, refused)
            return
        if state is None and not self._knows_state(instance):
            return
        if state is None:
            name = instance.name
            state = self._options.states.get(name, self.keeper.left.get(name, self._states.get(name)))
        self._life.start(instance, loaded.module, state, self._went_live(loaded, changed_at))

    def _swap(self, instance: Instance, loaded: Loaded) -> None:
        changed_at = loaded.changed_at
        instance.changed_at_ms = None if changed_at is None else lambda: (time.time() - changed_at) * 1000
        self._life.swap(instance, loaded.module, self._went_live(loaded, changed_at))

    def _went_live(self, loaded: Loaded, changed_at: float | None) -> WentLive:
        return WentLive(lambda: self.code, loaded, changed_at, time.perf_counter())

    def _refuse(self, news: Refused) -> None:
        for instance in self._world.instances():
            if instance.function == news.function:
                self._life.fail(instance, news.error)

    def _ended(self, instance: Instance, how: Ending) -> None:
        """One that is to start anew with others has ended."""
        if how not in FOR_GOOD:
            self._world.held_up.pop(instance, None)
            instance.status, instance.detail = "loading", ""
        self._came(("end", instance.name))

    def _hold(self, companies: Mapping[Company, set[str]]) -> None:
        """Let them wait for code that is not there yet, and start who need not wait any more."""
        for company, needs in companies.items():
            waited = self._holding.waits(company)
            ends = self._holding.ends(company)
            unknown = needs - self._newest.keys() - self._refused.keys()
            states = [
                name
                for name in self._reading
                if (plan := self._plans.get(name)) is not None and self._holding.company(plan) == company
            ]
            tokens = [*ends, *(("code", name) for name in unknown), *(("state", name) for name in states)]
            if not self._holding.hold(company, tokens) and waited:
                self._start_company(company)

    def _came(self, token: Token) -> None:
        for company in self._holding.came(token):
            self._start_company(company)

    def _start_company(self, company: Company) -> None:
        for instance in self._world.instances():
            if self._holding.company(instance) != company or instance.guest is not None:
                continue
            loaded = self._newest.get(instance.function)
            if instance.status == "loading" and instance.module is not None and loaded is not None:
                self._life.forget_messages(instance)  # on the platform it would be another instance
                self._life.start_anew(instance, loaded.module, None, self._went_live(loaded, None))
            elif instance.status in ("loading", "failed"):
                self._start(instance)
        self.started()

    def _retire(self, name: str) -> None:
        actor = self._world.actors[name]
        if not isinstance(actor, Instance) or actor in self._leaving:
            return

        def gone(_: Ending) -> None:
            self.keeper.leave(actor)
            self._world.remove(name)
            self._leaving.remove(actor)
            if self._project is not None:
                self.adopt(self._project)  # a stand-in may have waited for the name

        self._leaving.append(actor)
        self._life.stop(actor, gone, held_up="stop")
