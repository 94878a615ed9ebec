"""One line of a pane: parts of safe text, each with the name of its style."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TypeAlias

from rich.cells import cell_len, get_character_cell_size, set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

StyleName: TypeAlias = str | Style
"""A component class of the pane (empty for its plain style), or a style of its own."""
Part: TypeAlias = tuple[str, StyleName]

MAX_WRAPPED = 200
"""Rows that one wrapped line takes at most; the inspector shows the whole."""


@dataclass(frozen=True)
class Line:
    """Parts of text that hold no control characters but `\\n`, which a wrapped line obeys.

    When it is wrapped, what goes on in the next row is indented by `hang` cells.
    """

    parts: tuple[Part, ...] = ()
    hang: int = 0

    @property
    def plain(self) -> str:
        """The text alone."""
        return "".join(text for text, _ in self.parts)


@dataclass(frozen=True)
class Piece:
    """One row of a drawn line: what it shows, and how many characters of the line stand before it."""

    strip: Strip
    start: int


def line(*parts: Part | str, hang: int = 0) -> Line:
    """A line of parts; a bare text has the plain style."""
    return Line(tuple((part, "") if isinstance(part, str) else part for part in parts if part), hang)


def fit(text: str, width: int) -> str:
    """`text` in exactly `width` cells: filled up, or cut with `…`."""
    cells = len(text) if text.isascii() else cell_len(text)
    if cells <= width:
        return text + " " * (width - cells)
    return set_cell_size(text, width - 1) + "…" if width > 0 else ""


def fit_right(text: str, width: int) -> str:
    """`text` at the right end of `width` cells."""
    return " " * (width - cell_len(text)) + text if cell_len(text) <= width else fit(text, width)


def draw(
    shown: Line, width: int, wrap: bool, style: Callable[[StyleName], Style], marks: Iterable[tuple[int, int, Style]]
) -> Sequence[Piece]:
    """`shown` as one row of `width` cells or, with `wrap`, as many as it needs; `marks` colour spans of characters."""
    segments = [Segment(text, style(name)) for text, name in shown.parts if text]
    for start, end, mark in marks:
        segments = _marked(segments, start, end, mark)
    if wrap:
        return _wrapped(segments, shown, width)
    strip = Strip(segments)
    if strip.cell_length > width:
        last = style(shown.parts[-1][1])
        strip = Strip([*strip.crop(0, width - 1), Segment("…", last)])
    return (Piece(strip, 0),)


def _marked(segments: list[Segment], start: int, end: int, mark: Style) -> list[Segment]:
    marked: list[Segment] = []
    at = 0
    for text, style, _ in segments:
        low, high = max(0, start - at), min(len(text), end - at)
        at += len(text)
        if low >= high:
            marked.append(Segment(text, style))
            continue
        pieces = ((text[:low], style), (text[low:high], style + mark if style else mark), (text[high:], style))
        marked.extend(Segment(piece, kind) for piece, kind in pieces if piece)
    return marked


def _wrapped(segments: list[Segment], shown: Line, width: int) -> list[Piece]:
    hang = shown.hang if shown.hang < width * 2 // 3 else min(2, width - 1)
    spans = list(islice(_row_spans(shown.plain, width, width - hang), MAX_WRAPPED + 1))
    indent = Segment(" " * hang)
    pieces = [
        Piece(Strip([*([indent] if number else ()), *_between(segments, start, end)]), start)
        for number, (start, end) in enumerate(spans[:MAX_WRAPPED])
    ]
    if len(spans) > MAX_WRAPPED:
        pieces[-1] = Piece(Strip([indent, Segment("…")]), spans[MAX_WRAPPED][0])
    return pieces


def _row_spans(text: str, first_room: int, room: int) -> Iterator[tuple[int, int]]:
    """Where each row of a wrapped text starts and ends: at its line ends, else after a word, else in a word."""
    start, space = 0, first_room
    while True:
        line_end = text.find("\n", start)
        stop = len(text) if line_end < 0 else line_end
        end = _fitting(text, start, stop, space)
        if end == stop:
            yield start, end
            if line_end < 0:
                return
            start = line_end + 1
        else:
            blank = text.rfind(" ", start, end + 1)
            if blank > start + space // 3 and text[start:blank].strip():
                end = blank
            yield start, end
            start = end + (text[end : end + 1] == " ")
        space = room


def _fitting(text: str, start: int, stop: int, room: int) -> int:
    """How far `text` goes from `start`, `stop` at most, in `room` cells; at least one character."""
    if stop - start <= room and text[start:stop].isascii():
        return stop
    cells, at = 0, start
    while at < stop:
        cells += get_character_cell_size(text[at])
        if cells > room and at > start:
            break
        at += 1
    return at


def _between(segments: Iterable[Segment], start: int, end: int) -> list[Segment]:
    cut = []
    at = 0
    for text, style, _ in segments:
        piece = text[max(0, start - at) : max(0, end - at)]
        if piece:
            cut.append(Segment(piece, style))
        at += len(text)
    return cut
