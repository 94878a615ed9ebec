"""How often something rare happens: by the time between the last few, where a count of the last second says little."""

from __future__ import annotations

from collections import deque

FEW = 4
FREQUENT_MS = 500
"""What comes in shorter time than this is not rare: it can be counted by the second."""
LONGEST_MS = 60_000
"""Between two that are farther apart than this nobody sees a rhythm."""
PATIENCE = 3
"""After so many times the usual gap it is over."""


class Rare:
    """The times (ms, on any one clock) at which something happened last."""

    __slots__ = ("_times",)

    def __init__(self) -> None:
        self._times: deque[float] = deque(maxlen=FEW)

    def add(self, t_ms: float, count: int = 1) -> None:
        """It has happened so often, just now."""
        times = self._times
        if times and t_ms - times[-1] > LONGEST_MS:
            times.clear()
        for _ in range(min(count, FEW)):
            times.append(t_ms)

    def rate(self, now_ms: float) -> float | None:
        """How often a second, 0 once it seems to be over; None for what is frequent, or happened once only."""
        times = self._times
        if len(times) < 2:
            return None
        gap = (times[-1] - times[0]) / (len(times) - 1)
        if gap < FREQUENT_MS:
            return None
        return 1000 / gap if now_ms - times[-1] <= PATIENCE * gap else 0.0
