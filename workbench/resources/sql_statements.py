"""Splits SQL text into its statements, in linear time whatever the text is."""

from __future__ import annotations

import re
from collections.abc import Iterator

_GAP = r"(?:[ \t\n\f\r]++|--[^\n]*+|/\*.*?(?:\*/|\Z))*+"
_NO_MORE = r"(?![$0-9A-Z_a-z\x80-\U0010ffff])"
_TRIGGER = re.compile(
    rf"{_GAP}(?:EXPLAIN{_NO_MORE}{_GAP}(?:QUERY{_NO_MORE}{_GAP}PLAN{_NO_MORE}{_GAP})?+)?+"
    rf"CREATE{_NO_MORE}{_GAP}(?:TEMP(?:ORARY)?+{_NO_MORE}{_GAP})*+TRIGGER{_NO_MORE}",
    re.DOTALL | re.IGNORECASE | re.ASCII,
)
_TRIGGER_ENDS = re.compile(rf"{_GAP}END{_NO_MORE}{_GAP};", re.DOTALL | re.IGNORECASE | re.ASCII)
_PIECES = re.compile(
    r"""'[^']*+(?:'|\Z)|"[^"]*+(?:"|\Z)|`[^`]*+(?:`|\Z)|\[[^]]*+(?:]|\Z)|--[^\n]*+|/\*.*?(?:\*/|\Z)|;""", re.DOTALL
)
"""Where a semicolon may end a statement, and where it is only part of a text, a name or a comment. Each alternative
goes on to the end of the text where nothing closes it, so that nothing is read a second time."""


def statements(text: str) -> Iterator[str]:
    """The statements of `text`, as `sqlite3_complete` finds their ends; what is without any, such as a semicolon alone,
    is passed over. SQLite's own client runs them one after the other, Python's takes one at a time."""
    start = 0
    for end in _ends(text):
        if text[start:end].strip(" \t\n\f\r;"):
            yield text[start:end]
        start = end


def _ends(text: str) -> Iterator[int]:
    trigger = _TRIGGER.match(text) is not None
    skip_to = 0
    for piece in _PIECES.finditer(text):
        end = piece.end()
        if piece[0] != ";" or end <= skip_to:
            continue
        if trigger:
            last = _TRIGGER_ENDS.match(text, end)
            if last is None:
                continue
            end = skip_to = last.end()
        yield end
        trigger = _TRIGGER.match(text, end) is not None
    yield len(text)
