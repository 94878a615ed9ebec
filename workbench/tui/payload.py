"""A payload as it is typed, and the bytes it means."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Literal

from workbench.errors import UserError
from workbench.project.payload_file import read_payload

Mode = Literal["text", "hex", "file"]
MODES: tuple[Mode, ...] = ("text", "hex", "file")

LARGEST_TYPED = 256 << 10
"""Bytes of a payload that is edited as text or hex; a larger one is edited as a file."""
LARGEST_HIGHLIGHTED = 100_000
"""Characters; longer texts are not coloured, because parsing them at every key would be felt."""


def payload_bytes(mode: Mode, typed: str, root: Path) -> bytes:
    """The bytes of what was typed; a file's path is relative to `root`. Raises `UserError`."""
    if mode == "text":
        return typed.encode("utf-8", "surrogatepass")
    return _hex(typed) if mode == "hex" else _file(typed.strip(), root)


def typed_payload(payload: bytes) -> tuple[Mode, str]:
    """How `payload` is best typed again: as text where it is text, else as hex, 16 bytes a line."""
    try:
        text = payload.decode()
    except UnicodeDecodeError:
        text = None
    if text is not None and all(character.isprintable() or character in "\n\t" for character in text):
        return "text", text
    return "hex", "\n".join(payload[at : at + 16].hex(" ") for at in range(0, len(payload), 16))


def is_json(text: str) -> bool:
    """Whether the text is a JSON document worth colouring."""
    if len(text) > LARGEST_HIGHLIGHTED or not text.strip():
        return False
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def _hex(typed: str) -> bytes:
    for number, line in enumerate(typed.split("\n"), 1):
        digits = re.sub(r"0x|[\s,:_-]", "", line, flags=re.IGNORECASE)
        wrong = re.search(r"[^0-9a-fA-F]", digits)
        if wrong is not None:
            raise UserError(f'line {number}: "{wrong[0]}" is no hex digit; write bytes as "de ad be ef"')
    digits = re.sub(r"0x|[\s,:_-]", "", typed, flags=re.IGNORECASE)
    if len(digits) % 2:
        raise UserError(f"{len(digits)} hex digits do not make whole bytes; one is missing or too many")
    return bytes.fromhex(digits)


def _file(typed: str, root: Path) -> bytes:
    if not typed:
        raise UserError("type the path of the file whose content is sent")
    return read_payload(typed, root)
