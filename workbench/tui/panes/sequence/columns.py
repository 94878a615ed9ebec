"""Which columns a sequence diagram has, which of them are in sight, and where. Pure arithmetic."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

NARROWEST = 7
WIDEST = 28
"""Cells of a column: as many as there are for each, within these."""


@dataclass(frozen=True)
class Columns:
    """`seen` columns of `pitch` cells from the one numbered `first` on; `index` numbers all there are by name."""

    index: Mapping[str, int]
    first: int
    seen: int
    pitch: int
    width: int


def columns(names: tuple[str, ...], first: int, width: int) -> Columns:
    """The columns for `names` in `width` cells, from about `first` on if there is no room for all."""
    count = max(1, len(names))
    pitch = max(1, min(NARROWEST, width), min(width // count, WIDEST))
    seen = max(1, min(count, width // pitch))
    first = max(0, min(first, count - seen))
    return Columns({name: at for at, name in enumerate(names)}, first, seen, pitch, width)


def place(cut: Columns, name: str) -> int | None:
    """The cell of the lifeline of `name`: negative or beyond the width when out of sight, None when it has none."""
    at = cut.index.get(name)
    if at is None:
        return None
    if at < cut.first:
        return -1
    return cut.width if at >= cut.first + cut.seen else (at - cut.first) * cut.pitch + cut.pitch // 2


def first_to_show(cut: Columns, source: str, target: str) -> int:
    """From which column on both are in sight, or `source` alone when they are too far apart; as near as can be."""
    at, other = cut.index.get(source), cut.index.get(target)
    if at is None:
        at = other
    if at is None:
        return cut.first
    low, high = (at, at) if other is None or abs(at - other) >= cut.seen else (min(at, other), max(at, other))
    return min(max(cut.first, high - cut.seen + 1), low)
