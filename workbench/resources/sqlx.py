"""The class `sqlx`: runs the SQL it gets on a real SQLite database.

EDGELESS 1.2: each message opens the database anew, makes it and its table `WorkflowState` where there is none, runs the
text with the workflow's id as `$1`, and closes it. Whether a row is read or something is changed is told by the words
`SELECT`, then `INSERT`, `UPDATE` and `DELETE`, in capitals, anywhere in it; text without any is answered with Err.

A database that cannot be used ends the platform's resource: that call and all later ones are never answered. Here that
call is not answered either, but later ones are, once the database can be used again.
"""

from __future__ import annotations

import os
import re
import sqlite3
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, unquote

from workbench.errors import UserError, reason_of
from workbench.resources.landlock import confine
from workbench.resources.model import ConfigurationFault, Kind, Message, Part, Port, Running, Setting
from workbench.resources.sandbox import allowed_path, files_called
from workbench.resources.sql import NO_ROW, REFUSED, change, open_database, read_row, what_it_does
from workbench.resources.sql_words import tell
from workbench.resources.standing import Standing
from workbench.resources.worker import Answer, Worker

_IN_MEMORY = ":memory:"
_PARAMETERS = {
    "mode": ("ro", "rw", "rwc", "memory"),
    "cache": ("private", "shared"),
    "immutable": ("true", "false", "0", "1"),
}
_DEAD = "On the platform the resource is dead after this: this call and all later ones are never answered."
_FORGETFUL = "A database in memory is empty again for each message, as on the platform: nothing is kept in it."
_REFUSED = "SQL that could reach beyond the database was refused here: the platform would carry it out."
_MISREAD = (
    "The text has SELECT in it, so it is taken for reading a row: it changes the database, but answers with a row."
)


@dataclass(frozen=True)
class Source:
    """What a URL means. `name`: a file, or `:memory:`."""

    name: str
    parameters: Mapping[str, str]


class _Sqlx:
    """A database that is opened anew for each message."""

    def __init__(self, part: Part, port: Port) -> None:
        self.standing = Standing(port)
        self._workflow_id, self._permits = part.workflow_id, part.permits
        self._source = parse_url(part.configurations["url"])
        self._path = self._allowed()
        self._given_up = threading.Event()
        self._is_confined = False
        self.standing.tell("ready", _words(self._path))
        if self._path is None:
            self.standing.remark(_FORGETFUL)

    def run(self, message: Message) -> Answer:
        """Do what the message says."""
        try:
            self._path = self._allowed()  # once more: what its name leads to may have changed
            self._confine()
            before = files_called(self._path)
            database = open_database(
                *self._target(), self._permits.largest_file, self._given_up.is_set, lambda: self._check(before)
            )
        except (UserError, OSError, sqlite3.Error) as error:
            self.standing.tell("trouble", _trouble(self._path, error))
            self.standing.remark(_DEAD)
            return None
        self.standing.tell("ready", _words(self._path))
        try:
            return self._run(database, message.payload.decode(errors="replace"))
        finally:
            database.close()

    def give_up(self) -> None:
        """End what is under way."""
        self._given_up.set()

    def _run(self, database: sqlite3.Connection, text: str) -> Answer:
        doing = what_it_does(text)
        if doing == "nothing":
            return "err", b""
        if doing == "read":
            answer = read_row(database, text, self._workflow_id, self._given_up.is_set)
            if database.total_changes:
                self.standing.remark(_MISREAD)
        else:
            answer = change(database, text, self._workflow_id, self._given_up.is_set)
        if answer.startswith(REFUSED):
            self.standing.remark(_REFUSED)
        return None if self._given_up.is_set() else ("reply", answer.encode(errors="replace"))

    def _confine(self) -> None:
        """SQLite opens its files by their names, some of them late. Called on the thread that does so."""
        if self._path is not None and self._path.parent.is_dir() and not self._is_confined:
            self._is_confined = True
            confine(self._permits.directories)

    def _check(self, before: frozenset[Path]) -> None:
        """Raises `UserError` when what SQLite has opened since lies elsewhere: a link came into its way."""
        for path in files_called(self._path) - before:
            if not any(path.is_relative_to(directory) for directory in self._permits.directories):
                raise UserError(f"The database {self._path} cannot be used: its directory was exchanged for a link.")

    def _allowed(self) -> Path | None:
        """Where the database is at present; None: in memory. Raises `UserError`."""
        return None if in_memory(self._source) else allowed_path(self._source.name, self._permits)

    def _target(self) -> tuple[str, bool]:
        """The database as SQLite's own URI, and whether it is yet to be made."""
        if self._path is None:
            return f"file:{_IN_MEMORY}", False
        new = not self._path.exists()
        mode = "rwc" if new else self._source.parameters.get("mode", "rw")
        immutable = "&immutable=1" if self._source.parameters.get("immutable") in ("true", "1") and not new else ""
        return f"file:{quote(str(self._path))}?mode={mode}{immutable}", new


