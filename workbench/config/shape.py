"""Plain data from a user's file, checked against a msgspec struct; mistakes are told in words, with their place."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias, TypeVar

import msgspec
from msgspec import inspect

from workbench.errors import UserError

Key: TypeAlias = tuple[str | int, ...]
"""The way to a value from the top of a file: names and indexes."""

Locate: TypeAlias = Callable[[Key], tuple[int, int] | None]
"""Line and column, both from 1, of the key or element that is there, if it is there."""

T = TypeVar("T")

MOST_FAULTS = 50
"""How many faults of one file are told; after so many it is not the file it is taken for."""

_PATH = re.compile(r"\.([^.\[]+)|\[(\d+|\.\.\.)\]")
_WORDS = {
    "str": "text",
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "object": "an object",
    "array": "a list",
    "null": "null",
    "date": "a date",
    "time": "a time of day",
    "datetime": "a date",
}


def shaped(content: object, kind: type[T], path: Path, locate: Locate) -> T:
    """`content`, read from `path`, as a `kind`. Raises `UserError` with line, key and nearest known key or value."""
    try:
        return msgspec.convert(content, kind)
    except msgspec.ValidationError as error:
        complaint, key = _understood(content, error)
        raise mistake(_sentence(complaint, content, kind, key), path, locate, (*key, *_named(complaint))) from None


class Mended(NamedTuple):
    """What keeps a content from being of a kind: sentences by what each is about. `content` is what would be one, with
    something made up in those places; None where nothing sensible is left."""

    faults: Mapping[Key, UserError]
    content: Any


def mended(content: object, kind: type, path: Path, locate: Locate) -> Mended:
    """`content` with all that keeps it from being a `kind`, as `shaped` would tell it, up to `MOST_FAULTS`.

    Each is mended in a copy, so that the next one is found.
    """
    found: dict[Key, UserError] = {}
    changed: Any = content
    while len(found) < MOST_FAULTS:
        try:
            msgspec.convert(changed, kind)
        except msgspec.ValidationError as error:
            complaint, key = _understood(changed, error)
            absent = re.fullmatch(r"Object missing required field `(.*)`", complaint)
            place = (*key, *([absent[1]] if absent else _named(complaint)))
            beyond = not place or place in found
            words = _sentence(complaint, changed, kind, key)
            found.setdefault(place, mistake(words, path, locate, (*key, *_named(complaint))))
            if beyond:
                break
            changed = _with(changed, place, inspect.type_info(kind))
        else:
            return Mended(found, changed)
    return Mended(found, None)


def faults(content: object, kind: type, path: Path, locate: Locate) -> list[UserError]:
    """All that keeps `content` from being a `kind`; see `mended`."""
    return list(mended(content, kind, path, locate).faults.values())


def mistake(message: str, path: Path, locate: Locate, key: Key) -> UserError:
    """A `UserError` about the value at `key`, or about the nearest thing around it that has a place."""
    for length in range(len(key), -1, -1):
        place = locate(key[:length])
        if place is not None:
            return UserError(message, path=path, line=place[0], column=place[1])
    return UserError(message, path=path)


MOST_NAMED = 12
"""How many known words a sentence names."""


def dotted(key: Key) -> str:
    """A key as people write it: `functions[0].name`."""
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in key)
    return text.removeprefix(".")


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word that `word` was most likely meant to be."""
    return next(iter(difflib.get_close_matches(word, list(known), n=1, cutoff=0.6)), None)


def suggestion(word: str, known: Iterable[str]) -> str:
    """The end of a sentence about an unknown word: the nearest known one, else all of them."""
    names = sorted(filter(None, known))
    meant = nearest(word, names)
    if meant is not None:
        return f'did you mean "{meant}"?'
    if len(names) > MOST_NAMED:
        return f"known here: {', '.join(names[:MOST_NAMED])} and {len(names) - MOST_NAMED} more"
    return "known here: " + ", ".join(names) if names else "nothing is known here"


def is_field(key: Key, kind: type) -> bool:
    """Whether `key` is a field of a struct in `kind`, and not a name in a map."""
    return key[-1] in _fields(_type_at(inspect.type_info(kind), key[:-1]))


def misspelt(content: object, kind: type) -> Iterator[tuple[Key, str]]:
    """Keys that `kind` does not know and that look like one it knows and does not find, with that one."""
    yield from _misspelt(content, inspect.type_info(kind), ())


def _misspelt(content: object, kind: inspect.Type, key: Key) -> Iterator[tuple[Key, str]]:
    if isinstance(content, Mapping) and isinstance(kind, inspect.StructType):
        absent = [name for name in _fields(kind) if name not in content]
        for name, value in content.items():
            if name in _fields(kind):
                yield from _misspelt(value, _type_at(kind, (name,)), (*key, name))
            elif meant := nearest(name, absent):
                yield (*key, name), meant
    elif isinstance(content, list):
        for index, value in enumerate(content):
            yield from _misspelt(value, _type_at(kind, (index,)), (*key, index))


def _fields(kind: inspect.Type) -> tuple[str, ...]:
    return tuple(field.encode_name for field in kind.fields) if isinstance(kind, inspect.StructType) else ()


def _with(content: Any, key: Key, kind: inspect.Type) -> Any:
    """A copy of `content`, a `kind`, where the value at `key` is one that may stand there, or is away if it may be.

    What lies beside the way is shared.
    """
    if not key:
        return _neutral(kind)
    changed, within = content.copy(), _type_at(kind, key[:1])
    if len(key) == 1 and isinstance(kind, inspect.StructType) and key[0] not in _required(kind):
        changed.pop(key[0], None)
    else:
        changed[key[0]] = _with(content[key[0]] if len(key) > 1 else None, key[1:], within)
    return changed


