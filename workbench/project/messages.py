"""Saved messages: one TOML file each in `.workbench/messages/`, read and written without loss."""

from __future__ import annotations

import base64
import binascii
import os
import re
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal, TypeAlias

import msgspec

from workbench import places
from workbench.config.shape import mistake, shaped
from workbench.config.toml import Toml, read_toml, value_text
from workbench.errors import UserError, reason_of
from workbench.project.model import Project
from workbench.records import USER

DIRECTORY = Path(places.OWN, "messages")
"""Where they are in a function's directory; those of a project are in its `own_directory`."""

Delivery: TypeAlias = Literal["cast", "call"]

_PLAIN = re.compile(r"[^\x00-\x08\x0b-\x1f\x7f]*")


@dataclass(frozen=True)
class Message:
    """A message to send again: to `target`, as if `source` had sent it, after `delay_ms`, `repeat` times."""

    name: str
    target: str
    kind: Delivery = "cast"
    payload: bytes = b""
    source: str = USER
    delay_ms: int = 0
    repeat: int = 1
    every_ms: int = 0


Count = Annotated[int, msgspec.Meta(ge=0, le=2**53)]


class _File(msgspec.Struct, forbid_unknown_fields=True):
    name: str
    target: str
    kind: Delivery = "cast"
    source: str = USER
    delay_ms: Count = 0
    repeat: Annotated[int, msgspec.Meta(ge=1, le=2**53)] = 1
    every_ms: Count = 0
    payload: str | None = None
    payload_base64: str | None = None


def message_files(project: Project) -> Iterator[Path]:
    """The saved messages of a project: its own, then those of its functions' directories."""
    functions = (function.directory / DIRECTORY for function in project.functions.values())
    for directory in dict.fromkeys((project.own_directory / DIRECTORY.name, *functions)):
        try:
            names = sorted(os.listdir(directory))
        except OSError:  # most directories have none
            continue
        yield from (directory / name for name in names if name.endswith(".toml"))


def read_message(path: Path) -> Message:
    """The message in the file at `path`. Raises `UserError` with line and key."""
    toml = read_toml(path)
    file = shaped(toml.content, _File, path, toml.locate)
    return Message(
        name=file.name,
        target=file.target,
        kind=file.kind,
        payload=_payload(file, toml),
        source=file.source,
        delay_ms=file.delay_ms,
        repeat=file.repeat,
        every_ms=file.every_ms,
    )


def save_message(message: Message, directory: Path) -> Path:
    """Write `message` into `directory`, replacing the one of the same name, and return its path. Raises `UserError`."""
    path = directory / f"{file_stem(message.name)}.toml"
    try:
        places.make_directory(directory)
        with tempfile.TemporaryDirectory(prefix=".saving-", dir=directory) as scratch:
            part = Path(scratch) / path.name
            part.write_bytes(message_text(message).encode())
            part.replace(path)
    except OSError as error:
        raise UserError(f"the message cannot be saved: {reason_of(error)}", path=path) from None
    return path


def file_stem(name: str) -> str:
    """A file name for any message name: the same for the same name, another for another.

    Letters, digits, `-` and `_` stay; a blank becomes `+`, anything else `%` and its UTF-8 bytes in hex.
    """
    plain = "".join(c if c.isascii() and (c.isalnum() or c in "-_") else _escaped_name(c) for c in name)
    return plain or "%"


def message_text(message: Message) -> str:
    """The text of a message's file."""
    lines = [f"name = {value_text(message.name)}", f"target = {value_text(message.target)}", f'kind = "{message.kind}"']
    if message.source != USER:
        lines.append(f"source = {value_text(message.source)}")
    for key, value, usual in (
        ("delay_ms", message.delay_ms, 0),
        ("repeat", message.repeat, 1),
        ("every_ms", message.every_ms, 0),
    ):
        if value != usual:
            lines.append(f"{key} = {value}")
    lines.append(_payload_line(message.payload))
    return "\n".join(lines) + "\n"


def _payload(file: _File, toml: Toml) -> bytes:
    if file.payload_base64 is None:
        return (file.payload or "").encode()
    key = ("payload_base64",)
    if file.payload is not None:
        raise mistake('give "payload" or "payload_base64", not both', toml.path, toml.locate, key)
    try:
        return base64.b64decode(file.payload_base64, validate=True)
    except (binascii.Error, ValueError):
        raise mistake('"payload_base64" is not base64', toml.path, toml.locate, key) from None


def _payload_line(payload: bytes) -> str:
    try:
        text = payload.decode()
    except UnicodeDecodeError:
        return f'payload_base64 = "{base64.b64encode(payload).decode()}"'
    if _PLAIN.fullmatch(text) and "'''" not in text and not text.endswith("'") and ("\n" in text or '"' in text):
        return f"payload = '''\n{text}'''"
    return f"payload = {value_text(text)}"


def _escaped_name(char: str) -> str:
    return "+" if char == " " else "".join(f"%{byte:02x}" for byte in char.encode())
