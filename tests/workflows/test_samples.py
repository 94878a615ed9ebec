"""The sample workflows, from end to end."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.headless.program import workbench
from tests.resources.asking import Got, ask
from tests.workflows.workflow import serving_run
from workbench import assets, trace
from workbench.records import Call, Cast, Reply


@pytest.fixture
def samples(tmp_path: Path) -> Path:
    """Samples of our own, as they come."""
    unwanted = shutil.ignore_patterns("target", ".workbench", "Cargo.lock")
    return Path(shutil.copytree(assets.samples(), tmp_path / "samples", ignore=unwanted))


def told(got: Got) -> tuple[int, str]:
    return got.status, got.body.decode()


def test_the_pipeline_of_the_samples_writes_its_file(samples: Path) -> None:
    out = samples / "t.jsonl"
    ended = workbench(
        *("run", str(samples / "workflow.json"), "--no-build", "--clock", "virtual", "--until", "10s"),
        *("--trace", str(out)),
    )
    assert ended.returncode == 0, ended.stderr
    sent = [record for record in trace.read(out) if isinstance(record, Cast) and record.target == "readings"]
    lines = (samples / ".workbench" / "files" / "readings.log").read_bytes().splitlines()
    assert [line.partition(b" ")[2] for line in lines] == [cast.payload for cast in sent]
    assert len(lines) > 10


def test_an_order_goes_through_three_functions_into_the_database_and_back(samples: Path) -> None:
    web, out = samples / "web", samples / "t.jsonl"
    with serving_run(web, "--trace", str(out)) as served:
        assert told(ask(served.address, "POST", "/orders", b"3 apples")) == (200, "order 1: 3 apples for 1.50\n")
        assert told(ask(served.address, "POST", "/orders", b"1 pears\n")) == (200, "order 2: 1 pears for 0.70\n")
        assert told(ask(served.address, "GET", "/orders")) == (200, "2 so far, for 2.20 in all\n")
        assert told(ask(served.address, "POST", "/orders", b"1 kiwi"))[0] == 400
        assert told(ask(served.address, "GET", "/"))[0] == 404
        assert told(ask(served.address, "PUT", "/orders")) == (404, "Not Found")
    with closing(sqlite3.connect(web / ".workbench" / "files" / "orders.db")) as database:
        rows = database.execute("SELECT metadata FROM WorkflowState ORDER BY rowid").fetchall()
    assert rows == [('{"pieces":3,"fruit":"apples","cents":150}',), ('{"pieces":1,"fruit":"pears","cents":70}',)]
    records = list(trace.read(out))
    way = [(call.source, call.target) for call in records if isinstance(call, Call)]
    assert way[:4] == [("door", "shop"), ("shop", "till"), ("till", "book"), ("book", "database")]
    answers = [reply.instance for reply in records if isinstance(reply, Reply)]
    assert answers[:4] == ["database", "book", "till", "shop"]


def test_the_orders_are_still_there_the_next_time(samples: Path) -> None:
    for number in (1, 2):
        with serving_run(samples / "web") as served:
            got = ask(served.address, "POST", "/orders", b"1 apples")
            assert told(got) == (200, f"order {number}: 1 apples for 0.50\n")


def test_a_database_that_cannot_be_written_is_told_and_the_order_can_be_answered_by_a_rule(samples: Path) -> None:
    web = samples / "web"
    (web / ".workbench" / "files" / "orders.db").mkdir(parents=True)
    order = ("run", str(web), "--no-build", "--port", "0", "--call", "till=3 apples")
    ended = workbench(*order, "--timeout", "5s")
    assert ended.returncode == 1
    assert "database: The database " in ended.stderr
    assert "orders.db cannot be used: " in ended.stderr
    assert "with --timeout, and book waits for database, which does not answer" in ended.stderr
    ruled = workbench(*order, "--reply", "database=rows_affected: 1, last_insert_rowid: 7.")
    assert ruled.returncode == 0, ruled.stderr
    assert "till replied order 7: 3 apples for 1.50" in ruled.stdout


def test_the_database_can_be_made_a_stand_in_and_answered_by_hand(samples: Path) -> None:
    script = """
stand-in database
call till=3 apples
expect status book waiting
answer {to:database}=rows_affected: 1, last_insert_rowid: 8.
expect {kind:reply "order 8: 3 apples"}
call till=3 apples
answer {to:database}=!err
expect {kind:reply outcome:err instance:till}
real database
call till=2 pears
expect {kind:reply "order 1: 2 pears for 1.40"}
"""
    ended = workbench("run", str(samples / "web"), "--no-build", "--port", "0", "--script", "-", typed=script)
    assert ended.returncode == 0, ended.stdout + ended.stderr
