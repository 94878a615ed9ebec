"""What waits: every event, timer, held message and unanswered call in the order they would happen, and who waits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from rich.cells import cell_len

from workbench.session.view import InstanceView, Queued, View
from workbench.tui.panes.line import Line, Part, fit, fit_right, line
from workbench.tui.panes.messages import InstanceSelected, PaneSource, RecordSelected
from workbench.tui.panes.names import fit_name, name_column
from workbench.tui.panes.pane import Pane
from workbench.tui.panes.rows import Rows
from workbench.tui.stepping.words import counted
from workbench.tui.text import duration_words, preview, visible

TIGHT, NARROW, WIDE = 48, 60, 76
"""Cells below which the kind is told by its glyph alone, below which names are cut, and from which on the
numbers of records stand before them."""
SHORT = 11
"""Cells for the time that a timer has left, which is told before what it says."""
COARSE_MS = 100.0
"""Steps in which a timer's time to go is told, so that rows are not drawn anew for what nobody can read."""


@dataclass(frozen=True)
class _Dead:
    """A sentence about who waits for ever."""

    sentence: str


@dataclass(frozen=True)
class _Chain:
    """Who waits for whom: each for the next one's reply."""

    names: tuple[str, ...]


_Row: TypeAlias = Queued | _Dead | _Chain | int
"""An `int` is how many more wait than are shown."""


