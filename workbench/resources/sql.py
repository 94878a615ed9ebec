"""What a guest's SQL does to a database, in the words the platform answers with (EDGELESS 1.2, SQLite).

Nothing a guest says reaches beyond its own database: an authorizer refuses what would open, write or load another file.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from typing import Literal

from workbench.errors import UserError
from workbench.resources.serde_json import rewritten, written_text
from workbench.resources.sql_statements import statements

LONGEST = 64 << 20
"""How many bytes a value may have."""
LONGEST_TEXT = 16 << 20
"""How many bytes of SQL a message may have."""
MOST_VARIABLES = 32_766
"""How many variables a statement may have: SQLite's own limit, which some systems raise, though each is looked for
among all."""
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
_FORBIDDEN_ACTIONS = frozenset({sqlite3.SQLITE_ATTACH, sqlite3.SQLITE_DETACH, sqlite3.SQLITE_CREATE_VTABLE})
_FORBIDDEN_FUNCTIONS = frozenset({"load_extension", "fts3_tokenizer"})


def what_it_does(text: str) -> Doing:
    """What the platform takes the text for."""
    if "SELECT" in text:
        return "read"
    return "change" if any(word in text for word in ("INSERT", "UPDATE", "DELETE")) else "nothing"


def open_database(
    source: str, new: bool, largest: int, give_up: Callable[[], bool], check: Callable[[], None] = lambda: None
) -> sqlite3.Connection:
    """The database that the URI `source` means, ready for a guest. `new`: it is made now. `largest`: how many bytes it
    may grow to. `give_up` is asked now and then, on the thread that works, whether to end what is under way; `check`,
    once the file is open, whether it is the right one. Raises `sqlite3.Error` and what `check` raises."""
    database = sqlite3.connect(source, uri=True, isolation_level=None, timeout=5.0, check_same_thread=False)
    database.text_factory = _Text
    try:
        check()
        database.execute("PRAGMA foreign_keys = ON")
        if new:
            database.execute("PRAGMA journal_mode = WAL")
        (page_size,) = database.execute("PRAGMA page_size").fetchone()
        database.execute(f"PRAGMA max_page_count = {largest // page_size}")
        database.execute("PRAGMA temp_store = MEMORY")
        database.execute(f"PRAGMA hard_heap_limit = {MOST_MEMORY}")
        database.execute(_TABLE)
        database.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
        database.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, LONGEST)
        database.setlimit(sqlite3.SQLITE_LIMIT_SQL_LENGTH, LONGEST_TEXT)
        database.setlimit(sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER, MOST_VARIABLES)
        database.set_progress_handler(give_up, STEPS)
        database.set_authorizer(_authorize)
    except (sqlite3.Error, UserError):
        database.close()
        raise
    return database


def read_row(database: sqlite3.Connection, text: str, workflow_id: str, give_up: Callable[[], bool]) -> str:
    """The first row that `text` gives, as JSON; or what is wrong."""
    try:
        for cursor in _results(database, text, workflow_id, give_up):
            row = cursor.fetchone()
            if row is not None:
                return _row_as_json(dict(zip((column[0] for column in cursor.description), row, strict=True)))
    except (sqlite3.Error, MemoryError, UnicodeDecodeError) as error:
        return _database_error(error)
    except _Unfit as error:
        return str(error)
    return NO_ROW


def change(database: sqlite3.Connection, text: str, workflow_id: str, give_up: Callable[[], bool]) -> str:
    """Does what `text` says and tells how many rows it concerned; or what is wrong."""
    rows = last = 0
    try:
        for cursor in _results(database, text, workflow_id, give_up):
            for _ in cursor:
                pass  # rows that nobody asked for, and that need not be kept
            changed, last = database.execute("SELECT changes(), last_insert_rowid()").fetchone()
            rows += changed
    except (sqlite3.Error, MemoryError, UnicodeDecodeError) as error:
        return _database_error(error)
    return f"rows_affected: {rows}, last_insert_rowid: {last}."


class _Unfit(Exception):
    """A row is not of the table's form; in the platform's words."""


class _Values(dict[str, str | None]):
    """`$1` is the workflow's id; what has any other number was given no value."""

    def __missing__(self, key: str) -> None:
        return None


