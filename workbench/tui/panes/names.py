"""Names in columns: how many cells they get, and what becomes of those that are longer."""

from __future__ import annotations

from rich.cells import cell_len, set_cell_size

from workbench.tui.panes.line import fit

SHORTEST, CUT, LONGEST = 4, 8, 14
SHARE = 6
"""Names have more cells than `LONGEST` where a line is so many times as long."""


def name_column(longest: int, width: int, narrow: int) -> int:
    """Cells of a column for names of at most `longest` cells, in a line of `width`, which is `narrow` below that."""
    most = CUT if width < narrow else max(LONGEST, width // SHARE)
    return min(max(longest, SHORTEST), most)


def fit_name(name: str, width: int) -> str:
    """`name` in exactly `width` cells, as `fit`, but cut in its middle: names that begin alike end differently."""
    if cell_len(name) <= width or width < SHORTEST:
        return fit(name, width)
    end = name[-((width - 1) // 2) :]
    while cell_len(end) > (width - 1) // 2:
        end = end[1:]
    return set_cell_size(name, width - 1 - cell_len(end)) + "…" + end
