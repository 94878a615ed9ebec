"""What SQL that is sent to a database means, and what the database answers, in words for people."""

from __future__ import annotations

import re

import msgspec

from workbench.resources.sql import NO_ROW, what_it_does

_CHANGED = re.compile(r"rows_affected: ([0-9]{1,20}), last_insert_rowid: (-?[0-9]{1,20})\.")
_FAILED = re.compile(r"error returned from database: \(code: ([0-9]{1,10})\) (.*)", re.DOTALL)
_FORMLESS = ("no column found for name: ", "error occurred while decoding column ")


class _Row(msgspec.Struct, forbid_unknown_fields=True):
    id: str
    metadata: msgspec.Raw


def tell(payload: bytes, sent_to: bool) -> str | None:
    """A message to a database, or one of its replies; None when it is none."""
    text = payload.decode(errors="replace")
    return _told_of_sql(text) if sent_to else _told_of_reply(text)


def _told_of_sql(text: str) -> str:
    return {
        "read": "reads a row",
        "change": "changes rows",
        "nothing": "answered with Err: no SELECT, INSERT, UPDATE or DELETE in it",
    }[what_it_does(text)]


def _told_of_reply(text: str) -> str | None:
    if text == NO_ROW:
        return "no row was found"
    if changed := _CHANGED.fullmatch(text):
        rows = "1 row was" if changed[1] == "1" else f"{changed[1]} rows were"
        return f"{rows} concerned; the last one ever inserted has number {changed[2]}"
    if failed := _FAILED.fullmatch(text):
        return f"the database refuses, with SQLite's code {failed[1]}: {failed[2]}"
    if text.startswith(_FORMLESS):
        return f"the row is not as those of the table are: {text}"
    try:
        row = msgspec.json.decode(text, type=_Row)
    except (msgspec.DecodeError, UnicodeEncodeError, RecursionError):
        return None
    return f"a row\nid: {row.id}\nmetadata:\n{bytes(row.metadata).decode()}"
