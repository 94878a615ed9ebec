"""What the actions about order and time do."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from workbench.session.commands import Pause, Run, Step
from workbench.tui.stepping.actions import STEPPING
from workbench.tui.stepping.breaking import break_here, show_breakpoints
from workbench.tui.stepping.past import jump_here, present, rerun, self_check, step_back, switch_line
from workbench.tui.stepping.times import advance, choose_clock, next_timer, shuffle, switch_strict
from workbench.tui.stepping.until import run_until
from workbench.tui.stepping.waiting import (
    delay,
    drop,
    duplicate,
    edit,
    hold,
    move_down,
    move_up,
    redirect,
    release,
    release_all,
    step_this,
)

if TYPE_CHECKING:
    from workbench.tui.app import Workbench

Deed = Callable[["Workbench"], None]


def _pause_or_run(app: Workbench) -> None:
    app.ask(Run() if app.now().paused else Pause())


def _step_instance(app: Workbench) -> None:
    app.ask(Step(instance=app.selection.instance))


def _step(step: Step) -> Deed:
    return lambda app: app.ask(step)


STEPPING_DEEDS: Mapping[str, Deed] = {
    "pause-run": _pause_or_run,
    "step": _step(Step()),
    "step-over": _step(Step("over")),
    "step-out": _step(Step("out")),
    "step-instance": _step_instance,
    "run-until": run_until,
    "breakpoints": show_breakpoints,
    "break-here": break_here,
    "step-event": step_this,
    "edit-event": edit,
    "drop-event": drop,
    "duplicate-event": duplicate,
    "delay-event": delay,
    "redirect-event": redirect,
    "move-up": move_up,
    "move-down": move_down,
    "hold-event": hold,
    "release-event": release,
    "release-all": release_all,
    "clock": choose_clock,
    "next-timer": next_timer,
    "advance": advance,
    "shuffle": shuffle,
    "strict": switch_strict,
    "step-back": step_back,
    "jump": jump_here,
    "present": present,
    "lines": switch_line,
    "rerun": rerun,
    "self-check": self_check,
}

assert STEPPING_DEEDS.keys() == {action.id for action in STEPPING}
