"""The graph: functions and resources as boxes, their outputs as edges, with what goes there now."""

from __future__ import annotations

from workbench.tui.panes.graph.pane import GraphPane

__all__ = ["GraphPane"]
