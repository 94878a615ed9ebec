"""One record of a sequence diagram as a row of cells: lifelines, an arrow between two or a mark on one, and words.

`├─ 41.7 ──►│` a cast, `╞═ ping ══►│` a call, `│◄╌╌ pong ╌┤` a reply, `├┈ ◷ +10 ms ┈►│` a delayed cast being set, `├↺`
one to itself, `├──✗` one that leads nowhere; a lifeline is `┃` while its instance handles something.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from rich.cells import cell_len

from workbench.records import Call, Cast, Record, Reply, Timer
from workbench.tui.panes.line import fit
from workbench.tui.panes.names import fit_name
from workbench.tui.panes.said import Tone, said, way_of
from workbench.tui.panes.sequence.canvas import Canvas
from workbench.tui.panes.sequence.columns import Columns, place
from workbench.tui.text import visible

TAG = 12
"""Cells at most for the name of one that is out of sight."""
_TIP = 3
"""Cells of the arrow to nowhere, after its lifeline."""
_AROUND = 5
"""Cells an arrow has besides its words: two dashes, two blanks and the head."""


@dataclass(frozen=True)
class _Shaft:
    """How an arrow is drawn: along, across a lifeline, and its beginning to the right, to the left, on a busy one."""

    along: str
    across: str
    right: str
    left: str


_SHAFTS: Mapping[Tone, _Shaft] = {
    "cast": _Shaft("─", "┼", "├", "┤"),
    "call": _Shaft("═", "╪", "╞", "╡"),
    "reply": _Shaft("╌", "┆", "├", "┤"),
    "timer": _Shaft("┈", "┊", "├", "┤"),
}
_BUSY = {"├": "┠", "┤": "┨", "╞": "┣", "╡": "┫"}


@dataclass(frozen=True)
class Row:
    """What is drawn: the lifelines of `cut` without those in `busy`, and over them `record`, whose words begin with
    `mark`."""

    record: Record
    cut: Columns
    busy: frozenset[str]
    get: Callable[[int], Record | None]
    mark: str = ""


def drawn(row: Row) -> tuple[Canvas, bool]:
    """The row, and whether its words had to be cut."""
    canvas = Canvas(row.cut.width)
    for name, at in row.cut.index.items():
        if row.cut.first <= at < row.cut.first + row.cut.seen:
            x = (at - row.cut.first) * row.cut.pitch + row.cut.pitch // 2
            canvas.put(x, *(("┃", "sequence--busy") if name in row.busy else ("│", "sequence--line")))
    record = row.record
    match record:
        case Cast() | Call() | Timer():
            return canvas, _sent(canvas, row, record)
        case Reply():
            way = way_of(record, row.get)
            if way.target:
                return canvas, _arrow(canvas, row, way.source, way.target, "")
    return canvas, _marked(canvas, row)


def _sent(canvas: Canvas, row: Row, record: Cast | Call | Timer) -> bool:
    lead = "◷ " if isinstance(record, Timer) or _is_due(record, row.get) else ""
    if record.target is None:
        return _lost(canvas, row, record, lead)
    if record.target == record.source:
        return _looped(canvas, row, record.source, lead)
    return _arrow(canvas, row, record.source, record.target, lead)


def _is_due(record: Cast | Call, get: Callable[[int], Record | None]) -> bool:
    """Whether it is a delayed cast whose time has come."""
    return record.parent is not None and isinstance(get(record.parent), Timer)


def _style(row: Row) -> str:
    return way_of(row.record, row.get).style


def _shaft(row: Row) -> _Shaft:
    return _SHAFTS.get(way_of(row.record, row.get).tone, _SHAFTS["reply"])


def _words(row: Row, lead: str) -> str:
    return lead + row.mark + said(row.record, max(row.cut.width, 8), wrapped=False)


def _arrow(canvas: Canvas, row: Row, source: str, target: str, lead: str) -> bool:
    start, end = place(row.cut, source), place(row.cut, target)
    if start is None or end is None:
        return _marked(canvas, row)
    style = _style(row)
    shaft = _shaft(row)
    words = _words(row, lead)
    width = row.cut.width
    if (start < 0 and end < 0) or (start >= width and end >= width):
        away = f"{visible(source)} {way_of(row.record, row.get).glyph} {visible(target)}  {words}"
        return _aside(canvas, away, start, style)
    tagged_left, tagged_right = min(start, end) < 0, max(start, end) >= width
    begin = _on(shaft.right if start < end else shaft.left, source in row.busy)
    if not 0 <= start < width:
        start, begin = _tagged(canvas, source, start, style), shaft.along
    if not 0 <= end < width:
        end = _tagged(canvas, target, end, style)
        canvas.put(end, " ", "")
    low, high = min(start, end), max(start, end)
    crossed = range(row.cut.pitch // 2, width, row.cut.pitch)
    for x in range(low + 1, high):
        canvas.put(x, shaft.across if x in crossed else shaft.along, style)
    canvas.put(start, begin, style)
    canvas.put(*((end - 1, "►", style) if start < end else (end + 1, "◄", style)))
    left, right = 0 if tagged_left else low - 2, 0 if tagged_right else width - high - 2
    return _worded(canvas, words, low, high, start < end, left, right)


def _tagged(canvas: Canvas, name: str, x: int, style: str) -> int:
    """Put the name of one out of sight at the edge, and say in which cell before it an arrow begins or ends."""
    room = max(0, min(TAG, canvas.width // 3))
    shown = visible(name)
    text = fit_name(shown, min(cell_len(shown), room))
    cells = cell_len(text)
    canvas.put(0 if x < 0 else canvas.width - cells, text, style)
    return cells if x < 0 else canvas.width - cells - 1


def _worded(canvas: Canvas, words: str, low: int, high: int, rightward: bool, left: int, right: int) -> bool:
    """Put `words` on the arrow between two cells or, if they fit better, into the cells left or right of it."""
    need = cell_len(words)
    inside = high - low - 1 - _AROUND
    if not need:
        return False
    if need <= inside:
        # Nearer the tail than the middle: words of arrows from one column begin at one place.
        x = low + 3 if rightward else high - 2 - need
        canvas.put(x - 1, f" {words} ", "sequence--words")
        return False
    room = right if need <= right else left if need <= left else max(inside, right, left)
    text = fit(words, min(need, max(0, room)))
    if room == right:
        canvas.put(high + 1, f" {text} ", "sequence--words")
    elif room == left:
        canvas.put(low - 1 - cell_len(text) - 1, f" {text} ", "sequence--words")
    else:
        canvas.put(low + 2 if rightward else low + 3, f" {text} ", "sequence--words")
    return need > room


def _looped(canvas: Canvas, row: Row, name: str, lead: str) -> bool:
    right, left = ("╞═↺", "↺═╡") if isinstance(row.record, Call) else ("├↺", "↺┤")
    return _beside(canvas, row, name, right, left, _words(row, lead))


def _lost(canvas: Canvas, row: Row, record: Cast | Call | Timer, lead: str) -> bool:
    shaft = _shaft(row)
    line = shaft.along * (_TIP - 1)
    words = f"{visible(record.alias or '')}  {_words(row, lead)}".strip()
    return _beside(canvas, row, record.source, f"{shaft.right}{line}✗", f"✗{line}{shaft.left}", words)


def _marked(canvas: Canvas, row: Row) -> bool:
    """What happened to one instance."""
    way = way_of(row.record, row.get)
    words = _words(row, "") or way.kind
    name = row.record.instance or way.source
    if place(row.cut, name) is None:
        return _aside(canvas, f"{way.glyph} {visible(name)}  {words}", None, _style(row))
    return _beside(canvas, row, name, way.glyph, way.glyph, words)


def _beside(canvas: Canvas, row: Row, name: str, rightward: str, leftward: str, words: str) -> bool:
    """A figure on the lifeline of `name` with words on the side that has room: `rightward` begins at the lifeline."""
    x = place(row.cut, name)
    style = _style(row)
    if x is None or not 0 <= x < canvas.width:
        glyph = way_of(row.record, row.get).glyph
        words = words if words.startswith(glyph) else f"{glyph} {words}"
        return _aside(canvas, f"{visible(name)} {words}", x, style)
    need = cell_len(words)
    right, left = canvas.width - x - len(rightward) - 1, x - len(leftward)
    busy = name in row.busy
    if need <= right or right >= left:
        text = fit(words, min(need, max(0, right)))
        canvas.put(x, _on(rightward, busy), style)
        canvas.put(x + len(rightward), f" {text} ", "sequence--words")
        return need > right
    text = fit(words, min(need, left))
    canvas.put(x - len(leftward) + 1, _on(leftward, busy), style)
    canvas.put(x - len(leftward) - cell_len(text), f"{text} ", "sequence--words")
    return need > left


def _on(figure: str, busy: bool) -> str:
    """`figure` as it is drawn on the lifeline of one that is busy."""
    return "".join(_BUSY.get(character, character) for character in figure) if busy else figure


def _aside(canvas: Canvas, words: str, x: int | None, style: str) -> bool:
    """Words at the edge beyond which `x` is, for what cannot be drawn; at the left one when it is nowhere."""
    before, after = ("◂ ", " ") if x is not None and x < 0 else ("", " ") if x is None else (" ", " ▸")
    room = max(0, canvas.width - cell_len(before + after))
    text = before + fit(words, min(cell_len(words), room)) + after
    canvas.put(canvas.width - cell_len(text) if after == " ▸" else 0, text, style)
    return cell_len(words) > room
