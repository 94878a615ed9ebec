"""`file-log` on real files."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeAlias

import pytest

from tests.resources.ports import WORKFLOW_ID, RecordingPort, call, cast, part
from workbench.errors import UserError
from workbench.resources import faults
from workbench.resources.file_log import KIND, rfc3339
from workbench.resources.model import Part, Permits, Running

Start: TypeAlias = Callable[..., Running]


@pytest.fixture
def port() -> RecordingPort:
    return RecordingPort()


@pytest.fixture
def start(tmp_path: Path, port: RecordingPort) -> Iterator[Start]:
    """Starts a file-log with that configuration; it is closed at the end."""
    running: list[Running] = []

    def start_one(**configurations: str) -> Running:
        named = {key.replace("_", "-"): value for key, value in configurations.items()}
        running.append(faults.start(KIND, part("file-log", named, tmp_path), port))
        return running[-1]

    yield start_one
    for one in running:
        one.close()


@pytest.mark.conformance("file-log")
def test_each_message_becomes_a_line(start: Start, tmp_path: Path, port: RecordingPort) -> None:
    (tmp_path / "log").write_text("before\n")
    log = start(filename="log")
    log.take(cast("one"))
    log.take(call(7, "two"))
    assert port.reply_to(7) == ("reply", b"")
    assert (tmp_path / "log").read_text() == "before\none\ntwo\n"
    assert port.health_is("ready") == str(tmp_path / "log")


def test_the_file_is_made_when_the_resource_starts(start: Start, tmp_path: Path) -> None:
    start(filename="new")
    assert (tmp_path / "new").read_bytes() == b""


@pytest.mark.conformance("file-log-keys")
def test_time_and_sender_come_first_when_their_keys_are_there_whatever_they_say(
    start: Start, tmp_path: Path, port: RecordingPort
) -> None:
    start(filename="log", add_timestamp="false", add_source_id="").take(call(1, "text"))
    port.reply_to(1)
    line = (tmp_path / "log").read_text()
    assert re.fullmatch(
        r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.(\d{3}){1,3})?\+00:00 "
        r"InstanceId\(node_id: 00010203-0405-0607-0809-0a0b0c0d0e0f, "
        r"function_id: 10111213-1415-1617-1819-1a1b1c1d1e1f\) text\n",
        line,
    )


@pytest.mark.parametrize(
    ("nanoseconds", "written"),
    [
        (0, "1970-01-01T00:00:00+00:00"),
        (1_500_000_000, "1970-01-01T00:00:01.500+00:00"),
        (1_000_020_000, "1970-01-01T00:00:01.000020+00:00"),
        (1_764_000_000_000_000_001, "2025-11-24T16:00:00.000000001+00:00"),
    ],
)
def test_a_moment_has_as_many_digits_as_it_takes(nanoseconds: int, written: str) -> None:
    assert rfc3339(nanoseconds) == written


@pytest.mark.conformance("file-log-keys")
def test_without_a_file_name_it_does_not_start(start: Start) -> None:
    with pytest.raises(UserError, match=r"^Field 'filename' missing$"):
        start()


@pytest.mark.parametrize("name", ["../out", "/etc/passwd", "", "sub/missing/log", "."])
@pytest.mark.conformance("file-log-place")
def test_a_file_that_is_not_allowed_or_cannot_be_opened_is_refused(start: Start, name: str) -> None:
    with pytest.raises(UserError):
        start(filename=name)


def test_a_pipe_is_refused_at_once(start: Start, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(UserError, match="regular file"):
        start(filename="pipe")


def test_a_full_disk_is_told_of_and_the_call_answered_as_on_the_platform(
    start: Start, tmp_path: Path, port: RecordingPort, file_size_limit: Callable[[int], None]
) -> None:
    log = start(filename="log")
    file_size_limit(4)
    log.take(call(1, "longer than four"))
    assert port.reply_to(1) == ("reply", b"")
    assert "cannot be written to" in port.health_is("trouble")
    file_size_limit(1 << 20)
    log.take(call(2, "text"))
    assert port.reply_to(2) == ("reply", b"")
    port.health_is("ready")


def test_lines_that_were_lost_are_counted_and_those_after_them_are_whole(
    start: Start, tmp_path: Path, port: RecordingPort, file_size_limit: Callable[[int], None]
) -> None:
    log = start(filename="log")
    log.take(call(1, "one"))
    port.reply_to(1)
    file_size_limit(8)
    for number in (2, 3):
        log.take(call(number, "longer than the rest of it"))
        port.reply_to(number)
    assert port.dropped == [(2, "unwritten"), (3, "unwritten")]
    assert port.health_is("trouble").endswith("File too large; 2 lines were lost.")
    file_size_limit(1 << 20)
    log.take(call(4, "four"))
    port.reply_to(4)
    assert (tmp_path / "log").read_text().splitlines()[::2] == ["one", "four"]


@pytest.mark.conformance("file-log-size")
def test_a_file_grows_to_what_it_may_and_no_further(tmp_path: Path, port: RecordingPort) -> None:
    permits = Permits((tmp_path,), largest_file=20)
    log = faults.start(KIND, Part("log", "file-log", WORKFLOW_ID, {"filename": "log"}, permits), port)
    for number, text in enumerate(["x" * 9, "y" * 9, "z", "more"]):
        log.take(call(number, text))
        port.reply_to(number)
    log.close()
    assert (tmp_path / "log").read_text() == "x" * 9 + "\n" + "y" * 9 + "\n"
    assert "largest_file under [resources] in workbench.toml; 2 lines were lost" in port.health_is("trouble")
    assert port.dropped == [(2, "unwritten"), (3, "unwritten")]


def test_closing_works_off_what_was_taken(start: Start, tmp_path: Path) -> None:
    log = start(filename="log")
    for number in range(100):
        log.take(cast(str(number)))
    log.close()
    log.close()
    assert (tmp_path / "log").read_text().split() == [str(number) for number in range(100)]
