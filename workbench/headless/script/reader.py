"""A place in a line of a script, moving forward: reads each sort of thing, and says at which column it cannot."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path as FilePath
from typing import TypeVar, get_args

from workbench.errors import UserError
from workbench.headless.payloads import outcome_of, payload_of
from workbench.headless.script.words import (
    BARE_NAME,
    TIMES,
    Asked,
    Chosen,
    Count,
    Name,
    Number,
    Numbered,
    Part,
    Path,
    Payload,
    Scale,
    StatusWord,
    Time,
)
from workbench.query import QueryError, parse
from workbench.query.nodes import Json
from workbench.session.view import Status
from workbench.units import parse_duration

T = TypeVar("T")

STATUSES: tuple[Status, ...] = get_args(Status)

SORTS: Mapping[str, str] = {
    "TIME": "a time such as 500ms",
    "QUERY": "a query in braces",
    "THING": "what is meant, as #NUMBER or {query}",
    "RECORD": "a record, as #NUMBER or {query}",
    "INSTANCE": "an instance's name",
    "ACTOR": "an instance's or stand-in's name",
    "OUTPUT": "an output's name",
    "RESOURCE": "a resource's or stand-in's name",
    "NUMBER": "a whole number",
    "COUNT": "how many (2, at least 2, at most 2)",
    "SCALE": "a factor such as x10",
    "PATH": "a way into the state such as .count",
    "STATUS": "how it stands: " + ", ".join(STATUSES),
    "PAYLOAD": "a payload",
    "OUTCOME": "a payload, !noreply or !err",
}
"""What stands in a usage in capitals, in words."""

_SPACE = re.compile(r"[^\S\n]*")
_WORD = re.compile(r"[^\s=\"{}]+|\S")
_NUMBER = re.compile(r"[0-9]{1,15}(?!\S)", re.ASCII)
_NUMBER_OF = re.compile(r"[0-9]{1,15}(?![^\s=])", re.ASCII)
_QUOTED = re.compile(r'"((?:\\[nrt"\\]|[^"\\]|\\(?![nrt"\\]))*+)"')
_ESCAPED = re.compile(r'\\([nrt"\\])')
_UNESCAPED = {"n": "\n", "r": "\r", "t": "\t"}
_QUERY_PIECE = re.compile(rf"[\s()|!\-]+|{_QUOTED.pattern}|/(?:\\.|[^/\\])*+/|[^\s()|\"}}/!\-][^\s()|\"}}]*")
_SCALE = re.compile(f"[x{TIMES}]" + r"([0-9]{1,4}(?:\.[0-9]{1,6})?)(?!\S)", re.ASCII)
_PATH = re.compile(rf"\.(?:[^\s\"]|{_QUOTED.pattern})+")


class Fault(Exception):
    """What cannot be read, in a sentence, and at which column (from 1)."""

    def __init__(self, sentence: str, column: int) -> None:
        super().__init__(sentence)
        self.sentence, self.column = sentence, column


class Reader:
    """Reads `text`; a payload `@FILE` is looked for in `folder`."""

    def __init__(self, text: str, folder: FilePath) -> None:
        self._text = text
        self._folder = folder
        self._at = 0
        self._sorts: Mapping[str, Callable[[], Part | None]] = {
            "TIME": self._time,
            "QUERY": self._asked,
            "THING": self._thing,
            "RECORD": self._record,
            "INSTANCE": lambda: self._name("INSTANCE"),
            "ACTOR": lambda: self._name("ACTOR"),
            "OUTPUT": lambda: self._name("OUTPUT"),
            "RESOURCE": lambda: self._name("RESOURCE"),
            "NUMBER": self._number,
            "COUNT": self._count,
            "SCALE": self._scale,
            "PATH": self._path,
            "STATUS": self._status,
            "PAYLOAD": self._payload,
            "OUTCOME": self._outcome,
        }

    @property
    def column(self) -> int:
        """The column at which the next thing stands, from 1."""
        self._skip_spaces()
        return self._at + 1

    @property
    def before(self) -> str:
        """What has been read."""
        return self._text[: self._at].strip()

    def done(self) -> bool:
        """Whether nothing is left."""
        self._skip_spaces()
        return self._at == len(self._text)

    def word(self) -> str:
        """The next word, without moving on; empty at the end."""
        self._skip_spaces()
        found = _WORD.match(self._text, self._at)
        return found.group() if found else ""

    def take(self, word: str) -> bool:
        """Move past `word` if it is next. An `=` has no space before it: what follows it is taken as it stands."""
        if word == "=" and self._text[self._at : self._at + 1] != "=":
            if self.word() == "=":
                raise Fault("= stands right after it, without a space", self.column)
            return False
        if self.word() != word:
            return False
        self._at += len(word)
        return True

    def read(self, sort: str) -> Part | None:
        """The next thing if it may be one of that sort. Raises `Fault` when it begins like one and is none."""
        if sort not in ("PAYLOAD", "OUTCOME"):
            self._skip_spaces()
        return self._sorts[sort]()

    def fault(self, sentence: str) -> Fault:
        """That sentence about the next thing."""
        return Fault(sentence, self.column)

    # ---- the sorts

    def _time(self) -> Time | None:
        word = self.word()
        if not word[:1].isdigit():
            return None
        try:
            time = Time(parse_duration(word))
        except UserError as error:
            raise self.fault(str(error)) from None
        self._at += len(word)
        return time

    def _number(self) -> Number | None:
        found = self._match(_NUMBER)
        return None if found is None else Number(int(found.group()))

    def _count(self) -> Count | None:
        bound = ""
        if self.take("at"):
            bound = next((word for word in ("least", "most") if self.take(word)), "")
            if not bound:
                raise self.fault("after at comes least or most, and a number")
        number = self._number()
        if number is None and bound:
            raise self.fault(f"after at {bound} comes a whole number")
        if number is None:
            return None
        return Count(0 if bound == "most" else number.value, None if bound == "least" else number.value)

    def _scale(self) -> Scale | None:
        if self._peek() not in ("x", TIMES):
            return None
        found = _SCALE.match(self._text, self._at)
        if found is None or not 0.1 <= float(found[1]) <= 1000:
            raise self.fault("time goes x0.1 to x1000 as fast as in reality")
        self._at = found.end()
        return Scale(float(found[1]))

    def _status(self) -> StatusWord | None:
        word = self.word()
        status = next((status for status in STATUSES if status == word), None)
        if status is None:
            return None
        self._at += len(word)
        return StatusWord(status)

    def _name(self, what: str) -> Name | None:
        column = self.column
        if self._peek() == '"':
            return Name(self._quoted(), what, column)
        found = self._match(BARE_NAME)
        return None if found is None else Name(found.group(), what, column)

    def _thing(self) -> Numbered | Chosen | None:
        begun = self._at
        if self.take("last"):
            asked = self._asked() if self._peek() == "{" else None
            if asked is not None:
                return Chosen(asked.query, last=True)
            self._at = begun
        return self._record()

    def _record(self) -> Numbered | Chosen | None:
        if self._peek() == "#":
            self._at += 1
            number = _NUMBER_OF.match(self._text, self._at)
            if number is None:
                raise self.fault("after # comes the number of what is meant")
            self._at = number.end()
            return Numbered(int(number.group()))
        asked = self._asked()
        return None if asked is None else Chosen(asked.query)

    def _asked(self) -> Asked | None:
        if self._peek() != "{":
            return None
        begun = self._at + 1
        at = begun
        while found := _QUERY_PIECE.match(self._text, at):
            at = found.end()
        if self._text[at : at + 1] != "}":
            raise self.fault("there is no } for this {, or a quote or / in it is not closed")
        query = self._text[begun:at]
        try:
            if parse(query).everything:
                raise self.fault("the query in these braces is empty")
        except QueryError as error:
            raise Fault(error.reason, begun + (error.column or 1)) from None
        self._at = at + 1
        return Asked(query)

    def _path(self) -> Path | None:
        found = _PATH.match(self._text, self._at)
        if found is None:
            return None
        try:
            path = parse(found.group()).tree
        except QueryError as error:
            raise Fault(error.reason, self._at + (error.column or 1)) from None
        if not isinstance(path, Json) or path.operator is not None:
            raise self.fault("this is no way into a state; write it as .count or .items[0].name")
        self._at = found.end()
        return Path(found.group())

    def _payload(self) -> Payload:
        written = self._text[self._at :]
        content = self._content(payload_of, written)
        self._at = len(self._text)
        return Payload(content, written)

    def _outcome(self) -> Payload:
        written = self._text[self._at :]
        outcome, content = self._content(outcome_of, written)
        self._at = len(self._text)
        return Payload(content, written, outcome)

    def _content(self, how: Callable[[str, FilePath], T], written: str) -> T:
        try:
            return how(written, self._folder)
        except UserError as error:
            raise self.fault(str(error)) from None

    # ---- the text

    def _peek(self) -> str:
        self._skip_spaces()
        return self._text[self._at : self._at + 1]

    def _skip_spaces(self) -> None:
        found = _SPACE.match(self._text, self._at)
        assert found is not None
        self._at = found.end()

    def _match(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        self._skip_spaces()
        found = pattern.match(self._text, self._at)
        if found is not None:
            self._at = found.end()
        return found

    def _quoted(self) -> str:
        found = self._match(_QUOTED)
        if found is None:
            raise self.fault("the closing quote is missing")
        if not found[1]:
            raise Fault("a name is not empty", found.start() + 1)
        return _ESCAPED.sub(lambda escaped: _UNESCAPED.get(escaped[1], escaped[1]), found[1])