def _start(part: Part, port: Port) -> Running:
    if "url" not in part.configurations:
        raise UserError("One of the fields 'url' is missing")
    database = _Sqlx(part, port)
    return Worker(part, port, database.standing, database.run, database.give_up)


def parse_url(url: str) -> Source:
    """What `sqlite://FILE`, `sqlite:FILE`, `sqlite::memory:` or a bare file name means, with `?mode=…` and the like.
    Raises `UserError` for a parameter that the platform's client does not know."""
    name, _, query = re.sub(r"^(sqlite:(//)?)+", "", url).partition("?")
    parameters = {}
    for pair in filter(None, query.split("&")):
        key, _, value = pair.partition("=")
        if value not in _PARAMETERS.get(key, ()):
            raise UserError(f"'{pair}' in the url of a sqlx resource means nothing to the platform.")
        parameters[key] = value
    if re.match(r"[A-Za-z][A-Za-z0-9+.-]*://", name):
        raise UserError(f"'{name}' is no SQLite database: a url looks like sqlite://state.db or sqlite::memory:.")
    return Source(unquote(name), parameters)


def in_memory(source: Source) -> bool:
    """Whether the database is no file."""
    return source.name == _IN_MEMORY or source.parameters.get("mode") == "memory"


def _words(path: Path | None) -> str:
    return "in memory" if path is None else str(path)


def _trouble(path: Path | None, error: UserError | OSError | sqlite3.Error) -> str:
    if isinstance(error, UserError):
        return str(error)
    directory = path.parent if path else "."
    advice = {
        sqlite3.SQLITE_CANTOPEN: f" Is {directory} a directory that can be written to?",
        sqlite3.SQLITE_READONLY: f" Can it, and {directory}, be written to?",
        sqlite3.SQLITE_BUSY: " Another program is at work on it.",
    }
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
    reason = reason_of(error)
    return f"The database {_words(path)} cannot be used: {reason}.{advice.get(code, '')}"


def _faults(configurations: Mapping[str, str]) -> Iterator[ConfigurationFault]:
    try:
        parse_url(configurations.get("url", ""))
    except UserError as error:
        yield ConfigurationFault("url", str(error))


def _reaches(configurations: Mapping[str, str]) -> str | None:
    try:
        source = parse_url(configurations.get("url", ""))
    except UserError:
        return None
    return "in memory" if in_memory(source) else source.name or None


def _directory(configurations: Mapping[str, str]) -> str | None:
    source = parse_url(configurations.get("url", ""))
    return None if in_memory(source) else os.path.dirname(source.name) or "."


KIND = Kind(
    class_type="sqlx",
    words="runs the SQL it gets on an SQLite database",
    settings=(
        Setting("url", "the database, as in sqlite://state.db; a file is made where there is none", required=True),
    ),
    start=_start,
    faults=_faults,
    reaches=_reaches,
    files=True,
    directory=_directory,
    decode=tell,
    samples={
        "a row": b'{"id":"00000000-0000-0000-0000-000000000000","metadata":{"count":1}}',
        "no row": NO_ROW.encode(),
        "a change": b"rows_affected: 1, last_insert_rowid: 1.",
        "an error": b'error returned from database: (code: 1) near "SELEC": syntax error',
    },
)
