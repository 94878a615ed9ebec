"""The panes by the names the layout knows them by."""

from __future__ import annotations

from workbench.tui.panes import (
    DiagnosticsPane,
    InspectorPane,
    InstancesPane,
    LogsPane,
    Pane,
    StatePane,
    TrafficPane,
)


def make_panes() -> dict[str, Pane]:
    """One of each, by name."""
    return {
        "instances": InstancesPane(),
        "traffic": TrafficPane(),
        "logs": LogsPane(),
        "state": StatePane(),
        "diagnostics": DiagnosticsPane(),
        "inspector": InspectorPane(),
    }
