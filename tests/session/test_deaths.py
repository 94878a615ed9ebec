"""What a fault of the workbench in one of its threads brings about: it is told, and whoever waits is answered."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path

import pytest

from tests.headless.small import slow_to_compile
from tests.session.playing import DEADLINE_S, Play, plan, project
from workbench import threads
from workbench.errors import UserError
from workbench.project.model import Project
from workbench.records import Handled, Record
from workbench.session.commands import Advance, Command, Rebuild, Send
from workbench.session.session import Options
from workbench.threads import ThreadDied

PREBUILT = Options(clock="virtual", watch=False, build=False)


@pytest.fixture
def broken() -> Iterator[list[Play]]:
    """Sessions that have a fault: closing one tells of it."""
    plays: list[Play] = []
    yield plays
    for play in plays:
        with pytest.raises(ThreadDied):
            play.session.close()


def ends(future: Future[object]) -> str:
    """What a command that nobody does any more is answered with."""
    with pytest.raises(UserError) as error:
        future.result(DEADLINE_S)
    return str(error.value)


def with_a_function(given: Project, **changes: object) -> Project:
    """The project, and in it a second function, like its first but for the changes, and an instance `b` of it."""
    [first] = given.functions.values()
    second = replace(first, id="other", **changes)  # type: ignore[arg-type]
    functions = {**given.functions, "other": second}
    return replace(given, functions=functions, instances=(*given.instances, plan("b", function="other")))


def break_the_engine(play: Play) -> None:
    def fail(record: Record) -> None:
        if isinstance(record, Handled):
            raise SystemExit("out of luck")  # what only the thread itself may raise

    play.session.journal.follow(fail)
    play.post("a", "log 1")


def test_once_the_engine_has_died_all_that_waits_for_it_is_answered_and_says_why(
    tmp_path: Path, broken: list[Play]
) -> None:
    play = Play(project(tmp_path, plan("a")), PREBUILT)
    broken.append(play)
    play.settle()
    later = play.session.submit(Send("a", b"", delay_ms=1_000_000_000))
    break_the_engine(play)
    assert "ended its engine, SystemExit('out of luck')" in ends(later)
    commands: tuple[Command, ...] = (Send("a", b""), Advance(), Rebuild())
    for command in commands:
        assert "ended its engine, SystemExit('out of luck')" in ends(play.session.submit(command))
    with pytest.raises(ThreadDied, match="out of luck"):
        play.session.wait_idle(DEADLINE_S)
    with pytest.raises(ThreadDied, match="out of luck"):
        play.session.view()


def test_a_dead_loader_is_told_and_nobody_waits_for_what_it_was_to_load(tmp_path: Path, broken: list[Play]) -> None:
    unloadable = with_a_function(project(tmp_path, plan("a")), wasm=tmp_path / "nul\0.wasm")
    play = Play(unloadable, PREBUILT)
    broken.append(play)
    play.settle()
    assert told(play) == ["loader of modules"]
    assert play.instance("b").status == "failed"
    assert "loader of modules" in play.instance("b").detail
    play.do(Rebuild("other"))
    play.settle()


def test_a_dead_builder_is_told_and_what_is_built_already_goes_on(tmp_path: Path, broken: list[Play]) -> None:
    unbuildable = with_a_function(project(tmp_path, plan("a")), directory=tmp_path, command=("echo", "\0"))
    play = Play(unbuildable, replace(PREBUILT, build=True, watch=True))
    broken.append(play)
    play.settle()
    assert told(play) == ["builder"]
    assert play.instance("b").status == "failed"
    play.cast("a", "log 1")
    assert play.records(Handled, "a")[-1].outcome == "ok"
    play.do(Rebuild("other"))
    play.settle()


def told(play: Play) -> list[str]:
    """Whose deaths are among the problems."""
    deaths = [problem.error for problem in play.session.view().problems if isinstance(problem.error, ThreadDied)]
    return [str(death).partition("ended its ")[2].partition(",")[0] for death in deaths]


def test_closing_after_a_fault_takes_no_time(tmp_path: Path) -> None:
    play = Play(project(tmp_path, plan("a")), PREBUILT)
    play.settle()
    break_the_engine(play)
    with pytest.raises(ThreadDied):
        play.session.wait_idle(DEADLINE_S)
    began = time.monotonic()
    with pytest.raises(ThreadDied):
        play.session.close()
    assert time.monotonic() - began < DEADLINE_S / 4


def test_closing_does_not_wait_for_a_module_that_takes_long_to_compile(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow = tmp_path / "slow.wasm"
    slow.write_bytes(slow_to_compile())
    monkeypatch.setattr(threads, "END_S", 0.05)
    play = Play(with_a_function(project(tmp_path, plan("a")), wasm=slow), PREBUILT)
    play.until(lambda: any((one.function, one.state) == ("other", "prebuilt") for one in play.session.view().builds))
    play.session.close()
    assert any(thread.name == "loader of modules" for thread in threading.enumerate())
