"""The session clock: milliseconds since the session was opened, real, scaled, virtual or frozen."""

from __future__ import annotations

from time import perf_counter

from workbench.session.commands import ClockKind


class Clock:
    """Tells the time as of the last `tick`, so that all that one turn writes down has one time.

    A virtual or frozen clock moves by `advance` only, and so does one that is `paused`.
    """

    def __init__(self, kind: ClockKind, scale: float = 1.0, now_ms: float = 0.0) -> None:
        self.kind: ClockKind = kind
        self.scale = scale
        self._now = now_ms
        self._paused = False
        self._runs = False
        self._base = now_ms
        self._since = perf_counter()
        self._go()

    @property
    def virtual(self) -> bool:
        """Whether time jumps to the next timer when nothing is left to do."""
        return self.kind == "virtual"

    @property
    def runs(self) -> bool:
        """Whether time passes by itself."""
        return self._runs

    def now(self) -> float:
        """The time in ms, as of the last `tick`."""
        return self._now

    def tick(self) -> float:
        """Look at the time anew."""
        if self._runs:
            self._now = self._base + (perf_counter() - self._since) * 1000 * self.scale
        return self._now

    def advance(self, to_ms: float) -> None:
        """Let time jump forward."""
        self.put(max(self.tick(), to_ms))

    def put(self, now_ms: float) -> None:
        """It is `now_ms`."""
        self._now = self._base = now_ms
        self._since = perf_counter()

    def set(self, kind: ClockKind, scale: float) -> None:
        """Let time pass otherwise from now on."""
        self.put(self.tick())
        self.kind, self.scale = kind, scale
        self._go()

    def pause(self, paused: bool) -> None:
        """Stop the clock, or let it go on from where it stopped."""
        self.put(self.tick())
        self._paused = paused
        self._go()

    def wait_s(self, until_ms: float) -> float | None:
        """How many seconds until then; None when it does not come by itself."""
        return max(0.0, (until_ms - self.tick()) / 1000 / self.scale) if self._runs else None

    def _go(self) -> None:
        self._runs = self.kind in ("real", "scaled") and not self._paused
        if self.kind == "real":
            self.scale = 1.0
