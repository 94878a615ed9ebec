"""Pieces of a journal: what an instance did in one go, until it waited or was done."""

from __future__ import annotations

from itertools import takewhile

from workbench.journal import Journal
from workbench.records import Call, Cast, Change, Handled, Log, Record, Reply, Start, Stop, Sync, Timer, Trap

_DONE_BY_HANDLERS = (Log, Sync, Cast, Call, Timer, Trap)


def handling_of(record: Record | None, journal: Journal) -> int | None:
    """The event in whose handling `record` was brought about; None when it was otherwise."""
    if isinstance(record, Handled):
        return record.event
    if record is None or record.parent is None:
        return None
    if isinstance(record, Reply):
        return record.parent
    if not isinstance(record, _DONE_BY_HANDLERS):
        return None
    cause = journal.get(record.parent)
    if isinstance(cause, Start | Stop):
        mine = cause.instance == record.instance
    elif isinstance(cause, Cast | Call):  # a copy made by hand has the original as its parent: that is no handling
        mine = cause.target == record.instance or _redirected(cause, record, journal)
    else:
        mine = cause is None
    return record.parent if mine else None


def _redirected(cause: Cast | Call, record: Record, journal: Journal) -> bool:
    """Whether `cause` was redirected by hand to the instance of `record`, which came later."""
    between = takewhile(lambda one: one.seq < record.seq, journal.iterate(cause.seq))
    changes = (one for one in between if isinstance(one, Change) and one.event == cause.seq)
    return record.instance is not None and any(one.target == record.instance for one in changes)


def before(journal: Journal, seq: int) -> int | None:
    """The moment before the last piece that had begun by record `seq`; None when there is none in the journal."""
    at, event = seq, None
    while at >= journal.first and (event := handling_of(journal.get(at), journal)) is None:
        at -= 1
    if event is None:
        return None
    begin = at
    for earlier in range(at - 1, max(event, journal.first - 1), -1):
        record = journal.get(earlier)
        other = handling_of(record, journal)
        if other == event:
            begin = earlier
        elif other is not None or (isinstance(record, Reply) and _asked_by(journal, record) == event):
            break
    return begin - 1


def after(journal: Journal, seq: int, whole: bool = False) -> int | None:
    """The moment after the next piece that begins behind record `seq`, or after its event was handled if that is to be
    `whole`; None when nothing happens any more."""
    event: int | None = None
    end: int | None = None
    for at in range(max(seq + 1, journal.first), journal.end):
        record = journal.get(at)
        other = handling_of(record, journal)
        if other is None:
            continue
        if event is None:
            event = other
        if other == event:
            end = at
            if isinstance(record, Handled):
                return at
        elif not whole:
            break
    return end


def _asked_by(journal: Journal, reply: Reply) -> int | None:
    """The event in whose handling the call was made that `reply` answers."""
    call = journal.get(reply.call)
    return call.parent if call is not None else None
