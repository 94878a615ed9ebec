"""Control: what becomes of each command, in the present and in the past."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from typing import ClassVar

from msgspec.structs import replace

from workbench.errors import UserError
from workbench.session.actors import Instance
from workbench.session.commands import (
    Advance,
    CancelBuild,
    Command,
    DropBreakpoint,
    Jump,
    Pause,
    Rebuild,
    Rerun,
    Run,
    SelfCheck,
    SetBreakpoint,
    SetClock,
    SetResource,
    StartWorkflow,
    Step,
    StepBack,
    SwitchLine,
    SwitchProfile,
)
from workbench.session.inputs import Deed, Fire
from workbench.session.stage import Stage
from workbench.session.stepper import Stepper
from workbench.session.supply import Supply
from workbench.session.travel import Travel
from workbench.session.world import has_work
from workbench.units import format_duration

SCALES = (0.1, 1000.0)


class Control:
    """Does commands on the engine's thread. What changes the past goes on from there, on a line of its own."""

    def __init__(self, stepper: Stepper, travel: Travel, supply: Supply) -> None:
        self._stepper, self._travel, self._supply = stepper, travel, supply

    def do(self, command: Command, future: Future[object]) -> None:
        """Do it; `future` gets its result, at once or when it is known. Raises `UserError` for what is wrong."""
        try:
            self._do(command, future)
        except UserError:
            self._travel.take_back()
            raise
        self._travel.confirm()

    def _do(self, command: Command, future: Future[object]) -> None:
        act = self._ACTS.get(type(command))
        if act is not None:
            future.set_result(act(self, command))
        elif isinstance(command, Rebuild | CancelBuild | SwitchProfile):
            self._travel.live.deeds.do(command, future)
        else:
            self._here().do(Deed(command), future)

    def _here(self) -> Stage:
        """Where things happen from now on: the present, or the past, which thereby becomes a line of its own."""
        if self._travel.visit is not None:
            self._travel.fork()
        return self._travel.live

    def _set_resource(self, command: SetResource) -> None:
        self._supply.set(command, self._here())

    def _start_workflow(self, command: StartWorkflow) -> None:
        stage = self._here()
        stage.do(Deed(command))
        self._supply.reopen(command.path, stage)

    # ---- stepping

    def _pause(self, command: Pause) -> None:
        if self._stepper.mode != "paused":
            newest = self._travel.live.journal.end - 1
            self._stepper.pause("by hand", newest if newest >= 0 else None)

    def _run(self, command: Run) -> None:
        self._stepper.check(command.until)
        self._here()
        self._stepper.run(command.until)

    def _step(self, command: Step) -> None:
        travel = self._travel
        if travel.visit is not None and command.event is None and command.instance is None:
            travel.forward(whole=command.how != "into")
            return
        ran = self._stepper.mode == "running"
        if self._stepper.mode != "paused":
            self._stepper.pause("paused")
        stage = self._here()
        try:
            chosen = self._chosen(command, stage)
        except UserError:
            if ran:  # what is refused changes nothing
                self._stepper.run(None)
            raise
        if chosen is not None:
            self._stepper.step(command, chosen)
        else:
            self._stepper.pause("it has come about, and nobody handles it", stage.journal.end - 1)

    def _chosen(self, command: Step, stage: Stage) -> Instance | None:
        """Whose turn the step lets come; None when it came to nobody. Raises `UserError` when there is nothing to step.

        While nobody has anything to do, what is due next comes about.
        """
        if command.event is not None:
            chosen: Future[object] = Future()
            stage.do(Deed(command), chosen)
            instance = chosen.result()
            assert instance is None or isinstance(instance, Instance)
            return instance
        if command.instance is not None:
            instance = stage.deeds.instance(command.instance)
            if not has_work(instance) or instance not in stage.world.ready:
                raise UserError(f"nothing waits that {instance.name} could do now: it {_why(instance)}")
            return instance
        end = stage.journal.end
        while (ready := next(filter(has_work, stage.world.ready), None)) is None:
            if stage.journal.end > end:
                return None
            self._fire_next(stage)
        return ready

    @staticmethod
    def _fire_next(stage: Stage) -> None:
        next_ms = stage.next_ms
        if next_ms is None:
            raise UserError("nothing waits that could be stepped: send a message, or answer a call")
        if next_ms > stage.clock.tick() and stage.clock.kind == "frozen":
            wait = format_duration(round(next_ms - stage.clock.now()) or 1)
            raise UserError(f"only timers wait, the next for {wait} more, and the clock is frozen: advance it")
        stage.clock.advance(next_ms)
        timers = stage.world.timers
        if next_ms != timers.next_ms:
            stage.do_coming()
            return
        while timers.next_ms is not None and timers.next_ms <= stage.clock.now():  # as they do when nobody steps
            by_hand = timers.next_is_by_hand
            stage.do(Fire())
            if by_hand:
                return

    def _set_breakpoint(self, command: SetBreakpoint) -> int:
        number = self._stepper.set(command)
        self._hold(replace(command, number=number))
        return number

    def _drop_breakpoint(self, command: DropBreakpoint) -> None:
        self._stepper.drop(command)
        self._hold(command)

    def _hold(self, command: SetBreakpoint | DropBreakpoint) -> None:
        stage = self._travel.live
        holds = {hold.number for hold in stage.world.holds}
        if command.number in holds or (isinstance(command, SetBreakpoint) and command.hold):
            stage.do(Deed(command))

    # ---- time

    def _set_clock(self, command: SetClock) -> None:
        if command.kind == "scaled" and not SCALES[0] <= command.scale <= SCALES[1]:
            raise UserError(
                f"the clock can go from {SCALES[0]:g} to {SCALES[1]:,.0f} times as fast, not {command.scale:g}"
            )
        self._travel.live.clock.set(command.kind, command.scale)

    def _advance(self, command: Advance) -> None:
        stage = self._here()
        by_ms = command.by_ms
        if by_ms is not None and by_ms < 0:
            raise UserError("the clock goes forward only; to be earlier, go back to a moment of the past")
        timers, now = stage.world.timers, stage.clock.tick()
        to_ms = timers.next_ms if by_ms is None else now + by_ms
        if to_ms is None:
            raise UserError("no timer is set that the clock could be advanced to")
        while (next_ms := timers.next_ms) is not None and next_ms <= to_ms:
            stage.clock.advance(next_ms)
            end = stage.journal.end
            stage.do(Fire())
            if stage.world.halted:
                return
            if end == stage.journal.end and timers.next_ms == next_ms and timers.next_is_by_hand:
                break  # what is sent by hand waits for room in a mailbox
        stage.clock.advance(to_ms)

    # ---- going back

    def _jump(self, command: Jump) -> None:
        self._stand()
        self._travel.jump(command.seq)

    def _back(self, command: StepBack) -> None:
        self._stand()
        self._travel.back(command.events)

    def _switch(self, command: SwitchLine) -> None:
        self._stand()
        self._travel.switch(command.number)

    def _rerun(self, command: Rerun) -> None:
        self._stand()
        self._travel.rerun(command.seq)
        self._stepper.run(None)

    def _check(self, command: SelfCheck) -> object:
        return self._travel.check()

    def _stand(self) -> None:
        if self._stepper.mode != "paused":
            self._stepper.pause("paused")

    _ACTS: ClassVar[dict[type, Callable[..., object]]] = {
        Pause: _pause, Run: _run, Step: _step, SetBreakpoint: _set_breakpoint, DropBreakpoint: _drop_breakpoint,
        SetClock: _set_clock, Advance: _advance, Jump: _jump, StepBack: _back, SwitchLine: _switch, Rerun: _rerun,
        SelfCheck: _check, SetResource: _set_resource,
        StartWorkflow: _start_workflow,
    }  # fmt: skip


def _why(instance: Instance) -> str:
    if instance.waits_on is not None:
        return f"waits for {instance.waits_on.name}"
    return f"is {instance.status}" if instance.guest is None else "has an empty mailbox"
