"""The sequence diagram: lifelines side by side, messages as arrows between them."""

from __future__ import annotations

from workbench.tui.panes.sequence.pane import SequencePane

__all__ = ["SequencePane"]
