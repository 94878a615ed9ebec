"""A query as a tree; `str()` of a tree is text that parses to the same tree."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Literal, TypeAlias

from workbench.errors import UserError

Operator = Literal[":", "=", "!=", "<", "<=", ">", ">="]
Scalar: TypeAlias = str | int | float | bool | None
"""What a JSON field can be compared with."""

FIELD_START = re.compile(r"([A-Za-z][A-Za-z_]*)(!=|<=|>=|:(?!:|//)|[=<>])")
PLAIN_KEY = re.compile(r"[^\s()|\"'.\[\]=!<>:,\\]+")
NUMBER = re.compile(r"-?(0|[1-9][0-9]{0,30})(\.[0-9]{1,30})?([eE][+-]?[0-9]{1,2})?", re.ASCII)

_BARE_VALUE = re.compile(r"[^\s()|\":/=][^\s()|\"]*")
_BARE_WORD = re.compile(r"[^\s()|\"!/.\-][^\s()|\"]*")
_ESCAPES = str.maketrans({"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"})


class QueryError(UserError):
    """A query nobody can read; `reason` says why, `column` (from 1) where the fault begins."""

    def __init__(self, reason: str, column: int | None = None) -> None:
        super().__init__(reason if column is None else f"column {column}: {reason}", column=column)
        self.reason = reason


@dataclass(frozen=True)
class Everything:
    """The empty query."""

    def __str__(self) -> str:
        return ""


@dataclass(frozen=True)
class Word:
    """A text to be found in what a record holds, or in a name it has."""

    text: str

    def __str__(self) -> str:
        bare = _BARE_WORD.fullmatch(self.text) and not FIELD_START.match(self.text)
        return self.text if bare else quoted(self.text)


@dataclass(frozen=True)
class Pattern:
    """A regular expression to be found in what a record holds."""

    regex: str

    def __str__(self) -> str:
        return "/" + re.sub(r"(\\.)|/", lambda found: found[1] or "\\/", self.regex, flags=re.DOTALL) + "/"


@dataclass(frozen=True)
class Term:
    """A field compared with a value, both as written."""

    field: str
    operator: Operator
    value: str

    def __str__(self) -> str:
        value = self.value if _BARE_VALUE.fullmatch(self.value) else quoted(self.value)
        return f"{self.field}{self.operator}{value}"


@dataclass(frozen=True)
class Json:
    """A field inside a JSON payload or state: that it is there (`operator` None), or how it compares."""

    path: tuple[str | int, ...]
    operator: Operator | None = None
    value: Scalar = None

    def __str__(self) -> str:
        path = "".join(_step(step) for step in self.path)
        if path.startswith("["):
            path = "." + path
        return path if self.operator is None else f"{path}{self.operator}{_scalar(self.value)}"


@dataclass(frozen=True)
class Not:
    """What the part does not match."""

    part: Node

    def __str__(self) -> str:
        return f"!({self.part})" if isinstance(self.part, And | Or) else f"!{self.part}"


@dataclass(frozen=True)
class And:
    """What all parts match."""

    parts: tuple[Node, ...]

    def __str__(self) -> str:
        return " ".join(f"({part})" if isinstance(part, And | Or) else str(part) for part in self.parts)


@dataclass(frozen=True)
class Or:
    """What any part matches."""

    parts: tuple[Node, ...]

    def __str__(self) -> str:
        return " | ".join(f"({part})" if isinstance(part, Or) else str(part) for part in self.parts)


Node: TypeAlias = Everything | Word | Pattern | Term | Json | Not | And | Or


def quoted(text: str) -> str:
    """`text` as a quoted string of the language."""
    return f'"{text.translate(_ESCAPES)}"'


def scalar_of(text: str) -> Scalar:
    """A value written without quotes as JSON has it: a number, true, false, null, or else text."""
    if NUMBER.fullmatch(text):
        number: int | float = json.loads(text)
        return number
    return {"true": True, "false": False, "null": None}.get(text, text)


def _scalar(value: Scalar) -> str:
    if not isinstance(value, str):
        return json.dumps(value)
    bare = _BARE_VALUE.fullmatch(value) and scalar_of(value) is value
    return value if bare else quoted(value)


def _step(step: str | int) -> str:
    if isinstance(step, int):
        return f"[{step}]"
    return f".{step}" if PLAIN_KEY.fullmatch(step) else f".{quoted(step)}"
