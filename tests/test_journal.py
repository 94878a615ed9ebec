"""The journal keeps the newest records in order, and any thread may read it while it is written."""

from __future__ import annotations

import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.journal import CHUNK, LEAST_BYTES, Journal
from workbench.records import Log, Record, Sync
from workbench.weight import RECORD_BYTES, held, shortened


def write(journal: Journal, count: int, payload_bytes: int = 0) -> None:
    for _ in range(count):
        journal.append(Sync(journal.end, 0.0, "a", None, "x" * payload_bytes))


def weight(journal: Journal) -> int:
    return sum(RECORD_BYTES + held(record) for record in journal.read(0))


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
    assert min(total, 2 * CHUNK) <= len(kept) <= 4 * CHUNK


@given(
    sizes=st.lists(st.integers(0, 200_000) | st.integers(0, 300), max_size=300),
    max_bytes=st.integers(LEAST_BYTES, 1 << 20),
    max_records=st.integers(1, 400),
)
def test_both_bounds_hold_after_every_record(sizes: list[int], max_bytes: int, max_records: int) -> None:
    journal = Journal(max_records, max_bytes)
    for size in sizes:
        write(journal, 1, size)
        assert weight(journal) == journal.bytes <= max_bytes
        assert len(journal.read(0)) <= max_records
        assert journal.read(0)[-1].seq == journal.end - 1


def test_small_records_fill_most_of_the_bound() -> None:
    journal = Journal(max_bytes=1 << 20)
    write(journal, 20 * CHUNK, payload_bytes=RECORD_BYTES)
    assert journal.bytes > 0.9 * (1 << 20)


@pytest.mark.parametrize("letter", ["x", "é", "😀"])
def test_a_record_too_long_for_the_journal_is_cut_with_a_mark(letter: str) -> None:
    journal = Journal(max_bytes=1 << 20)
    told: list[Record] = []
    heard: list[Record] = []
    journal.on_cut = told.append
    journal.follow(heard.append)
    whole = Log(0, 0.0, "a", None, "info", "t", letter * 2_000_000)
    journal.append(whole)
    kept = journal.get(0)
    assert isinstance(kept, Log)
    assert heard == [kept]
    assert told == [whole]
    assert kept.message.startswith(letter * 100)
    assert kept.message.endswith("... [cut here: 2,000,000 characters in all]")
    assert (kept.instance, kept.level, kept.target) == ("a", "info", "t")
    assert journal.bytes <= (1 << 20) // 4


def test_a_payload_is_cut_between_two_characters() -> None:
    payload = ("é" * 100_000).encode()
    for limit in range(1000, 1003):
        assert shortened(payload, limit).decode().endswith("é... [cut here: 200,000 bytes in all]")


def test_a_journal_up_to_a_record_weighs_what_it_holds() -> None:
    journal = Journal(max_bytes=1 << 20)
    for size in (10, 100_000, 200_000, 10, 100_000, 10) * 3:
        write(journal, 1, size)
    for end in range(journal.first, journal.end + 1):
        part = journal.until(end)
        assert weight(part) == part.bytes
        write(part, 3, 200_000)
        assert weight(part) == part.bytes <= 1 << 20


def test_a_sink_that_raises_hears_no_more_and_hinders_nobody() -> None:
    journal = Journal()
    before: list[int] = []
    after: list[int] = []

    def broken(record: Record) -> None:
        if record.seq == 1:
            raise RuntimeError("full")

    journal.follow(lambda record: before.append(record.seq))
    journal.follow(broken)
    journal.follow(lambda record: after.append(record.seq))
    write(journal, 4)
    assert before == after == seqs(journal.read(0)) == [0, 1, 2, 3]
    assert str(journal.failure) == "full"


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


def test_a_reader_is_not_disturbed_when_many_chunks_leave_at_once() -> None:
    journal = Journal(max_bytes=1 << 20)
    stopped = threading.Event()
    broken: list[Exception] = []

    def look() -> None:
        try:
            while not stopped.is_set():
                first = journal.first
                found = seqs(journal.read(first))
                assert not found or found == list(range(found[0], found[0] + len(found)))
                one = journal.get(first + 5)
                assert one is None or one.seq == first + 5
                iterated = seqs(list(journal.iterate(first)))
                assert iterated == sorted(set(iterated))
        except Exception as error:
            broken.append(error)

    readers = [threading.Thread(target=look) for _ in range(2)]
    for reader in readers:
        reader.start()
    for _ in range(40):
        write(journal, 3000, 10)
        write(journal, 4, 200_000)
    stopped.set()
    for reader in readers:
        reader.join()
    assert broken == []
