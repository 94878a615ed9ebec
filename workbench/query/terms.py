"""What each part of a query asks of a record: a closure made once, run for every record."""

from __future__ import annotations

import operator as compare
import re
from collections.abc import Callable, Iterable, Mapping
from difflib import get_close_matches
from typing import TypeAlias, get_args

import msgspec
import re2  # type: ignore[import-untyped]

from workbench.query.facts import (
    Index,
    alias,
    content,
    duration_ms,
    function,
    names,
    outcome,
    parties,
    size,
    source,
    target,
)
from workbench.query.nodes import Json, Operator, Pattern, QueryError, Scalar, Term, Word
from workbench.query.wildcards import matcher
from workbench.records import HandledOutcome, Log, LogLevel, Note, NoteCode, Record, ReloadOutcome, ReplyOutcome
from workbench.units import DURATIONS_MS, SIZES

CONTENT_LIMIT = 1 << 20
"""How much of a payload or state, in bytes or characters, is looked through for a text or as JSON."""
PATTERN_LIMIT = 1 << 16
"""How much of it, in bytes, is looked through for a regular expression."""
PATTERN_EFFORT = 1 << 21
"""Steps of a regular expression times bytes, at most, for one record: some 50 ms for the worst of them."""
LARGEST_PATTERN = 10_000
"""Steps of a regular expression; repetitions such as `{1000}` count as often as they say."""


Test: TypeAlias = Callable[[Record, Index | None], bool]

KINDS = tuple(kind.kind for kind in get_args(Record))
LEVELS: tuple[LogLevel, ...] = ("trace", "debug", "info", "warn", "error")
OUTCOMES = (*get_args(ReplyOutcome), *get_args(HandledOutcome), *get_args(ReloadOutcome), "failed")
_ORDER: Mapping[str, Callable[[float, float], bool]] = {
    ":": compare.eq,
    "=": compare.eq,
    "!=": compare.ne,
    "<": compare.lt,
    "<=": compare.le,
    ">": compare.gt,
    ">=": compare.ge,
}
_DURATIONS: Mapping[str, float] = {"": 1, "us": 0.001, "µs": 0.001, "min": 60_000, **DURATIONS_MS}
_SIZES: Mapping[str, float] = {"": 1, **SIZES}
_COUNTS: Mapping[str, float] = {"": 1}
_AMOUNT = re.compile(r"([0-9]{1,18}(?:\.[0-9]{1,18})?)([A-Za-zµ]*)", re.ASCII)


# -- texts


def _insensitive(text: str) -> bool:
    return text == text.lower()


def _finds(needle: str) -> Callable[[bytes | str], bool]:
    """Whether a text stands in a content; capitals count only when the text has some."""
    raw = needle.encode(errors="replace")
    if not _insensitive(needle):
        return lambda held: raw in held[:CONTENT_LIMIT] if isinstance(held, bytes) else needle in held[:CONTENT_LIMIT]
    if needle.isascii():
        return lambda held: (
            raw in held[:CONTENT_LIMIT].lower() if isinstance(held, bytes) else needle in held[:CONTENT_LIMIT].lower()
        )
    return lambda held: needle in _text(held[:CONTENT_LIMIT]).lower()


def _text(held: bytes | str) -> str:
    return held.decode(errors="replace") if isinstance(held, bytes) else held


def _utf8(held: bytes | str) -> bytes:
    return held if isinstance(held, bytes) else held.encode(errors="replace")


def text_test(needle: str) -> Test:
    """`text:`: the text stands in the content."""
    finds = _finds(needle)

    def test(record: Record, index: Index | None) -> bool:
        held = content(record)
        return held is not None and finds(held)

    return test


def word_test(word: Word) -> Test:
    """A bare word: it stands in the content or in a name."""
    finds = _finds(word.text)

    def test(record: Record, index: Index | None) -> bool:
        held = content(record)
        return (held is not None and finds(held)) or any(finds(name) for name in names(record) if name)

    return test


