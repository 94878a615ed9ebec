"""Which time of day it was at a moment of the session, whose clock stands still at times and is put back at others."""

from __future__ import annotations

from bisect import bisect_right
from time import time

from workbench.session.view import View

JITTER_S = 0.25
"""How far two ways to tell the same moment may be apart: pictures of the session are a little old."""


class Wall:
    """Looks at the session often, and remembers from when on its clock was how far behind the world's."""

    def __init__(self) -> None:
        self._times: list[float] = []
        """Moments of the session in ms, from each of which on ..."""
        self._began: list[float | None] = []
        """... its clock would have been 0 then, in seconds since 1970; None while it is not as on the wall."""

    def look(self, view: View) -> None:
        """Take note, unless time stands still."""
        if view.stepping.mode == "paused":
            return
        began = time() - view.t_ms / 1000 if view.clock == "real" else None
        known = bisect_right(self._times, view.t_ms)  # what is later was before one went back
        del self._times[known:], self._began[known:]
        if not known or not _same(self._began[-1], began):
            self._times.append(view.t_ms if known else 0.0)
            self._began.append(began)

    def at(self, t_ms: float) -> float | None:
        """The seconds since 1970 at `t_ms`; None when nobody can tell."""
        place = bisect_right(self._times, t_ms)
        began = self._began[place - 1] if place else None
        return None if began is None else began + t_ms / 1000


def _same(one: float | None, other: float | None) -> bool:
    return one is other if one is None or other is None else abs(one - other) <= JITTER_S
