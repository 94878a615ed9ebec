"""How events ended, by their number: 16 bytes each, whatever happens."""

from __future__ import annotations

from array import array
from collections.abc import Iterable

from workbench.journal import Journal
from workbench.query import edited
from workbench.records import Change, Handled, Record, Reply

_NONE = -1
_EDITED = "✎ "


class Outcomes:
    """The `Index` a query needs, over the part of the journal that was shown to it."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._base = 0
        self._handled = array("q")
        self._replies = array("q")
        self._edits: dict[int, int] = {}
        """The newest change of what a message says, by the message."""

    def add(self, records: Iterable[Record]) -> list[int]:
        """Take in `records`; returns the events whose end they tell, or what they say now."""
        events = []
        for record in records:
            kind = type(record)
            if kind is Handled:
                self._put(self._handled, record.event, record.seq)  # type: ignore[union-attr]
                events.append(record.event)  # type: ignore[union-attr]
            elif kind is Reply:
                self._put(self._replies, record.call, record.seq)  # type: ignore[union-attr]
                events.append(record.call)  # type: ignore[union-attr]
            elif kind is Change and record.payload is not None:  # type: ignore[union-attr]
                event: int = record.event  # type: ignore[union-attr]
                self._edits[event] = max(record.seq, self._edits.get(event, _NONE))
                events.append(event)
        return events

    def _put(self, column: array[int], event: int, seq: int) -> None:
        at = event - self._base
        if at < 0:
            return
        if at >= len(column):
            column.extend([_NONE] * (at + 1024 - len(column)))
        column[at] = seq

    def forget(self, before: int) -> None:
        """Let go of what the journal dropped."""
        gone = before - self._base
        if gone > 4096:
            del self._handled[:gone]
            del self._replies[:gone]
            self._base = before
            self._edits = {event: seq for event, seq in self._edits.items() if event >= before}

    def get(self, seq: int) -> Record | None:
        """The record numbered `seq`."""
        return self._journal.get(seq)

    def is_edited(self, seq: int) -> bool:
        """Whether what the message numbered `seq` says was changed while it waited."""
        return seq in self._edits

    def mark_of(self, seq: int) -> str:
        """What stands before the words of the message numbered `seq`."""
        return _EDITED if seq in self._edits else ""

    def now(self, record: Record) -> Record:
        """A message as it was delivered, or will be: with the payload it was given last."""
        seq = self._edits.get(record.seq)
        return record if seq is None else edited(record, self._journal.get(seq))

    def handled(self, event: int) -> Handled | None:
        """How the handling of `event` ended."""
        record = self._found(self._handled, event)
        return record if isinstance(record, Handled) else None

    def reply(self, call: int) -> Reply | None:
        """How `call` was answered."""
        record = self._found(self._replies, call)
        return record if isinstance(record, Reply) else None

    def _found(self, column: array[int], event: int) -> Record | None:
        at = event - self._base
        seq = column[at] if 0 <= at < len(column) else _NONE
        return None if seq == _NONE else self._journal.get(seq)
