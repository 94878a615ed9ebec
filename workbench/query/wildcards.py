"""Names with `*`, `?` and `[abc]` in them, as a shell has them: compiled and matched in linear time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache

import re2  # type: ignore[import-untyped]

from workbench.query.nodes import QueryError

LONGEST = 4096
"""How many characters the names may have together."""
_NAMES_KEPT = 4096
"""For how many names it is kept whether they match: a project has few, a journal has them often."""


def matcher(patterns: Iterable[str]) -> Callable[[str], bool]:
    """Tests whether a name matches one of `patterns` as a whole; capitals count. Raises `QueryError` when those are too
    long."""
    patterns = tuple(patterns)
    if sum(map(len, patterns)) > LONGEST:
        raise QueryError(f"these names are too long: they may have {LONGEST:,} characters together")
    options = re2.Options()
    options.dot_nl = True
    options.log_errors = False
    regex = "|".join("".join(_regex(pattern)) for pattern in patterns)
    matches = re2.compile(regex.encode(errors="replace"), options).fullmatch

    @lru_cache(_NAMES_KEPT)
    def test(name: str) -> bool:
        return matches(name.encode(errors="replace")) is not None

    return test


def _regex(pattern: str) -> Iterator[str]:
    """A pattern as a regular expression, piece by piece."""
    last_end = pattern.rfind("]")
    at = 0
    while at < len(pattern):
        character, at = pattern[at], at + 1
        begin = at + pattern.startswith("!", at)
        if character == "*":
            yield ".*"
        elif character == "?":
            yield "."
        elif character == "[" and begin + 1 <= last_end:
            end = pattern.index("]", begin + 1)  # the first one may be `]` itself
            yield _one_of(pattern[begin:end], begin > at)
            at = end + 1
        else:
            yield _code(character)


def _one_of(characters: str, negated: bool) -> str:
    """A class of characters, with ranges such as `a-z`; one that ends before it begins has nothing in it."""
    ranges = []
    at = 0
    while at < len(characters):
        first = last = characters[at]
        at += 1
        if characters.startswith("-", at) and at + 1 < len(characters):
            last = characters[at + 1]
            at += 2
        if first <= last:
            ranges.append(f"{_code(first)}-{_code(last)}")
    if not ranges:
        return "." if negated else r"[^\x{0}-\x{10ffff}]"
    return f"[{'^' if negated else ''}{''.join(ranges)}]"


def _code(character: str) -> str:
    return rf"\x{{{ord(character):x}}}"
