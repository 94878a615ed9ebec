"""Sequence: who sent what to whom, as arrows between lifelines, the newest below."""

from __future__ import annotations

from typing import ClassVar

from rich.style import Style
from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from workbench.journal import Journal
from workbench.records import (
    USER,
    Call,
    Cast,
    Change,
    Note,
    Record,
    Reload,
    Reply,
    Start,
    Stop,
    Timer,
    Trap,
)
from workbench.tui.listed import listed
from workbench.tui.panes.line import Line, StyleName, line
from workbench.tui.panes.line_pane import LinePane
from workbench.tui.panes.messages import PaneSource
from workbench.tui.panes.said import said, way_of
from workbench.tui.panes.sequence.activity import Activity
from workbench.tui.panes.sequence.arrows import Row, drawn
from workbench.tui.panes.sequence.columns import Columns, columns, first_to_show
from workbench.tui.panes.sequence.heads import Heads, unusual
from workbench.tui.text import clock_column, visible

WIDE = 80
"""Cells from which on times have their minutes; below, two more cells for columns are worth more."""
WRAPPED_PREVIEW = 4000
COPIED = 100_000
"""Characters of a payload, in a wrapped line and on the clipboard."""
_RELATED = Style(bold=True)


class SequencePane(LinePane):
    """One row per cast, call, reply, timer, trap, note, start, stop, reload, change; one column per who takes part."""

    NAME = "sequence"
    HINT = "No messages yet. What functions and you send shows here, as arrows from one to the other."
    KINDS = frozenset({Cast, Call, Reply, Timer, Trap, Note, Start, Stop, Reload, Change})
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "sideways(-1)", "columns to the left", show=False, id="sequence.left"),
        Binding("right", "sideways(1)", "columns to the right", show=False, id="sequence.right"),
    ]

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._heads = Heads(self.style_of)
        self._activity = Activity(self._journal)
        self._taking_part: set[str] = set()
        self._order: tuple[str, ...] = ()
        self._first = 0
        self._cut = columns((), 0, 1)
        self._chosen: str | None = None
        self._sought: int | None = None
        """The selected record, until its columns are in sight."""

    def compose(self) -> ComposeResult:
        yield self._heads
        yield from super().compose()

    # -- taking records in

    def update_from(self, session: PaneSource) -> None:
        """As any pane of lines, then put the columns in order."""
        super().update_from(session)
        if not self.display:
            return
        instances = listed(session.view().instances)
        known = [each.name for each in instances if each.name in self._taking_part]
        user = [USER] if USER in self._taking_part and USER not in known else []
        order = (*user, *known, *sorted(self._taking_part.difference(known, user)))
        if order != self._order:
            self._order = order
            self.rows.redraw()
        self._seek_columns()
        cut = self._columns(self.rows.text_width)
        self._heads.show(cut, self.rows.text_width + 1 - cut.width, unusual(session.view()), self._chosen)

    def admit(self, records: list[Record]) -> None:
        """Who sends, gets, answers, traps or is noted takes part; starting and stopping alone is not enough."""
        names = self._taking_part
        for record in records:
            if isinstance(record, Cast | Call | Timer):
                names.add(record.source)
                if record.target is not None:
                    names.add(record.target)
            elif record.instance is not None and not isinstance(record, Start | Stop):
                names.add(record.instance)

    def _bind(self, journal: Journal) -> None:
        super()._bind(journal)
        self._activity = Activity(journal)

    def _restart(self) -> None:
        self._taking_part.clear()
        super()._restart()

    # -- columns

    def _columns(self, width: int) -> Columns:
        room = max(1, width - _margin(width))
        cut = self._cut
        if cut.width != room or cut.first != self._first or tuple(cut.index) != self._order:
            cut = self._cut = columns(self._order, self._first, room)
            self._first = cut.first
        return cut

    def action_sideways(self, by: int) -> None:
        """Bring columns in sight that are beyond an edge."""
        self._go_sideways(self._first + by)

    def _go_sideways(self, first: int) -> None:
        before, self._first = self._first, max(0, first)
        cut = self._columns(self.rows.text_width)
        if cut.first != before:
            self.rows.redraw()

    def on_mouse_scroll_left(self, event: events.MouseScrollLeft) -> None:
        event.stop()
        self.action_sideways(-1)

    def on_mouse_scroll_right(self, event: events.MouseScrollRight) -> None:
        event.stop()
        self.action_sideways(1)

    # -- the selection of the screen

    def show_selection(self, seq: int | None, instance: str | None) -> None:
        """As any pane of lines, with the columns of the selected record in sight."""
        super().show_selection(seq, instance)
        self._chosen, self._sought = instance, seq
        self._seek_columns()

    def _seek_columns(self) -> None:
        if self._sought is None or not self.display or not self.rows.size.width:
            return
        record, self._sought = self._journal.get(self._sought), None
        if record is not None and type(record) in self.KINDS:
            way = way_of(record, self._journal.get)
            cut = self._columns(self.rows.text_width)
            self._go_sideways(first_to_show(cut, way.source, way.target))

    def tone_of(self, row_id: int) -> StyleName:
        """What belongs to the selected record is bold, the rest pale."""
        if self._chain is None:
            return ""
        return _RELATED if self._chain.relation(row_id) else "pane--pale"

    # -- lines

    def line_for(self, record: Record, width: int, wrap: bool) -> Line:
        """Its time, and the row of the diagram; wrapped, what was cut stands below in full."""
        margin = _margin(width)
        record, mark = self._outcomes.now(record), self._outcomes.mark_of(record.seq)
        row = Row(record, self._columns(width), self._activity.at(record.seq), self._journal.get, mark)
        canvas, was_cut = drawn(row)
        time = f"{clock_column(record.t, width >= WIDE)} " if margin else ""
        whole = f"\n{mark}{said(record, WRAPPED_PREVIEW, wrapped=True)}" if wrap and was_cut else ""
        return line((time, "sequence--time"), *canvas.parts(), (whole, "sequence--words"), hang=margin + 2)

    def text_at(self, index: int) -> str:
        """Who, what and whom in words, for in the row itself names do not stand."""
        record = self._journal.get(self.id_at(index))
        if record is None:
            return ""
        way = way_of(record, self._journal.get)
        words = said(self._outcomes.now(record), COPIED, wrapped=False)
        parts = (visible(way.source), way.glyph, visible(way.target), way.kind, words)
        return " ".join(part for part in parts if part)

    @property
    def copy_text(self) -> str | None:
        """The cursor's line in words, with its time."""
        index = self.rows.cursor_index
        record = None if index is None else self._journal.get(self.id_at(index))
        if index is None or record is None:
            return None
        return f"{clock_column(record.t, True).strip()} {self.text_at(index)}"


def _margin(width: int) -> int:
    """Cells for the time and a blank, where there is room for them."""
    return 0 if width < 30 else 10 if width >= WIDE else 8
