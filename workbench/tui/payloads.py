"""Ways to look at a payload: as JSON, as text, as hex. Each knows how well it suits, and makes its lines when asked."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Protocol, overload

import msgspec

from workbench.tui.panes.line import Line, Part, line
from workbench.tui.text import visible, visible_lines
from workbench.units import format_size

PARSE_LIMIT = 1 << 20
"""Bytes of JSON that are laid out; above it stays text."""
TEXT_LIMIT = 1 << 20
"""Bytes of text that are shown; hex shows everything."""

_JSON_PART = re.compile(
    r'(?P<string>"(?:[^"\\]++|\\.?)*+(?:"(?P<colon>(?=\s*:))?|\Z))'
    r"|(?P<number>-?[0-9][0-9.eE+-]*)|(?P<constant>true|false|null)"
)
"""A text that is not closed goes on to the end, so that nothing is read a second time."""


class Viewer(Protocol):
    """One way to look at payloads."""

    name: str

    def priority(self, payload: bytes) -> float:
        """How well it suits this payload: 0, not at all, to 1."""

    def lines(self, payload: bytes, width: int) -> Sequence[Line]:
        """The payload's lines, made when they are asked for; they may depend on the cells there are."""


class JsonViewer:
    """JSON, laid out; numbers and the order of fields stay as they were sent."""

    name = "json"

    def priority(self, payload: bytes) -> float:
        """1 for an object or list that can be read, less for a lone value."""
        if not payload[:1].strip() and not payload.lstrip()[:1]:
            return 0
        if laid_out(payload) is None:
            return 0
        return 1 if payload.lstrip()[:1] in (b"{", b"[") else 0.3

    def lines(self, payload: bytes, width: int) -> Sequence[Line]:
        """One line per field."""
        text = laid_out(payload)
        if text is not None:
            return [json_line(each) for each in text.split("\n")]
        size, most = format_size(len(payload)), format_size(PARSE_LIMIT)
        why = f"{size} are too large to be laid out as JSON, {most} are the most" if len(payload) > PARSE_LIMIT else ""
        return [line((why or "not JSON", "pane--muted"))]


class TextViewer:
    """Text, line by line; bytes that are not UTF-8 show as escapes."""

    name = "text"

    def priority(self, payload: bytes) -> float:
        """Less the more bytes are not text."""
        sample = payload[:4096].decode("utf-8", "replace")
        strange = sum(character == "\ufffd" or (character < " " and character not in "\n\r\t") for character in sample)
        return 0.5 * max(0.0, 1 - 4 * strange / max(1, len(sample)))

    def lines(self, payload: bytes, width: int) -> Sequence[Line]:
        """The first `TEXT_LIMIT` bytes, and how much there is besides."""
        text = visible_lines(payload[:TEXT_LIMIT].decode("utf-8", "backslashreplace"))
        lines = [line(each) for each in text.split("\n")]
        if len(payload) > TEXT_LIMIT:
            more = format_size(len(payload) - TEXT_LIMIT)
            lines.append(line((f"… {more} more; hex shows everything", "pane--muted")))
        return lines


class HexViewer:
    """Bytes in hex with their characters; sixteen in a line where there is room."""

    name = "hex"

    def priority(self, payload: bytes) -> float:
        """What remains for it."""
        return 0.1

    def lines(self, payload: bytes, width: int) -> Sequence[Line]:
        """Lines made one by one, however large the payload is."""
        return _Hex(payload, next((count for count in (16, 8) if _hex_cells(count) <= width), 4))


class _Hex(Sequence[Line]):
    def __init__(self, payload: bytes, octets: int) -> None:
        self._payload = payload
        self._octets = octets

    def __len__(self) -> int:
        return -(-len(self._payload) // self._octets)

    @overload
    def __getitem__(self, index: int) -> Line: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Line]: ...
    def __getitem__(self, index: int | slice) -> Line | Sequence[Line]:
        if isinstance(index, slice):
            return [self[each] for each in range(*index.indices(len(self)))]
        if not 0 <= index < len(self):
            raise IndexError(index)
        start = index * self._octets
        row = self._payload[start : start + self._octets]
        octets = "  ".join(" ".join(f"{byte:02x}" for byte in half) for half in (row[:8], row[8:]) if half)
        characters = "".join(chr(byte) if 32 <= byte < 127 else "·" for byte in row)
        room = _hex_cells(self._octets) - self._octets - len(_OFFSET.format(0))
        return line((_OFFSET.format(start), "pane--muted"), f"{octets:<{room}}", (characters, "json--string"))


_OFFSET = "{:06x}  "


def _hex_cells(octets: int) -> int:
    return len(_OFFSET.format(0)) + octets * 4 + octets // 8 + 1


VIEWERS: tuple[Viewer, ...] = (TextViewer(), JsonViewer(), HexViewer())


def best_viewer(payload: bytes, viewers: Sequence[Viewer] = VIEWERS) -> Viewer:
    """The viewer that suits the payload best."""
    return max(viewers, key=lambda viewer: viewer.priority(payload))


def laid_out(payload: bytes) -> str | None:
    """The payload as JSON with one field per line; None when it is not JSON, or too large to lay out."""
    if len(payload) > PARSE_LIMIT:
        return None
    try:
        payload.decode()
        return msgspec.json.format(payload, indent=2).decode()
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return None


def json_line(text: str) -> Line:
    """One line of laid-out JSON, coloured by what its parts are."""
    return Line(tuple(json_parts(text)), hang=len(text) - len(text.lstrip()) + 2)


def json_parts(text: str) -> Iterator[Part]:
    """The parts of a piece of JSON, made safe."""
    done = 0
    for found in _JSON_PART.finditer(text):
        if found.start() > done:
            yield visible(text[done : found.start()]), "pane--muted"
        yield visible(found.group()), f"json--{'key' if found['colon'] is not None else found.lastgroup}"
        done = found.end()
    if done < len(text):
        yield visible(text[done:]), "pane--muted"
