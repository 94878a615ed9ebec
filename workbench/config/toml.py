"""A TOML file as plain data, with the line of every key."""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tomli

from workbench.config.shape import Key, Locate
from workbench.config.text import place_of, read_text
from workbench.errors import UserError

_TOKEN = re.compile(
    r'(?P<text>"""(?:[^\\]|\\.)*?"{3,5}|\'\'\'.*?\'{3,5}|"(?:[^"\\\n]|\\.)*"|\'[^\'\n]*\')'
    r"|(?P<comment>#[^\n]*)|(?P<bare>[A-Za-z0-9_-]+)|(?P<mark>[\[\]{}=.,\n])|(?P<other>.)",
    re.DOTALL,
)


MOST_NESTED = 100
"""How deeply lists and tables stand in one another in anything that means something."""


@dataclass(frozen=True)
class Toml:
    """The content of a TOML file; `locate` finds the place of a key."""

    path: Path
    content: dict[str, Any]
    locate: Locate


def read_toml(path: Path) -> Toml:
    """Read a TOML file. Raises `UserError` with line and column when it cannot be read or is not TOML."""
    text = read_text(path)
    try:
        content = tomli.loads(text)
    except tomli.TOMLDecodeError as error:
        what = f"{error.msg[:1].lower()}{error.msg[1:]}"
        raise UserError(f"is not TOML: {what}", path=path, line=error.lineno, column=error.colno) from None
    except RecursionError:
        line, column = place_of(text, _deep(text))
        raise UserError("is nested too deeply", path=path, line=line, column=column) from None
    except ValueError:  # a number with more digits than Python reads
        line, column = place_of(text, _long(text))
        raise UserError("has a number with too many digits", path=path, line=line, column=column) from None
    places = functools.cache(lambda: dict(_places(text)))
    return Toml(path, content, lambda key: _place(text, places().get(key)))


def value_text(value: str | bool | int) -> str:
    """`value` as TOML: as JSON writes it, except that TOML also wants the delete character escaped."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _deep(text: str) -> int:
    """Where it is nested more deeply than anybody has to follow."""
    depth = 0
    for token in _TOKEN.finditer(text):
        depth += (token[0] in ("[", "{")) - (token[0] in ("]", "}"))
        if depth > MOST_NESTED:
            return token.start()
    return 0


def _long(text: str) -> int:
    """Where the first number of many digits stands."""
    words = (token for token in _TOKEN.finditer(text) if token.lastgroup == "bare")
    return next((token.start() for token in words if len(token[0]) > 1000 and token[0][0].isdigit()), 0)


def _place(text: str, position: int | None) -> tuple[int, int] | None:
    return None if position is None else place_of(text, position)


def _places(text: str) -> Iterator[tuple[Key, int]]:
    """Where the keys of a valid TOML text stand: those of tables, not those inside a list or an inline table."""
    yield (), 0
    table: Key = ()
    lists: dict[Key, int] = {}
    for start, names, header in _statements(text):
        key: Key = ()
        for name in names if header else ():
            key = (*key, name)
            key = (*key, lists[key]) if key in lists and len(key) < len(names) else key
        if header == 2:
            lists[key] = lists.get(key, -1) + 1
            key = (*key, lists[key])
        table = key if header else table
        yield (table if header else (*table, *names)), start


def _statements(text: str) -> Iterator[tuple[int, tuple[str, ...], int]]:
    """Position, key and kind (0 a value, 1 `[table]`, 2 `[[table]]`) of each statement."""
    names: list[str] = []
    start, header, depth, in_key = 0, 0, 0, True
    for token in _TOKEN.finditer(text):
        kind, word = token.lastgroup, token[0]
        if in_key and kind in ("bare", "text"):
            start = start if names else token.start()
            names.append(word if kind == "bare" else _plain(word))
        elif in_key and word == "[":
            header += 1
        elif in_key and word in ("=", "]") and names:
            yield start, tuple(names), header
            names, header, in_key = [], 0, False
        elif not in_key and word in ("[", "{"):
            depth += 1
        elif not in_key and word in ("]", "}"):
            depth -= 1
        elif word == "\n" and depth <= 0:
            names, header, depth, in_key = [], 0, 0, True


def _plain(quoted: str) -> str:
    return str(tomli.loads(f"key = {quoted}")["key"])