class QueuePane(Pane):
    """One line for each thing that waits."""

    NAME = "queue"

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self.rows.wrap = True  # who waits for whom may be long
        self._shown: tuple[_Row, ...] = ()
        self._first = 0
        """The index of the first thing that waits."""
        self._now_ms = 0.0
        self._names = 4
        self._selected: int | None = None
        self._waited = False
        """Whether what is selected was seen to wait; where it is gone then, what took its place is to be selected."""
        self._drawn_as: tuple[object, ...] = ()

    def update_from(self, session: PaneSource) -> None:
        """Draw what changed."""
        if not self.display:
            return
        view = session.view()
        timers = any(event.due_ms is not None for event in view.stepping.queue)
        now_ms = view.t_ms - view.t_ms % COARSE_MS if timers else 0.0
        stepping = view.stepping
        paused = stepping.mode == "paused"
        drawn_as = (now_ms, paused, stepping.queue, stepping.queued, stepping.deadlocks, _waits(view.instances))
        if drawn_as == self._drawn_as:
            return
        self._drawn_as = drawn_as
        self._now_ms = now_ms
        self._shown = tuple(_rows(view))
        self._first = len(view.stepping.deadlocks)
        names = (cell_len(name) for event in view.stepping.queue for name in (visible(event.source), _target(event)))
        self._names = max(names, default=0)
        self._find_cursor(paused)
        self.rows.redraw()
        self._write_subtitle(view)

    def _find_cursor(self, paused: bool) -> None:
        place = self._place(self._selected)
        if place is not None:
            self.rows.cursor, self._waited = place, True
            return
        if self.rows.cursor is not None:
            self.rows.cursor = min(self.rows.cursor, len(self._shown) - 1) if self._shown else None
        if self._waited and paused and self.rows.has_focus:  # while all runs, one row after the other would be chosen
            self._waited = False
            if self.rows.cursor is not None and isinstance(self._shown[self.rows.cursor], Queued):
                self._select(self.rows.cursor)

    def _place(self, seq: int | None) -> int | None:
        found = (at for at, row in enumerate(self._shown) if isinstance(row, Queued) and row.seq == seq)
        return next(found, None)

    def _write_subtitle(self, view: View) -> None:
        dead = len(view.stepping.deadlocks)
        held = sum(event.kind == "held" for event in view.stepping.queue)
        parts = [
            f"✖ {dead} deadlock{'' if dead == 1 else 's'}" if dead else "",
            f"{held} held" if held else "",
            counted(view.stepping.queued) if view.stepping.queued else "",
        ]
        self.subtitle = "  ".join(part for part in parts if part)

    def show_selection(self, seq: int | None, instance: str | None) -> None:
        """Mark what waits under the selected number."""
        self._selected = seq
        place = self._place(seq)
        self._waited = place is not None
        if place is not None and self.rows.cursor != place:
            self.rows.place_cursor(place)
            self.rows.show_cursor()
        self.rows.refresh()

    def on_rows_moved(self, message: Rows.Moved) -> None:
        message.stop()
        self._select(message.row_id)

    def on_rows_chosen(self, message: Rows.Chosen) -> None:
        message.stop()
        self._select(message.row_id)

    def _select(self, at: int) -> None:
        row = self._shown[at] if at < len(self._shown) else None
        if isinstance(row, Queued):
            self._selected = row.seq
            self.post_message(RecordSelected(row.seq))
        elif isinstance(row, _Chain):
            self.post_message(InstanceSelected(row.names[0]))

    # -- lines

    def hint(self) -> str:
        """Why there is nothing to see."""
        return "Nothing waits: no message, no timer, nothing that is held."

    def count(self) -> int:
        """How many rows there are."""
        return len(self._shown)

    def mark_of(self, row_id: int) -> tuple[str, str]:
        """The selected one has a mark."""
        row = self._shown[row_id] if row_id < len(self._shown) else None
        chosen = isinstance(row, Queued) and row.seq == self._selected
        return ("▸", "pane--self") if chosen else (" ", "")

    def line_at(self, index: int, width: int, wrap: bool) -> Line:
        """`3  #4711 → cast   sensor → filter  {"value": 41.7}   in 820 ms`."""
        row = self._shown[index]
        match row:
            case _Dead():
                return line((f"✖ {visible(row.sentence)}", "queue--dead"), hang=2)
            case _Chain():
                return line(("◌ ", "queue--call"), _chain_words(row.names), hang=2)
            case int():
                return line((f"  and {row:,} more wait", "queue--why"))
        place = index + 1 - self._first
        glyph, word, style = _kind(row)
        names = name_column(self._names, width, NARROW)
        parts: list[Part] = [(f"{place:>3} ", "queue--place")]
        if width >= WIDE:
            parts.append((f"#{row.seq:<6} ", "queue--place"))
        parts += [
            (f"{glyph} {word:<5} " if width >= TIGHT else f"{glyph} ", style),
            (fit_name(visible(row.source), names), "queue--name"),
            (" → ", style),
            (fit_name(_target(row), names) + "  ", "queue--name"),
        ]
        why = self._why(row)
        room = width - sum(cell_len(text) for text, _ in parts)
        said = preview(row.payload, max(8, room))
        ending = min(cell_len(why) + 1, max(room - cell_len(said), room // 2, min(room, SHORT))) if why else 0
        parts.append((fit(preview(row.payload, max(8, room - ending)), room - ending), "queue--payload"))
        if ending:
            tone = "queue--held" if row.kind == "held" else "queue--why"
            parts.append((f" {fit_right(why, ending - 1)}", tone))
        return line(*parts)

    def _why(self, event: Queued) -> str:
        due = ""
        if event.due_ms is not None:
            left = event.due_ms - self._now_ms
            due = f"in {duration_words(left)}" if left > 0 else "due"
        return ", ".join(part for part in (due, visible(event.why)) if part)


def _rows(view: View) -> list[_Row]:
    stepping = view.stepping
    more = stepping.queued - len(stepping.queue)
    return [
        *(_Dead(sentence) for sentence in stepping.deadlocks),
        *stepping.queue,
        *([more] if more > 0 else ()),
        *(_Chain(names) for names in waiting_chains(view.instances)),
    ]


def _waits(instances: tuple[InstanceView, ...]) -> tuple[tuple[str, str], ...]:
    return tuple((one.name, one.waits_on) for one in instances if one.waits_on is not None)


def waiting_chains(instances: tuple[InstanceView, ...]) -> list[tuple[str, ...]]:
    """Who waits for whom, each chain from the one that nobody waits for; a circle ends where it began."""
    waits = dict(_waits(instances))
    waited_for = set(waits.values())
    chains: list[tuple[str, ...]] = []
    told: set[str] = set()
    for first in sorted(waits, key=lambda name: name in waited_for):
        if first in told:
            continue
        chain, passed, last = [first], set(), first
        while last in waits and last not in passed:
            passed.add(last)
            last = waits[last]
            chain.append(last)
        told.update(chain)
        chains.append(tuple(chain))
    return chains


def _chain_words(names: tuple[str, ...]) -> str:
    first, second, *others = (visible(name) for name in names)
    return f"{first} waits for {second}" + "".join(f", which waits for {name}" for name in others)


def _kind(event: Queued) -> tuple[str, str, str]:
    match event.kind:
        case "timer":
            return "◷", "timer", "queue--timer"
        case "held":
            return "‖", event.what, "queue--held"
        case "call":
            return "◆", "call", "queue--call"
        case _:
            return "·", event.what, "queue--call" if event.what == "call" else "queue--event"


def _target(event: Queued) -> str:
    if event.kind == "timer" and event.target == event.source:
        return "self"
    return visible(event.target) if event.target is not None else f"✗ {visible(event.alias or '')}"
