"""A script from where it is: a file, or standard input."""

from __future__ import annotations

import sys
from pathlib import Path

from workbench.errors import UserError, reason_of
from workbench.headless.script.actions import Script
from workbench.headless.script.parse import parse

STANDARD_INPUT = "-"
LARGEST = 16 << 20
"""How many bytes a script may have."""


def load(name: str) -> Script:
    """The script in the file `name`, `-` for standard input; payloads' files are looked for beside it.

    Raises `UserError` for what cannot be read, with its line.
    """
    path = Path("standard input" if name == STANDARD_INPUT else name)
    try:
        if name == STANDARD_INPUT:
            content = sys.stdin.buffer.read(LARGEST + 1)
        else:
            with path.open("rb") as file:
                content = file.read(LARGEST + 1)
    except (OSError, ValueError) as error:
        reason = reason_of(error)
        raise UserError(f"the script {name} cannot be read: {reason}") from error
    if len(content) > LARGEST:
        raise UserError(f"the script {name} is too large")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise UserError("this line is not UTF-8", path=path, line=line) from None
    return parse(text, path, path.parent)
