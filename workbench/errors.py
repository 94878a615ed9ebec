"""The one error a user can cause: a sentence for them, and where to look; other errors in words."""

from __future__ import annotations

import shutil
from pathlib import Path


class UserError(Exception):
    """Something the user can mend. `str(error)` is one plain sentence, ready to be shown.

    `path`, `line` and `column` (both counted from 1) say where, when the cause is in a file.
    """

    def __init__(
        self, message: str, *, path: Path | None = None, line: int | None = None, column: int | None = None
    ) -> None:
        super().__init__(message)
        self.message = message
        self.path = path
        self.line = line
        self.column = column

    def __str__(self) -> str:
        if self.path is None:
            return self.message
        place = ":".join(str(part) for part in (self.path, self.line, self.column) if part is not None)
        return f"{place}: {self.message}"


def reason_of(error: BaseException) -> str:
    """Why it happened, in words and never empty: without the number and the names that an `OSError` carries."""
    if isinstance(error, shutil.Error) and error.args and isinstance(error.args[0], list):
        return "; ".join(dict.fromkeys(str(why).partition("] ")[2] or str(why) for *_, why in error.args[0]))
    words = error.strerror if isinstance(error, OSError) else None
    return words or str(error) or type(error).__name__
