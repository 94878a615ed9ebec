"""How much an instance may have of memories and tables, all together, as limits that wasmtime keeps for each alone.

The shares are fixed when an instance begins, whatever grows first, so that a run that comes again comes to the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from workbench.host.declarations import PAGE, Declarations, Limits

ELEMENT = 16
"""Bytes that count for an element of a table: 8, and as much again while wasmtime moves a table that grows."""

_MOST_PAGES, _MOST_ELEMENTS = 1 << 16, 1 << 32


@dataclass(frozen=True)
class Sizes:
    """A module's memories and tables, each with the bytes it has at first and at most."""

    memories: tuple[tuple[int, int], ...]
    tables: tuple[tuple[int, int], ...]

    @property
    def first(self) -> int:
        """Bytes that all take when an instance begins."""
        return sum(least for least, _ in (*self.memories, *self.tables))


@dataclass(frozen=True)
class Shares:
    """What one memory may grow to, in bytes, and one table, in elements."""

    memory_bytes: int
    table_elements: int


def sizes(declared: Declarations, tables_grow: bool) -> Sizes:
    """What a module declares; `tables_grow`: whether its code can make a table larger."""
    tables = _bytes(declared.tables, ELEMENT, _MOST_ELEMENTS)
    return Sizes(
        _bytes(declared.memories, PAGE, _MOST_PAGES),
        tables if tables_grow else tuple((least, least) for least, _ in tables),
    )


def shares(sizes: Sizes, limit: int) -> Shares:
    """The largest shares with which all memories and tables together stay within `limit` bytes.

    Those that can grow are let grow to the same size; where memories and tables can, each kind gets half of what is
    left. `limit` must not be less than they have at first.
    """
    left = limit - sizes.first
    for_tables = left // 2 if any(least < most for least, most in sizes.tables) else 0
    return Shares(_level(sizes.memories, left - for_tables), _level(sizes.tables, for_tables) // ELEMENT)


def _bytes(limits: Sequence[Limits], unit: int, most: int) -> tuple[tuple[int, int], ...]:
    return tuple(
        (each.minimum * unit, (most if each.maximum is None else min(each.maximum, most)) * unit) for each in limits
    )


def _level(sizes: Sequence[tuple[int, int]], room: int) -> int:
    """The largest size to which all may grow when that takes `room` bytes at most."""
    low, high = 0, max((least for least, _ in sizes), default=0) + room
    while low < high:
        middle = (low + high + 1) // 2
        if sum(max(0, min(middle, most) - least) for least, most in sizes) <= room:
            low = middle
        else:
            high = middle - 1
    return low
