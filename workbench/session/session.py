"""The session: the one object a front drives. Commands go in, views and journal records come out."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, InvalidStateError
from contextlib import suppress
from functools import partial
from pathlib import Path

from workbench import places
from workbench.build.events import Failed, Finished, Unchanged
from workbench.build.watcher import Watcher
from workbench.config import Settings, settings_for
from workbench.errors import UserError
from workbench.host.engine import SLICE_SECONDS, Host
from workbench.journal import Journal
from workbench.project.model import Function, Problem, Project
from workbench.project.targets import refresh
from workbench.records import Profile
from workbench.session import picture
from workbench.session.actors import Instance
from workbench.session.clock import Clock
from workbench.session.code import Code, Loaded, Refused
from workbench.session.commands import Command, Shuffle, SwitchProfile
from workbench.session.control import Control
from workbench.session.engine import Engine
from workbench.session.history import History
from workbench.session.inbound import Inbound
from workbench.session.inputs import Built, Deed, Input, Kept, Limited, News, Overdue, Plan, weight_of
from workbench.session.keeping import Keeper
from workbench.session.line import Line
from workbench.session.node_lints import note_stops
from workbench.session.options import Options
from workbench.session.outside import Outside
from workbench.session.queue import stepping_view
from workbench.session.stage import Stage, Terms
from workbench.session.stepper import Stepper
from workbench.session.supply import Supply
from workbench.session.travel import Travel
from workbench.session.view import View
from workbench.threads import ThreadDied
from workbench.units import format_size

__all__ = ["Options", "Session"]

GRACE_S, MOST_GRACE_S = 3.0, 15.0
"""When the session closes: how long it waits for one more `handle_stop` to end, and for all of them."""
KEEPING_S = 2.0
"""How long states may take to be written when the session closes."""
ROUNDS = 20
"""So often the engine has worked for a moment meanwhile: a machine that is busy is nobody's fault."""


