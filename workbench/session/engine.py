"""The engine: the thread on which the world turns, fed with jobs from any other."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from time import perf_counter

from workbench.session.handling import Handling
from workbench.session.sending import Sending
from workbench.session.world import World

TURNS = 64
"""Turns between two looks at what was asked and what is due."""
CHORES_S = 0.05


class Engine:
    """Turns `world` on its own thread: jobs, due timers, then ready instances in turn.

    `send` sends what is due of a hand-made sending; `busy` says whether something outside (a build, a module being
    loaded) will bring work, so that virtual time must wait; `chores` is called about 20 times a second.
    """

    def __init__(
        self, world: World, handling: Handling, until_ms: float | None, send: Callable[[Sending], None],
        busy: Callable[[], bool], chores: Callable[[], None],
    ) -> None:  # fmt: skip
        self._world, self._handling = world, handling
        self._until_ms = until_ms
        self._send, self._busy, self._chores = send, busy, chores
        self._jobs: deque[Callable[[], None]] = deque()
        self._lock = threading.Lock()
        self._wake = threading.Event()
        self._idle = threading.Event()
        self._closing = False
        self.idle = False
        """Whether nothing is left to do."""
        self.failure: BaseException | None = None
        """What broke the engine itself, if anything did; a fault of the workbench, not of a guest."""
        self._thread = threading.Thread(target=self._run, name="engine", daemon=True)

    def start(self) -> None:
        """Begin to turn."""
        self._thread.start()

    def post(self, job: Callable[[], None]) -> None:
        """Have `job` done on the engine's thread, between two turns. Any thread."""
        with self._lock:
            self._jobs.append(job)
            self.idle = False
            self._idle.clear()
        self._wake.set()

    def wait_idle(self, timeout_s: float) -> bool:
        """Wait until nothing is left to do; False when that took too long. Raises what broke the engine."""
        idle = self._idle.wait(timeout_s)
        if self.failure is not None:
            raise self.failure
        return idle

    def wait_a_little(self) -> None:
        """Let the thread work for a moment."""
        done = threading.Event()
        self.post(done.set)
        done.wait(CHORES_S)

    def close(self) -> None:
        """End the thread after the jobs already posted."""
        self.post(self._end)
        if self._thread.ident is not None:
            self._thread.join()

    def _end(self) -> None:
        self._closing = True

    def _run(self) -> None:
        try:
            self._turn_for_ever()
        except BaseException as error:
            self.failure = error
            raise
        finally:
            self._idle.set()

    def _turn_for_ever(self) -> None:
        world, jobs = self._world, self._jobs
        ready, turn = world.ready, self._handling.turn
        next_chores = 0.0
        while not self._closing:
            while jobs:
                world.clock.tick()
                jobs.popleft()()
            if self._closing:
                return
            if perf_counter() >= next_chores:
                self._chores()
                next_chores = perf_counter() + CHORES_S
            if not (ready and world.clock.virtual):  # else when a timer fires would hang on how fast the machine is
                self._fire_due()
            if ready:
                for _ in range(TURNS):
                    if not ready:
                        break
                    if turn(ready.popleft()):
                        break  # a whole slice is long: look at what was asked and what is due
            elif not jobs:
                self._rest()

    def _fire_due(self) -> None:
        world = self._world
        timers = world.timers
        while (next_ms := timers.next_ms) is not None and next_ms <= world.clock.tick():
            if self._until_ms is not None and next_ms > self._until_ms:
                return
            due = timers.pop_due(next_ms)
            if isinstance(due, Sending):
                self._send(due)  # what is left of it may be due at once: the world goes on first
                return
            if due is not None:
                world.fire(due)
            if len(world.ready) >= TURNS:
                return

    def _rest(self) -> None:
        """Nothing is ready: let virtual time jump, or sleep until something is due or asked."""
        world = self._world
        clock, next_ms, until = world.clock, world.timers.next_ms, self._until_ms
        if next_ms is not None and until is not None and next_ms > until:
            next_ms = None
        busy = self._busy()
        if clock.virtual and not busy:
            if next_ms is not None:
                clock.advance(next_ms)
                return
            if until is not None:
                clock.advance(until)
        over = until is None or clock.tick() >= until
        self._wake.clear()
        if not busy and next_ms is None and over and not self._idle.is_set():
            self.idle = True
            self._chores()
            with self._lock:
                self.idle = not self._jobs
                if self.idle:
                    self._idle.set()
        if self._jobs:
            return
        target = next_ms if next_ms is not None else (None if over else until)
        sleep_s = CHORES_S if busy or self._closing else 0.5
        if target is not None and (wait_s := clock.wait_s(target)) is not None:
            sleep_s = min(sleep_s, wait_s)
        world.host.rest()
        self._wake.wait(sleep_s)
        world.host.wake()
