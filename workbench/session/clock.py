"""The session clock: milliseconds since the session was opened, real or virtual."""

from __future__ import annotations

import time
from typing import Literal


class Clock:
    """Tells the time. A virtual clock stands still but for `advance`."""

    def __init__(self, kind: Literal["real", "virtual"]) -> None:
        self.kind = kind
        self.virtual = kind == "virtual"
        self._epoch = time.perf_counter()
        self._virtual_ms = 0.0

    def now(self) -> float:
        """The time in ms."""
        return self._virtual_ms if self.virtual else (time.perf_counter() - self._epoch) * 1000

    def at(self, counter: float) -> float:
        """The time in ms when `time.perf_counter()` was `counter`; a virtual clock stood where it stands."""
        return self._virtual_ms if self.virtual else (counter - self._epoch) * 1000

    def advance(self, to_ms: float) -> None:
        """Let virtual time jump forward."""
        self._virtual_ms = max(self._virtual_ms, to_ms)
