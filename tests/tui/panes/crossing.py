"""Messages that cross a stage, for the panes that have a line for each."""

from __future__ import annotations

from tests.tui.panes.stage import Stage
from workbench.records import Cast


def casts(stage: Stage, count: int, *, source: str = "sensor", payload: bytes = b"41.7") -> None:
    for _ in range(count):
        stage.write(Cast, None, source=source, target="filter", alias="out", payload=payload)
