"""Rows of the screen as strips: a line's row with what lies over it, a rule between lines, a hint where none are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from rich.segment import Segment
from rich.style import Style
from textual.selection import Selection
from textual.strip import Strip

from workbench.tui.panes.line import Line, Piece, StyleName, draw, fit
from workbench.tui.panes.lines import Lines

COPY_LIMIT = 20_000
"""Lines that one selection copies at most."""


@dataclass
class Drawn:
    """A line's pieces, and the rows of the screen made of them so far, by what else they depend on."""

    pieces: Sequence[Piece]
    strips: dict[tuple[int, str, StyleName, bool, bool], Strip] = field(default_factory=dict)


def painted(piece: Piece, row_id: int, mark: Segment, plain: Style, over: Style, cursor: Style, width: int) -> Strip:
    """`piece` of the line `row_id` in `width` cells, after `mark`; `over` is laid over its text, `cursor` over all."""
    plain += cursor
    text = piece.strip.apply_style(plain).extend_cell_length(width - 1, plain)
    if over:
        text = Strip([Segment(part, (own or plain) + over) for part, own, _ in text], text.cell_length)
    first = Segment(mark.text, plain + mark.style if mark.style else plain)
    segments = [first, *text.apply_offsets(piece.start, row_id)]
    if cursor.reverse:  # one bar, not one of as many colours as the line has
        segments = [Segment(part, (own or plain) + cursor) for part, own, _ in segments]
    return Strip(segments, width)


def rule(words: str, width: int, style: Style) -> Strip:
    """A line across, with `words` set into it."""
    return Strip([Segment(fit(f"── {words} ".ljust(width, "─"), width), style)], width)


def hint(lines: Lines, y: int, width: int, plain: Style) -> Strip:
    """Row `y` of what is said when there are no lines."""
    shown = Line(((lines.hint(), "pane--muted"),))
    pieces = draw(shown, width - 2, True, lines.style_of, ())
    strip = pieces[y].strip if y < len(pieces) else Strip([])
    return Strip([Segment(" ", plain), *strip.apply_style(plain)]).extend_cell_length(width, plain)


def highlighted(piece: Piece, span: tuple[int, int], style: Style) -> Piece:
    """`piece` with `style` over the line's characters in `span`, whose end may be -1 for the line's."""
    strip, text = piece.strip, piece.strip.text
    start = max(0, span[0] - piece.start)
    end = len(text) if span[1] == -1 else min(len(text), span[1] - piece.start)
    if start >= end:
        return piece
    low, high = (strip.index_to_cell_position(at) for at in (start, end))
    chosen = [Segment(part, (own or Style.null()) + style) for part, own, _ in strip.crop(low, high)]
    return Piece(Strip.join([strip.crop(0, low), Strip(chosen), strip.crop(high)]), piece.start)


def selected_text(lines: Lines, selection: Selection, width: int, wrap: bool) -> str | None:
    """What the mouse selected, line by line."""
    count = lines.count()
    first = 0 if selection.start is None else lines.index_of(selection.start.y)
    end = count if selection.end is None else min(count, lines.index_of(selection.end.y) + 1)
    texts = []
    for index in range(first, min(end, first + COPY_LIMIT)):
        span = selection.get_span(lines.id_at(index))
        if span is not None:
            text = lines.line_at(index, width, wrap).plain
            texts.append(text[span[0] : None if span[1] == -1 else span[1]].rstrip())
    return "\n".join(texts) if texts else None
