"""The titles of panes that share a place, cut until they all fit beside each other."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len, set_cell_size

FOR_SUBTITLE = 11
"""Cells kept free at the end once titles must be cut: what a pane says beside its title matters more."""
LEAST = 4
VERY_LEAST = 3
"""Cells that tell titles apart, and those that do so with their numbers, where even the former are too many."""


def fitting(titles: Sequence[str], active: int, room: int) -> list[str]:
    """`titles` in `room` cells: whole if they fit, else all but the `active` one cut to as many cells as possible.

    They are cut without an ellipsis, which would cost one of the few letters that tell them apart.
    """
    sizes = [cell_len(title) for title in titles]
    if sum(sizes) <= room:
        return list(titles)
    tries = [(most, room - FOR_SUBTITLE) for most in range(max(LEAST, *sizes), LEAST - 1, -1)]
    for most, free in (*tries, (LEAST, room), (VERY_LEAST, room)):
        cut = [size if at == active else min(size, most) for at, size in enumerate(sizes)]
        if sum(cut) <= free:
            break
    return [set_cell_size(title, size) for title, size in zip(titles, cut, strict=True)]
