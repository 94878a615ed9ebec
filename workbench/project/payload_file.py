"""A payload that is read from a file: what is refused before anything of it is read, and how much goes."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from workbench.errors import UserError, reason_of
from workbench.units import format_size

LARGEST_BYTES = 64 << 20
"""Of one payload: as much as may wait for one resource."""


def read_payload(named: str, folder: Path, pipes: bool = False) -> bytes:
    """What the file `named` holds, looked for in `folder`; of a pipe, where `pipes` may be waited for, what comes.

    Raises `UserError` where it is none, cannot be read, or holds more than `LARGEST_BYTES`.
    """
    typed = Path(os.path.expanduser(named))
    try:
        about = (folder / typed).stat()
        if stat.S_ISDIR(about.st_mode):
            raise UserError(f"{named} is a directory")
        if not stat.S_ISREG(about.st_mode) and not (pipes and stat.S_ISFIFO(about.st_mode)):
            raise UserError(f"{named} is no regular file{' and no pipe' if pipes else ''}")
        _check(named, about.st_size)
        # A pipe that has come in the meantime is not waited for.
        number = os.open(folder / typed, os.O_RDONLY | os.O_CLOEXEC | (0 if pipes else os.O_NONBLOCK))
        with open(number, "rb") as file:
            if not pipes and not stat.S_ISREG(os.fstat(number).st_mode):
                raise UserError(f"{named} is no regular file")
            content = file.read(LARGEST_BYTES + 1)  # its size says nothing of a pipe, nor of a file in /proc
    except (FileNotFoundError, NotADirectoryError):
        beside = f", looked at from {folder.name} on" if folder.name and not typed.is_absolute() else ""
        raise UserError(f"there is no file {named}{beside}") from None
    except (OSError, ValueError) as error:
        raise UserError(f"{named} cannot be read: {reason_of(error)}") from None
    _check(named, len(content))
    return content


def _check(named: str, size: int) -> None:
    if size > LARGEST_BYTES:
        raise UserError(f"{named} holds more than {format_size(LARGEST_BYTES)}, which is the most a payload may have")
