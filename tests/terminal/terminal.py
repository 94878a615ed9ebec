"""A real pseudo-terminal with a program in it: keys go in, and what a person would see comes out."""

from __future__ import annotations

import os
import select
import signal
import termios
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import ptyprocess  # type: ignore[import-untyped]
import pyte

PATIENCE = 60.0
"""Seconds after which what should appear will not."""


def surroundings() -> dict[str, str]:
    """The environment of a program in a plain terminal."""
    # Snapshot tests leave their size in the environment, where it would overrule the terminal's.
    kept = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "LINES", "NO_COLOR")}
    return {**kept, "TERM": "xterm-256color"}


class Terminal:
    """Runs `command` in a terminal of its own. `output` is all it ever wrote, `screen` what is on it now."""

    def __init__(
        self, command: Sequence[str], cwd: Path, env: Mapping[str, str], columns: int = 120, rows: int = 36
    ) -> None:
        self.output = bytearray()
        self._screen = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self._screen)
        self._process = ptyprocess.PtyProcess.spawn(
            list(command), cwd=str(cwd), env=dict(env), dimensions=(rows, columns)
        )
        self.modes_before = self.modes()

    @property
    def pid(self) -> int:
        pid: int = self._process.pid
        return pid

    @property
    def screen(self) -> str:
        """What can be read now, a line a row."""
        return "\n".join(self._screen.display)

    def modes(self) -> list[object]:
        """How the terminal treats what is typed: echo, lines, signals."""
        return list(termios.tcgetattr(self._process.fd)[:4])

    def type(self, keys: str) -> None:
        self.type_bytes(keys.encode())

    def type_bytes(self, typed: bytes) -> None:
        self._process.write(typed)

    def wait_for(self, condition: Callable[[str], bool], what: str) -> str:
        """Draw until `condition(screen)` holds. Raises AssertionError with the screen when it never does."""
        deadline = time.monotonic() + PATIENCE
        while not condition(self.screen):
            assert time.monotonic() < deadline, f"never seen: {what}\n{self.screen}"
            assert self.draw(0.1), f"ended before it showed {what}\n{self.screen}"
        return self.screen

    def wait_for_text(self, text: str) -> str:
        return self.wait_for(lambda screen: text in screen, text)

    def wait_for_end(self) -> int:
        """The exit status, once the program has ended and all it wrote is drawn; minus the signal that ended it."""
        deadline = time.monotonic() + PATIENCE
        while self.draw(0.05) or self._process.isalive():
            assert time.monotonic() < deadline, f"does not end\n{self.screen}"
        status: int | None = self._process.exitstatus
        return -int(self._process.signalstatus) if status is None else status

    def hang_up(self) -> None:
        """Close the terminal under the program."""
        self._process.fileobj.close()
        self._process.closed = True

    def wait_for_exit(self) -> int | None:
        """The exit status, once the program is gone, whatever it wrote."""
        deadline = time.monotonic() + PATIENCE
        while self._process.isalive():
            assert time.monotonic() < deadline, "does not end"
            time.sleep(0.05)
        status: int | None = self._process.exitstatus
        return status

    def close(self) -> None:
        """End the program, if it has not ended by itself."""
        if self._process.isalive():
            self._process.kill(signal.SIGKILL)
            self._process.wait()
        if not self._process.closed:
            self._process.close()

    def draw(self, patience: float) -> bool:
        """Draw what the program writes within `patience` seconds; False when it will write no more."""
        written = self.read(patience)
        if written:
            self._stream.feed(written)
        return written is not None

    def read(self, patience: float) -> bytes | None:
        """What the program writes first within `patience` seconds, undrawn; None when it will write no more."""
        ready, _, _ = select.select([self._process.fd], [], [], patience)
        if not ready:
            return b""
        try:
            written = os.read(self._process.fd, 1 << 16)
        except OSError:  # Linux says so when the last writer has gone
            return None
        self.output += written
        return written or None
