"""A user's file as text: what can be wrong before anything in it is understood."""

from __future__ import annotations

import stat
from pathlib import Path

from workbench.errors import UserError, reason_of

LARGEST_BYTES = 256 << 20
"""No file that a person writes or saves with us is larger; a larger one is another kind of file."""


MARK = "\ufeff"
"""The byte order mark, which some editors put before a text."""


def read_text(path: Path) -> str:
    """The text of a UTF-8 file, behind its byte order mark where it has one.

    Raises `UserError` when it is missing, unreadable, too large or not UTF-8.
    """
    return read_marked(path).removeprefix(MARK)


def read_marked(path: Path) -> str:
    """As `read_text`, with the byte order mark."""
    try:
        mode = path.stat().st_mode
        if not stat.S_ISREG(mode) and not stat.S_ISDIR(mode):
            what = "pipe" if stat.S_ISFIFO(mode) else "socket" if stat.S_ISSOCK(mode) else "device"
            raise UserError(f"this is a {what}, not a file", path=path)
        with path.open("rb") as file:
            content = file.read(LARGEST_BYTES + 1)
    except FileNotFoundError:
        raise UserError("there is no such file", path=path) from None
    except IsADirectoryError:
        raise UserError("this is a directory, not a file", path=path) from None
    except (OSError, ValueError) as error:
        reason = reason_of(error)
        raise UserError(f"cannot be read: {reason}", path=path) from None
    if len(content) > LARGEST_BYTES:
        raise UserError(f"is larger than {LARGEST_BYTES >> 20} MiB, so it cannot be what its name says", path=path)
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        before = content[: error.start].decode()
        line, column = place_of(before, len(before))
        raise UserError(
            f"is not UTF-8 text: byte 0x{content[error.start]:02x}", path=path, line=line, column=column
        ) from None


def place_of(text: str, position: int) -> tuple[int, int]:
    """Line and column, both from 1, of a position in a text."""
    return text.count("\n", 0, position) + 1, position - text.rfind("\n", 0, position)