class Session:
    """Runs a project. `open` it, drive it from any thread, `close` it; nothing runs before and after."""

    def __init__(self, project: Project, settings: Settings, options: Options) -> None:
        self._project, self._settings, self._options = project, settings, options
        self._on_disk = project, settings
        """As the files were when they were read last; the watcher's thread reads them."""
        bounds = settings.journal
        self._faults: list[ThreadDied] = []
        self._host = Host(self._died)
        terms = Terms(self._host, options, self._limits())
        self._code = Code(
            self._host, places.build_directory(), options.build,
            options.profile or settings.profile, self._post_code, self._post_build, self._died,
        )  # fmt: skip
        self._keeper = Keeper(options.state_directory or settings.state_directory, self._post_kept, self._died)
        journal, clock = Journal(bounds.records, bounds.bytes), Clock(options.clock, options.scale)
        stage = Stage(terms, journal, clock, self._code, self._keeper, project, recording=options.history)
        stage.history = History() if options.history else None
        self._stepper = Stepper(stage, options.paused)
        first = Line(1, None, None, journal, stage.history, stage)
        self._outside = Outside(project.root, project.own_directory.parent, self._post_outside, options.http_port)
        self._inbound = Inbound(lambda job: self._engine.post(job))
        self._supply = Supply(self._outside, options.real, lambda job: self._engine.post(job))
        self._travel = Travel(
            first, self._code, self._keeper, self._enter, self._supply.enter, self._stepper.holds
        )  # fmt: skip
        self._supply.enter(stage)
        self._take_up(stage)
        self._control = Control(self._stepper, self._travel, self._supply)
        self._engine = Engine(
            stage, self._stepper, options.until_ms, self._is_busy, self._chores, self._tell, self._answer_all
        )
        self._watcher: Watcher | None = None
        self._profile = settings.profile
        self._rates, self._actors = picture.Rates(), picture.Actors()
        self._told: list[tuple[Future[object], Future[object]]] = []
        """The commands that are done and not told of yet, and their results."""
        self._view = View(project)
        self._problems: tuple[Problem, ...] = ()
        self._open: set[Future[object]] = set()
        self._closed = False

    @property
    def journal(self) -> Journal:
        """What has happened on the present's line. Another object once one went back and went on from there."""
        return self._travel.present.journal

    # ---- for fronts

    def open(self) -> None:
        """Start: build, watch and run as the options say."""
        stage = self._travel.live
        if stage.history is not None:
            stage.history.checkpoint(stage)
        stage.do(Plan(self._project))
        self._supply.follow(self._project, stage)
        if self._options.shuffle is not None:
            stage.do(Deed(Shuffle(self._options.shuffle)))
        for rule in self._options.rules:
            stage.do(Deed(rule))
        for command in self._options.breakpoints:
            self._control.do(command, Future())
        self._picture()
        self._engine.start()
        if self._options.watch:
            self._watcher = Watcher(self._watched(), self._changed, poll=self._settings.poll, died=self._died)
        self._engine.post(lambda: stage.population.want_all(self._project))

    def close(self) -> None:
        """End in good order: `handle_stop` everywhere for a short while, then builds and threads. Twice is once.

        Raises what broke a thread of the session, or a listener of the journal, should anything have.
        """
        if self._closed:
            return
        self._closed = True
        if self._watcher is not None:
            self._watcher.close()
        self._engine.post(self._stop_all)
        self._let_them_end()
        self._engine.post(self._kill_all)
        self._engine.close()
        self._outside.close()
        self._keeper.close(KEEPING_S)
        self._code.close()
        self._host.close()
        self._answer_all(UserError("the session was closed before it was done"))
        if self._keeper.problems and self._engine.failure is None:
            self._picture()
        for fault in (self._engine.failure, *self._faults, self.journal.failure):
            if fault is not None:
                raise fault

    def _let_them_end(self) -> None:
        """Wait as long as one instance after the other ends, but not too long."""
        began = progress = time.monotonic()
        alive, in_vain = self._alive(), 0
        while alive and self._engine.failure is None:
            now = time.monotonic()
            if now > began + MOST_GRACE_S or (now > progress + GRACE_S and in_vain > ROUNDS):
                return
            in_vain += self._engine.wait_a_little()
            before, alive = alive, self._alive()
            if alive < before:
                progress, in_vain = time.monotonic(), 0

    def submit(self, command: Command) -> Future[object]:
        """Have `command` done between two events. What the user got wrong is the future's exception, a `UserError`."""
        future: Future[object] = Future()

        def job() -> None:
            if not future.set_running_or_notify_cancel():
                return
            done: Future[object] = Future()
            try:
                self._control.do(command, done)
            except Exception as error:  # a fault of ours is the front's to show; nobody may wait for ever
                done.set_exception(error)
            self._told.append((future, done))

        if self._closed:
            future.set_exception(UserError("the session is closed"))
            return future
        self._open.add(future)  # before anybody may do it: it is answered, whatever happens to the engine
        future.add_done_callback(self._open.discard)
        size, most = weight_of(Deed(command)), self._limits().mailbox_bytes
        if not self._inbound.post(size, most, job):
            much = f"{format_size(most)} are on their way to the engine already (limits.mailbox_bytes)"
            future.set_exception(UserError(f"{much}: wait until they are taken, then send this again"))
            return future
        if self._engine.failure is not None:  # it may not have seen this one when it died
            self._answer_all(self._engine.failure)
        elif self._closed and not future.done():  # closed since, by another thread, which may not have seen it
            future.cancel()
        return future

    def view(self) -> View:
        """The newest picture: taken 20 times a second while anything happens, twice while all rests.

        Raises `ThreadDied` once the engine has.
        """
        if self._engine.failure is not None:
            raise self._engine.failure
        return self._view

    def wait_idle(self, timeout: float) -> bool:
        """Wait up to `timeout` seconds until nothing is left to do; False when that took longer.

        Raises `ThreadDied` once the engine has.
        """
        return self._engine.wait_idle(timeout)

    # ---- what comes from other threads

    def _died(self, death: ThreadDied) -> None:
        self._faults.append(death)
        self._engine.post(self._picture)

    def _answer_all(self, error: UserError) -> None:
        """Nothing that was asked for is done any more."""
        for future in list(self._open):
            with suppress(InvalidStateError):  # whoever asked may have given it up just now
                future.set_exception(error)

    def _post_code(self, news: Loaded | Refused) -> None:
        self._engine.post(lambda: self._travel.live.do(News(news)))

    def _post_kept(self, instance: str, state: str | None) -> None:
        self._engine.post(lambda: self._travel.live.do(Kept(instance, state)))

    def _post_outside(self, what: Input) -> None:
        most = self._limits().mailbox_bytes
        self._inbound.come(what, most, lambda one: self._travel.come(one), self._refuse_to_answer)

    def _refuse_to_answer(self, token: int) -> None:
        self._outside.answered(token, "err", b"")

    def _post_build(self, event: Finished | Failed | Unchanged, profile: Profile) -> None:
        if isinstance(event, Failed) and event.cancelled:
            return
        if not isinstance(event, Unchanged):
            self._engine.post(lambda: self._travel.live.do(Built(event, profile)))
        self._watch(since=time.time() - event.duration_ms / 1000)  # what it read may have been changed meanwhile

    def _changed(self, changes: Mapping[Path, float]) -> None:
        """Files have changed. They are read here, on the watcher's thread."""
        project, settings = self._on_disk
        problems: tuple[Problem, ...] = ()
        changes = {path: at for path, at in changes.items() if not settings.ignores(path)}
        if any(path.suffix != ".rs" for path in changes):
            try:
                settings = settings_for(project.targets)
            except UserError as error:
                problems = (Problem("error", error),)
            project = refresh(project, settings)
            self._on_disk = project, settings
            self._engine.post(lambda: self._follow(project, settings, problems))
        self._engine.post(lambda: self._take_changes(changes))
        self._watch()

    # ---- on the engine's thread

    def _is_busy(self) -> bool:
        stage = self._travel.live
        awaited = stage.population.holding and not stage.coming  # else what is awaited may be to come again
        asked = self._outside.works_on_any(stage.world.standing)
        return (
            bool(stage.world.held_up) or asked or self._outside.busy or self._code.busy or self._keeper.busy or awaited
        )

    def _chores(self) -> None:
        stage = self._travel.live
        if self._stepper.mode == "paused":
            stage.life.be_patient()
        else:
            for instance, reason in stage.life.overdue():
                stage.do(Overdue(instance.name, reason))
        self._travel.tend()
        self._rates.sample(stage.world)
        self._keeper.keep(stage.world.instances())
        self._picture()

    def _tell(self) -> None:
        """Tell of the commands that are done; who hears of one finds it in the view."""
        if not self._told:
            return
        self._picture()
        told, self._told = self._told, []
        for future, done in told:
            done.add_done_callback(partial(_pass_on, future))

    def _enter(self, stage: Stage) -> None:
        if stage is self._travel.live:
            self._supply.enter(stage)
            self._engine.post(lambda: self._take_up(stage))  # once it is sure that it is not taken back
        self._engine.stage = stage
        self._stepper.move_to(stage)

    def _take_up(self, stage: Stage) -> None:
        if stage is self._travel.live:
            self._supply.take_up(stage, self._travel.replied, self._travel.done)

    def _take_changes(self, changes: Mapping[Path, float]) -> None:
        self._code.follow(self._project.functions.values(), changes)
        self._picture()

    def _follow(self, project: Project, settings: Settings, problems: tuple[Problem, ...]) -> None:
        """The project is as its files say now."""
        before = self._project.functions
        self._project, self._settings, self._problems = project, settings, problems
        self._settle_rules()
        stage = self._travel.live
        stage.do(Plan(self._project))
        for name, function in self._project.functions.items():
            if name in before and _made_by(before[name]) != _made_by(function):
                self._code.want(function)
        self._supply.follow(self._project, stage)

    def _limits(self) -> Limited:
        """What holds for instances, by options and settings."""
        options, limits = self._options, self._settings.limits
        return Limited(
            options.memory_bytes or limits.memory_bytes, options.time_ms or limits.time_ms,
            options.mailbox or limits.mailbox, options.mailbox_bytes or limits.mailbox_bytes,
        )  # fmt: skip

    def _settle_rules(self) -> None:
        """Take up what the settings say now."""
        stage, settings = self._travel.live, self._settings
        if self._limits() != stage.limits:
            stage.do(self._limits())
        self.journal.bound(settings.journal.records, settings.journal.bytes)
        self._keeper.move(self._options.state_directory or settings.state_directory)
        if self._options.profile is None and settings.profile != self._profile:
            self._profile = settings.profile
            self._control.do(SwitchProfile(settings.profile), Future())

    def _watch(self, since: float | None = None) -> None:
        if self._watcher is not None:
            self._watcher.watch(self._watched(), poll=self._on_disk[1].poll, since=since)

    def _watched(self) -> frozenset[Path]:
        project, _ = self._on_disk
        functions = project.functions.values()
        built = self._code.builder.watched(functions) if self._code.builder is not None else frozenset()
        return built | frozenset(project.watch)

    def _unwatched(self) -> tuple[Problem, ...]:
        """What changes without being heeded."""
        problem = None if self._watcher is None else self._watcher.problem
        errors = [] if problem is None else [problem]
        for function, path in self._code.own_writes(self._project.functions.values()):
            if not self._settings.ignores(path):
                message = (
                    f"this changes with each build of {function.id}, so it is not built again for that; if the build "
                    f"writes it, put [watch] ignore = [{json.dumps(path.name)}] into workbench.toml, else save it again"
                )
                errors.append(UserError(message, path=path))
        return tuple(Problem("warning", error) for error in errors)

    def _stop_all(self) -> None:
        self._travel.jump(None)
        self._stepper.let_all_go()
        stage = self._travel.live
        stage.world.holds.clear()
        note_stops(stage.world, stage.world.instances())
        stage.life.stop_in_turn(stage.world.instances(), lambda *_: None, lambda: None, held_up="closed")

    def _kill_all(self) -> None:
        stage = self._travel.live
        stage.life.close()
        for instance in stage.world.instances():
            had_time = instance.guest_s >= SLICE_SECONDS or instance.waiting_call is not None
            overran = instance.callback == "handle_stop" and had_time
            stage.handling.kill(instance, "the session was closed", "limit" if overran else "closed")
        self._keeper.keep(stage.world.instances())
        self._picture()

    def _alive(self) -> int:
        actors = list(self._travel.live.world.actors.values())
        return sum(isinstance(actor, Instance) and actor.guest is not None for actor in actors)

    def _deaf(self) -> Iterator[Problem]:
        """What broke in those who follow the journal."""
        failure = self.journal.failure
        if failure is not None:
            words = f"{type(failure).__name__}: {failure}"
            yield Problem("error", UserError(f"a listener of the journal broke, and hears nothing any more: {words}"))

    def _picture(self) -> None:
        world, project = self._travel.shown.world, self._project
        self._view = View(
            project=project,
            instances=self._actors.take(world, self._rates, self._outside.reports, self._supply.workflow_ids(project)),
            builds=tuple(view for name, view in self._code.views.items() if name in project.functions),
            pending_calls=self._actors.pending_calls(world),
            problems=(
                *(Problem("error", fault) for fault in self._faults),
                *project.problems,
                *self._problems,
                *self._unwatched(),
                *self._keeper.problems,
                *self._supply.problems,
                *self._deaf(),
            ),
            profile=self._code.profile,
            clock=self._travel.live.clock.kind,
            t_ms=world.clock.tick(),
            events=world.handled,
            rate=self._rates.rate(""),
            traps=world.traps,
            notes=world.notes,
            timers=len(world.timers),
            toolchain=self._code.missing,
            idle=self._engine.idle,
            stepping=stepping_view(self._stepper, self._travel),
        )


def _made_by(function: Function) -> tuple[object, ...]:
    """How a function's code is made."""
    return function.manifest, function.command, function.wasm


def _pass_on(future: Future[object], done: Future[object]) -> None:
    if future.done():  # the session was closed meanwhile
        return
    error = done.exception()
    if error is not None:
        future.set_exception(error)
    else:
        future.set_result(done.result())
