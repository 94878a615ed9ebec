"""The journal keeps the newest records in order, and any thread may read it while it is written."""

from __future__ import annotations

import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.journal import CHUNK, RECORD_BYTES, Journal
from workbench.records import Record, Sync


def write(journal: Journal, count: int, payload_bytes: int = 0) -> None:
    for _ in range(count):
        journal.append(Sync(journal.end, 0.0, "a", None, str(journal.end)), payload_bytes)


def seqs(records: list[Record]) -> list[int]:
    return [record.seq for record in records]


def test_an_empty_journal_begins_where_it_ends() -> None:
    journal = Journal()
    assert (journal.first, journal.end, journal.read(0), journal.get(0)) == (0, 0, [], None)


@given(
    total=st.integers(0, 5 * CHUNK),
    cursor=st.integers(0, 6 * CHUNK),
    limit=st.none() | st.integers(0, 3 * CHUNK),
)
def test_reading_gives_what_is_kept_from_the_cursor_on(total: int, cursor: int, limit: int | None) -> None:
    journal = Journal(max_records=3 * CHUNK)
    write(journal, total)
    begin = max(cursor, journal.first)
    end = total if limit is None else min(total, begin + limit)
    assert seqs(journal.read(cursor, limit)) == list(range(begin, end))


@given(total=st.integers(1, 20 * CHUNK))
def test_the_newest_are_kept_and_the_oldest_leave(total: int) -> None:
    journal = Journal(max_records=4 * CHUNK)
    write(journal, total)
    kept = seqs(journal.read(0))
    assert kept == list(range(journal.first, total))
    assert min(total, 3 * CHUNK) <= len(kept) <= 4 * CHUNK


def test_bytes_are_bounded_too() -> None:
    bound = 10 * CHUNK * RECORD_BYTES
    journal = Journal(max_bytes=bound)
    write(journal, 20 * CHUNK, payload_bytes=RECORD_BYTES)
    kept = len(journal.read(0))
    assert kept * 2 * RECORD_BYTES <= bound + CHUNK * 2 * RECORD_BYTES
    assert kept >= 4 * CHUNK


@pytest.mark.parametrize("total", [1, CHUNK - 1, CHUNK, CHUNK + 1, 7 * CHUNK])
def test_each_record_kept_is_found_by_its_number(total: int) -> None:
    journal = Journal(max_records=3 * CHUNK)
    write(journal, total)
    for seq in (journal.first, total - 1):
        record = journal.get(seq)
        assert record is not None
        assert record.seq == seq
    assert journal.get(total) is None
    assert journal.get(journal.first - 1) is None


def test_a_follower_hears_each_record_until_it_leaves() -> None:
    journal = Journal()
    heard: list[Record] = []
    unfollow = journal.follow(heard.append)
    write(journal, 3)
    unfollow()
    write(journal, 2)
    assert seqs(heard) == [0, 1, 2]


def test_a_reader_sees_every_record_once_while_another_thread_writes() -> None:
    journal = Journal(max_records=500 * CHUNK)
    total = 60 * CHUNK
    writer = threading.Thread(target=write, args=(journal, total))
    writer.start()
    found: list[int] = []
    cursor = 0
    while cursor < total:
        records = journal.read(cursor)
        found += seqs(records)
        cursor = found[-1] + 1 if found else 0
    writer.join()
    assert found == list(range(total))


def test_a_reader_that_is_overtaken_goes_on_with_the_oldest_kept() -> None:
    journal = Journal(max_records=2 * CHUNK)
    total = 100 * CHUNK
    writer = threading.Thread(target=write, args=(journal, total))
    writer.start()
    found: list[int] = []
    while not found or found[-1] < total - 1:
        found += seqs(journal.read(found[-1] + 1 if found else 0, 100))
    writer.join()
    assert found == sorted(set(found))