def _neutral(kind: inspect.Type) -> object:
    """A value that a `kind` takes."""
    if isinstance(kind, inspect.StructType):
        return {field.encode_name: _neutral(field.type) for field in kind.fields if field.required}
    if isinstance(kind, inspect.LiteralType):
        return kind.values[0]
    if isinstance(kind, inspect.DictType):
        return {}
    if isinstance(kind, inspect.IntType):
        return kind.ge or 0
    return [] if isinstance(kind, inspect.ListType | inspect.VarTupleType) else ""


def _required(kind: inspect.StructType) -> tuple[str, ...]:
    return tuple(field.encode_name for field in kind.fields if field.required)


def _understood(content: object, error: msgspec.ValidationError) -> tuple[str, Key]:
    """What msgspec complains about, and where that is."""
    complaint, _, where = str(error).partition(" - at `")
    return complaint, _resolve(content, where.removesuffix("`"), complaint)


def _named(complaint: str) -> Key:
    """The key an unknown-field complaint is about."""
    found = re.fullmatch(r"Object contains unknown field `(.*)`", complaint, re.DOTALL)
    return (found[1],) if found else ()


def _resolve(content: object, where: str, complaint: str) -> Key:
    """msgspec's path as a key. It leaves the names in maps out (`[...]`): the first one the complaint fits is meant."""
    steps = [found[1] or found[2] for found in _PATH.finditer(where)]
    return next(_ways(content, steps, complaint), ())


def _ways(content: object, steps: list[str], complaint: str) -> Iterator[Key]:
    if not steps:
        if _fits(content, complaint):
            yield ()
        return
    step, rest = steps[0], steps[1:]
    if isinstance(content, Mapping):
        names = list(content) if step == "..." else [step] if step in content else []
        for name in names:
            yield from ((name, *way) for way in _ways(content[name], rest, complaint))
    elif isinstance(content, list):
        yield from ((int(step), *way) for way in _ways(content[int(step)], rest, complaint))


def _fits(content: Any, complaint: str) -> bool:
    if found := re.fullmatch(r"Object missing required field `(.*)`", complaint):
        return isinstance(content, Mapping) and found[1] not in content
    if found := re.fullmatch(r"Object contains unknown field `(.*)`", complaint, re.DOTALL):
        return isinstance(content, Mapping) and found[1] in content
    if found := re.fullmatch(r"Expected .*, got `(.*)`", complaint):
        return _type_name(content) == found[1]
    if found := re.fullmatch(r"Invalid enum value (.*)", complaint, re.DOTALL):
        return found[1].strip("'") == str(content)
    return True


def _type_name(content: object) -> str:
    names = {dict: "object", list: "array", type(None): "null"}
    return names.get(type(content), type(content).__name__)


def _sentence(complaint: str, content: object, kind: type, key: Key) -> str:
    here = f'"{dotted(key)}"' if key else "the file"
    expected = _type_at(inspect.type_info(kind), key)
    if found := re.fullmatch(r"Object missing required field `(.*)`", complaint):
        unknown = [name for name in _mapping(_at(content, key)) if name not in _fields(expected)]
        meant = nearest(found[1], unknown)
        return f'the key "{dotted((*key, found[1]))}" is missing' + (f'; is it "{meant}"?' if meant else "")
    if named := _named(complaint):
        return f'"{dotted((*key, *named))}" is not a key here; {suggestion(str(named[0]), _fields(expected))}'
    if complaint.startswith("Invalid enum value") and isinstance(expected, inspect.LiteralType):
        given = str(_at(content, key))
        values = [str(value) for value in expected.values]
        choices = " or ".join(f'"{value}"' for value in values)
        meant = nearest(given, values)
        return f'{here} must be {choices}, not "{given}"' + (f'; did you mean "{meant}"?' if meant else "")
    if found := re.fullmatch(r"Expected (.*), got `(.*)`", complaint):
        return f"{here} must be {_words(found[1])}, not {_words(found[2])}"
    if found := re.fullmatch(r"Expected (.*) >= (.*)", complaint):
        return f"{here} must be {_words(found[1])}, at least {found[2]}"
    if found := re.fullmatch(r"Expected (.*) <= (.*)", complaint):
        return f"{here} must be {_words(found[1])}, at most {found[2]}"
    return f"{here} is wrong: {complaint}"


def _words(names: str) -> str:
    """What may stand there; a key that may be null is better left out, and TOML has no null."""
    known = [_WORDS.get(name, name) for name in names.strip("`").split(" | ")]
    return " or ".join([word for word in known if word != "null"] or known)


def _mapping(content: object) -> Mapping[str, object]:
    return content if isinstance(content, Mapping) else {}


def _at(content: Any, key: Key) -> object:
    for part in key:
        content = content[part]
    return content


def _type_at(kind: inspect.Type, key: Key) -> inspect.Type:
    """What may stand there, besides nothing."""
    for part in key:
        if isinstance(kind, inspect.StructType):
            kind = next((field.type for field in kind.fields if field.encode_name == part), inspect.AnyType())
        elif isinstance(kind, inspect.DictType):
            kind = kind.value_type
        elif isinstance(kind, inspect.ListType | inspect.VarTupleType):
            kind = kind.item_type
        if isinstance(kind, inspect.UnionType):
            kind = next((one for one in kind.types if not isinstance(one, inspect.NoneType)), kind)
    return kind
