"""Threads: a death is heard of, and nothing starts one but `threads.start`."""

from __future__ import annotations

import ast
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

import workbench
from workbench import threads
from workbench.errors import UserError
from workbench.threads import ThreadDied

ROOM = Path(workbench.__file__).parent
DEADLINE_S = 20.0
STARTERS = ("Thread", "Timer", "ThreadPoolExecutor", "ProcessPoolExecutor", "to_thread", "run_in_executor")


def starters(tree: ast.AST) -> Iterator[int]:
    """The lines that start a thread, or import what does."""
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Attribute(attr=name)) if name in STARTERS:
                yield node.lineno
            case ast.ImportFrom(module="threading" | "_thread" | "asyncio" | "concurrent.futures", names=names) if any(
                alias.name in (*STARTERS, "start_new_thread") for alias in names
            ):
                yield node.lineno
            case ast.Import(names=names) if any(alias.name == "_thread" for alias in names):
                yield node.lineno


def test_no_thread_is_started_beside_the_one_place_where_its_death_is_heard_of() -> None:
    found = [
        f"{path.relative_to(ROOM)}:{line}"
        for path in sorted(ROOM.rglob("*.py"))
        for line in starters(ast.parse(path.read_text()))
    ]
    assert [place.partition(":")[0] for place in found] == ["threads.py"]


def test_what_would_start_a_thread_is_seen() -> None:
    for code in (
        "import threading\nthreading.Timer(1, f)",
        "from threading import Thread",
        "from concurrent.futures import ThreadPoolExecutor",
        "import asyncio\nasyncio.to_thread(f)",
        "loop.run_in_executor(None, f)",
        "import _thread",
    ):
        assert list(starters(ast.parse(code))), code
    assert not list(starters(ast.parse("import threading\nthread: threading.Thread = start()")))


def test_a_death_is_heard_of_with_its_cause() -> None:
    deaths: list[ThreadDied] = []
    threads.start("counter of sheep", lambda: 1 // 0, deaths.append).join()
    [death] = deaths
    assert isinstance(death.__cause__, ZeroDivisionError)
    assert "counter of sheep" in str(death)
    assert "ZeroDivisionError" in str(death)


@pytest.mark.filterwarnings("error")
def test_a_thread_that_ends_well_is_no_death() -> None:
    deaths: list[ThreadDied] = []
    threads.start("counter of sheep", lambda: 1 + 1, deaths.append).join()
    assert not deaths


def test_where_no_thread_can_be_started_a_sentence_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(self: object) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr("threading.Thread.start", full)
    with pytest.raises(UserError, match="no thread can be started for the counter of sheep"):
        threads.start("counter of sheep", lambda: None)


class Gate:
    """Pieces of work that wait until they are let through."""

    def __init__(self) -> None:
        self.inside = threading.Semaphore(0)
        self._open = threading.Event()
        self.done = threading.Semaphore(0)

    def work(self) -> None:
        self.inside.release()
        self._open.wait(DEADLINE_S)
        self.done.release()

    def open(self) -> None:
        self._open.set()


def test_a_pool_has_no_more_threads_than_it_may_and_does_all_that_waits() -> None:
    pool, gate = threads.Pool("tailor", 2), Gate()
    for _ in range(5):
        pool.do(gate.work)
    assert all(gate.inside.acquire(timeout=DEADLINE_S) for _ in range(2))
    assert not gate.inside.acquire(blocking=False), "a third thread"
    assert sum(thread.name == "tailor" for thread in threading.enumerate()) == 2
    gate.open()
    assert all(gate.done.acquire(timeout=DEADLINE_S) for _ in range(5))


def test_what_raises_in_a_pool_is_told_and_the_rest_is_done() -> None:
    deaths: list[ThreadDied] = []
    done = threading.Event()
    pool = threads.Pool("tailor", 1, deaths.append)
    gate = Gate()
    pool.do(gate.work)
    pool.do(lambda: 1 // 0)
    pool.do(done.set)
    gate.open()
    assert done.wait(DEADLINE_S)
    until = time.monotonic() + DEADLINE_S
    while not deaths and time.monotonic() < until:
        time.sleep(0.001)
    assert [type(death.__cause__) for death in deaths] == [ZeroDivisionError]


def test_work_aside_gives_what_it_gives_and_is_not_waited_for_longer_than_asked() -> None:
    assert threads.aside("sum", lambda: 1 + 1) == 2
    with pytest.raises(UserError, match="no such"):
        threads.aside("refusal", lambda: (_ for _ in ()).throw(UserError("no such")))
    goes_on, ended = threading.Event(), threading.Event()

    def work() -> None:
        goes_on.wait(DEADLINE_S)
        ended.set()

    with pytest.raises(TimeoutError):
        threads.aside("wait", work, 0.01)
    goes_on.set()
    assert ended.wait(DEADLINE_S)
