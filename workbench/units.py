"""Sizes and durations as people write them: `256MiB`, `500ms`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from fractions import Fraction

from workbench.errors import UserError

DURATIONS_MS: Mapping[str, int] = {"ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000}
SIZES: Mapping[str, int] = {
    "B": 1,
    "KB": 1000,
    "MB": 1000**2,
    "GB": 1000**3,
    "KiB": 1024,
    "MiB": 1024**2,
    "GiB": 1024**3,
}
LARGEST = 2**63 - 1

_AMOUNT = re.compile(r"\s*([0-9]{1,20}(?:\.[0-9]{1,20})?)\s*([A-Za-z]+)\s*", re.ASCII)


def parse_duration(text: str) -> int:
    """A duration in whole milliseconds: `500ms`, `10s`, `1.5s`, `2m`, `1h`. Raises `UserError`."""
    return _parse(text, DURATIONS_MS, "a duration", "500ms, 10s, 2m or 1h", "milliseconds")


def typed_duration(ms: int) -> str:
    """How one would type a duration, none of it lost: `1234ms`, `90s`."""
    return f"{ms}ms" if ms % 1000 else f"{ms // 1000}s"


def parse_size(text: str) -> int:
    """A size in bytes: `64KiB`, `256MiB`, `1GB`, `512B`. Raises `UserError`."""
    return _parse(text, SIZES, "a size", "64KiB, 256MiB or 1GB", "bytes")


def _parse(text: str, units: Mapping[str, int], what: str, examples: str, smallest: str) -> int:
    found = _AMOUNT.fullmatch(text)
    factor = _factor(found[2], units) if found else None
    if found is None or factor is None:
        raise UserError(f'"{text}" is not {what}; write it as {examples}')
    amount = Fraction(found[1]) * factor
    if amount.denominator != 1:
        raise UserError(f'"{text}" is not a whole number of {smallest}')
    if amount > LARGEST:
        raise UserError(f'"{text}" is too large')
    return int(amount)


def _factor(unit: str, units: Mapping[str, int]) -> int | None:
    return next((factor for name, factor in units.items() if name.lower() == unit.lower()), None)


def format_duration(ms: float) -> str:
    """A duration for people, three digits of it: `0.4 ms`, `340 ms`, `1.20 s`, `2 m 05 s`."""
    if ms < 999.5:
        return f"{ms:.1f} ms" if ms < 9.95 else f"{ms:.0f} ms"
    if ms < 59_995:
        return f"{ms / 1000:.2f} s"
    minutes, seconds = divmod(round(ms / 1000), 60)
    return f"{minutes} m {seconds:02} s"


def format_size(size: int) -> str:
    """A size in bytes for people: `512 B`, `17.0 KiB`, `1.2 MiB`."""
    amount, unit = float(size), "B"
    for larger in ("KiB", "MiB", "GiB"):
        if amount < 1024:
            break
        amount, unit = amount / 1024, larger
    return f"{amount:.0f} {unit}" if unit == "B" else f"{amount:.1f} {unit}"
