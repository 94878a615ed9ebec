"""The titles of panes that share a place, cut until they all fit beside each other."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len, set_cell_size

FOR_SUBTITLE = 11
"""Cells kept free at the end once titles must be cut: what a pane says beside its title matters more."""
LEAST_SUBTITLE = 10
"""Cells that tell at least that a pane is filtered or held, which no titles may hide."""
LEAST = 4
VERY_LEAST = 3
"""Cells that tell titles apart, and those that do so with their numbers, where even the former are too many."""
AROUND = 2
"""Cells around a title, of which one is free where the number stands alone."""


def fitting(titles: Sequence[str], active: int, room: int, subtitle: int = 0) -> list[str]:
    """`titles` in `room` cells: whole if they fit, else all but the `active` one cut to as many cells as possible.

    Beside them the first cells of a `subtitle` of so many cells have room. They are cut without an ellipsis, which
    would cost one of the few letters that tell them apart. Where there is no room for letters the others' numbers
    stand alone, and even the `active` one may be cut.
    """
    sizes = [cell_len(title) for title in titles]
    beside = min(subtitle + 1, LEAST_SUBTITLE) if subtitle else 0
    if sum(sizes) <= room - beside:
        return list(titles)
    tries = [(most, room - FOR_SUBTITLE) for most in range(max(LEAST, *sizes), LEAST - 1, -1)]
    for most, free in (*tries, (LEAST, room - beside), (VERY_LEAST, room - beside)):
        cut = [size if at == active else min(size, most) for at, size in enumerate(sizes)]
        if sum(cut) <= free:
            return [_short(titles, at, size) for at, size in enumerate(cut)]
    free = room + (AROUND - 1) * (len(titles) - 1)
    return [set_cell_size(each, min(sizes[at], max(1, free))) if at == active else "" for at, each in enumerate(titles)]


def _short(titles: Sequence[str], at: int, size: int) -> str:
    """The title's beginning; where others begin so, too, its last letter is the first that they do not share."""
    title, short = titles[at], set_cell_size(titles[at], size)
    alike = [other for other in titles if other != title and set_cell_size(other, size) == short]
    if not alike or short == title:
        return short
    shared = next(
        end for end in range(size, len(title) + 1) if all(other[: end + 1] != title[: end + 1] for other in alike)
    )
    return set_cell_size(title, size - 1) + title[shared : shared + 1]
