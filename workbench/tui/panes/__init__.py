"""The panes: views of the session and its journal."""

from __future__ import annotations

from workbench.tui.panes.diagnostics import DiagnosticsPane
from workbench.tui.panes.graph import GraphPane
from workbench.tui.panes.inspector import InspectorPane
from workbench.tui.panes.instances import InstancesPane
from workbench.tui.panes.logs import LogsPane
from workbench.tui.panes.messages import (
    InstanceSelected,
    MomentWanted,
    OpenSource,
    PaneSource,
    RecordSelected,
)
from workbench.tui.panes.pane import Pane
from workbench.tui.panes.queue import QueuePane
from workbench.tui.panes.sequence import SequencePane
from workbench.tui.panes.state import StatePane
from workbench.tui.panes.traffic import TrafficPane

__all__ = [
    "DiagnosticsPane",
    "GraphPane",
    "InspectorPane",
    "InstanceSelected",
    "InstancesPane",
    "LogsPane",
    "MomentWanted",
    "OpenSource",
    "Pane",
    "PaneSource",
    "QueuePane",
    "RecordSelected",
    "SequencePane",
    "StatePane",
    "TrafficPane",
]
