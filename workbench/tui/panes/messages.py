"""What panes tell the app, and what the app gives them to read."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from textual.message import Message

from workbench.journal import Journal
from workbench.session.view import View


class PaneSource(Protocol):
    """What panes read: the session, or anything like it."""

    @property
    def journal(self) -> Journal:
        """The record of everything that happened."""

    def view(self) -> View:
        """The newest picture of the session."""


class RecordSelected(Message):
    """A record was chosen."""

    def __init__(self, seq: int) -> None:
        super().__init__()
        self.seq = seq


class MomentWanted(Message):
    """The moment after the record `seq` is to be shown."""

    def __init__(self, seq: int) -> None:
        super().__init__()
        self.seq = seq


class InstanceSelected(Message):
    """An instance or stand-in was chosen."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name


class OpenSource(Message):
    """The editor is wanted at this place; `line` and `column` count from 1."""

    def __init__(self, path: Path, line: int | None = None, column: int | None = None) -> None:
        super().__init__()
        self.path = path
        self.line = line
        self.column = column
