"""Traffic: every message that crosses, and what became of the instances."""

from __future__ import annotations

from rich.cells import cell_len

from workbench.query import duration_ms
from workbench.records import (
    Build,
    Call,
    Cast,
    Change,
    Note,
    Record,
    Reload,
    Reply,
    Start,
    Stop,
    Sync,
    Timer,
    Trap,
)
from workbench.tui.panes.line import Line, Part, fit, fit_right, line
from workbench.tui.panes.named import NamedLinePane
from workbench.tui.panes.names import fit_name
from workbench.tui.panes.said import said, way_of
from workbench.tui.text import clock_column, duration_words, visible

WRAPPED_PREVIEW = 4000
"""Characters of a payload in a wrapped line."""
_DURATION = 8


class TrafficPane(NamedLinePane):
    """One line per cast, call, reply, timer, sync, trap, note, build, start, stop, reload and change by hand."""

    NAME = "traffic"
    HINT = "No messages yet. What functions and you send shows here."
    KINDS = frozenset({Cast, Call, Reply, Timer, Sync, Trap, Note, Build, Start, Stop, Reload, Change})

    def line_for(self, record: Record, width: int, wrap: bool) -> Line:
        """`4711  0.318  sensor → filter  cast  41.7   0.4 ms`; narrow panes leave the number out."""
        names = self.name_width(width)
        edited = self._outcomes.mark_of(record.seq)
        record = self._outcomes.now(record)
        parts: list[Part] = []
        if width >= 72:
            parts.append((f"{record.seq:>6} ", "traffic--seq"))
        parts.append((clock_column(record.t, width >= 64) + " ", "traffic--time"))
        way = way_of(record, self._outcomes.get)
        style = way.style
        parts += [
            (fit_name(visible(way.source), names), "traffic--name"),
            (f" {way.glyph} ", style),
            (fit_name(visible(way.target), names) + " ", "traffic--name"),
            (f"{way.kind:<6} ", style),
        ]
        used = sum(cell_len(text) for text, _ in parts)
        took = duration_ms(record, self._outcomes) if not isinstance(record, Reply) else None
        ending = duration_words(took) if took is not None else ""
        if wrap:
            whole = edited + said(record, WRAPPED_PREVIEW, wrapped=True)
            took_part = (f"  {ending}" if ending else "", "traffic--duration")
            return line(*parts, (whole, _said_style(record)), took_part, hang=used)
        room = width - used - (_DURATION + 1 if ending and width >= 48 else 0)
        parts.append((fit(edited + said(record, max(room, 8), wrapped=False), room), _said_style(record)))
        if ending and width >= 48:
            parts.append((fit_right(ending, _DURATION + 1), "traffic--duration"))
        return line(*parts)


def _said_style(record: Record) -> str:
    if isinstance(record, Trap):
        return "tone--trap"
    if isinstance(record, Note | Change):
        return "tone--note"
    return "tone--life" if isinstance(record, Sync | Start | Stop | Reload | Build) else "traffic--payload"
