"""From box to box: which one is next in a direction."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from textual.geometry import Region

Direction = Literal["up", "down", "left", "right"]


def neighbour(boxes: Mapping[str, Region], name: str | None, way: Direction) -> str | None:
    """The nearest box beyond that of `name`; without one, the first there is. None when there is none that way."""
    here = None if name is None else boxes.get(name)
    if here is None:
        return next(iter(boxes), None)
    found = [(_distance(here, box, way), other) for other, box in boxes.items() if _is_beyond(here, box, way)]
    return min(found)[1] if found else None


def _is_beyond(here: Region, box: Region, way: Direction) -> bool:
    match way:
        case "up":
            return box.bottom <= here.y
        case "down":
            return box.y >= here.bottom
        case "left":
            return box.right <= here.x
        case "right":
            return box.x >= here.right


def _distance(here: Region, box: Region, way: Direction) -> int:
    """Rows count more than columns, as cells are higher than wide; what is off the way counts more than what is far."""
    across = abs(box.x + box.width // 2 - here.x - here.width // 2)
    along = abs(box.y - here.y) * 2
    return along + 3 * across if way in ("up", "down") else across + 3 * along
