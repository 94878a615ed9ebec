"""What a guest's SQL does to a database, in the words the platform answers with (EDGELESS 1.2, SQLite).

Nothing a guest says reaches beyond its own database: an authorizer refuses what would open, write or load another file.
"""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Callable, Iterator
from typing import Literal, NoReturn

LONGEST = 64 << 20
"""How many bytes a value or a statement may have."""
LARGEST = 1 << 30
"""How many bytes a database may grow to: what a guest says must not fill the disk."""
MOST_MEMORY = 512 << 20
"""How many bytes of memory the databases of this process may use together, for what they sort and keep in passing."""
STEPS = 10_000
"""After how many of its own steps SQLite looks whether it is to give up."""
_FAILED = "error returned from database: (code: {}) "
REFUSED = (
    _FAILED.format(sqlite3.SQLITE_AUTH),
    f"{_FAILED.format(sqlite3.SQLITE_ERROR)}not authorized to use function",
)
"""How a reply may begin when the authorizer refused."""
NO_ROW = "no rows returned by a query that expected to return at least one row"

Doing = Literal["read", "change", "nothing"]

_TABLE = "CREATE TABLE IF NOT EXISTS WorkflowState (id VARCHAR(255) PRIMARY KEY, metadata JSONB NOT NULL)"
_READING_PRAGMAS = frozenset(
    {"foreign_key_check", "foreign_key_list", "index_info", "index_list", "index_xinfo"}
    | {"integrity_check", "quick_check", "table_info", "table_list", "table_xinfo"}
)
_TOKENS = re.compile(r"""'[^']*'|"[^"]*"|`[^`]*`|\[[^]]*]|--[^\n]*|/\*.*?\*/|;""", re.DOTALL)
"""Where a semicolon ends something, and where it is only part of a text, a name or a comment."""
_FORBIDDEN_ACTIONS = frozenset({sqlite3.SQLITE_ATTACH, sqlite3.SQLITE_DETACH, sqlite3.SQLITE_CREATE_VTABLE})
_FORBIDDEN_FUNCTIONS = frozenset({"load_extension", "fts3_tokenizer"})


def what_it_does(text: str) -> Doing:
    """What the platform takes the text for."""
    if "SELECT" in text:
        return "read"
    return "change" if any(word in text for word in ("INSERT", "UPDATE", "DELETE")) else "nothing"


def open_database(source: str, new: bool, give_up: Callable[[], bool]) -> sqlite3.Connection:
    """The database that the URI `source` means, ready for a guest. `new`: it is made now. `give_up` is asked now and
    then, on the thread that works, whether to end what is under way. Raises `sqlite3.Error`."""
    database = sqlite3.connect(source, uri=True, isolation_level=None, timeout=5.0, check_same_thread=False)
    try:
        database.execute("PRAGMA foreign_keys = ON")
        if new:
            database.execute("PRAGMA journal_mode = WAL")
        (page_size,) = database.execute("PRAGMA page_size").fetchone()
        database.execute(f"PRAGMA max_page_count = {LARGEST // page_size}")
        database.execute("PRAGMA temp_store = MEMORY")
        database.execute(f"PRAGMA hard_heap_limit = {MOST_MEMORY}")
        database.execute(_TABLE)
        database.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
        database.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, LONGEST)
        database.set_progress_handler(give_up, STEPS)
        database.set_authorizer(_authorize)
    except sqlite3.Error:
        database.close()
        raise
    return database


def read_row(database: sqlite3.Connection, text: str, workflow_id: str) -> str:
    """The first row that `text` gives, as JSON; or what is wrong."""
    try:
        for statement in statements(text):
            cursor = _execute(database, statement, workflow_id)
            row = cursor.fetchone()
            if row is not None:
                return _row_as_json(dict(zip((column[0] for column in cursor.description), row, strict=True)))
    except (sqlite3.Error, MemoryError) as error:
        return _database_error(error)
    except ValueError as error:
        return str(error)
    return NO_ROW


