"""Threads: every thread of the workbench is started here, with somebody who hears of its death."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeAlias, TypeVar

from workbench.errors import UserError

T = TypeVar("T")

END_S = 3.0
"""How long a thread that was told to end is waited for. What hangs longer ends with the program, as a daemon."""


class ThreadDied(UserError):
    """A thread has ended over a fault of the workbench, its `__cause__`. The message is ready to be shown."""

    def __init__(self, name: str, cause: BaseException) -> None:
        what = "no memory was left, which" if isinstance(cause, MemoryError) else "a fault of the workbench"
        why = "" if isinstance(cause, MemoryError) else f", {cause!r}"
        super().__init__(f"{what} has ended its {name}{why}; leave and open again")
        self.__cause__ = cause


Died: TypeAlias = Callable[[ThreadDied], None]


def raise_it(death: ThreadDied) -> None:
    """What a thread does whose death nobody listens for: `threading.excepthook` hears of it. Raises the cause."""
    assert death.__cause__ is not None
    raise death.__cause__


def start(name: str, work: Callable[[], object], died: Died = raise_it) -> threading.Thread:
    """Start a thread that does `work` and holds up nobody's exit.

    `name` says in words what ends when it dies. `died` is called on it with what `work` raises. Whoever waits for the
    thread is to be answered there. Raises `UserError` when the system starts no more threads.
    """

    def run() -> None:
        try:
            work()
        except BaseException as error:
            died(ThreadDied(name, error))

    thread = threading.Thread(target=run, name=name, daemon=True)
    try:
        thread.start()
    except RuntimeError as error:
        raise UserError(f"no thread can be started for the {name} ({error}): end other programs") from error
    return thread


def aside(name: str, work: Callable[[], T], timeout_s: float | None = None) -> T:
    """What `work` gives, on a thread of its own, so that signals are heard while native code works.

    Raises what `work` raises, and TimeoutError when it takes longer than `timeout_s`: it then goes on by itself.
    """
    given: Future[T] = Future()

    def run() -> None:
        try:
            given.set_result(work())
        except BaseException as error:
            given.set_exception(error)

    start(name, run)
    return given.result(timeout_s)


class Pool:
    """Does pieces of work, the oldest first, on at most `size` threads, which end when nothing is left to do.

    What hangs holds up one of them. `died` hears of a piece that raises; the others go on.
    """

    def __init__(self, name: str, size: int, died: Died = raise_it) -> None:
        self._name, self._size, self._died = name, size, died
        self._lock = threading.Lock()
        self._waiting: deque[Callable[[], object]] = deque()
        self._threads = 0

    def do(self, work: Callable[[], object]) -> None:
        """Have it done soon. Any thread. Raises `UserError` when not even one thread can be started."""
        with self._lock:
            self._waiting.append(work)
            grows = self._threads < self._size
            self._threads += grows
        if grows:
            self._grow()

    def _grow(self) -> None:
        try:
            start(self._name, self._work_off, self._end_dead)
        except UserError:
            with self._lock:
                self._threads -= 1
                if not self._threads:
                    self._waiting.clear()
                    raise

    def _work_off(self) -> None:
        while True:
            with self._lock:
                if not self._waiting:
                    self._threads -= 1
                    return
                work = self._waiting.popleft()
            work()

    def _end_dead(self, death: ThreadDied) -> None:
        with self._lock:
            grows = bool(self._waiting)
            self._threads -= not grows
        if grows:
            self._grow()
        self._died(death)
