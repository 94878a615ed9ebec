"""Finds what a line means: among what waits, or among the records of the journal."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import takewhile

from msgspec import structs

from workbench.errors import UserError
from workbench.headless.script.actions import Pick
from workbench.headless.script.words import Numbered
from workbench.journal import Journal
from workbench.query import edited, parse
from workbench.records import Call, Cast, Change, Handled, Record, Reply, Timer
from workbench.session.view import Queued, View


class History:
    """The records of a journal before `end`, as an index for queries."""

    def __init__(self, journal: Journal, end: int) -> None:
        self._journal = journal
        self._end = end
        self._handled: dict[int, Handled] = {}
        self._replies: dict[int, Reply] = {}
        self._edits: dict[int, Change] = {}
        for record in self:
            if isinstance(record, Handled):
                self._handled[record.event] = record
            elif isinstance(record, Reply):
                self._replies[record.call] = record
            elif isinstance(record, Change) and record.payload is not None:
                self._edits[record.event] = record

    def __iter__(self) -> Iterator[Record]:
        """All of them, oldest first."""
        return takewhile(lambda record: record.seq < self._end, self._journal.iterate())

    def get(self, seq: int) -> Record | None:
        """The record numbered `seq`."""
        return self._journal.get(seq) if seq < self._end else None

    def handled(self, event: int) -> Handled | None:
        """How the handling of `event` ended."""
        return self._handled.get(event)

    def reply(self, call: int) -> Reply | None:
        """How `call` was answered."""
        return self._replies.get(call)

    def matching(self, query: str) -> list[Record]:
        """Those that `query` matches, oldest first; messages as they were edited."""
        matches = parse(query).matches
        now = (edited(record, self._edits.get(record.seq)) for record in self)
        return [record for record in now if matches(record, self)]


def shown_history(journal: Journal, view: View) -> History:
    """What has happened up to the moment that is shown."""
    past = view.stepping.past
    return History(journal, journal.end if past is None else past.seq + 1)


def waiting(journal: Journal, view: View, query: str) -> list[Queued]:
    """What waits and matches, in the order it would happen, among as much as a view tells."""
    matches = parse(query).matches
    return [queued for queued in view.stepping.queue if matches(_as_record(queued, journal))]


def waiting_number(pick: Pick, journal: Journal, view: View, calls: bool) -> int:
    """The `seq` of what is meant among what waits, among calls only with `calls`. Raises `UserError` for nothing."""
    if isinstance(pick, Numbered):
        return pick.seq
    found = [one for one in waiting(journal, view, pick.query) if one.what == "call" or not calls]
    if not found:
        raise UserError(f"no {'call' if calls else 'message or timer'} that waits matches {{{pick.query}}}")
    return found[-1 if pick.last else 0].seq


def record_number(pick: Pick, journal: Journal) -> int:
    """The `seq` of the record that is meant, the newest that matches. Raises `UserError` when none does."""
    if isinstance(pick, Numbered):
        return pick.seq
    found = History(journal, journal.end).matching(pick.query)
    if not found:
        raise UserError(f"no record matches {{{pick.query}}}")
    return found[-1].seq


def _as_record(queued: Queued, journal: Journal) -> Record:
    """What waits as a record that queries can be asked of: as it was written, but as it was changed since."""
    written = journal.get(queued.seq)
    match written:
        case Cast() | Call() | Timer():
            return structs.replace(written, source=queued.source, target=queued.target, payload=queued.payload)
        case Reply():
            return structs.replace(written, payload=queued.payload)
    if queued.what == "reply":
        return Reply(queued.seq, 0, queued.source, None, queued.seq, "reply", queued.payload)
    kind = Call if queued.what == "call" else Cast
    return kind(queued.seq, 0, queued.source, None, queued.source, queued.target, queued.alias, queued.payload)
