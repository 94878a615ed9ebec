"""The queue of builds: what is built, what is superseded, what is reported, and what is left running."""

from __future__ import annotations

import os
import queue
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.build.crates import (
    DEADLINE_S,
    LOOPING_BUILD_SCRIPT,
    alive,
    answering,
    crate,
    group_written_to,
    scripted,
    wait_until,
)
from workbench.build.builder import Builder
from workbench.build.events import BuildEvent, Failed, Finished, Progress, Unchanged
from workbench.build.toolchain import Toolchain, ToolchainMissing
from workbench.project.model import Function
from workbench.threads import ThreadDied

ENDLESS = "echo $$ > build.pid; sleep 600"
GATED = "until [ -e gate ]; do sleep 0.01; done; echo wasm > made.wasm"


class Bench:
    """A builder and the events it reported."""

    def __init__(self, compiler: Toolchain, target: Path) -> None:
        self._events: queue.Queue[Finished | Failed | Unchanged] = queue.Queue()
        self.builder = Builder(lambda: compiler, target, self._report)

    def _report(self, event: BuildEvent) -> None:
        if not isinstance(event, Progress):
            self._events.put(event)

    def next(self) -> Finished | Failed | Unchanged:
        return self._events.get(timeout=DEADLINE_S)

    def end(self) -> Finished | Failed:
        event = self.next()
        assert not isinstance(event, Unchanged)
        return event

    def change(self, function: Function, *paths: Path) -> bool:
        """Tell the builder that these files have just been changed; whether it builds the function, or asks cargo."""
        demand = self.builder.demands([function], dict.fromkeys(paths, time.time())).get(function.id)
        if demand is not None:
            self.builder.request(function, "dev", demand.changed_at, demand)
        return demand is not None

    def ends(self, count: int) -> list[str]:
        return [self.end().function for _ in range(count)]

    def nothing_more(self) -> bool:
        return self._events.empty()


@pytest.fixture
def bench(compiler: Toolchain, shared_target: Path) -> Iterator[Bench]:
    bench = Bench(compiler, shared_target)
    yield bench
    bench.builder.close()


def looping(directory: Path) -> Function:
    function = crate(directory)
    (directory / "build.rs").write_text(LOOPING_BUILD_SCRIPT)
    return function


def test_a_build_tells_which_change_asked_for_it(bench: Bench, tmp_path: Path) -> None:
    bench.builder.request(crate(tmp_path / "asked"), "dev", 12.5)
    event = bench.end()
    assert isinstance(event, Finished)
    assert event.changed_at == 12.5


def test_the_digest_tells_whether_a_rebuild_gave_the_same_code(bench: Bench, tmp_path: Path) -> None:
    function = crate(tmp_path / "same")
    digests = []
    for source in (answering(1), answering(1) + "// the end\n", answering(2)):
        (function.directory / "src/lib.rs").write_text(source)
        bench.builder.request(function, "dev", None)
        event = bench.end()
        assert isinstance(event, Finished)
        digests.append(event.artifact.digest)
    assert digests[0] == digests[1] != digests[2]


def test_a_source_with_an_old_time_moved_into_place_is_built(bench: Bench, tmp_path: Path) -> None:
    backup = tmp_path / "backup.rs"
    backup.write_text(answering(7))
    os.utime(backup, (1.7e9, 1.7e9))
    function = crate(tmp_path / "restored")
    bench.builder.request(function, "dev", None)
    before = bench.end()
    backup.rename(function.directory / "src/lib.rs")
    bench.builder.request(function, "dev", None)
    event = bench.end()
    assert isinstance(before, Finished)
    assert isinstance(event, Finished)
    assert event.artifact.digest != before.artifact.digest


def test_functions_wait_in_order_each_once_and_the_newest_change_goes_first(bench: Bench, tmp_path: Path) -> None:
    first = scripted(tmp_path / "first", "echo $$ > build.pid;" + GATED)
    others = {name: scripted(tmp_path / name, "echo wasm > made.wasm") for name in ("b", "c", "d", "e")}
    bench.builder.request(first, "dev", None)
    group_written_to(first.directory / "build.pid")
    for name, changed_at in (("b", None), ("c", None), ("b", None), ("d", 5.0), ("e", 6.0)):
        bench.builder.request(others[name], "dev", changed_at)
    (first.directory / "gate").touch()
    assert bench.ends(5) == ["first", "e", "d", "c", "b"]


def test_a_newer_change_ends_the_running_build_and_starts_anew(bench: Bench, tmp_path: Path) -> None:
    function = looping(tmp_path / "busy")
    bench.builder.request(function, "dev", 1.0)
    group = group_written_to(function.directory / "build.pid")
    (function.directory / "build.rs").write_text("fn main() {}")
    bench.builder.request(function, "dev", 2.0)
    event = bench.end()
    assert isinstance(event, Finished)
    assert event.changed_at == 2.0
    wait_until(lambda: not alive(group))
    assert bench.nothing_more()


