"""The panes by the names the layout knows them by."""

from __future__ import annotations

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
