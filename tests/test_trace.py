"""Traces: every record survives the round trip, and no trouble with the file stops the run."""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import get_args

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench import trace
from workbench.errors import UserError
from workbench.journal import Journal
from workbench.records import Cast, Log, Record, Reply, Sync

counts = st.integers(0, 2**53)
times = st.floats(0, allow_infinity=False)
NUMBERS: dict[object, st.SearchStrategy[object]] = {
    int: counts,
    int | None: st.none() | counts,
    float: times,
    float | None: st.none() | times,
}


def any_of(kind: type[Record]) -> st.SearchStrategy[Record]:
    """Records of one kind, with the numbers an engine can count to."""
    numbers = {field.name: NUMBERS[field.type] for field in msgspec.structs.fields(kind) if field.type in NUMBERS}
    return st.builds(kind, **numbers)


records = st.one_of([any_of(kind) for kind in get_args(Record)])


def cast(seq: int, payload: bytes = b"hello") -> Cast:
    return Cast(seq, 0.5, "counter", None, "user", "counter", None, payload)


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline
        threading.Event().wait(0.005)


@given(records)
def test_every_record_reads_back_as_it_was_written(record: Record) -> None:
    line = trace.encode(record)
    assert line.endswith(b"\n")
    assert line.count(b"\n") == 1
    assert trace.decode(line) == record


@given(records)
def test_every_line_is_plain_json_with_the_common_fields(record: Record) -> None:
    fields = json.loads(trace.encode(record).decode())
    assert fields["kind"] == record.kind
    assert fields.keys() >= {"seq", "t", "instance", "parent"}


def test_a_text_payload_is_readable_and_any_other_is_base64() -> None:
    text = json.loads(trace.encode(cast(1, "grün".encode())))
    raw = json.loads(trace.encode(cast(1, b"\xff\x00")))
    assert text["payload"] == "grün"
    assert "payload_base64" not in text
    assert raw["payload_base64"] == "/wA="
    assert "payload" not in raw


def test_a_reply_without_an_answer_has_a_null_payload() -> None:
    assert json.loads(trace.encode(Reply(2, 0, "a", 1, 1, "noreply", None)))["payload"] is None


@pytest.mark.parametrize(
    "character", ["\x1b", "\x7f", "\x85", "\x9b", "\u061c", "\u200b", "\u200f", "\u2028", "\u202e", "\u2066", "\ufeff"]
)
def test_what_a_terminal_acts_on_is_escaped(character: str) -> None:
    log = Log(1, 0, "a", None, "info", "t", f"ü{character}[31mré😀")
    line = trace.encode(log)
    assert character not in line.decode()
    assert "ü" in line.decode()
    assert trace.decode(line) == log
    assert json.loads(line)["message"] == log.message


def test_json_nested_too_deep_is_an_error_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "t.jsonl"
    path.write_bytes(trace.encode(cast(1)) + b'{"kind":' + b"[" * 200_000 + b"]" * 200_000 + b"}\n")
    with pytest.raises(UserError, match=r"t\.jsonl:2: this is not a line of a trace: .*"):
        list(trace.read(path))


def test_a_byte_order_mark_is_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "t.jsonl"
    path.write_bytes(b"\xef\xbb\xbf" + trace.encode(cast(1)) + trace.encode(cast(2)))
    assert list(trace.read(path)) == [cast(1), cast(2)]


def test_a_line_without_an_end_is_read_in_bounds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trace, "MAX_LINE_BYTES", 1000)
    path = tmp_path / "t.jsonl"
    path.write_bytes(trace.encode(cast(1)) + b" " * 5000)
    with pytest.raises(UserError, match=r"t\.jsonl:2: a line of a trace has at most 1000 B"):
        list(trace.read(path))


def test_a_name_that_is_not_unicode_still_gives_a_line() -> None:
    assert json.loads(trace.encode(Sync(1, 0, "f\udcff", None, "x")))["instance"] == "f?"


def test_fields_of_a_later_version_are_passed_over() -> None:
    fields = json.loads(trace.encode(cast(3))) | {"colour": "red"}
    assert trace.decode(json.dumps(fields).encode()) == cast(3)


@pytest.mark.parametrize(
    "line",
    [b"", b"{", b"[]", b"{}", b'{"kind":"dance","seq":1}', b'{"kind":"sync","seq":"one","t":0,"state":"x"}', b"\xff"],
)
def test_a_line_that_is_no_record_is_refused_in_words(line: bytes) -> None:
    with pytest.raises(UserError, match="not a line of a trace"):
        trace.decode(line)


def test_reading_names_the_line_that_is_wrong(tmp_path: Path) -> None:
    path = tmp_path / "t.jsonl"
    path.write_bytes(trace.encode(cast(1)) + b"nonsense\n")
    with pytest.raises(UserError, match=r"t\.jsonl:2: "):
        list(trace.read(path))


