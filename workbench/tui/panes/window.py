"""Which lines stand in which rows of the screen: arithmetic over the heights of lines, asked for sparingly."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

RULE = -1
"""Instead of a piece's number: the row is the rule, a line drawn between two lines."""

Height = Callable[[int], int]
"""How many rows the line at an index takes, without the rule."""


@dataclass(frozen=True)
class Rule:
    """Where the rule stands: with the line at `index`, `above` it or else below, and scrolled out of sight with it."""

    index: int
    above: bool


def last_top(count: int, room: int, height: Height, rule: Rule | None) -> int:
    """The line at the top when the last one is at the bottom of `room` rows."""
    top = count
    while top > 0 and room > 0:
        room -= _rows(top - 1, height, rule)
        if room >= 0 or top == count:
            top -= 1
    return top


def top_showing(index: int, top: int, room: int, height: Height, rule: Rule | None) -> int:
    """The line at the top when one scrolls from `top` as little as needed for the line at `index` to be in sight."""
    if index < top:
        return index
    below, need = index, 0
    while below >= top and need + _rows(below, height, rule) <= room:
        need += _rows(below, height, rule)
        below -= 1
    return max(top, min(below + 1, index))


def rows_from(top: int, count: int, room: int, height: Height, rule: Rule | None) -> list[tuple[int, int]]:
    """For each of `room` rows: the line in it, and which of its pieces (or `RULE`)."""
    rows: list[tuple[int, int]] = []
    index = top
    while len(rows) < room and index < count:
        here = rule if rule is not None and rule.index == index else None
        if here is not None and here.above:
            rows.append((index, RULE))
        rows.extend((index, number) for number in range(height(index)))
        if here is not None and not here.above:
            rows.append((index, RULE))
        index += 1
    return rows[:room]


def _rows(index: int, height: Height, rule: Rule | None) -> int:
    return height(index) + (rule is not None and rule.index == index)
