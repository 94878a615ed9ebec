"""Graph: who is connected to whom by which output, how much goes there now, and what was last."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from time import monotonic
from typing import ClassVar

from textual.binding import Binding, BindingType

from workbench.session.rare import LONGEST_MS, PATIENCE
from workbench.session.view import View
from workbench.tui.listed import ALONE
from workbench.tui.panes.graph.boxes import Boxes
from workbench.tui.panes.graph.drawing import Drawing, Form, draw_group
from workbench.tui.panes.graph.flow import SPAN_MS, Flow
from workbench.tui.panes.graph.labels import label
from workbench.tui.panes.graph.listing import list_group
from workbench.tui.panes.graph.nodes import Group, Output, groups_of
from workbench.tui.panes.graph.walk import Direction, neighbour
from workbench.tui.panes.line import Line, Part, line
from workbench.tui.panes.messages import InstanceSelected, PaneSource
from workbench.tui.panes.pane import Pane
from workbench.tui.text import visible

USUAL_ZONE = 24
"""Cells for them where not all can be in sight."""
NARROW = 56
"""Cells below which it is a list."""
ZONES = (36, 30, 24, 20, 16)
"""Cells for the words on edges: the most with which all is in sight."""
EVERY_S = 0.2
"""How often states, rates and payloads are drawn anew."""
REFIT_S = 1.0
"""How often another form is looked for as messages begin to flow, which takes several drawings."""


@dataclass(frozen=True)
class _Drawn:
    """What a drawing shows: who there is, up to which record, when on the session clock."""

    groups: tuple[Group, ...]
    read: int
    now: float


class GraphPane(Pane):
    """Functions and resources as boxes, or a list of them where there is no room."""

    NAME = "graph"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("l", "form", "list it or draw it", show=False, id="graph.form"),
    ]

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self.rows = Boxes(self)
        self._flow = Flow()
        self._groups: tuple[Group, ...] = ()
        self._drawing = Drawing()
        self._selected: str | None = None
        self._left = 0
        self._form: Form | None = None
        self._listed = False
        self._used = 0
        """Over how many outputs something had gone when the form was chosen."""
        self._now = 0.0
        self._who: tuple[object, ...] = ()
        self._sought = False
        """Whether the selected box is to be brought in sight."""
        self._drawn_at = 0.0
        self._drawn_as = _Drawn((), 0, 0.0)

    # -- taking in what is new

    def update_from(self, session: PaneSource) -> None:
        """Draw who there is at once when that changes, and what flows a few times a second."""
        if not self.display or not self.rows.size.width:
            return
        view = session.view()
        past = view.stepping.past
        self._flow.look(session.journal, None if past is None else past.seq + 1)
        self._now = view.t_ms if past is None else _time_of(session, past.seq, view)
        self._groups = groups_of(view, self._flow.stray())
        who = (*(node.identity for group in self._groups for node in group.nodes), self.rows.size)
        if who != self._who:
            self._who, self._form, self._sought = who, None, True
        if self._sought or self._is_due():
            self._draw()
        if self._sought:
            self._sought = False
            self._show_selected()

    def _is_due(self) -> bool:
        """Whether something else is to be seen than what was drawn, and that was a while ago."""
        flow, drawn = self._flow, self._drawn_as
        since = monotonic() - self._drawn_at
        if self._used != len(flow.streams) and since >= REFIT_S:  # where something goes there is more to say
            self._form = None
        still = drawn.now - flow.newest  # rates go on to fall: those of what is rare late, and no one watches for it
        if still <= SPAN_MS or drawn != _Drawn(self._groups, flow.read, drawn.now):
            return since >= EVERY_S
        return since >= REFIT_S and still <= PATIENCE * LONGEST_MS + SPAN_MS

    def _draw(self) -> None:
        width = self.rows.text_width
        self._drawn_as, self._drawn_at = _Drawn(self._groups, self._flow.read, self._now), monotonic()
        self._drawing = self._drawn(width)
        self._left = max(0, min(self._left, self._drawing.plane.width - width))
        more = self._drawing.plane.width > width
        self.subtitle = "◂ ▸ more" if more else ""
        self.rows.redraw()

    def _drawn(self, width: int) -> Drawing:
        if width < NARROW or self._listed:
            return self._in_form(None, width)
        if self._form is None:
            self._form, self._used = self._fitting(width), len(self._flow.streams)
        return self._in_form(self._form, width)

    def _fitting(self, width: int) -> Form:
        """The roomiest form that is in sight as a whole; else one that is so in height; else the densest."""
        framed = (Form(True, ZONES[-1]), Form(True, ZONES[-1], gap=0))
        bare = Form(False, ZONES[-1], gap=0)
        high = self.rows.size.height
        form = next((form for form in framed if self._in_form(form, width).plane.height <= high), bare)
        zones = (zone for zone in ZONES if self._in_form(replace(form, zone=zone), width).plane.width <= width)
        return replace(form, zone=next(zones, USUAL_ZONE))

    def _in_form(self, form: Form | None, width: int) -> Drawing:
        drawing = Drawing()
        plane = drawing.plane
        for group in self._groups:
            if len(self._groups) > 1 or self._groups[0].title != ALONE:
                if plane.height:
                    plane.reach(0, plane.height)
                drawing.titles[plane.height] = f"── {visible(group.title)} ".ljust(min(width, 60), "─")
                plane.reach(0, plane.height)
            words = _Words(group, self._flow, self._now, "→" if form is None else "↩")
            if form is None:
                list_group(drawing, group, width, self._selected, words)
            else:
                draw_group(drawing, group, form, width, self._selected, words)
        return drawing

    # -- the selection of the screen

    def show_selection(self, seq: int | None, instance: str | None) -> None:
        """Mark the instance that is selected."""
        if instance != self._selected:
            self._selected, self._sought = instance, True

    def step(self, way: Direction) -> None:
        """Choose the nearest box that way."""
        to = neighbour(self._drawing.boxes, self._selected, way)
        if to is not None:
            self._choose(to)

    def edge(self, last: bool) -> None:
        """Choose the first box, or the last one."""
        names = list(self._drawing.boxes)
        if names:
            self._choose(names[-1 if last else 0])

    def pick(self, x: int, y: int) -> None:
        """Choose the box at a cell of what is seen; `y` counts lines of all that is drawn."""
        found = next((name for name, box in self._drawing.boxes.items() if box.contains(x + self._left, y)), None)
        if found is not None:
            self._choose(found)

    def action_form(self) -> None:
        """List what is drawn, or draw what is listed."""
        self._listed = not self._listed
        self._left = 0
        self._draw()
        self._show_selected()

    def confirm(self) -> None:
        """Choose the box once more, for whoever listens."""
        if self._selected is not None:
            self.post_message(InstanceSelected(self._selected))

    def _choose(self, name: str) -> None:
        self._selected = name
        self._draw()
        self._show_selected()
        self.post_message(InstanceSelected(name))

    def sideways(self, by: int) -> None:
        """Bring what is beside in sight."""
        self._left = max(0, min(self._left + by, self._drawing.plane.width - self.rows.text_width))
        self.rows.redraw()

    def _show_selected(self) -> None:
        box = self._drawing.boxes.get(self._selected or "")
        if box is None:
            return
        width = self.rows.text_width
        words = 0 if self._form is None or self._listed else self._form.zone
        last = max(0, self._drawing.plane.width - width)
        left = min(max(self._left, min(box.right + words, self._drawing.plane.width) - width), box.x, last)
        if left != self._left:
            self._left = left
            self.rows.redraw()
        self.rows.bring(box.bottom - 1)
        self.rows.bring(box.y)

    # -- lines

    def hint(self) -> str:
        """Why there is nothing to see."""
        return "No functions yet."

    def count(self) -> int:
        """Rows of the drawing."""
        return self._drawing.plane.height

    def line_at(self, index: int, width: int, wrap: bool) -> Line:
        """A row of the drawing, as much of it as is in sight."""
        title = self._drawing.titles.get(index)
        if title is not None:
            return line((title, "graph--title"))
        return Line(tuple(self._drawing.plane.row(index, self._left, width)))

    @property
    def copy_text(self) -> str | None:
        """The name of the chosen one."""
        return self._selected


class _Words:
    """What is said on the edges of a group; `arrow` stands before where an edge leads that no line shows."""

    def __init__(self, group: Group, flow: Flow, now: float, arrow: str) -> None:
        self._flow, self._now, self._arrow = flow, now, arrow
        self._players = {node.name for node in group.nodes if node.unconnected}

    def __call__(self, source: str, output: Output, drawn: bool) -> Sequence[Part]:
        to = "itself" if output.target == source else visible(output.target or "")
        unconnected = output.target in self._players
        return label(
            source, output, self._flow, self._now, to=None if drawn else f"{self._arrow} {to}", unconnected=unconnected
        )


def _time_of(session: PaneSource, seq: int, view: View) -> float:
    record = session.journal.get(seq)
    return view.t_ms if record is None else record.t