def test_reading_a_missing_trace_says_so(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="cannot be read"):
        list(trace.read(tmp_path / "none"))


def test_what_the_journal_gets_stands_in_the_file(tmp_path: Path) -> None:
    journal = Journal()
    path = tmp_path / "t.jsonl"
    writer = trace.RecordWriter(str(path))
    journal.follow(writer.write)
    for seq in range(5000):
        journal.append(cast(seq))
    writer.close()
    assert writer.error is None
    assert [record.seq for record in trace.read(path)] == list(range(5000))


def test_a_record_is_in_the_file_while_the_run_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "t.jsonl"
    writer = trace.RecordWriter(str(path))
    writer.write(cast(1))
    wait_until(lambda: path.stat().st_size > 0)
    assert list(trace.read(path)) == [cast(1)]
    writer.close()


def test_a_slow_reader_holds_the_writer_back_and_loses_nothing(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    os.set_blocking(reader, True)
    writer = trace.RecordWriter(str(pipe))
    big = [cast(seq, b"x" * (1 << 20)) for seq in range(16)]
    taken = 0

    def fill() -> None:
        nonlocal taken
        for record in big:
            writer.write(record)
            taken += 1
        writer.close()

    filler = threading.Thread(target=fill)
    filler.start()
    wait_until(lambda: taken >= 4)
    first = os.read(reader, 1)
    assert taken < len(big)
    with os.fdopen(reader, "rb") as rest:
        lines = (first + rest.read()).splitlines()
    filler.join()
    assert writer.error is None
    assert [trace.decode(line).seq for line in lines] == list(range(16))


def test_a_reader_that_takes_nothing_cannot_hold_the_end_up(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    writer = trace.RecordWriter(str(pipe))

    def fill() -> None:
        for seq in range(16):
            writer.write(cast(seq, b"x" * (1 << 20)))

    stuck = threading.Thread(target=fill)
    stuck.start()
    writer.close(patience=0.05)
    stuck.join(20)
    assert not stuck.is_alive()
    assert "nobody reads it" in str(writer.error)
    os.close(reader)


def test_a_reader_that_takes_nothing_cannot_hold_the_engine_when_the_end_is_near(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trace, "PATIENCE_SECONDS", 0.05)
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    writer = trace.RecordWriter(str(pipe))
    writer.hasten()
    for seq in range(16):
        writer.write(cast(seq, b"x" * (1 << 20)))
    assert "nobody reads it" in str(writer.error)
    os.close(reader)
    writer.close()


def test_a_full_disk_is_said_once_and_the_run_goes_on() -> None:
    writer = trace.RecordWriter("/dev/full")
    writer.write(cast(1))
    wait_until(lambda: writer.error is not None)
    writer.write(cast(2))
    writer.close()
    assert "/dev/full did not get everything" in str(writer.error)
    assert "No space left on device" in str(writer.error)


def test_a_full_disk_leaves_whole_lines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "t.jsonl"
    room = 1000
    really_write = os.write

    def write_into_little_room(fd: int, data: bytes) -> int:
        nonlocal room
        if room == 0:
            raise OSError(28, "No space left on device")
        count = really_write(fd, data[:room])
        room -= count
        return count

    writer = trace.RecordWriter(str(path))
    monkeypatch.setattr(os, "write", write_into_little_room)
    for seq in range(50):
        writer.write(cast(seq))
    writer.close()
    assert "No space left" in str(writer.error)
    kept = [record.seq for record in trace.read(path)]
    assert kept == list(range(len(kept)))
    assert 0 < len(kept) < 50


def test_records_without_a_form_are_left_out(tmp_path: Path) -> None:
    path = tmp_path / "t.txt"
    writer = trace.RecordWriter(str(path), lambda record: b"odd\n" if record.seq % 2 else b"")
    for seq in range(5):
        writer.write(cast(seq))
    writer.close()
    assert path.read_text() == "odd\nodd\n"


def test_a_place_that_cannot_be_written_is_said_at_once(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"none/t\.jsonl cannot be written: No such file or directory"):
        trace.RecordWriter(str(tmp_path / "none" / "t.jsonl"))


def test_a_named_pipe_may_get_its_reader_later(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = trace.RecordWriter(str(pipe))
    writer.write(cast(0, b"early"))
    with pipe.open("rb") as reader:
        writer.close()
        assert [trace.decode(line).seq for line in reader] == [0]
    assert writer.error is None


def test_a_named_pipe_that_nobody_reads_holds_up_nothing(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = trace.RecordWriter(str(pipe))
    writer.write(cast(0, b"unheard"))
    writer.close(patience=0.05)
    assert "nobody reads it" in str(writer.error)
    with pipe.open("rb"):
        pass
