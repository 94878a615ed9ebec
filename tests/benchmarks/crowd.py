"""What a command, a timer and a picture cost when much waits, and with many instances, against the same with little."""

from __future__ import annotations

import asyncio
import statistics
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from tests.benchmarks.engine import QUIET
from tests.benchmarks.figure import Figure
from tests.benchmarks.sessions import PATIENCE_S
from tests.session.playing import Play, plan, project
from tests.tui.stub import StubSession
from tests.tui.stub import project as stub_project
from workbench.config.settings import Limits, Settings
from workbench.session.commands import Kill, Send
from workbench.session.view import InstanceView, View
from workbench.tui.app import Workbench

LITTLE, MUCH = 1_000, 50_000
FEW_TIMERS, MANY_TIMERS = 5_000, 80_000
A_FEW, FEW, MANY = 5, 1_000, 5_000
TIMES = 50
GOAL = 3.0
LOOK_MS = 10.0
"""Of the 50 there are from one look to the next."""
ROOM = Settings(limits=Limits(mailbox=10_000_000))


def measure() -> list[Figure]:
    with tempfile.TemporaryDirectory() as directory:
        root = Path(directory)
        return [_sends(root), _timers(root), *_instances(root), asyncio.run(_looks(root))]


def _open(root: Path, instances: int) -> Play:
    plans = [plan(f"a{number}") for number in range(instances)]
    play = Play(project(root, *plans, stand_ins=("desk",)), QUIET, ROOM)
    play.session.wait_idle(PATIENCE_S)
    return play


def _ms_of_a_send(play: Play, target: str) -> float:
    took = []
    for _ in range(TIMES):
        began = time.perf_counter()
        play.do(Send(target, b""))
        took.append((time.perf_counter() - began) * 1000)
    return statistics.median(took)


def _sends(root: Path) -> Figure:
    play = _open(root, 1)
    try:
        little, much = _beside_calls(play, LITTLE), _beside_calls(play, MUCH)
    finally:
        play.session.close()
    return _figure(f"a command while {MUCH:,} calls wait", "ms", much, little, f"while {LITTLE:,} wait")


def _beside_calls(play: Play, count: int) -> float:
    play.do(Send("desk", b"", call=True, repeat=count - play.instance("desk").mailbox))
    play.until(lambda: play.instance("desk").mailbox == count, PATIENCE_S)
    return _ms_of_a_send(play, "desk")


def _timers(root: Path) -> Figure:
    few, many = _us_of_a_timer(root, FEW_TIMERS), _us_of_a_timer(root, MANY_TIMERS)
    return _figure(f"a timer of {MANY_TIMERS:,}", "us", many, few, f"of {FEW_TIMERS:,}")


def _us_of_a_timer(root: Path, count: int) -> float:
    """To set it and to let it fire."""
    play = Play(project(root, plan("a0")), replace(QUIET, until_ms=None), ROOM)
    try:
        play.session.wait_idle(PATIENCE_S)
        script = "delayed 5000 self\n" * 1000
        began = time.perf_counter()
        play.do(Send("a0", script.encode(), repeat=count // 1000))
        play.session.wait_idle(PATIENCE_S)
        return (time.perf_counter() - began) / count * 1e6
    finally:
        play.session.close()


def _instances(root: Path) -> list[Figure]:
    sends, ends = [], []
    for count in (FEW, MANY):
        play = _open(root, count)
        try:
            sends.append(_ms_of_a_send(play, "a0"))
            play.do(Kill("a1"))
        finally:
            began = time.perf_counter()
            play.session.close()
            ends.append((time.perf_counter() - began) / count * 1000)
    return [
        Figure(
            f"a command beside {MANY:,} instances", "ms", sends[1], sends[0], f"beside {FEW:,}", f"{sends[1]:.1f} ms",
            "at most 50 ms", sends[1] <= 50,
        ),
        _figure(f"the end of an instance of {MANY:,}", "ms", ends[1], ends[0], f"of {FEW:,}"),
    ]  # fmt: skip


async def _looks(root: Path) -> Figure:
    few, many = await _ms_of_a_look(root, A_FEW), await _ms_of_a_look(root, MANY)
    name = f"a look of the screen at {MANY:,} instances, one of them busy"
    return Figure(name, "ms", many, few, f"at {A_FEW}", f"{many:.1f} ms", f"at most {LOOK_MS:g} ms", many <= LOOK_MS)


async def _ms_of_a_look(root: Path, count: int) -> float:
    """Processor time of the screen's thread."""
    instances = tuple(InstanceView(f"a{number}", "a", "idle", memory_bytes=1 << 20) for number in range(count))
    session = StubSession(View(stub_project(root), instances))
    app = Workbench(session, root / "config")
    took = []
    async with app.run_test(size=(160, 45)):
        for number in range(TIMES):
            session.show(instances=(replace(instances[0], rate=10.0 + number), *instances[1:]))
            began = time.thread_time()
            app.look()
            took.append((time.thread_time() - began) * 1000)
    return statistics.median(took)


def _figure(name: str, unit: str, ours: float, other: float, against: str) -> Figure:
    ratio = ours / other
    return Figure(name, unit, ours, other, against, f"{ratio:.1f} times", f"at most {GOAL:g} times", ratio <= GOAL)
