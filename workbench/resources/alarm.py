"""An alarm that rings when one piece of work takes long, while it does."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from types import TracebackType

from workbench import threads

SLOW_S = 5.0
"""After so long somebody should know."""


class Alarm:
    """Around each piece of work: `with alarm: …`, on one thread. `ring` is called, on a thread of the alarm's own, with
    True when one takes longer than `SLOW_S`, and with False when that one is over."""

    def __init__(self, name: str, ring: Callable[[bool], None]) -> None:
        self._ring = ring
        self._began: float | None = None
        self._rung = False
        self._closed = False
        self._changed = threading.Condition()
        threads.start(f"alarm of {name}", self._watch)

    @property
    def rung(self) -> bool:
        """Whether a piece of work takes long at present. Any thread."""
        return self._rung

    def close(self) -> None:
        """It rings no more."""
        with self._changed:
            self._closed = True
            self._changed.notify()

    def __enter__(self) -> None:
        self._began = time.monotonic()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._changed:
            self._began = None
            if self._rung:
                self._rung = False
                self._ring(False)

    def _watch(self) -> None:
        """Wakes as seldom as it can: work that begins while it sleeps cannot be slow before it wakes."""
        with self._changed:
            while not self._closed:
                began, now = self._began, time.monotonic()
                if began is not None and not self._rung and now >= began + SLOW_S:
                    self._rung = True
                    self._ring(True)
                due = now + SLOW_S if began is None or self._rung else began + SLOW_S
                self._changed.wait(max(due - now, 0.001))
