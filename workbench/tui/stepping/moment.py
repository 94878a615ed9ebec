"""The panes at the moment that is shown: where it is paused, or a moment of the past."""

from __future__ import annotations

from collections.abc import Iterable

from workbench.session.view import SteppingView
from workbench.tui.panes import Pane, StatePane
from workbench.tui.panes.line_pane import LinePane


def show_moment(panes: Iterable[Pane], stepping: SteppingView) -> None:
    """Mark it in the panes of lines, and show the states of then."""
    past = stepping.past
    at = past.seq if past is not None else stepping.at if stepping.mode == "paused" else None
    words = "paused here" if past is None else "the moment that is shown"
    for pane in panes:
        if isinstance(pane, LinePane):
            pane.mark(at, words)
        elif isinstance(pane, StatePane):
            pane.look_back(None if past is None else past.seq)
