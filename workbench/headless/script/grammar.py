"""How a verb is used, as text (`[begins] QUERY [skip NUMBER]`) and as a tree.

Small words stand for themselves, words in capitals for something of that sort. `[ ]` may be left out, `|` is either,
`( )` is what belongs together.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import TypeAlias

_TOKEN = re.compile(r"\s*([A-Z]+|[a-z]+|[=\[\]()|])")


@dataclass(frozen=True)
class Literal:
    """This very word."""

    text: str


@dataclass(frozen=True)
class Slot:
    """Something of that sort."""

    sort: str


@dataclass(frozen=True)
class Sequence:
    """One after the other."""

    parts: tuple[Usage, ...]


@dataclass(frozen=True)
class Either:
    """One of them; which, its first word tells."""

    options: tuple[Usage, ...]


@dataclass(frozen=True)
class Maybe:
    """It, or nothing."""

    part: Usage


Usage: TypeAlias = Literal | Slot | Sequence | Either | Maybe


@cache
def usage_of(text: str) -> Usage:
    """The tree of `text`, which must be in order."""
    tokens = _TOKEN.findall(text)
    usage = _either(tokens)
    assert not tokens, text
    return usage


def _either(tokens: list[str]) -> Usage:
    options = [_sequence(tokens)]
    while tokens and tokens[0] == "|":
        tokens.pop(0)
        options.append(_sequence(tokens))
    return options[0] if len(options) == 1 else Either(tuple(options))


def _sequence(tokens: list[str]) -> Usage:
    parts: list[Usage] = []
    while tokens and tokens[0] not in ("|", "]", ")"):
        token = tokens.pop(0)
        if token in ("[", "("):
            inner = _either(tokens)
            tokens.pop(0)
            parts.append(Maybe(inner) if token == "[" else inner)
        else:
            parts.append(Slot(token) if token.isupper() else Literal(token))
    return parts[0] if len(parts) == 1 else Sequence(tuple(parts))
