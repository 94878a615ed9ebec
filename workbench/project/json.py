"""A JSON file as plain data, with the place of every key and element."""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from workbench.config.shape import Key, Locate
from workbench.config.text import MARK, place_of, read_marked
from workbench.errors import UserError

_TOKEN = re.compile(r'(?P<text>"(?:[^"\\]++|\\.?)*+(?:"|\Z))|(?P<mark>[{}\[\],:])|(?P<bare>[^\s{}\[\],:"]+)')

MOST_NESTED = 128
"""How deeply the platform's reader follows."""


@dataclass(frozen=True)
class Json:
    """The content of a JSON file; `locate` finds the place of a key or element.

    `repeated` finds the keys that stand once more in their object, with the places where they do. `marked`: it begins
    with a byte order mark, which is passed over here, and which the platform's reader refuses.
    """

    path: Path
    content: object
    locate: Locate
    repeated: Callable[[], Iterator[tuple[Key, tuple[int, int]]]]
    marked: bool = False


def read_json(path: Path) -> Json:
    """Read a JSON file, as strictly as the platform. Raises `UserError` with line and column."""
    marked = read_marked(path)
    text = marked.removeprefix(MARK)
    try:
        content = json.loads(text, parse_constant=_no_constant)
        json.dumps(content, ensure_ascii=False).encode()
    except json.JSONDecodeError as error:
        what = f"{error.msg[:1].lower()}{error.msg[1:]}"
        raise UserError(f"is not JSON: {what}", path=path, line=error.lineno, column=error.colno) from None
    except RecursionError:
        raise _mistake("is nested too deeply", path, text, _deep(text)) from None
    except UnicodeEncodeError:
        what = "is not JSON: half a surrogate pair stands in a text"
        raise _mistake(what, path, text, _first(text, _is_half)) from None
    except _Constant as error:
        name = str(error)
        what = f"is not JSON: {name} is not a number there"
        raise _mistake(what, path, text, _first(text, lambda word: word == name)) from None
    except ValueError:  # a number with more digits than Python reads
        raise _mistake("has a number with too many digits", path, text, _first(text, _is_long)) from None
    return Json(path, content, _locator(text), lambda: _repeated(text), text != marked)


class _Constant(Exception):
    """NaN and the like, which are numbers in JavaScript only."""


def _no_constant(name: str) -> object:
    raise _Constant(name)


def _mistake(message: str, path: Path, text: str, position: int) -> UserError:
    line, column = place_of(text, position)
    return UserError(message, path=path, line=line, column=column)


def _first(text: str, wanted: Callable[[str], bool]) -> int:
    """Where the first token that is `wanted` begins."""
    return next((token.start() for token in _TOKEN.finditer(text) if wanted(token[0])), 0)


def _is_half(word: str) -> bool:
    return word.startswith('"') and any("\ud800" <= letter <= "\udfff" for letter in json.loads(word))


def _is_long(word: str) -> bool:
    return len(word) > 1000 and word.lstrip("-").isdecimal()


def _deep(text: str) -> int:
    """Where it is nested more deeply than any reader has to bear."""
    depth = 0
    for token in _TOKEN.finditer(text):
        depth += (token[0] in ("[", "{")) - (token[0] in ("]", "}"))
        if depth > MOST_NESTED:
            return token.start()
    return 0


def _locator(text: str) -> Locate:
    @functools.cache
    def positions() -> dict[Key, int]:
        return dict(_positions(text))

    def locate(key: Key) -> tuple[int, int] | None:
        position = positions().get(key)
        return None if position is None else place_of(text, position)

    return locate


def _repeated(text: str) -> Iterator[tuple[Key, tuple[int, int]]]:
    seen: set[Key] = set()
    within: Key = ()
    counted, line, begin = 0, 1, 0
    for key, position in _positions(text):
        if key not in seen:
            seen.add(key)
        elif not within or key[: len(within)] != within:
            within = key  # what it holds may well stand there as before
            line += text.count("\n", counted, position)
            begin = max(begin, text.rfind("\n", counted, position) + 1)
            counted = position
            yield key, (line, position - begin + 1)


def _positions(text: str) -> Iterator[tuple[Key, int]]:
    """Where the keys of objects and the elements of lists begin in a valid JSON text."""
    yield (), len(text) - len(text.lstrip())
    within: list[str | int | None] = []
    for token in _TOKEN.finditer(text):
        word = token[0]
        if within and within[-1] is None and token.lastgroup == "text":
            within[-1] = json.loads(word)
            yield _key(within), token.start()
            continue
        if word not in ("]", "}", ",", ":") and within and isinstance(within[-1], int):
            yield _key(within), token.start()
        if word == "[":
            within.append(0)
        elif word == "{":
            within.append(None)
        elif word in ("]", "}"):
            within.pop()
        elif word == ",":
            last = within[-1]
            within[-1] = last + 1 if isinstance(last, int) else None


def _key(within: list[str | int | None]) -> Key:
    return tuple(part for part in within if part is not None)
