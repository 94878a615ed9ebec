"""Standard streams: all three are there, whoever started the program, print any text, and say when they cannot."""

from __future__ import annotations

import io
import os
import sys


class OutputLost(Exception):
    """Standard output could not be written; its cause is the system's error."""


class _Output(io.TextIOWrapper):
    """Standard output. Raises `OutputLost`, and from then on nothing is written; a reader that has gone has enough."""

    def write(self, text: str, /) -> int:
        try:
            return super().write(text)
        except OSError as error:
            self._give_up(error)
            return len(text)

    def flush(self) -> None:
        try:
            super().flush()
        except OSError as error:
            self._give_up(error)

    def _give_up(self, error: OSError) -> None:
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, self.fileno())
        os.close(null)
        if not isinstance(error, BrokenPipeError):
            raise OutputLost from error


def open_streams() -> None:
    """Put the null device where a standard stream is closed, so that no file of ours gets its number and what is meant
    for a reader; let streams escape what their encoding lacks, and standard output tell its errors.

    To be called before anything else is opened.
    """
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # gets the lowest number that is free: this one
    sys.stdin = sys.stdin or os.fdopen(0, closefd=False)
    sys.stdout = sys.stdout or os.fdopen(1, "w", closefd=False)
    sys.stderr = sys.stderr or os.fdopen(2, "w", closefd=False)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    if isinstance(sys.stdout, io.TextIOWrapper):
        ours = os.fdopen(sys.stdout.fileno(), "wb", closefd=False)
        sys.stdout = _Output(ours, sys.stdout.encoding, sys.stdout.errors, line_buffering=sys.stdout.line_buffering)