def change(database: sqlite3.Connection, text: str, workflow_id: str) -> str:
    """Does what `text` says and tells how many rows it concerned; or what is wrong."""
    rows = last = 0
    try:
        for statement in statements(text):
            for _ in _execute(database, statement, workflow_id):
                pass  # rows that nobody asked for, and that need not be kept
            changed, last = database.execute("SELECT changes(), last_insert_rowid()").fetchone()
            rows += changed
    except (sqlite3.Error, MemoryError) as error:
        return _database_error(error)
    return f"rows_affected: {rows}, last_insert_rowid: {last}."


def statements(text: str) -> Iterator[str]:
    """The statements of `text`: the platform's client runs them one after the other, Python's takes one at a time."""
    start = 0
    for token in _TOKENS.finditer(text):
        if token[0] == ";" and sqlite3.complete_statement(text[start : token.end()]):  # not so within a trigger
            yield text[start : token.end()]
            start = token.end()
    if text[start:].strip():
        yield text[start:]


class _Values(dict[str, str | None]):
    """`$1` is the workflow's id; what has any other number was given no value."""

    def __missing__(self, key: str) -> None:
        return None


def _execute(database: sqlite3.Connection, statement: str, workflow_id: str) -> sqlite3.Cursor:
    try:
        return database.execute(statement, _Values({"1": workflow_id}))
    except sqlite3.ProgrammingError as error:
        if "has no name" not in str(error):
            raise
    return database.execute(statement, (workflow_id,))  # a plain question mark


def _row_as_json(row: dict[str, object]) -> str:
    """Raises `ValueError` with the platform's words when the row is not of the table's form."""
    for column in ("id", "metadata"):
        if column not in row:
            raise ValueError(f"no column found for name: {column}")
        if row[column] is None:
            _undecodable(column, "unexpected null; try decoding as an `Option`")
    ident, metadata = row["id"], row["metadata"]
    if not isinstance(ident, str):
        _mismatched("id", "alloc::string::String", ident)
    if not isinstance(metadata, str):
        _mismatched("metadata", "serde_json::value::Value", metadata)
    try:
        value = json.loads(metadata, parse_constant=_no_constant)
        row_as_json = {"id": ident, "metadata": _sorted(value)}
        text = json.dumps(row_as_json, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
        text.encode()  # half a surrogate pair is no text
        return text
    except (ValueError, RecursionError) as error:
        _undecodable("metadata", str(error))


def _sorted(value: object) -> object:
    if isinstance(value, dict):
        return {key: _sorted(value[key]) for key in sorted(value)}
    return [_sorted(item) for item in value] if isinstance(value, list) else value


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")


def _undecodable(column: str, reason: str) -> NoReturn:
    raise ValueError(f'error occurred while decoding column "{column}": {reason}')


def _mismatched(column: str, wanted: str, value: object) -> NoReturn:
    found = {int: "INTEGER", float: "REAL", bytes: "BLOB"}.get(type(value), "TEXT")
    reason = f"mismatched types; Rust type `{wanted}` (as SQL type `TEXT`) is not compatible with SQL type `{found}`"
    _undecodable(column, reason)


def _database_error(error: sqlite3.Error | MemoryError) -> str:
    if isinstance(error, MemoryError):
        return f"{_FAILED.format(sqlite3.SQLITE_NOMEM)}out of memory"
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR)
    return f"{_FAILED.format(code)}{error}"


def _authorize(action: int, first: str | None, second: str | None, schema: str | None, cause: str | None) -> int:
    refused = (
        action in _FORBIDDEN_ACTIONS
        or (action == sqlite3.SQLITE_PRAGMA and (first or "").lower() not in _READING_PRAGMAS)
        or (action == sqlite3.SQLITE_FUNCTION and (second or "").lower() in _FORBIDDEN_FUNCTIONS)
    )
    return sqlite3.SQLITE_DENY if refused else sqlite3.SQLITE_OK
