"""The text of scripts: what a line means, that it can be printed and read again, and what is said about a wrong one."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.headless.program import ROOT
from workbench.errors import UserError
from workbench.headless.script.actions import (
    Action,
    ExpectMode,
    ExpectRecords,
    ExpectState,
    ExpectStatus,
    ExpectTime,
    ExpectWaits,
    Order,
    Script,
    Show,
    ShowLog,
    ShowState,
)
from workbench.headless.script.grammar import Either, Literal, Maybe, Sequence, Slot, Usage, usage_of
from workbench.headless.script.parse import parse
from workbench.headless.script.reader import SORTS, STATUSES
from workbench.headless.script.verbs import LATER, LOGS_SHOWN, VERBS
from workbench.headless.script.words import Chosen, Count, Numbered
from workbench.session import commands as ask

HERE = Path("here.txt")
FIRST = Chosen("to:filter")


def script(text: str, folder: Path = Path()) -> Script:
    return parse(text, HERE, folder)


def attempt(text: str) -> tuple[Script | None, UserError | None]:
    try:
        return script(text), None
    except UserError as error:
        return None, error


def action(line: str) -> Action:
    [read] = script(line).lines
    return read.action


@pytest.mark.parametrize(
    ("line", "meant"),
    [
        ("pause", Order(ask.Pause())),
        ("run", Order(ask.Run())),
        ("run until idle", Order(ask.Run(ask.Until(idle=True)))),
        ("run until 1.5s", Order(ask.Run(ask.Until(t_ms=1500)))),
        ("run until {kind:trap}", Order(ask.Run(ask.Until("kind:trap")))),
        ("run until begins {to:filter}", Order(ask.Run(ask.Until("to:filter", "begins")))),
        ("step", Order(ask.Step())),
        ("step ping", Order(ask.Step(instance="ping"))),
        ("step over", Order(ask.Step("over"))),
        ("step into ping", Order(ask.Step("into", "ping"))),
        ('step out "over"', Order(ask.Step("out", "over"))),
        ("step over #12", Order(ask.Step("over", None, LATER), {"event": Numbered(12)})),
        ("step last {to:filter}", Order(ask.Step(event=LATER), {"event": Chosen("to:filter", last=True)})),
        ("advance 500ms", Order(ask.Advance(500))),
        ("advance next", Order(ask.Advance())),
        ("clock virtual", Order(ask.SetClock("virtual"))),
        ("clock x0.5", Order(ask.SetClock("scaled", 0.5))),
        ("clock \N{MULTIPLICATION SIGN}10", Order(ask.SetClock("scaled", 10))),
        ("shuffle 7", Order(ask.Shuffle(7))),
        ("shuffle off", Order(ask.Shuffle(None))),
        ("break {kind:trap}", Order(ask.SetBreakpoint("kind:trap"))),
        ("break begins {x} field .a[0] skip 2", Order(ask.SetBreakpoint("x", "begins", ".a[0]", skip=2))),
        ("intercept {to:filter} skip 1", Order(ask.SetBreakpoint("to:filter", hold=True, skip=1))),
        ("unbreak 2", Order(ask.DropBreakpoint(2))),
        ("cast filter=21.5", Order(ask.Send("filter", b"21.5"))),
        ("call counter=", Order(ask.Send("counter", b"", call=True))),
        ("answer {to:filter}=pong", Order(ask.Answer(LATER, "reply", b"pong"), {"call": FIRST})),
        ("answer #3=!noreply", Order(ask.Answer(LATER, "noreply"), {"call": Numbered(3)})),
        ("reply pong=!err", Order(ask.Rule("pong", "err"))),
        ("drop {to:filter}", Order(ask.Drop(LATER), {"event": FIRST})),
        ('edit {to:filter}={"a": 1}', Order(ask.Edit(LATER, b'{"a": 1}'), {"event": FIRST})),
        ("edit {to:filter}=!err", Order(ask.Edit(LATER, b"!err"), {"event": FIRST})),
        ("duplicate {to:filter}", Order(ask.Duplicate(LATER), {"event": FIRST})),
        ("delay {to:filter} by 2s", Order(ask.Delay(LATER, 2000), {"event": FIRST})),
        ("redirect {to:filter} to average", Order(ask.Redirect(LATER, "average"), {"event": FIRST})),
        ("move {to:filter} first", Order(ask.Move(LATER), {"event": FIRST})),
        ("move #9 before {to:filter}", Order(ask.Move(LATER, LATER), {"event": Numbered(9), "before": FIRST})),
        ("hold {to:filter}", Order(ask.Hold(LATER), {"event": FIRST})),
        ("release", Order(ask.Release())),
        ("release {to:filter}", Order(ask.Release(LATER), {"event": FIRST})),
        ("fault db error", Order(ask.Fault("db", "error"))),
        ("fault db silence times 2", Order(ask.Fault("db", "silence", times=2))),
        ("fault db delay 1s times 3", Order(ask.Fault("db", "delay", 1000, times=3))),
        ("fault db off", Order(ask.Fault("db", None))),
        ("real db", Order(ask.SetResource("db", True))),
        ("stand-in db", Order(ask.SetResource("db", False))),
        ("kill ping", Order(ask.Kill("ping"))),
        ("stop ping", Order(ask.StopInstance("ping"))),
        ("restart ping", Order(ask.Restart("ping"))),
        ("back", Order(ask.StepBack())),
        ("back 3", Order(ask.StepBack(3))),
        ("jump present", Order(ask.Jump(None))),
        ("jump {kind:trap}", Order(ask.Jump(LATER), {"seq": Chosen("kind:trap")})),
        ("line 2", Order(ask.SwitchLine(2))),
        ("rerun", Order(ask.Rerun())),
        ("rerun #5", Order(ask.Rerun(LATER), {"seq": Numbered(5)})),
        ("check", Order(ask.SelfCheck())),
        ("show waits", Show("waits")),
        ("show state counter", ShowState("counter")),
        ("show log", ShowLog(LOGS_SHOWN)),
        ("show log 3", ShowLog(3)),
        ("expect paused", ExpectMode(True)),
        ("expect running", ExpectMode(False)),
        ("expect waits 2", ExpectWaits(Count(2, 2))),
        ("expect waits at most 2 {to:filter}", ExpectWaits(Count(0, 2), "to:filter")),
        ("expect state counter {.count=3}", ExpectState("counter", ".count=3")),
        ("expect status ping waiting", ExpectStatus("ping", "waiting")),
        ("expect clock 10s", ExpectTime(10_000)),
        ("expect {kind:log panicked}", ExpectRecords(Count(1), "kind:log panicked")),
        ("expect 0 {kind:trap}", ExpectRecords(Count(0, 0), "kind:trap")),
        ("expect at least 2 {kind:trap}", ExpectRecords(Count(2), "kind:trap")),
    ],
)
def test_a_line_means_what_it_says(line: str, meant: Action) -> None:
    assert action(line) == meant


def test_every_verb_is_among_those_examples() -> None:
    [marker] = [mark for mark in test_a_line_means_what_it_says.pytestmark if mark.name == "parametrize"]  # type: ignore[attr-defined]
    assert {line.split()[0] for line, _ in marker.args[1]} == set(VERBS)


@pytest.mark.parametrize(
    "query", ['"}"', "/a{3}}/", '!/}/ "}"', r'"\"}"', '."a }"=1', "a/b", 'text:"}" x', "{", "a-/b"]
)
def test_braces_in_a_query_are_no_end_where_they_are_quoted(query: str) -> None:
    assert action(f"drop {{{query}}}") == Order(ask.Drop(LATER), {"event": Chosen(query)})


def test_comments_and_empty_lines_are_passed_over_and_lines_counted() -> None:
    read = script("# first\n\n  pause  \r\n\t# step\nrun\n")
    assert [(line.number, str(line)) for line in read.lines] == [(3, "pause"), (5, "run")]


def test_a_payload_is_taken_as_it_stands_but_for_spaces_at_the_end() -> None:
    assert action("cast a= x=y #1  \t") == Order(ask.Send("a", b" x=y #1"))


def test_a_payload_can_come_from_a_file_beside_the_script(tmp_path: Path) -> None:
    (tmp_path / "p").write_bytes(b"\0\xff ")
    [line] = script("call a=@p", tmp_path).lines
    assert line.action == Order(ask.Send("a", b"\0\xff ", call=True))
    assert str(line) == "call a=@p"
    assert action("cast a=@@home") == Order(ask.Send("a", b"@home"))


def test_a_script_knows_whether_it_goes_back() -> None:
    assert not script("pause\nstep").goes_back
    assert all(script(line).goes_back for line in ("back", "jump #1", "line 1", "rerun", "check"))


@pytest.mark.parametrize(
    ("line", "column", "words"),
    [
        ("puase", 1, 'there is no verb "puase"; did you mean pause?'),
        ("zzz", 1, 'there is no verb "zzz"; there are pause, run, step, '),
        ("run unitl idle", 5, 'after "run" comes until, not "unitl"; did you mean until?'),
        ("run until", 10, '"run until" is not complete, next comes idle, a time such as 500ms, begins or a query'),
        ("  run  until  idel", 15, 'not "idel"; did you mean idle?'),
        ("pause # for a while", 7, "a comment stands on a line of its own"),
        ("step #", 7, "after # comes the number of what is meant"),
        ("step over over over", 16, 'nothing can stand after "step over over"'),
        ("cast counter", 13, '"cast counter" is not complete, next comes ='),
        ("cast counter =5", 14, "= stands right after it, without a space"),
        ("cast =5", 6, 'after "cast" comes an instance\'s name'),
        ('cast "a=5', 6, "the closing quote is missing"),
        ('cast ""=5', 6, "a name is not empty"),
        ("edit {x}=@no/such", 10, "there is no file no/such"),
        ("expect status ping wating", 20, "did you mean waiting?"),
        ("expect at 3", 11, "after at comes least or most"),
        ("expect at least {x}", 17, "after at least comes a whole number"),
        ("delay {x} by 3 s", 14, '"3" is not a duration'),
        ("break {", 7, "there is no } for this {"),
        ("break {kind:trap", 7, "there is no } for this {"),
        ("break {kind:tarp}", 13, '"tarp" is not a kind; did you mean trap?'),
        ("break {}", 7, "the query in these braces is empty"),
        ("drop {a b)}", 10, "there is no ( for this )"),
        ("break {x} field .count=3", 17, "this is no way into a state"),
        ("clock x0", 7, "time goes x0.1 to x1000"),
        ("clock fast", 7, 'comes real, virtual, frozen or a factor such as x10, not "fast"'),
        ("shuffle -1", 9, 'comes off or a whole number, not "-1"'),
        ("jump back", 6, "comes present or a record, as #NUMBER or {query}"),
    ],
)
def test_what_is_wrong_is_one_sentence_with_its_place(line: str, column: int, words: str) -> None:
    with pytest.raises(UserError) as raised:
        script(f"pause\n{line}\nrun")
    assert (raised.value.path, raised.value.line, raised.value.column) == (HERE, 2, column)
    assert words in raised.value.message


# ---- whatever a usage allows, and whatever it does not

_NAMES = st.one_of(st.sampled_from(["ping", "over", "a-b", "über"]), st.text(min_size=1, max_size=5))
_QUERIES = st.sampled_from(["kind:cast", 'to:filter "}"', "/a{3}}/ x", ".count>=3", "a | !b"])
_SLOTS: dict[str, st.SearchStrategy[str]] = {
    "TIME": st.integers(0, 10**6).map(lambda ms: f"{ms}ms"),
    "QUERY": _QUERIES.map(lambda query: f"{{{query}}}"),
    "RECORD": st.one_of(st.integers(0, 10**12).map(lambda seq: f"#{seq}"), _QUERIES.map(lambda query: f"{{{query}}}")),
    "THING": st.one_of(
        st.integers(0, 10**12).map(lambda seq: f"#{seq}"),
        st.tuples(st.sampled_from(["", "last "]), _QUERIES).map(lambda one: f"{one[0]}{{{one[1]}}}"),
    ),
    "NUMBER": st.integers(0, 10**12).map(str),
    "COUNT": st.tuples(st.sampled_from(["", "at least ", "at most "]), st.integers(0, 99)).map(
        lambda one: f"{one[0]}{one[1]}"
    ),
    "SCALE": st.floats(0.1, 1000).map(lambda factor: f"x{factor:.3f}"),
    "PATH": st.sampled_from([".count", ".items[0].name", '."a key".b', ".[2]"]),
    "STATUS": st.sampled_from(STATUSES),
    "PAYLOAD": st.text(st.characters(exclude_characters="\n@", exclude_categories=["Cs"]), max_size=8),
    "OUTCOME": st.sampled_from(["!noreply", "!err", "pong", "", "@@x"]),
    **dict.fromkeys(
        ("INSTANCE", "ACTOR", "OUTPUT", "RESOURCE"),
        _NAMES.filter(lambda name: "\n" not in name).map(
            lambda name: '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'
        ),
    ),
}


def _texts(usage: Usage) -> st.SearchStrategy[str]:
    match usage:
        case Literal(text):
            return st.just(text)
        case Slot(sort):
            return _SLOTS[sort]
        case Maybe(part):
            return st.one_of(st.just(""), _texts(part))
        case Either(options):
            return st.one_of(*map(_texts, options))
        case Sequence(parts):
            return st.tuples(*map(_texts, parts)).map(lambda texts: " ".join(texts).replace(" = ", "="))


LINES = st.sampled_from(sorted(VERBS)).flatmap(lambda verb: _texts(usage_of(VERBS[verb].usage)).map(f"{verb} ".__add__))


def test_every_sort_of_thing_has_words_and_examples() -> None:
    assert set(SORTS) == set(_SLOTS)


@given(st.lists(LINES, max_size=5))
def test_whatever_the_usages_allow_is_read_and_printed_and_read_the_same(lines: list[str]) -> None:
    read = script("\n".join(lines))
    assert len(read.lines) == len(lines)
    assert script(str(read)) == read
    assert str(script(str(read))) == str(read)


_PIECES = st.one_of(
    st.sampled_from(
        [*VERBS, "until", "begins", "at", "least", "last", "by", "to", "before", "first", "state", "=", "{"]
    ),
    st.sampled_from(
        ["}", '"', "/", "#", "#1", "{x}", '{"}', "{/", "\\", " ", "x1", "3", "5s", ".a", "!", "@", "@x", "\n"]
    ),
    st.text(max_size=3),
)


@given(st.one_of(st.text(), st.lists(_PIECES).map(" ".join), st.lists(_PIECES).map("".join)))
def test_any_text_is_a_script_or_has_a_line_that_is_wrong(text: str) -> None:
    read, error = attempt(text)
    if error is None:
        assert script(str(read)) == read
    else:
        assert error.path == HERE
        assert error.line is not None
        assert error.column is not None
        assert 1 <= error.line <= text.count("\n") + 1
        assert 1 <= error.column <= len(text.split("\n")[error.line - 1]) + 1
        assert "\n" not in error.message


# ---- docs/scripts.md

PAGE = (ROOT / "docs" / "scripts.md").read_text()


def test_every_verb_and_word_is_explained() -> None:
    shown = [shown for line in PAGE.splitlines() if line.startswith("| `") for shown in _code(line.split(" | ")[0])]
    assert {verb for verb in VERBS if not any(text.split()[0] == verb for text in shown)} == set()
    for verb, entry in VERBS.items():
        words = " ".join(text for text in shown if text.split()[0] == verb)
        assert {word for word in re.findall(r"[a-z]+", entry.usage) if word not in words} == set(), verb


def test_what_the_page_shows_can_be_read() -> None:
    script(PAGE.split("```")[1])
    examples = [
        text
        for text in _code(PAGE)
        if text.split()[0] in VERBS and " " in text and not re.search(r"[A-Z]{4}|[\[\\…]", text)
    ]
    assert len(examples) > 15
    for example in examples:
        script(example)


def _code(text: str) -> list[str]:
    return re.findall(r"`([^`\n]+)`", text)
