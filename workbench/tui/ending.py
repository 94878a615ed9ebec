"""How the screen ends but by the user's wish: by a fault of its own, by a signal, or with the terminal it is on."""

from __future__ import annotations

import errno
import os
import signal
import time
from collections.abc import Callable
from io import TextIOWrapper
from types import FrameType
from typing import IO, Any

from textual.app import App
from textual.driver import Driver
from textual.drivers.linux_driver import LinuxDriver
from textual.worker import WorkerFailed

from workbench import threads

END_S = 10.0
"""How long the end may take once a signal has asked for it."""


class Signals:
    """Notes Ctrl-C from elsewhere, `kill` and a terminal that closes; the first one counts.

    What writes to a terminal that takes nothing waits for ever: the process ends after `END_S` for sure.
    """

    def __init__(self) -> None:
        self.number: int | None = None
        """The signal that asked for the end."""

    def note(self, number: int, frame: FrameType | None) -> None:
        """Hears a signal."""
        if self.number is None:
            self.number = number
            threads.start("last resort", lambda: _leave_for_sure(128 + number))


def _leave_for_sure(status: int) -> None:
    time.sleep(END_S)
    os._exit(status)


class Output:
    """What is drawn on: once the terminal is gone, `gone` is called, and whatever comes then is lost."""

    def __init__(self, file: IO[str], gone: Callable[[], None]) -> None:
        self._file = file
        self._gone = gone
        self._is_gone = False

    def fileno(self) -> int:
        """The descriptor."""
        return self._file.fileno()

    def write(self, text: str) -> None:
        """Draw."""
        self._unless_gone(lambda: self._file.write(text))

    def flush(self) -> None:
        """Draw what waits to be drawn."""
        self._unless_gone(self._file.flush)

    def _unless_gone(self, draw: Callable[[], object]) -> None:
        if self._is_gone:
            return
        try:
            draw()
        except OSError as error:
            if error.errno != errno.EIO:
                raise
            self._is_gone = True
            self._gone()


class Terminal(LinuxDriver):
    """Textual's driver, for a terminal that may go, that sends what is not UTF-8, or that is not standard output.

    Textual's own thread that writes breaks when the terminal is gone, and all wait for it; its thread that reads ends
    at a byte that is not UTF-8; it writes in the locale's encoding, and asks standard output for the size.
    """

    def __init__(self, app: App[Any], **options: Any) -> None:
        super().__init__(app, **options)
        assert isinstance(app, Ending)
        if isinstance(self._file, TextIOWrapper):
            self._file.reconfigure(encoding="utf-8", errors="replace")
        self._file: Any = Output(self._file, lambda: app.signals.note(signal.SIGHUP, None))

    def _get_terminal_size(self) -> tuple[int, int]:
        try:
            size = os.get_terminal_size(self._file.fileno())
        except OSError:  # it is gone
            return super()._get_terminal_size()
        return (size.columns, size.lines) if size.columns and size.lines else super()._get_terminal_size()

    def _run_input_thread(self) -> None:
        while True:
            try:
                self.run_input_thread()
            except UnicodeDecodeError:  # what was typed in another encoding is lost, and reading goes on
                continue
            except Exception as error:
                self._app.call_later(_again, error)
            return


def _again(error: Exception) -> None:
    raise error


class Ending(App[object]):
    """An app that keeps quiet about its faults, so that they are told where those of the rest of the program are."""

    fault: Exception | None = None
    """What broke it."""
    signals: Signals
    """What asks it to end."""

    def get_driver_class(self) -> type[Driver]:
        """What draws it where no test does."""
        return Terminal

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
