"""How the screen ends but by the user's wish: by a fault of its own, or by a signal."""

from __future__ import annotations

import os
import threading
from types import FrameType

from textual.app import App
from textual.worker import WorkerFailed

END_S = 10.0
"""How long the end may take once a signal has asked for it."""


class Signals:
    """Notes Ctrl-C from elsewhere, `kill` and a terminal that closes; the first one counts.

    Where the terminal is gone, what writes to it may wait for ever: the process ends after `END_S` for sure.
    """

    def __init__(self) -> None:
        self.number: int | None = None
        """The signal that asked for the end."""

    def note(self, number: int, frame: FrameType | None) -> None:
        """Hears a signal."""
        if self.number is None:
            last_resort = threading.Timer(END_S, os._exit, (128 + number,))
            last_resort.daemon = True
            last_resort.start()
            self.number = number


class Ending(App[object]):
    """An app that keeps quiet about its faults, so that they are told where those of the rest of the program are."""

    fault: Exception | None = None
    """What broke it."""

    def _handle_exception(self, error: Exception) -> None:
        if self.fault is None:
            self.fault = (
                error.error if isinstance(error, WorkerFailed) and isinstance(error.error, Exception) else error
            )
        super()._handle_exception(error)

    def _fatal_error(self) -> None:
        self.panic()

    def panic(self, *renderables: object) -> None:
        """End without a word."""
        self._close_messages_no_wait()
