"""The one error a user can cause: a sentence for them, and where to look."""

from __future__ import annotations

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
