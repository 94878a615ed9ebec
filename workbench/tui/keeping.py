"""Writes down what the composer holds while one types, so that it is there again however the program ended."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from time import monotonic

from workbench.errors import UserError
from workbench.tui import memory
from workbench.tui.composer import Composer

REST_S = 0.25
"""How long after writing it down it is not written down again."""


class Keeping:
    """Keeps `composer` in the project's `.workbench`. A file that cannot be read or written is told once."""

    def __init__(self, composer: Composer, directory: Path, complain: Callable[[str], None]) -> None:
        self._composer = composer
        self._directory = directory
        self._complain = complain
        self._written = memory.Written()
        self._written_at = 0.0
        self._failed = False

    def recall(self) -> None:
        """Give the composer what it held when the program ended."""
        try:
            self._written = memory.read_composer(self._directory)
        except UserError as error:
            self._complain(str(error))
        else:
            self._composer.recall(self._written)

    def look(self) -> None:
        """Write it down soon after it changed."""
        if self._composer.touched and monotonic() - self._written_at > REST_S:
            self.keep()

    def keep(self) -> None:
        """Write it down now, if it is another than was written."""
        self._composer.touched = False
        written = self._composer.written()
        if written == self._written:
            return
        self._written, self._written_at = written, monotonic()
        try:
            memory.write_composer(self._directory, written)
            self._failed = False
        except UserError as error:
            if not self._failed:
                self._complain(str(error))
            self._failed = True
