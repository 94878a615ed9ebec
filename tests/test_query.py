"""The query language: what fits, what it says about what it cannot read, and that it prints what it parsed."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from fnmatch import fnmatchcase
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.query import Query, QueryError, parse
from workbench.query.nodes import And, Everything, Json, Node, Not, Or, Scalar, Term, Word
from workbench.query.wildcards import matcher
from workbench.records import (
    Build,
    Call,
    Cast,
    Diagnostic,
    Handled,
    InstanceId,
    Log,
    LogLevel,
    Note,
    Record,
    Reply,
    Start,
    Sync,
    Timer,
    Trap,
)

CAST = Cast(0, 500.0, "sensor", None, "sensor", "filter", "out", b'{"value": 41.7, "unit": "C", "tags": ["a", null]}')
CALL = Call(1, 1500.0, "ping", 0, "ping", "pong", "peer", b"PING-7")
REPLY = Reply(2, 1512.0, "pong", 1, 1, "reply", b"Pong \xff")
HANDLED = Handled(3, 1513.0, "filter", 0, 0, "handle_cast", 7_500.0, "ok")
LOG = Log(4, 1600.0, "filter", 0, "warn", "filter::core", "value out of range: 99")
SYNC = Sync(5, 1700.0, "filter", 0, '{"count": 8}')
TRAP = Trap(6, 1800.0, "risky", None, "handle_cast", "unreachable", "asked to panic", ())
NOTE = Note(7, 1900.0, "risky", None, "unknown-alias", "nothing is linked to nowhere")
TIMER = Timer(8, 2000.0, "ticker", None, "ticker", "ticker", "self", 1000, b"wakeup")
START = Start(9, 2100.0, "ticker", None, "tick", InstanceId("n", "f"), "every 1s", None)
BUILD = Build(10, 2200.0, None, None, "tick", False, "dev", 900.0, None, (Diagnostic("error", "expected `;`"),))
RECORDS: tuple[Record, ...] = (CAST, CALL, REPLY, HANDLED, LOG, SYNC, TRAP, NOTE, TIMER, START, BUILD)


class Known:
    """How the records above ended."""

    def get(self, seq: int) -> Record | None:
        return RECORDS[seq] if 0 <= seq < len(RECORDS) else None

    def handled(self, event: int) -> Handled | None:
        return HANDLED if event == HANDLED.event else None

    def reply(self, call: int) -> Reply | None:
        return REPLY if call == REPLY.call else None


def fitting(text: str) -> list[str]:
    """The kinds of those records that fit."""
    query = parse(text)
    return [record.kind for record in RECORDS if query.matches(record, Known())]


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("kind:call", ["call"]),
        ("kind:call,reply", ["call", "reply"]),
        ("kind!=cast kind:call,cast", ["call"]),
        ("instance:ping", ["call"]),
        ("instance:p*g", ["call", "reply"]),
        ("from:sensor", ["cast"]),
        ("to:pong", ["call"]),
        ("alias:out", ["cast"]),
        ("function:tick", ["start", "build"]),
        ("text:ping", ["call"]),
        ("text:Ping", []),
        ("text:PING", ["call"]),
        ("pong", ["call", "reply"]),
        ("filter::core", ["log"]),
        ("http://nowhere", []),
        ('"out of range"', ["log"]),
        ("/v.lue/", ["cast", "log"]),
        ("/[A-Z]ong/", ["reply"]),
        (r"/PING-\d/", ["call"]),
        ("level:warn", ["log"]),
        ("level:warn+", ["log"]),
        ("level:error+", []),
        ("level<=info", []),
        ("level>=debug", ["log"]),
        ("duration>5ms", ["cast", "call", "reply", "handled", "build"]),
        ("duration:12ms", ["call", "reply"]),
        ("duration:7ms..8ms", ["cast", "handled"]),
        ("duration<800us", []),
        ("size>20 kind:cast,call", ["cast"]),
        ("size:6..6", ["call", "reply", "timer"]),
        ("seq:4..5", ["log", "sync"]),
        ("seq:9..", ["start", "build"]),
        ("parent:1", ["reply"]),
        ("t>2s", ["start", "build"]),
        ("t<=500ms", ["cast"]),
        ("note:unknown-alias", ["note"]),
        ("outcome:trap", ["trap"]),
        ("outcome:failed", ["build"]),
        ("outcome:ok", ["cast", "handled"]),
        (".value>40", ["cast"]),
        (".value=41.7", ["cast"]),
        ("json:.unit=C", ["cast"]),
        ('.unit="C"', ["cast"]),
        (".tags[0]=a", ["cast"]),
        (".tags[1]=null", ["cast"]),
        (".count", ["sync"]),
        (".count!=8", []),
        (".count=8.0", ["sync"]),
        ("kind:cast | kind:call from:ping", ["cast", "call"]),
        ("(kind:cast | kind:call) from:ping", ["call"]),
        ("!kind:cast seq:0..1", ["call"]),
        ("-kind:cast seq:0..1", ["call"]),
        ("!(kind:cast | kind:call) seq:..2", ["reply"]),
        ("asked", ["trap"]),
        ("expected", ["build"]),
    ],
)
def test_a_query_finds_what_it_says(text: str, kinds: list[str]) -> None:
    assert fitting(text) == kinds


def test_the_empty_query_fits_everything() -> None:
    assert fitting("  ") == [record.kind for record in RECORDS]
    assert parse("").everything


@pytest.mark.parametrize(
    ("text", "column", "words"),
    [
        ("kin:call", 1, "did you mean kind?"),
        ("kind:cll", 6, "did you mean call?"),
        ("a (b", 3, "no ) for this ("),
        ("a b)", 4, "no ( for this )"),
        ('say "a', 5, "closing quote"),
        ("/a", 1, "closing /"),
        ("x /(/", 4, "not a regular expression"),
        ("/(?=a)b/", 2, "no look-ahead"),
        (r"x /(a)\1/", 4, "reference to a group"),
        ("/(a{1000}){1000}/", 2, "not a regular expression"),
        (r"/(\pL|\pN){100}/", 2, "too large"),
        ("duration>soon", 10, "write it as 5ms"),
        ("duration>5parsecs", 10, "write it as 5ms"),
        ("size>", 6, "needs a value"),
        ("a | ", 5, "missing"),
        ("| a", 1, "missing"),
        ("()", 2, "missing"),
        ("!", 1, "before what should not match"),
        (".a=", 4, "a value is missing"),
        (".a>true", 4, "no order"),
        (".a..b", 4, "name of a JSON field"),
        ('""', 1, "empty text"),
        ("kind>call", 6, "no order"),
        ("shape:round", 1, "quote it"),
    ],
)
def test_a_fault_is_told_with_its_column(text: str, column: int, words: str) -> None:
    with pytest.raises(QueryError) as fault:
        parse(text)
    assert (fault.value.column, words in str(fault.value)) == (column, True), str(fault.value)


def test_only_queries_about_how_things_ended_are_late() -> None:
    assert parse("a | !duration>5ms").late
    assert parse("outcome:trap").late
    assert not parse("kind:cast text:x").late


@pytest.mark.parametrize("regex", ["(a+)+$", "(a|aa)+$", "(a*)*b", "(a?){1000}a{1000}b"])
def test_no_regular_expression_takes_for_ever(regex: str) -> None:
    held = Cast(0, 0.0, "ping", None, "ping", "pong", "out", b"a" * 60_000 + b"!")

    assert not parse(f"/{regex}/").matches(held)


def test_a_regular_expression_is_matched_against_bytes_that_are_no_text() -> None:
    held = Cast(0, 0.0, "ping", None, "ping", "pong", "out", b"\xff caf\xc3\xa9")

    assert parse("/CAF\u00c9$/").matches(held) is False
    assert parse("/caf\u00c9$/").matches(held) is False
    assert parse("/caf.$/").matches(held)


def test_without_an_index_nothing_is_known_about_the_end() -> None:
    assert not parse("duration>0").matches(CAST)
    assert parse("duration>0").matches(HANDLED)


def test_deep_nesting_is_refused_in_words() -> None:
    with pytest.raises(QueryError, match="too deeply"):
        parse("(" * 5000 + "a" + ")" * 5000)
    with pytest.raises(QueryError, match="too deeply"):
        parse("!" * 5000 + "a")


def test_payloads_that_only_look_like_json_fit_no_field() -> None:
    for payload in (b"{", b"\xff\xfe", b"[" * 100_000, b"", b"{}"):
        record = Cast(0, 0.0, None, None, "user", "a", None, payload)
        assert not parse(".value").matches(record)


# -- properties

texts = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=8)
keys = st.text(st.characters(exclude_categories=["Cs"]), max_size=6)
scalars: st.SearchStrategy[Scalar] = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**12), 10**12),
    st.floats(-1e6, 1e6).map(lambda number: round(number, 3)),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=8),
)
terms = st.one_of(
    st.builds(Term, st.just("kind"), st.sampled_from([":", "=", "!="]), st.sampled_from(["cast", "call,log", "trap"])),
    st.builds(Term, st.just("text"), st.sampled_from([":", "!="]), texts),
    st.builds(Term, st.sampled_from(["instance", "from", "to", "alias"]), st.just(":"), texts),
    st.builds(Term, st.just("level"), st.sampled_from([":", "<", ">="]), st.sampled_from(get_args(LogLevel))),
    st.builds(Term, st.just("seq"), st.sampled_from([":", "<", "<=", ">", ">=", "!="]), st.sampled_from(["3", "5"])),
)
jsons = st.builds(
    lambda path, compared: Json(tuple(path), *compared),
    st.lists(st.one_of(keys, st.integers(0, 99)), min_size=1, max_size=3),
    st.one_of(st.just((None,)), st.tuples(st.sampled_from(["=", "!="]), scalars)),
)
leaves: st.SearchStrategy[Node] = st.one_of(st.builds(Word, texts), terms, jsons)


def joined(kind: type[And] | type[Or], parts: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    """Two or three parts, none of which is of the same kind: the parser joins those."""
    return st.lists(parts.filter(lambda part: not isinstance(part, kind)), min_size=2, max_size=3).map(
        lambda few: kind(tuple(few))
    )


trees: st.SearchStrategy[Node] = st.recursive(
    leaves,
    lambda parts: st.one_of(st.builds(Not, parts), joined(And, parts), joined(Or, parts)),
    max_leaves=6,
)


@given(trees)
def test_what_is_printed_parses_to_the_same_query(tree: Node) -> None:
    assert parse(str(tree)).tree == tree


@given(st.text(alphabet=st.one_of(st.characters(), st.sampled_from('()|!-"/.:=<>[]kindtext seq\\')), max_size=40))
def test_any_text_is_a_query_or_a_fault_with_a_column(text: str) -> None:
    query, column = parsed_or_fault(text)
    if query is None:
        assert 1 <= column <= len(text) + 1
    else:
        assert parse(str(query)) == query
        for record in RECORDS:
            query.matches(record, Known())


def parsed_or_fault(text: str) -> tuple[Query | None, int]:
    try:
        return parse(text), 0
    except QueryError as fault:
        return None, fault.column or 0


@given(trees)
def test_matching_agrees_with_a_naive_reading(tree: Node) -> None:
    query = Query(tree)
    for record in RECORDS:
        assert query.matches(record, Known()) == naive(tree, record)


def naive(tree: Node, record: Record) -> bool:
    """The language once more, as plainly as it can be said."""
    if isinstance(tree, Not):
        return not naive(tree.part, record)
    if isinstance(tree, And):
        return all(naive(part, record) for part in tree.parts)
    if isinstance(tree, Or):
        return any(naive(part, record) for part in tree.parts)
    if isinstance(tree, Word):
        return any(stands_in(tree.text, text) for text in (*held(record), *named(record).values()))
    if isinstance(tree, Json):
        return any(json_fits(tree, text) for text in held(record))
    assert isinstance(tree, Term | Everything)
    return isinstance(tree, Everything) or FIELDS[tree.field](tree, record)


def held(record: Record) -> list[str]:
    found = []
    for name in ("payload", "message", "state", "init_payload"):
        if name == "state" and not isinstance(record, Sync):
            continue
        value = getattr(record, name, None)
        if isinstance(record, Trap) and name == "message":
            value = f"{record.message}\n{record.panic}"
        if value is not None:
            found.append(value.decode(errors="replace") if isinstance(value, bytes) else value)
    if isinstance(record, Build):
        found.append("\n".join(each.message for each in record.diagnostics))
    return found


def named(record: Record) -> dict[str, str]:
    names = ["instance", "source", "alias", "function"]
    names += ["target"] if isinstance(record, Cast | Call | Timer | Log) else []
    return {name: value for name in names if (value := getattr(record, name, None))}


def stands_in(needle: str, text: str) -> bool:
    return needle in (text if needle != needle.lower() else text.lower())


def json_fits(tree: Json, text: str) -> bool:
    try:
        found = json.loads(text)
        for step in tree.path:
            if isinstance(step, int) is not isinstance(found, list):
                return False
            found = found[step]
    except (ValueError, LookupError, TypeError):
        return False
    same = found == tree.value and isinstance(found, bool) is isinstance(tree.value, bool)
    return tree.operator is None or same is (tree.operator == "=")


def named_as(*fields: str) -> Callable[[Term, Record], bool]:
    def fits(tree: Term, record: Record) -> bool:
        names = {name: value for name, value in named(record).items() if not isinstance(record, Log)}
        if isinstance(record, Log | Reply) and "instance" in fields + ("instance",) * isinstance(record, Reply):
            names = {"source": record.instance or "", "instance": record.instance or ""}
        values = [names[field] for field in fields if field in names]
        return any(fnmatchcase(value, wanted) for value in values for wanted in tree.value.split(","))

    return fits


def level_fits(tree: Term, record: Record) -> bool:
    if not isinstance(record, Log):
        return False
    order = ["trace", "debug", "info", "warn", "error"]
    has, wanted = order.index(record.level), order.index(tree.value)
    return {":": has == wanted, "<": has < wanted, ">=": has >= wanted}[tree.operator]


def seq_fits(tree: Term, record: Record) -> bool:
    has, wanted = record.seq, int(tree.value)
    return {
        ":": has == wanted,
        "!=": has != wanted,
        "<": has < wanted,
        "<=": has <= wanted,
        ">": has > wanted,
        ">=": has >= wanted,
    }[tree.operator]


FIELDS: dict[str, Callable[[Term, Record], bool]] = {
    "kind": lambda tree, record: (record.kind in tree.value.split(",")) is (tree.operator != "!="),
    "text": lambda tree, record: any(stands_in(tree.value, text) for text in held(record)) is (tree.operator != "!="),
    "instance": named_as("instance", "source", "target"),
    "from": named_as("source"),
    "to": named_as("target"),
    "alias": named_as("alias"),
    "level": level_fits,
    "seq": seq_fits,
}


@pytest.mark.parametrize("piece", ["[", "[!", "*", "*a", "?", "[a-z]", "a,"])
def test_names_with_any_number_of_wildcards_are_compared_in_moments(piece: str) -> None:
    begin = time.thread_time()
    query = parse("to:" + piece * (4096 // len(piece)))
    query.matches(CAST)
    with pytest.raises(QueryError, match="too long"):
        parse("to:" + piece * 24_000)
    assert time.thread_time() - begin < 5


def test_a_query_that_is_too_long_is_refused_at_once() -> None:
    parse("a" * (1 << 16))
    with pytest.raises(QueryError, match="at most 65,536"):
        parse("a" * ((1 << 16) + 1))


@given(st.text("ab*?[]!-^é\n", max_size=8), st.text("ab*?[]!-^é\n", max_size=8))
def test_names_are_compared_as_a_shell_compares_them(pattern: str, name: str) -> None:
    assert matcher([pattern])(name) is fnmatchcase(name, pattern)
