"""Standard streams: all three are there, whoever started the program, and print any text."""

from __future__ import annotations

import io
import os
import sys


def open_streams() -> None:
    """Put the null device where a standard stream is closed, so that no file of ours gets its number and what is meant
    for a reader; let streams escape what their encoding lacks. To be called before anything else is opened."""
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
