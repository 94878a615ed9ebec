"""The engine: the thread on which the world turns, fed with jobs from any other."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from time import perf_counter

from workbench import threads
from workbench.session.actors import Instance
from workbench.session.inputs import Fire
from workbench.session.stage import Stage
from workbench.session.stepper import Stepper
from workbench.threads import Died, ThreadDied

TURNS = 64
"""Turns between two looks at what was asked and what is due."""
JOBS = 256
"""Jobs that are done together before it is told that they are done."""
CHORES_S = 0.05
PAUSE = 4
"""Behind chores come none for this many times what they took, so that events go on on a machine that is busy."""
FIRST_NAP_S = 0.0005
"""What the engine is busy with mostly ends in a moment, and virtual time waits for it: it looks again soon at first."""


class Engine:
    """Turns the world of `stage` on its own thread: jobs, due timers, then ready instances in turn.

    `stepper` says when it stands still; `busy` whether something outside (a build, a module being loaded) will bring
    work, so that virtual time must wait; `chores` is called about 20 times a second, `told` behind jobs that
    were done together. `died` hears of its death once
    `failure` tells of it.
    """

    def __init__(
        self, stage: Stage, stepper: Stepper, until_ms: float | None, busy: Callable[[], bool],
        chores: Callable[[], None], told: Callable[[], None], died: Died,
    ) -> None:  # fmt: skip
        self.stage = stage
        """Which stage is turned; only to be changed on the engine's thread."""
        self._stepper = stepper
        self._until_ms = until_ms
        self._busy, self._chores, self._told, self._died = busy, chores, told, died
        self._jobs: deque[Callable[[], None]] = deque()
        self._lock = threading.Lock()
        self._wake = threading.Event()
        self._idle = threading.Event()
        self._closing = False
        self.idle = False
        """Whether nothing is left to do."""
        self._awaited = 0
        """How many threads wait for that."""
        self._rests_since: float | None = None
        self.failure: ThreadDied | None = None
        """What broke the engine itself, if anything did; a fault of the workbench, not of a guest."""
        self._nap_s = FIRST_NAP_S
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin to turn."""
        self._thread = threads.start("engine", self._turn_for_ever, self._end_dead)

    def post(self, job: Callable[[], None]) -> None:
        """Have `job` done on the engine's thread, between two turns, unless that is dead. Any thread."""
        with self._lock:
            if self.failure is not None:
                return
            self._jobs.append(job)
            self.idle = False
            self._rests_since = None
            self._idle.clear()
        self._wake.set()

    def wait_idle(self, timeout_s: float) -> bool:
        """Wait until nothing is left to do; False when that took too long. Raises what broke the engine."""
        with self._lock:
            self._awaited += 1
        self._wake.set()
        idle = self._idle.wait(timeout_s)
        with self._lock:
            self._awaited -= 1
        if self.failure is not None:
            raise self.failure
        return idle

    def wait_a_little(self) -> bool:
        """Let the thread work for a moment; whether it has."""
        done = threading.Event()
        self.post(done.set)
        return done.wait(CHORES_S)

    def close(self) -> None:
        """End the thread after the jobs already posted."""
        self.post(self._end)
        if self._thread is not None:
            self._thread.join()

    def _end(self) -> None:
        self._closing = True

    def _end_dead(self, death: ThreadDied) -> None:
        with self._lock:
            self.failure = death
            self._idle.set()
        self._died(death)

    def _turn_for_ever(self) -> None:
        jobs, stepper = self._jobs, self._stepper
        next_chores = 0.0
        while not self._closing:
            while jobs:
                for _ in range(min(len(jobs), JOBS)):
                    self.stage.clock.tick()
                    jobs.popleft()()
                self._told()
            if self._closing:
                return
            stage = self.stage
            if (began := perf_counter()) >= next_chores:
                self._chores()
                now = perf_counter()
                next_chores = now + max(CHORES_S, PAUSE * (now - began))
            if stage.history is not None:
                stage.history.checkpoint(stage)
            if stepper.mode == "paused":
                self._stand_still()
                continue
            if stepper.alone is not None:
                self._step(stage, stepper.alone)
                continue
            self._turn(stage)

    def _turn(self, stage: Stage) -> None:
        world = stage.world
        ready, turn = world.ready, stage.turn
        if world.halted:  # by what was asked for
            self._stepper.halted()
            return
        if not (ready and world.clock.virtual):  # else when a timer fires would hang on how fast the machine is
            self._fire_due(stage)
        if not (ready and world.clock.virtual) and self._stepper.time_has_come():
            return
        if ready and not world.halted:
            self._rests_since = None
            for _ in range(TURNS):
                if turn(self._next(stage)) or not ready or world.halted:
                    break  # a whole slice is long: look at what was asked and what is due
        elif not self._jobs and not world.halted:
            self._rest(stage)
        if world.halted:
            self._stepper.halted()

    @staticmethod
    def _next(stage: Stage) -> Instance:
        """Whose turn it is."""
        ready = stage.world.ready
        cut_short = ready[0].cause is not None and ready[0].waiting_call is None and not ready[0].warned
        if stage.lots is not None and len(ready) > 1 and not cut_short:
            chosen = ready[stage.lots.randrange(len(ready))]
            ready.remove(chosen)
            return chosen
        return ready.popleft()

    def _step(self, stage: Stage, instance: Instance) -> None:
        """Let the only one that is to have a turn have it."""
        world = stage.world
        if instance not in world.ready:  # it died before its turn came
            self._stepper.stepped(had_its_turn=False)
            return
        world.ready.remove(instance)
        goes_on = stage.turn(instance)
        if world.halted:
            self._stepper.halted()
        elif not goes_on:
            self._stepper.stepped()

    def _fire_due(self, stage: Stage) -> None:
        world = stage.world
        timers = world.timers
        while (next_ms := timers.next_ms) is not None and next_ms <= world.clock.tick():
            if self._until_ms is not None and next_ms > self._until_ms:
                return
            by_hand = timers.next_is_by_hand
            stage.do(Fire())
            if by_hand or len(world.ready) >= TURNS or world.halted:
                return  # more by hand may be due at once: what is worked off comes first
        if not world.ready and stage.coming and stage.coming[0][0] <= world.clock.now():
            stage.do_coming()

    def _stand_still(self) -> None:
        """Paused: sleep until something is asked."""
        self._wake.clear()
        self._be_idle()
        if not self._jobs:
            self.stage.world.host.rest()
            self._wake.wait(CHORES_S if self._busy() or self._closing else 0.5)
            self.stage.world.host.wake()

    def _has_rested(self) -> bool:
        """Whether to tell that nothing is left: where nobody waits to hear it, not in each pause between requests."""
        now = perf_counter()
        with self._lock:
            if self._rests_since is None:
                self._rests_since = now
            return self._awaited > 0 or now >= self._rests_since + CHORES_S

    def _be_idle(self) -> None:
        """Nothing is left to do: say so to whoever waits for it."""
        if self._idle.is_set():
            return
        self.idle = True
        self._chores()
        with self._lock:
            self.idle = not self._jobs
            if self.idle:
                self._idle.set()

    def _rest(self, stage: Stage) -> None:
        """Nothing is ready: let virtual time jump, or sleep until something is due or asked."""
        world = stage.world
        clock, next_ms, until = world.clock, stage.next_ms, self._until_ms
        goal = self._stepper.goal
        if goal is not None and goal.t_ms is not None:
            until = goal.t_ms if until is None else min(until, goal.t_ms)
        if next_ms is not None and until is not None and next_ms > until:
            next_ms = None
        busy = self._busy()
        self._nap_s = min(2 * self._nap_s, CHORES_S) if busy else FIRST_NAP_S
        if self._jobs:  # what one was busy with may just have brought work
            return
        if clock.virtual and not busy:
            if next_ms is not None:
                clock.advance(next_ms)
                return
            if until is not None:
                clock.advance(until)
        over = until is None or clock.kind == "frozen" or clock.tick() >= until
        self._wake.clear()
        if not busy and (next_ms is None or clock.kind == "frozen") and over:
            if self._stepper.nothing_left():
                return
            if self._has_rested():
                self._be_idle()
        if self._jobs:
            return
        target = next_ms if next_ms is not None else (None if over else until)
        is_over = self._rests_since is None or self._idle.is_set()
        sleep_s = self._nap_s if busy else 0.5 if is_over and not self._closing else CHORES_S
        if target is not None and (wait_s := clock.wait_s(target)) is not None:
            sleep_s = min(sleep_s, wait_s)
        world.host.rest()
        self._wake.wait(sleep_s)
        world.host.wake()