def pattern_test(pattern: Pattern) -> Test:
    """A regular expression; capitals count only when it has some. Raises `QueryError`."""
    capitals = not _insensitive(re.sub(r"\\.", "", pattern.regex, flags=re.DOTALL))
    options = re2.Options()
    options.case_sensitive = capitals
    options.log_errors = False
    try:
        compiled = re2.compile(pattern.regex, options)
    except (re2.error, UnicodeError) as error:
        raise QueryError(_why_no_pattern(error)) from None
    steps: int = compiled.programsize
    if steps > LARGEST_PATTERN:
        raise QueryError(
            f"this regular expression is too large: it has {steps:,} steps, at most {LARGEST_PATTERN:,} go"
        )
    search, limit = compiled.search, min(PATTERN_LIMIT, PATTERN_EFFORT // steps)

    def test(record: Record, index: Index | None) -> bool:
        held = content(record)
        return held is not None and search(_utf8(held[:limit])) is not None

    return test


def _why_no_pattern(error: Exception) -> str:
    words = error.args[0].decode(errors="replace") if error.args and isinstance(error.args[0], bytes) else str(error)
    if "(?" in words or re.search(r"escape sequence: \\[0-9]", words):
        return (
            f"{words}; a pattern has no look-ahead, look-behind or reference to a group, so that it can never be slow"
        )
    return f"this is not a regular expression: {words}"


# -- names


def _name_test(of: Callable[[Record], tuple[str | None, ...]]) -> Callable[[Operator, str], Test]:
    def make(operator: Operator, value: str) -> Test:
        wanted = _negatable(operator, value)
        match = matcher(value.split(","))

        def test(record: Record, index: Index | None) -> bool:
            return any(name is not None and match(name) for name in of(record)) is wanted

        return test

    return make


def _negatable(operator: Operator, value: str) -> bool:
    """True for is, False for is not. Raises `QueryError` for an order."""
    if operator in (":", "="):
        return True
    if operator == "!=":
        return False
    raise QueryError(f'"{value}" has no order; use : or !=')


def _nearest(name: str, known: Iterable[str]) -> str | None:
    known = tuple(known)
    begun = next((each for each in known if name and each.startswith(name)), None)
    return begun or next(iter(get_close_matches(name, known, 1)), None)


def _one_of(
    known: tuple[str, ...], what: str, of: Callable[[Record, Index | None], str | None]
) -> Callable[[Operator, str], Test]:
    def make(operator: Operator, value: str) -> Test:
        wanted = _negatable(operator, value)
        values = frozenset(_known(name, known, what) for name in value.split(","))
        return lambda record, index: (of(record, index) in values) is wanted

    return make


def _known(name: str, known: tuple[str, ...], what: str) -> str:
    if name.lower() in known:
        return name.lower()
    near = _nearest(name.lower(), known)
    advice = f"did you mean {near}?" if near else f"there are {', '.join(known)}"
    raise QueryError(f'"{name}" is not {what}; {advice}')


# -- numbers


def _number_test(
    units: Mapping[str, float], example: str, of: Callable[[Record, Index | None], float | None]
) -> Callable[[Operator, str], Test]:
    def make(operator: Operator, value: str) -> Test:
        if ".." in value:
            low, high = (_amount(end, units, example) if end else None for end in value.split("..", 1))
            wanted = _negatable(operator, value)

            def within(record: Record, index: Index | None) -> bool:
                number = of(record, index)
                return number is not None and (
                    ((low is None or low <= number) and (high is None or number <= high)) is wanted
                )

            return within
        amount, holds = _amount(value, units, example), _ORDER[operator]

        def test(record: Record, index: Index | None) -> bool:
            number = of(record, index)
            return number is not None and holds(number, amount)

        return test

    return make


def _amount(text: str, units: Mapping[str, float], example: str) -> float:
    found = _AMOUNT.fullmatch(text)
    factor = None
    if found is not None:
        factor = next((factor for unit, factor in units.items() if unit.lower() == found[2].lower()), None)
    if found is None or factor is None:
        raise QueryError(f'"{text}" cannot be read; write it as {example}')
    return float(found[1]) * factor


def _level_test(operator: Operator, value: str) -> Test:
    if operator in (":", "=") and value.endswith("+"):
        operator, value = ">=", value[:-1]
    if operator in (":", "=", "!="):
        return _one_of(LEVELS, "a level", _level)(operator, value)
    rank, holds = LEVELS.index(_level_known(value)), _ORDER[operator]
    levels = frozenset(level for position, level in enumerate(LEVELS) if holds(position, rank))
    return lambda record, index: isinstance(record, Log) and record.level in levels


def _level(record: Record, index: Index | None) -> str | None:
    return record.level if isinstance(record, Log) else None


def _level_known(value: str) -> LogLevel:
    name = _known(value, LEVELS, "a level")
    return next(level for level in LEVELS if level == name)


# -- JSON


def json_test(node: Json) -> Test:
    """A field inside a JSON content. Raises `QueryError` for an order of what has none."""
    operator, value = node.operator, node.value
    if operator not in (None, "=", "!=") and (value is None or isinstance(value, bool)):
        raise QueryError("true, false and null have no order; use = or !=")

    def test(record: Record, index: Index | None) -> bool:
        held = content(record)
        if held is None or len(held) > CONTENT_LIMIT:
            return False
        try:
            found = msgspec.json.decode(held)
            for step in node.path:
                found = found[step]
        except (msgspec.MsgspecError, UnicodeError, RecursionError, LookupError, TypeError):
            return False
        return operator is None or _compares(found, operator, value)

    return test


def _compares(found: object, operator: Operator, value: Scalar) -> bool:
    if operator in ("=", "!="):
        same = found == value and isinstance(found, bool) is isinstance(value, bool)
        return same is (operator == "=")
    if isinstance(found, bool) or not isinstance(found, int | float | str):
        return False
    if isinstance(found, str) is not isinstance(value, str):
        return False
    return bool(_ORDER[operator](found, value))  # type: ignore[arg-type]  # both numbers, or both texts


# -- the fields


def _text_field(operator: Operator, value: str) -> Test:
    test = text_test(value)
    wanted = _negatable(operator, value)
    return lambda record, index: test(record, index) is wanted


FIELDS: Mapping[str, Callable[[Operator, str], Test]] = {
    "kind": _one_of(KINDS, "a kind", lambda record, index: record.kind),
    "instance": _name_test(parties),
    "from": _name_test(source),
    "to": _name_test(target),
    "alias": _name_test(alias),
    "function": _name_test(function),
    "text": _text_field,
    "level": _level_test,
    "duration": _number_test(_DURATIONS, "5ms, 0.2s or 80us", duration_ms),
    "size": _number_test(_SIZES, "512, 64KiB or 1MB", lambda record, index: size(record)),
    "seq": _number_test(_COUNTS, "4711, or 10..20", lambda record, index: record.seq),
    "parent": _number_test(_COUNTS, "4711, or 10..20", lambda record, index: record.parent),
    "t": _number_test(_DURATIONS, "500ms, 1s or 2m", lambda record, index: record.t),
    "note": _one_of(
        get_args(NoteCode), "a note", lambda record, index: record.code if isinstance(record, Note) else None
    ),
    "outcome": _one_of(OUTCOMES, "an outcome", outcome),
}
LATE = frozenset({"duration", "outcome"})
"""Fields whose value for an event is known only once it has been handled or answered."""


def check_field(name: str, written: str) -> None:
    """Raises `QueryError` when there is no such field."""
    if name not in FIELDS:
        near = _nearest(name, FIELDS)
        advice = f"did you mean {near}?" if near else f'to find it as text, quote it: "{written.split()[0]}"'
        raise QueryError(f'there is no field "{name}"; {advice}')


def check(node: Pattern | Term | Json) -> None:
    """Raises `QueryError` when a part asks what cannot be asked."""
    if isinstance(node, Pattern):
        pattern_test(node)
    elif isinstance(node, Term):
        FIELDS[node.field](node.operator, node.value)
    else:
        json_test(node)