def _results(
    database: sqlite3.Connection, text: str, workflow_id: str, give_up: Callable[[], bool]
) -> Iterator[sqlite3.Cursor]:
    """What each statement of `text` gives, one after the other. Raises `sqlite3.Error`."""
    text, _, _ = text.partition("\0")  # where SQLite ends, too
    if len(text) > LONGEST_TEXT or len(text.encode(errors="replace")) > LONGEST_TEXT:
        raise _error(sqlite3.SQLITE_TOOBIG, "statement too long")
    for statement in statements(text):
        if give_up():  # which SQLite asks only in what takes long
            raise _error(sqlite3.SQLITE_INTERRUPT, "interrupted")
        yield _execute(database, statement, workflow_id)


def _execute(database: sqlite3.Connection, statement: str, workflow_id: str) -> sqlite3.Cursor:
    try:
        return database.execute(statement, _Values({"1": workflow_id}))
    except sqlite3.ProgrammingError as error:
        if "has no name" not in str(error):
            raise
    return database.execute(statement, (workflow_id,))  # a plain question mark


def _row_as_json(row: dict[str, object]) -> str:
    """Raises `_Unfit` when the row is not of the table's form. Without a value a column holds an empty text."""
    for column in ("id", "metadata"):
        if column not in row:
            raise _Unfit(f"no column found for name: {column}")
    ident = _column(row, "id", "alloc::string::String")
    metadata = _column(row, "metadata", "serde_json::value::Value")
    try:
        return f'{{"id":{written_text(ident.decode())},"metadata":{rewritten(metadata)}}}'
    except ValueError as error:
        raise _undecodable("metadata", str(error)) from error


def _column(row: dict[str, object], column: str, wanted: str) -> bytes:
    """The text of a column, which is UTF-8."""
    value = row[column]
    if value is None:
        return b""
    if not isinstance(value, _Text):
        found = {int: "INTEGER", float: "REAL", bytes: "BLOB"}[type(value)]
        wanted = f"Rust type `{wanted}` (as SQL type `TEXT`)"
        raise _undecodable(column, f"mismatched types; {wanted} is not compatible with SQL type `{found}`")
    try:
        value.decode()
    except UnicodeDecodeError as error:
        raise _undecodable(column, _not_utf8(error)) from error
    return value


class _Text(bytes):
    """A text of a database, as its bytes: they need not be UTF-8."""


def _not_utf8(error: UnicodeDecodeError) -> str:
    """In the words of Rust's standard library."""
    if error.reason == "unexpected end of data":
        return f"incomplete utf-8 byte sequence from index {error.start}"
    return f"invalid utf-8 sequence of {error.end - error.start} bytes from index {error.start}"


def _undecodable(column: str, reason: str) -> _Unfit:
    return _Unfit(f'error occurred while decoding column "{column}": {reason}')


def _error(code: int, words: str) -> sqlite3.Error:
    error = sqlite3.DatabaseError(words)
    error.sqlite_errorcode = code
    return error


def _database_error(error: sqlite3.Error | MemoryError | UnicodeDecodeError) -> str:
    if isinstance(error, MemoryError):
        return f"{_FAILED.format(sqlite3.SQLITE_NOMEM)}out of memory"
    if isinstance(error, UnicodeDecodeError):  # what SQLite says has something in it that is not
        return f"{_FAILED.format(sqlite3.SQLITE_ERROR)}{error.object.decode(errors='replace')}"
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR)
    return f"{_FAILED.format(code)}{error}"


def _authorize(action: int, first: str | None, second: str | None, schema: str | None, cause: str | None) -> int:
    refused = (
        action in _FORBIDDEN_ACTIONS
        or (action == sqlite3.SQLITE_PRAGMA and (first or "").lower() not in _READING_PRAGMAS)
        or (action == sqlite3.SQLITE_FUNCTION and (second or "").lower() in _FORBIDDEN_FUNCTIONS)
    )
    return sqlite3.SQLITE_DENY if refused else sqlite3.SQLITE_OK
