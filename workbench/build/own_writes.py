"""Tells what builds write themselves from what somebody saves while they run.

Nothing says which process wrote a file. But what a build writes changes during each build and at no other time. So
what changes during a build is built again, as it may be somebody's save, and before the last try time is left for a
save between builds; what then changes once more is taken for the build's own. Saves are told from it by a margin: only
one that always hits a build, and never the time between, could be missed, and it is said which file that may be.
One function's build may write what another is made of: that one is built once for each thing somebody did.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

SLACK_S = 0.02
"""A file's time may lag so far behind: its clock goes in steps of up to 10 ms."""
GAP_S = 1.0
"""So long nothing is built before the last try."""

_TRIES, _TRIES_BY_HAND = 2, 3
_RELAYED = 1
_REMEMBERED = 16  # builds


@dataclass
class _File:
    tries: int = 0
    by_hand: bool = False

    @property
    def most(self) -> int:
        return _TRIES_BY_HAND if self.by_hand else _TRIES


@dataclass(frozen=True)
class Sorted:
    """Changes that are somebody's, and those that may be a build's; what is in neither is a build's."""

    by_hand: frozenset[Path]
    perhaps: frozenset[Path]


class OwnWrites:
    """What is known of each function's changes. Times are `time.time()`."""

    def __init__(self) -> None:
        self._running: tuple[str, float] | None = None
        self._builds: deque[tuple[str, float, float]] = deque(maxlen=_REMEMBERED)
        self._relayed: dict[tuple[str, Path], int] = {}
        self._files: dict[tuple[str, Path], _File] = defaultdict(_File)
        self._own: dict[str, frozenset[Path]] = {}

    def own(self, function: str) -> frozenset[Path]:
        """The files that builds write, and that would build the function for ever."""
        return self._own.get(function, frozenset())

    def began(self, function: str, now: float) -> None:
        """A build begins."""
        self._running = function, now

    def ended(self, now: float) -> None:
        """It has ended."""
        if self._running is not None:
            self._builds.append((*self._running, now))
        self._running = None

    def asked(self) -> None:
        """Somebody did something: what builds write for other functions counts anew."""
        self._relayed.clear()

    def sort(self, function: str, changes: Mapping[Path, float]) -> Sorted:
        """Tell apart the changes, each with its time, of files that concern the function."""
        by_hand: set[Path] = set()
        perhaps: set[Path] = set()
        own: set[Path] = set()
        for path, at in changes.items():
            key = function, path
            file, building = self._files[key], self._building(at)
            if not building:
                file.tries, file.by_hand = 0, True
                by_hand.add(path)
                continue
            if function in building:
                self._relayed.pop(key, None)
                exhausted = file.tries >= file.most
            else:
                exhausted = self._relayed.setdefault(key, 0) >= _RELAYED
            (own if exhausted else perhaps).add(path)
        if by_hand:
            self.asked()
        if by_hand or own:
            self._own[function] = self.own(function) - by_hand | own
        return Sorted(frozenset(by_hand), frozenset(perhaps))

    def last(self, function: str, changed: Iterable[Path]) -> bool:
        """Whether a build because of `changed` is the last for one of them."""
        keys = [(function, path) for path in changed]
        return any(self._files[key].tries + 1 >= self._files[key].most for key in keys if key not in self._relayed)

    def tried(self, function: str, changed: Iterable[Path]) -> None:
        """The function is built again because these changed during a build."""
        for path in changed:
            key = function, path
            if key in self._relayed:
                self._relayed[key] += 1
            else:
                self._files[key].tries += 1

    def _building(self, at: float) -> set[str]:
        """The functions that were built then; changes are reported within moments."""
        ended = {name for name, began, end in self._builds if began - SLACK_S <= at <= end}
        running = {self._running[0]} if self._running is not None and at >= self._running[1] - SLACK_S else set()
        return ended | running
