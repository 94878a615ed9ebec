"""`sqlx` on real SQLite databases."""

from __future__ import annotations

import contextlib
import json
import os
import re
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.resources.ports import WORKFLOW_ID, RecordingPort, call, cast, part
from workbench.errors import UserError
from workbench.records import ReplyOutcome
from workbench.resources import faults, sql
from workbench.resources.model import Running
from workbench.resources.sql_statements import statements
from workbench.resources.sqlx import KIND, parse_url

INSERT = 'INSERT INTO WorkflowState (id, metadata) VALUES ($1, \'{"b": 1, "a": ["ü"]}\')'
SELECT = "SELECT id, metadata FROM WorkflowState WHERE id = $1"
NO_ROW = "no rows returned by a query that expected to return at least one row"


class Databases:
    """One sqlx resource in a directory that is allowed."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.largest_file = 1 << 30
        self.port = RecordingPort()
        self.running: list[Running] = []
        self.asked = 0

    def start(self, url: str | None = "sqlite://state.db") -> Running:
        configurations = {} if url is None else {"url": url}
        started = part("sqlx", configurations, self.directory)
        started = replace(started, permits=replace(started.permits, largest_file=self.largest_file))
        self.running.append(faults.start(KIND, started, self.port))
        return self.running[-1]

    def ask(self, text: str) -> tuple[ReplyOutcome, str]:
        self.asked += 1
        self.running[-1].take(call(self.asked, text))
        outcome, payload = self.port.reply_to(self.asked)
        return outcome, payload.decode()


@pytest.fixture
def databases(tmp_path: Path) -> Iterator[Databases]:
    databases = Databases(tmp_path)
    yield databases
    for one in databases.running:
        one.close()


def rows(path: Path) -> list[tuple[str, str]]:
    database = sqlite3.connect(path)
    try:
        return database.execute("SELECT id, metadata FROM WorkflowState ORDER BY id").fetchall()
    finally:
        database.close()


@pytest.mark.conformance("sqlx")
def test_a_row_is_written_and_read(databases: Databases, tmp_path: Path) -> None:
    databases.start()
    assert not (tmp_path / "state.db").exists(), "the first message makes it"
    assert databases.ask(INSERT) == ("reply", "rows_affected: 1, last_insert_rowid: 1.")
    assert databases.ask(SELECT) == ("reply", f'{{"id":"{WORKFLOW_ID}","metadata":{{"a":["ü"],"b":1}}}}')
    assert databases.ask("UPDATE WorkflowState SET metadata = '{}'") == (
        "reply",
        "rows_affected: 1, last_insert_rowid: 0.",
    )
    assert databases.ask("DELETE FROM WorkflowState") == ("reply", "rows_affected: 1, last_insert_rowid: 0.")
    assert databases.ask(SELECT) == ("reply", NO_ROW)
    assert databases.port.health_is("ready") == str(tmp_path / "state.db")


def test_a_cast_is_carried_out_and_not_answered(databases: Databases, tmp_path: Path) -> None:
    databases.start().take(cast(INSERT, seq=900))
    databases.ask(SELECT)
    assert [ident for ident, _ in rows(tmp_path / "state.db")] == [WORKFLOW_ID]
    assert 900 not in databases.port.replies


@pytest.mark.parametrize("text", ["", "select 1", "insert into WorkflowState values ('a', '1')", "CREATE TABLE t (a)"])
@pytest.mark.conformance("sqlx")
def test_what_has_no_key_word_in_capitals_is_answered_with_an_error(databases: Databases, text: str) -> None:
    databases.start()
    assert databases.ask(text) == ("err", "")


@pytest.mark.conformance("sqlx")
def test_key_words_count_anywhere_and_reading_first(databases: Databases, tmp_path: Path) -> None:
    databases.start()
    assert databases.ask("insert into WorkflowState values ('DELETE', '{}')")[1].startswith("rows_affected: 1")
    assert databases.ask("insert into WorkflowState values ('SELECT', '{}')") == ("reply", NO_ROW)
    assert [ident for ident, _ in rows(tmp_path / "state.db")] == ["DELETE", "SELECT"]
    assert any("SELECT" in note for note in databases.port.notes)


@pytest.mark.parametrize(
    ("text", "reply"),
    [
        ("SELECT FROM", 'error returned from database: (code: 1) near "FROM": syntax error'),
        ("INSERT INTO nowhere VALUES (1)", "error returned from database: (code: 1) no such table: nowhere"),
        ("SELECT 'a' AS id", "no column found for name: metadata"),
        ("SELECT 'a' AS metadata", "no column found for name: id"),
        (
            "SELECT 1 AS id, '{}' AS metadata",
            'error occurred while decoding column "id": mismatched types; Rust type `alloc::string::String` '
            "(as SQL type `TEXT`) is not compatible with SQL type `INTEGER`",
        ),
        (
            "SELECT 'a' AS id, NULL AS metadata",
            'error occurred while decoding column "metadata": EOF while parsing a value at line 1 column 0',
        ),
        ("SELECT NULL AS id, '{}' AS metadata", '{"id":"","metadata":{}}'),
        (
            "SELECT 'a' AS id, x'7b7d' AS metadata",
            'error occurred while decoding column "metadata": mismatched types; Rust type `serde_json::value::Value` '
            "(as SQL type `TEXT`) is not compatible with SQL type `BLOB`",
        ),
        (
            "SELECT 'a' AS id, 'no json' AS metadata",
            'error occurred while decoding column "metadata": expected ident at line 1 column 2',
        ),
    ],
)
@pytest.mark.conformance("sqlx-rows")
def test_what_is_wrong_is_the_reply(databases: Databases, text: str, reply: str) -> None:
    databases.start()
    assert databases.ask(text) == ("reply", reply)


@pytest.mark.parametrize("metadata", ["no json", "NaN", "[" * 100_000, '"\\ud800"'])
def test_metadata_that_is_no_json_cannot_be_read(databases: Databases, metadata: str) -> None:
    databases.start()
    outcome, reply = databases.ask(f"SELECT 'a' AS id, '{metadata}' AS metadata")
    assert outcome == "reply"
    assert reply.startswith('error occurred while decoding column "metadata": ')


def test_a_number_in_the_table_cannot_be_read_as_on_the_platform(databases: Databases) -> None:
    databases.start()
    databases.ask("INSERT INTO WorkflowState VALUES ($1, '42')")
    assert "SQL type `INTEGER`" in databases.ask(SELECT)[1]


def test_a_second_row_of_the_same_id_is_refused_with_the_code_of_the_database(databases: Databases) -> None:
    databases.start()
    databases.ask(INSERT)
    assert databases.ask(INSERT) == (
        "reply",
        "error returned from database: (code: 1555) UNIQUE constraint failed: WorkflowState.id",
    )


def test_several_statements_run_one_after_the_other(databases: Databases, tmp_path: Path) -> None:
    databases.start()
    text = "INSERT INTO WorkflowState VALUES ('a;b', '{}'); -- one;\nINSERT INTO WorkflowState VALUES (?, '{}');"
    assert databases.ask(text) == ("reply", "rows_affected: 2, last_insert_rowid: 2.")
    assert [ident for ident, _ in rows(tmp_path / "state.db")] == [WORKFLOW_ID, "a;b"]


def test_a_trigger_is_one_statement(databases: Databases) -> None:
    databases.start()
    databases.ask(
        "CREATE TRIGGER twice AFTER INSERT ON WorkflowState WHEN NEW.id = 'a' BEGIN "
        "INSERT INTO WorkflowState VALUES ('b', '{}'); INSERT INTO WorkflowState VALUES ('c', '{}'); END"
    )
    databases.ask("INSERT INTO WorkflowState VALUES ('a', '{}')")
    assert json.loads(databases.ask("SELECT count(*) || '' AS id, '{}' AS metadata FROM WorkflowState")[1])["id"] == "3"


_WORDS = (
    "CREATE",
    "TEMP",
    "trigger",
    "END",
    "x",
    "é",
    ";",
    " ",
    "'",
    '"',
    "`",
    "[",
    "]",
    "--",
    "\n",
    "/*",
    "*/",
    "-",
    "/",
)


@given(st.lists(st.sampled_from(_WORDS)).map("".join))
def test_text_is_parted_where_sqlite_says_that_a_statement_ends(text: str) -> None:
    parts = list(statements(text))
    assert [part.strip("; \n") for part in parts] == [part.strip("; \n") for part in _parted_slowly(text)]
    assert all(sqlite3.complete_statement(part) for part in parts[:-1])


def _parted_slowly(text: str) -> list[str]:
    """By asking SQLite at each semicolon that stands in no text, no name and no comment."""
    quoted = r"""'[^']*('|\Z)|"[^"]*("|\Z)|`[^`]*(`|\Z)|\[[^]]*(]|\Z)|--[^\n]*|/\*.*?(\*/|\Z)"""
    parts, begin = [], 0
    for piece in re.finditer(rf"{quoted}|;", text, re.DOTALL):
        if piece[0] == ";" and sqlite3.complete_statement(text[begin : piece.end()]):
            parts.append(text[begin : piece.end()])
            begin = piece.end()
    return [part for part in (*parts, text[begin:]) if part.strip("; \n")]


@pytest.mark.parametrize(
    "piece", ["[", "/* ", "'", '"', "`", "--", "--\n", ";", "a;", "-", "END;", "CREATE TRIGGER x;"]
)
@pytest.mark.parametrize("head", ["SELECT ", "CREATE TRIGGER t SELECT "])
def test_long_text_is_parted_in_linear_time(head: str, piece: str) -> None:
    begin = time.thread_time()
    assert sum(map(len, statements(head + piece * (1_000_000 // len(piece))))) > 0
    assert time.thread_time() - begin < 10, "it takes under half a second here; quadratic, it would take minutes"


@pytest.mark.parametrize("text", ["SELECT " + "[" * 200_000, "SELECT " + "/* " * 100_000, "SELECT " + "a;" * 200_000])
@pytest.mark.conformance("sqlx-limits")
def test_long_and_odd_text_is_answered_at_once(databases: Databases, text: str) -> None:
    databases.start()
    assert databases.ask(text)[1].startswith("error returned from database: (code: 1) ")


@pytest.mark.conformance("sqlx-limits")
def test_text_that_is_too_long_is_refused(databases: Databases, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sql, "LONGEST_TEXT", 100)
    databases.start()
    refused = ("reply", "error returned from database: (code: 18) statement too long")
    assert databases.ask("SELECT 'é' AS id".ljust(100)) == refused
    assert databases.ask("SELECT 'e' AS id".ljust(100))[1] == "no column found for name: metadata"


@pytest.mark.conformance("sqlx-limits")
def test_a_statement_has_as_many_variables_as_sqlite_allows_by_itself(databases: Databases) -> None:
    databases.start()
    assert "variable number must be" in databases.ask("SELECT $1, ?32767 AS id")[1]


def test_statements_without_number_do_not_outlive_the_resource(databases: Databases) -> None:
    running = databases.start()
    running.take(call(1, "-- INSERT\n" + "VALUES (1);" * 1_000_000))
    (worker,) = (thread for thread in threading.enumerate() if thread.name == "resource it")
    running.close()
    worker.join(20)
    assert not worker.is_alive()
    assert not databases.port.replies


def test_a_null_ends_the_text_as_it_does_for_sqlite(databases: Databases) -> None:
    databases.start()
    assert databases.ask("SELECT 'a' AS id, '1' AS metadata\0 nonsense") == ("reply", '{"id":"a","metadata":1}')


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("CAST(x'61ff' AS TEXT)", "invalid utf-8 sequence of 1 bytes from index 1"),
        ("CAST(x'e28261' AS TEXT)", "invalid utf-8 sequence of 2 bytes from index 0"),
        ("CAST(x'61c3' AS TEXT)", "incomplete utf-8 byte sequence from index 1"),
    ],
)
@pytest.mark.conformance("sqlx")
def test_text_that_is_not_utf8_is_told_as_that(databases: Databases, text: str, reason: str) -> None:
    databases.start()
    assert databases.ask(f"SELECT {text} AS id, '{{}}' AS metadata") == (
        "reply",
        f'error occurred while decoding column "id": {reason}',
    )
    assert databases.ask(f"SELECT 'a' AS id, {text} AS metadata") == (
        "reply",
        f'error occurred while decoding column "metadata": {reason}',
    )
    broken = databases.ask("SELECT json_extract('{}', CAST(x'ff2e' AS TEXT)) AS id")
    assert broken == (
        "reply",
        "error returned from database: (code: 1) JSON path error near '\N{REPLACEMENT CHARACTER}.'",
    )


def test_other_numbers_than_one_have_no_value(databases: Databases) -> None:
    databases.start()
    assert databases.ask("SELECT $1 || coalesce($2, '-') AS id, '{}' AS metadata")[1].startswith(
        f'{{"id":"{WORKFLOW_ID}-"'
    )


def test_without_a_url_it_does_not_start(databases: Databases) -> None:
    with pytest.raises(UserError, match=r"^One of the fields 'url' is missing$"):
        databases.start(None)


@pytest.mark.parametrize("url", ["sqlite://state.db", "sqlite:state.db", "state.db", "sqlite://st%61te.db?mode=rwc"])
def test_a_url_has_several_forms(databases: Databases, tmp_path: Path, url: str) -> None:
    databases.start(url)
    databases.ask(INSERT)
    assert len(rows(tmp_path / "state.db")) == 1


@pytest.mark.parametrize(
    "url", ["sqlite://state.db?mode=sideways", "postgres://localhost/a", "sqlite://../a.db", "/etc/a"]
)
@pytest.mark.conformance("sqlx-reach")
def test_a_url_that_means_nothing_or_leads_out_is_refused(databases: Databases, url: str) -> None:
    with pytest.raises(UserError):
        databases.start(url)


def test_a_database_in_memory_forgets(databases: Databases) -> None:
    databases.start("sqlite::memory:")
    assert databases.ask(INSERT)[1].startswith("rows_affected: 1")
    assert databases.ask(SELECT) == ("reply", NO_ROW)
    assert any("memory" in note for note in databases.port.notes)


@pytest.mark.parametrize(
    "text",
    [
        "ATTACH '{outside}' AS other -- SELECT",
        "ATTACH '{outside}' AS other; SELECT * FROM other.t",
        "ATTACH '{outside}' AS other; INSERT INTO other.t VALUES (2)",
        "DETACH main -- DELETE",
        "VACUUM INTO '{outside}2' -- SELECT",
        "VACUUM -- SELECT",
        "SELECT load_extension('{outside}')",
        "SELECT fts3_tokenizer('simple')",
        "PRAGMA writable_schema = ON -- UPDATE",
        "PRAGMA temp_store_directory = '/' -- UPDATE",
        "PRAGMA journal_mode = OFF -- UPDATE",
        "SELECT * FROM pragma_database_list",
    ],
)
@pytest.mark.conformance("sqlx-reach")
def test_sql_does_not_reach_beyond_its_database(databases: Databases, tmp_path: Path, text: str) -> None:
    databases.directory = tmp_path / "allowed"
    databases.directory.mkdir()
    outside = tmp_path / "outside.db"
    other = sqlite3.connect(outside)
    other.execute("CREATE TABLE t (id)")
    other.commit()
    other.close()
    before = outside.read_bytes()
    databases.start()
    outcome, reply = databases.ask(text.format(outside=outside))
    assert outcome == "reply"
    assert re.fullmatch(
        r"error returned from database: \(code: (1|23)\) (not authorized.*|authorization denied)", reply
    )
    assert outside.read_bytes() == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["allowed", "outside.db"]


@pytest.mark.conformance("sqlx-limits")
def test_a_row_that_is_too_large_is_refused(databases: Databases) -> None:
    databases.start()
    assert "too big" in databases.ask("SELECT 'a' AS id, hex(zeroblob(200000000)) AS metadata")[1]


def test_sql_without_end_does_not_outlive_the_resource(databases: Databases) -> None:
    running = databases.start()
    running.take(call(1, "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) AS id FROM n"))
    (worker,) = (thread for thread in threading.enumerate() if thread.name == "resource it")
    running.close()
    worker.join(20)
    assert not worker.is_alive()
    assert not databases.port.replies


@pytest.mark.conformance("sqlx-failure")
def test_a_database_that_cannot_be_used_answers_nobody_until_it_can(databases: Databases, tmp_path: Path) -> None:
    (tmp_path / "state.db").write_bytes(b"no database" * 1000)
    running = databases.start()
    running.take(call(500, SELECT))
    assert "file is not a database" in databases.port.health_is("trouble")
    (tmp_path / "state.db").unlink()
    assert databases.ask(SELECT) == ("reply", NO_ROW)
    databases.port.health_is("ready")
    assert 500 not in databases.port.replies
    assert any("dead" in note for note in databases.port.notes)


@pytest.mark.parametrize("there", [True, False])
def test_a_directory_that_cannot_be_written_to_is_named(databases: Databases, nobody: int, there: bool) -> None:
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        databases.directory = directory
        if there:
            sqlite3.connect(directory / "state.db").execute("PRAGMA journal_mode = WAL").close()
            os.chmod(directory / "state.db", 0o444)
        directory.chmod(0o555)
        databases.start().take(call(500, INSERT))
        assert str(directory) in databases.port.health_is("trouble")
        directory.chmod(0o777)
        if there:
            os.chmod(directory / "state.db", 0o666)
        assert databases.ask(INSERT)[1].startswith("rows_affected: 1")
        databases.port.health_is("ready")


@pytest.mark.conformance("sqlx-failure")
def test_a_directory_that_may_not_be_entered_is_told_and_keeps_nothing_from_ending(
    databases: Databases, nobody: int
) -> None:
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        databases.directory = directory
        running = databases.start()
        directory.chmod(0o000)
        running.take(call(500, INSERT))
        told = databases.port.health_is("trouble")
        assert f"{directory}/state.db" in told
        assert "Permission denied" in told
        databases.port.until(lambda: not running.busy)
        directory.chmod(0o777)
        assert databases.ask(INSERT)[1].startswith("rows_affected: 1")
        assert 500 not in databases.port.replies


@pytest.mark.conformance("sqlx-reach")
def test_a_name_that_leads_out_later_is_followed_no_more(databases: Databases, tmp_path: Path) -> None:
    databases.directory = tmp_path / "allowed"
    databases.directory.mkdir()
    sqlite3.connect(tmp_path / "outside.db").close()
    running = databases.start()
    databases.ask(INSERT)
    (databases.directory / "state.db").unlink()
    (databases.directory / "state.db").symlink_to(tmp_path / "outside.db")
    running.take(call(500, INSERT))
    assert "outside of the directories" in databases.port.health_is("trouble")
    assert (tmp_path / "outside.db").read_bytes() == b""
    (databases.directory / "state.db").unlink()
    assert databases.ask(SELECT) == ("reply", NO_ROW)
    assert 500 not in databases.port.replies


@pytest.mark.parametrize(
    "text",
    [
        "VACUUM -- DELETE",
        "PRAGMA user_version = 7 -- UPDATE",
        "PRAGMA max_page_count = 1000000000 -- UPDATE",
        "CREATE VIRTUAL TABLE t USING fts5(x) -- INSERT",
        "CREATE VIRTUAL TABLE temp.t USING dbstat -- INSERT",
        "SELECT load_extension('x')",
    ],
)
@pytest.mark.conformance("sqlx-refused")
def test_some_sql_about_its_own_database_is_refused_too(databases: Databases, text: str) -> None:
    databases.start()
    outcome, reply = databases.ask(text)
    assert outcome == "reply"
    assert reply.startswith("error returned from database: ")
    assert any("refused here" in note for note in databases.port.notes)
    assert databases.ask(INSERT)[1].startswith("rows_affected: 1")


@pytest.mark.conformance("sqlx-limits")
def test_a_database_does_not_fill_the_disk(databases: Databases, tmp_path: Path) -> None:
    databases.largest_file = 1 << 20
    databases.start()
    large = "INSERT INTO WorkflowState VALUES ('large', 'x' || hex(zeroblob(1000000)))"
    assert databases.ask(large) == ("reply", "error returned from database: (code: 13) database or disk is full")
    assert databases.ask(INSERT)[1].startswith("rows_affected: 1")
    assert (tmp_path / "state.db").stat().st_size <= 1 << 20


@pytest.mark.conformance("sqlx-limits")
def test_what_is_kept_in_passing_is_kept_in_memory_and_bounded() -> None:
    # In a process of its own: SQLite's limit is the process's, and only ever becomes lower.
    code = """
from workbench.resources import sql
sql.MOST_MEMORY = 64 << 20
database = sql.open_database("file::memory:", False, 1 << 30, lambda: False)
numbers = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 10000000) "
for text in (numbers + "SELECT hex(randomblob(1000)) AS id FROM n ORDER BY 1", "SELECT * FROM WorkflowState"):
    print(sql.read_row(database, text, "workflow", lambda: False))
"""
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.splitlines() == ["error returned from database: (code: 7) out of memory", NO_ROW]


def test_it_reaches_its_file() -> None:
    assert KIND.reaches({"url": "sqlite://state.db"}) == "state.db"
    assert KIND.reaches({}) is None


@given(st.text())
def test_any_url_is_read_or_refused(url: str) -> None:
    with contextlib.suppress(UserError):
        assert set(parse_url(url).parameters) <= {"mode", "cache", "immutable"}
