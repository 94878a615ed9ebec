"""Reads query text into its tree, and says at which column it cannot."""

from __future__ import annotations

import re
from typing import cast

from workbench.query.nodes import (
    FIELD_START,
    PLAIN_KEY,
    And,
    Everything,
    Json,
    Node,
    Not,
    Operator,
    Or,
    Pattern,
    QueryError,
    Scalar,
    Term,
    Word,
    scalar_of,
)
from workbench.query.terms import check, check_field

MAX_DEPTH = 50
LONGEST = 1 << 16
"""How many characters a query may have."""
_SPACE = re.compile(r"\s*")
_RUN = re.compile(r"[^\s()|\"]+")
_OPERATOR = re.compile(r"!=|<=|>=|[=<>]")
_POSITION = re.compile(r"\[([0-9]{1,9})\]", re.ASCII)
_UNESCAPED = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\"}


def parse_tree(text: str) -> Node:
    """The tree of `text`. Raises `QueryError` with the column of the fault."""
    if len(text) > LONGEST:
        raise QueryError(f"this is too long for a query: it has {len(text):,} characters, at most {LONGEST:,} go")
    reader = _Reader(text)
    if reader.done():
        return Everything()
    tree = reader.alternatives(0)
    if not reader.done():
        raise reader.fault("there is no ( for this )" if reader.peek() == ")" else "this cannot be read here")
    return tree


class _Reader:
    """A place in the text, moving forward."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0

    def fault(self, sentence: str, at: int | None = None) -> QueryError:
        return QueryError(sentence, (self._at if at is None else at) + 1)

    def peek(self) -> str:
        return self._text[self._at : self._at + 1]

    def done(self) -> bool:
        self._skip(_SPACE)
        return self._at == len(self._text)

    def _skip(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        found = pattern.match(self._text, self._at)
        if found is not None:
            self._at = found.end()
        return found

    def alternatives(self, depth: int) -> Node:
        parts = [self._conjunction(depth)]
        while not self.done() and self.peek() == "|":
            self._at += 1
            parts.append(self._conjunction(depth))
        flat = tuple(inner for part in parts for inner in (part.parts if isinstance(part, Or) else (part,)))
        return flat[0] if len(flat) == 1 else Or(flat)

    def _conjunction(self, depth: int) -> Node:
        parts: list[Node] = []
        while not self.done() and self.peek() not in ("|", ")"):
            part = self._part(depth)
            parts.extend(part.parts if isinstance(part, And) else (part,))
        if not parts:
            raise self.fault("something to look for is missing here")
        return parts[0] if len(parts) == 1 else And(tuple(parts))

    def _part(self, depth: int) -> Node:
        if depth > MAX_DEPTH:
            raise self.fault("this is nested too deeply")
        first = self.peek()
        if first in ("!", "-"):
            self._at += 1
            if self.peek().strip() in ("", "|", ")"):
                raise self.fault(f"{first} stands before what should not match, without a space between", self._at - 1)
            return Not(self._part(depth + 1))
        if first == "(":
            return self._group(depth)
        if first == "/":
            return self._pattern()
        if first == '"':
            return self._word(self._at, self._quoted())
        if first == "." and re.match(r"\.[^\s.()|]", self._text[self._at : self._at + 2]):
            return self._json(self._at)
        return self._field_or_word()

    def _group(self, depth: int) -> Node:
        opened = self._at
        self._at += 1
        inner = self.alternatives(depth + 1)
        if self.peek() != ")":
            raise self.fault("there is no ) for this (", opened)
        self._at += 1
        return inner

    def _word(self, at: int, text: str) -> Word:
        if not text:
            raise self.fault("an empty text is in everything", at)
        return Word(text)

    def _quoted(self) -> str:
        opened = self._at
        text: list[str] = []
        at = opened + 1
        while at < len(self._text):
            character = self._text[at]
            if character == '"':
                self._at = at + 1
                return "".join(text)
            following = self._text[at + 1 : at + 2]
            if character == "\\" and following in _UNESCAPED:
                text.append(_UNESCAPED[following])
                at += 2
            else:
                text.append(character)
                at += 1
        raise self.fault("the closing quote is missing", opened)

    def _pattern(self) -> Pattern:
        opened = self._at
        regex: list[str] = []
        at = opened + 1
        while at < len(self._text) and self._text[at] != "/":
            width = 2 if self._text[at] == "\\" else 1
            piece = self._text[at : at + width]
            regex.append("/" if piece == "\\/" else piece)
            at += width
        if at >= len(self._text):
            raise self.fault("the closing / is missing", opened)
        self._at = at + 1
        pattern = Pattern("".join(regex))
        self._check(pattern, opened + 1)
        return pattern

    def _field_or_word(self) -> Node:
        at = self._at
        named = FIELD_START.match(self._text, at)
        if named is None:
            run = self._skip(_RUN)
            if run is None:
                raise self.fault("this cannot be read here")
            return self._word(at, run.group())
        name, operator = named[1].lower(), cast(Operator, named[2])
        self._at = named.end()
        if name == "json" and operator == ":" and self.peek() == ".":
            return self._json(at)
        try:
            check_field(name, self._text[at : at + 100])
        except QueryError as error:
            raise self.fault(error.reason, at) from None
        value_at = self._at
        value = self._value()
        if not value:
            raise self.fault(f"{name}{operator} needs a value", value_at)
        term = Term(name, operator, value)
        self._check(term, value_at)
        return term

    def _value(self) -> str:
        if self.peek() == '"':
            return self._quoted()
        run = self._skip(_RUN)
        return run.group() if run else ""

    def _json(self, at: int) -> Json:
        path: list[str | int] = []
        while True:
            if position := self._skip(_POSITION):
                path.append(int(position[1]))
            elif self.peek() == ".":
                self._at += 1
                if self.peek() == "[" and not path:
                    continue
                path.append(self._key())
            else:
                break
        operator = self._skip(_OPERATOR)
        if operator is None:
            if self.peek().strip() not in ("", "|", ")"):
                raise self.fault("after a JSON path stands =, !=, <, <=, > or >=, and a value")
            return Json(tuple(path))
        value_at = self._at
        value: Scalar = self._quoted() if self.peek() == '"' else scalar_of(self._value())
        if value == "" and self._at == value_at:
            raise self.fault("a value is missing here", value_at)
        node = Json(tuple(path), cast(Operator, operator.group()), value)
        self._check(node, value_at)
        return node

    def _key(self) -> str:
        if self.peek() == '"':
            return self._quoted()
        key = self._skip(PLAIN_KEY)
        if key is None:
            raise self.fault("the name of a JSON field is missing here")
        return key.group()

    def _check(self, node: Pattern | Term | Json, at: int) -> None:
        try:
            check(node)
        except QueryError as error:
            raise self.fault(error.reason, at) from None
