"""What caused what: the way from a record to the selected one, by `parent`."""

from __future__ import annotations

from typing import Literal

from workbench.journal import Journal
from workbench.records import Change, Handled, Record, Reply

Relation = Literal["self", "cause", "effect"]

FAR = 200
"""Steps from effect to cause that are looked at; a ticker's chain has no end."""


def cause_of(record: Record) -> int | None:
    """The record that led to this one: a reply's call, the event a handling or a change was of, or the parent."""
    if isinstance(record, Reply):
        return record.call
    return record.event if isinstance(record, Handled | Change) else record.parent


def causes(journal: Journal, seq: int) -> list[int]:
    """What led to `seq`, nearest first, as far as the journal still has it."""
    found: list[int] = []
    record = journal.get(seq)
    while record is not None and len(found) < FAR:
        cause = cause_of(record)
        if cause is None:
            break
        found.append(cause)
        record = journal.get(cause)
    return found


class Chain:
    """Which records belong to a selected one."""

    def __init__(self, journal: Journal, seq: int) -> None:
        self._journal = journal
        self.seq = seq
        self._known: dict[int, Relation | None] = dict.fromkeys(causes(journal, seq), "cause")
        self._known[seq] = "self"

    def relation(self, seq: int) -> Relation | None:
        """How `seq` belongs to the selected record, if it does."""
        path: list[int] = []
        at: int | None = seq
        answer: Relation | None = None
        while at is not None and len(path) < FAR:
            if at in self._known:
                answer = self._known[at]
                break
            path.append(at)
            if at < self.seq:
                break
            record = self._journal.get(at)
            at = None if record is None else cause_of(record)
        effect: Relation | None = "effect" if path and answer in ("self", "effect") else None
        if len(self._known) > 50_000:
            self._known = {each: kind for each, kind in self._known.items() if kind in ("self", "cause")}
        self._known.update(dict.fromkeys(path, effect))
        return effect if path else answer
