"""Signals: those that ask the program to end, and who hears a signal for a while."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from types import FrameType
from typing import Any

ENDINGS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
"""Ctrl-C, `kill`, and a terminal that closes."""

Handler = Callable[[int, FrameType | None], Any]


@contextmanager
def heard(by: Handler | signal.Handlers, numbers: Sequence[signal.Signals] = ENDINGS) -> Iterator[None]:
    """Inside the block these signals go to `by`. On the main thread only."""
    before = {number: signal.signal(number, by) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def interrupt(number: int, frame: FrameType | None) -> Any:
    """Lets all be put away first, as Python does at Ctrl-C. Raises `KeyboardInterrupt`."""
    raise KeyboardInterrupt