def test_another_functions_change_lets_a_build_go_on(bench: Bench, tmp_path: Path) -> None:
    running, other = scripted(tmp_path / "running", GATED), scripted(tmp_path / "other", "echo wasm > made.wasm")
    bench.builder.request(running, "dev", None)
    bench.builder.request(other, "dev", None)
    (running.directory / "gate").touch()
    assert bench.ends(2) == ["running", "other"]


def test_cancel_leaves_no_process_and_reports_every_build_it_ended(bench: Bench, tmp_path: Path) -> None:
    function, waiting = looping(tmp_path / "endless"), crate(tmp_path / "waiting")
    bench.builder.request(function, "dev", None)
    group = group_written_to(function.directory / "build.pid")
    bench.builder.request(waiting, "dev", None)
    bench.builder.cancel()
    events = [bench.end(), bench.end()]
    wait_until(lambda: not alive(group))
    assert {event.function for event in events} == {"endless", "waiting"}
    assert all(isinstance(event, Failed) and event.cancelled for event in events)


def test_after_a_cancel_building_goes_on(bench: Bench, tmp_path: Path) -> None:
    function = scripted(tmp_path / "endless", ENDLESS)
    bench.builder.request(function, "dev", None)
    group_written_to(function.directory / "build.pid")
    bench.builder.cancel()
    bench.end()
    bench.builder.request(crate(tmp_path / "next"), "dev", None)
    assert isinstance(bench.end(), Finished)


def test_close_leaves_no_process_and_reports_nothing(compiler: Toolchain, shared_target: Path, tmp_path: Path) -> None:
    bench = Bench(compiler, shared_target)
    function = looping(tmp_path / "endless")
    bench.builder.request(function, "dev", None)
    group = group_written_to(function.directory / "build.pid")
    bench.builder.close()
    wait_until(lambda: not alive(group))
    assert bench.nothing_more()


def test_a_missing_compiler_fails_the_build_and_is_looked_for_again(
    compiler: Toolchain, shared_target: Path, tmp_path: Path
) -> None:
    found = threading.Event()

    def find() -> Toolchain:
        if not found.is_set():
            raise ToolchainMissing("There is no compiler.")
        return compiler

    events: queue.Queue[BuildEvent] = queue.Queue()
    builder = Builder(find, shared_target, lambda event: None if isinstance(event, Progress) else events.put(event))
    try:
        function = crate(tmp_path / "patient")
        builder.request(function, "dev", None)
        failed = events.get(timeout=DEADLINE_S)
        assert isinstance(failed, Failed)
        assert "no compiler" in str(failed.error)
        found.set()
        builder.request(function, "dev", None)
        assert isinstance(events.get(timeout=DEADLINE_S), Finished)
    finally:
        builder.close()


def test_a_file_that_cargo_does_not_read_is_asked_about_once(bench: Bench, tmp_path: Path) -> None:
    function = crate(tmp_path / "known")
    bench.builder.request(function, "dev", None)
    bench.end()
    notes = function.directory / "notes.txt"
    notes.write_text("x")
    assert bench.change(function, notes)
    assert isinstance(bench.next(), Unchanged)
    assert not bench.change(function, notes)
    (function.directory / "src/lib.rs").write_text(answering(2))
    assert bench.change(function, function.directory / "src/lib.rs")
    assert isinstance(bench.end(), Finished)
    assert bench.change(function, notes)
    assert isinstance(bench.next(), Unchanged)


def test_the_lock_file_that_cargo_writes_builds_nothing(bench: Bench, tmp_path: Path) -> None:
    function = looping(tmp_path / "locked")
    lock = function.directory / "Cargo.lock"
    bench.builder.request(function, "dev", None)
    group = group_written_to(function.directory / "build.pid")
    assert lock.exists()
    bench.change(function, lock)
    assert alive(group)
    (function.directory / "build.rs").write_text("fn main() {}")
    bench.builder.request(function, "dev", None)
    bench.end()
    bench.change(function, lock)
    assert isinstance(bench.next(), Unchanged)


def test_what_waits_for_a_dead_builder_fails_and_so_does_what_comes_later(shared_target: Path, tmp_path: Path) -> None:
    deaths: queue.Queue[ThreadDied] = queue.Queue()
    events: queue.Queue[BuildEvent] = queue.Queue()

    def lost() -> Toolchain:
        raise ZeroDivisionError("no luck")

    builder = Builder(lost, shared_target, events.put, deaths.put)
    builder.request(crate(tmp_path / "first"), "dev", None)
    death = deaths.get(timeout=DEADLINE_S)
    assert isinstance(death.__cause__, ZeroDivisionError)
    builder.request(crate(tmp_path / "second"), "dev", None)
    failed = [events.get(timeout=DEADLINE_S) for _ in range(2)]
    assert [event.function for event in failed if isinstance(event, Failed) and event.error is death] == [
        "first",
        "second",
    ]
    assert not builder.busy
    builder.close()
