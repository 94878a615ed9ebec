"""How a build went, for people: all that the compiler said, then how it ended."""

from __future__ import annotations

import contextlib
import math
import sys
import time
from collections.abc import Iterable
from typing import TextIO

from workbench.build.events import WAITING
from workbench.headless.terminal import is_terminal, rendered, visible, wants_colours
from workbench.records import Diagnostic, Profile
from workbench.units import format_duration


def said(
    function: str, profile: Profile, ok: bool, duration_ms: float, diagnostics: Iterable[Diagnostic], colours: bool
) -> str:
    """Lines that are safe to print, in colour if wanted."""
    texts = [rendered(one.rendered or f"{one.level}: {one.message}", colours).rstrip() for one in diagnostics]
    ending = f"{'built' if ok else 'could not build'} {visible(function)} ({profile}, {format_duration(duration_ms)})"
    return "".join(f"{text}\n\n" for text in texts) + f"{ending}\n"


PATIENCE_S = 3.0
"""After how long it is said that a build waits, where progress cannot be drawn."""


class Progress:
    """One line of a terminal that says what is being built. Where there is no terminal, only that a build waits for
    another, once, after a while."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stderr
        self._shown = ""
        self._waits_since: float | None = None
        self._live = is_terminal(self._stream)
        self.erase = "\r\x1b[K" if self._live else ""
        """What makes room for other lines where progress is drawn."""
        self.colours = wants_colours(self._stream)

    def show(self, function: str, crate: str, done: int, total: int) -> None:
        """`done` of `total` crates, both 0 before that is known. To be called again while nothing changes."""
        count = f" {done}/{total}" if total else ""
        self._draw(f"building {visible(function)}{count} {visible(crate)}"[:79])
        self._wait(function, crate if crate.startswith(WAITING) else "")

    def clear(self) -> None:
        """Leave the line empty, for what stands there next."""
        self._draw("")
        self._waits_since = None

    def _draw(self, line: str) -> None:
        if self._live and line != self._shown:
            self._stream.write(f"{self.erase}{line}")
            self._stream.flush()
            self._shown = line

    def _wait(self, function: str, words: str) -> None:
        now = time.monotonic()
        if not words:
            self._waits_since = None
        elif self._waits_since is None:
            self._waits_since = now
        elif not self._live and now - self._waits_since >= PATIENCE_S:
            self._waits_since = math.inf
            with contextlib.suppress(OSError):
                print(f"{visible(function)}: {visible(words)}", file=self._stream, flush=True)
