"""Keys that mean something in one pane only, as its widgets bind them: for the help and the keymap."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from textual.binding import Binding
from textual.dom import DOMNode

from workbench.tui.layout import PANES, SEND
from workbench.tui.panes import DiagnosticsPane, GraphPane, InspectorPane, SequencePane, StatePane
from workbench.tui.panes.graph.boxes import Boxes
from workbench.tui.panes.prompt import Prompt
from workbench.tui.panes.rows import Rows
from workbench.tui.segments import Segments
from workbench.tui.shelf import Shelf
from workbench.tui.situation import TEXTS

_OWN: Mapping[str, tuple[type[DOMNode], ...]] = {
    "state": (StatePane,),
    "diagnostics": (DiagnosticsPane,),
    "inspector": (InspectorPane,),
    "sequence": (SequencePane,),
    "graph": (GraphPane, Boxes),
    SEND: (Shelf, Segments),
}


def own_keys(pane: str) -> tuple[Binding, ...]:
    """Those that only the pane of that name has."""
    return tuple(each for kind in _OWN.get(pane, ()) for each in _bound_by(kind))


def common_keys(pane: str) -> tuple[Binding, ...]:
    """Those that it shares with others: for moving and, where one searches or filters, for what is typed then."""
    kinds = () if pane == SEND else (Rows, Prompt) if pane in TEXTS else (Rows,)
    return tuple(each for kind in kinds for each in _bound_by(kind))


def _bound_by(kind: type[DOMNode]) -> Iterator[Binding]:
    return (each for each in vars(kind).get("BINDINGS", ()) if isinstance(each, Binding))


LOCAL: Mapping[str, Binding] = {
    each.id: each for pane in (*PANES, SEND) for each in (*own_keys(pane), *common_keys(pane)) if each.id is not None
}
"""All of them by id."""
