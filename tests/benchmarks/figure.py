"""One figure of a benchmark: ours against a yardstick measured in the same run."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """`ours` and `yardstick` in `unit`; `against` says what the yardstick is.

    `value` is what the goal speaks of, `goal` says what it should be, `met` whether it is.
    """

    name: str
    unit: str
    ours: float
    yardstick: float
    against: str
    value: str
    goal: str
    met: bool

    @property
    def ratio(self) -> float:
        return self.ours / self.yardstick


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which `share` (0 to 1) of `values` lie."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


median = statistics.median


def table(figures: Sequence[Figure]) -> str:
    """The figures for people, a row each."""
    heads = ("figure", "ours", "yardstick", "against", "ratio", "comes to", "goal", "met")
    rows = [
        (
            figure.name,
            f"{figure.ours:,.1f} {figure.unit}",
            f"{figure.yardstick:,.1f} {figure.unit}",
            figure.against,
            f"{figure.ratio:.2f}",
            figure.value,
            figure.goal,
            "yes" if figure.met else "NO",
        )
        for figure in figures
    ]
    widths = [max(len(row[column]) for row in (heads, *rows)) for column in range(len(heads))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in (heads, *rows)]
    return "\n".join([lines[0], "-" * len(lines[0]), *lines[1:]])
