"""The panes by the names the layout knows them by."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from workbench.tui.panes import (
    DiagnosticsPane,
    GraphPane,
    InspectorPane,
    InstancesPane,
    LogsPane,
    Pane,
    QueuePane,
    SequencePane,
    StatePane,
    TrafficPane,
)
from workbench.tui.panes.below import Keys
from workbench.tui.panes.prompt import History
from workbench.tui.panes.searching import SearchPane


def make_panes() -> dict[str, Pane]:
    """One of each, by name; what is typed into the prompt of one is at hand in all."""
    panes: dict[str, Pane] = {
        "instances": InstancesPane(),
        "traffic": TrafficPane(),
        "logs": LogsPane(),
        "state": StatePane(),
        "diagnostics": DiagnosticsPane(),
        "inspector": InspectorPane(),
        "sequence": SequencePane(),
        "queue": QueuePane(),
        "graph": GraphPane(),
    }
    history = History()
    for pane in panes.values():
        if isinstance(pane, SearchPane):
            pane.prompt.history = history
    return panes


def tell_keys(panes: Iterable[Pane], key_for: Callable[[str], str]) -> None:
    """Let those that name keys name these; `key_for` knows an action's."""
    keys = Keys(key_for("run-real"), key_for("restart"))
    for pane in panes:
        if isinstance(pane, InstancesPane | InspectorPane):
            pane.keys_told = keys
