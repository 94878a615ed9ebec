"""Forms: messages of a class of resources as fields to fill in, and how they become a payload. Data, no widgets."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from workbench.errors import UserError

Role: TypeAlias = Literal["sends", "answers", "gets"]
"""Of which messages a form is: what the resource casts, what it answers calls with, what is sent to it."""

Value: TypeAlias = str | float | bool


@dataclass(frozen=True)
class Field:
    """What is to be filled in: its name, what stands there at first, and what may."""

    name: str
    first: str = ""
    kind: Literal["text", "number", "yes or no"] = "text"


@dataclass(frozen=True)
class Form:
    """One kind of message. `encode` makes its payload of the fields' values, in their order."""

    words: str
    role: Role
    fields: tuple[Field, ...]
    encode: Callable[..., bytes]


def filled(form: Form, typed: Sequence[str]) -> bytes:
    """The payload of a form as it was filled in. Raises `UserError` about the first field that is wrong."""
    return form.encode(*(_value(field, text) for field, text in zip(form.fields, typed, strict=True)))


def _value(field: Field, text: str) -> Value:
    if field.kind == "text":
        return text
    if field.kind == "yes or no":
        if text.strip().lower() not in ("yes", "no"):
            raise UserError(f'{field.name}: "{text}" is neither yes nor no')
        return text.strip().lower() == "yes"
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise UserError(f'{field.name}: "{text}" is not a number')
    return number
