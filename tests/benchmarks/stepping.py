"""What stepping and going back cost: while not in use, with checkpoints, and on the way to a moment of the past."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import replace

from tests.benchmarks.engine import QUIET
from tests.benchmarks.figure import Figure, median
from tests.benchmarks.sessions import running
from workbench import assets
from workbench.session.commands import DropBreakpoint, Jump, Send, SetBreakpoint, StepBack
from workbench.session.session import Session

ROUNDS, EVENTS = 15, 10_000
HISTORY_EVENTS, VISITS = 100_000, 60


def measure() -> list[Figure]:
    return [_unused(), _checkpoints(), *_visits()]


def _send(session: Session, events: int = EVENTS) -> float:
    """Let the counter handle events; how many a second."""
    began = time.perf_counter()
    session.submit(Send("counter", b"1", repeat=events)).result()
    session.wait_idle(600)
    return events / (time.perf_counter() - began)


def _unused() -> Figure:
    with running(assets.samples() / "counter", QUIET) as session:

        def with_breakpoints_off() -> float:
            numbers = [
                session.submit(SetBreakpoint("kind:trap", on=False, hold=hold)).result() for hold in (True, False)
            ]
            rate = _send(session)
            for number in numbers:
                assert isinstance(number, int)
                session.submit(DropBreakpoint(number)).result()
            return rate

        rounds = [(with_breakpoints_off(), _send(session)) for _ in range(ROUNDS)]
    return _rate("stepping not in use", rounds, "the engine without breakpoints", 0.95)


def _checkpoints() -> Figure:
    counter = assets.samples() / "counter"
    with running(counter, replace(QUIET, history=True)) as kept, running(counter, QUIET) as plain:
        rounds = [(_send(kept), _send(plain)) for _ in range(ROUNDS)]
    return _rate("checkpoints on", rounds, "the engine without", 0.5)


def _rate(name: str, rounds: list[tuple[float, float]], against: str, goal: float) -> Figure:
    ratio = median(ours / other for ours, other in rounds)
    ours, other = (median(rates) for rates in zip(*rounds, strict=True))
    return Figure(name, "/s", ours, other, against, f"{ratio:.2f} of it", f"at least {goal:.2f}", ratio >= goal)


def _visits() -> list[Figure]:
    with running(assets.samples() / "counter", replace(QUIET, history=True)) as session:
        took_ms = 1000 * HISTORY_EVENTS / _send(session, HISTORY_EVENTS)
        first = session.view().stepping.horizon or 0
        draw = random.Random(1)

        def jump() -> None:
            session.submit(Jump(draw.randrange(first, session.journal.end))).result()

        def back() -> None:
            session.submit(StepBack()).result()

        jumps = _times_ms(jump)
        session.submit(Jump(None)).result()
        backs = _times_ms(back)
    against = f"the {HISTORY_EVENTS:,} events themselves"
    return [
        Figure("back one event", "ms", backs, took_ms, against, f"{backs:.1f} ms", "at most 20 ms", backs <= 20),
        Figure("jump anywhere", "ms", jumps, took_ms, against, f"{jumps:.1f} ms", "at most 200 ms", jumps <= 200),
    ]


def _times_ms(act: Callable[[], None]) -> float:
    times = []
    for _ in range(VISITS):
        began = time.perf_counter()
        act()
        times.append((time.perf_counter() - began) * 1000)
    return median(times)
