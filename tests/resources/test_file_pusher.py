"""`file-pusher` on real directories."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TypeAlias

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.resources.ports import RecordingPort, call, part
from workbench.errors import UserError
from workbench.resources import alarm, faults, file_pusher
from workbench.resources.file_pusher import DIRECTORY_KEY, KIND, period_ms
from workbench.resources.model import Running


class Pushers:
    """Starts pushers with a period of 1 ms, in a directory that is allowed."""

    def __init__(self, directory: Path) -> None:
        self.allowed = directory
        self.port = RecordingPort()
        self.running: list[Running] = []

    def start(self, **configurations: str) -> Running:
        named = {"period-ms": "1"} | {key.replace("_", "-"): value for key, value in configurations.items()}
        if "directory" in named:
            named[DIRECTORY_KEY] = named.pop("directory")
        self.running.append(faults.start(KIND, part("file-pusher", named, self.allowed), self.port))
        return self.running[-1]

    def pushed(self, count: int) -> list[bytes]:
        self.port.until(lambda: len(self.port.casts) >= count)
        assert {output for output, _ in self.port.casts} == {"out"}
        return [payload for _, payload in self.port.casts[:count]]


Files: TypeAlias = dict[str, bytes]


@pytest.fixture
def pushers(tmp_path: Path) -> Iterator[Pushers]:
    pushers = Pushers(tmp_path)
    yield pushers
    for one in pushers.running:
        one.close()


def write(directory: Path, files: Files) -> None:
    directory.mkdir(exist_ok=True)
    for name, content in files.items():
        (directory / name).write_bytes(content)


def in_turn(pushed: list[bytes], files: list[bytes]) -> bool:
    """Whether that is what comes of casting the files in turn, from any of them on."""
    first = files.index(pushed[0])
    return pushed == [files[(first + number) % len(files)] for number in range(len(pushed))]


@pytest.mark.conformance("file-pusher")
def test_the_files_are_cast_in_turn_sorted_by_path(pushers: Pushers, tmp_path: Path) -> None:
    write(tmp_path / "pushed", {"b": b"2", "a": b"1", "c": b"3"})
    pushers.start().relink(frozenset({"out"}))
    assert in_turn(pushers.pushed(7), [b"1", b"2", b"3"])
    assert pushers.port.health_is("ready") == f"3 files of {tmp_path / 'pushed'}"


@pytest.mark.conformance("file-pusher-first")
def test_the_first_file_is_passed_over_once(pushers: Pushers, tmp_path: Path) -> None:
    write(tmp_path / "pushed", {"a": b"1", "b": b"2"})
    pushers.start(period_ms="300").relink(frozenset({"out"}))
    assert pushers.pushed(2) == [b"2", b"1"]


@pytest.mark.conformance("file-pusher-place")
def test_the_project_says_where_the_files_are(pushers: Pushers, tmp_path: Path) -> None:
    write(tmp_path / "images", {"a": b"1"})
    pushers.start(directory="images").relink(frozenset({"out"}))
    assert pushers.pushed(2) == [b"1", b"1"]


@pytest.mark.conformance("file-pusher-place")
def test_a_directory_that_is_not_allowed_is_refused(pushers: Pushers) -> None:
    with pytest.raises(UserError, match=r"directories = "):
        pushers.start(directory="/usr")


@pytest.mark.parametrize(("value", "expected"), [("TRUE", b"/wA="), ("false", b""), ("yes", b"")])
@pytest.mark.conformance("file-pusher")
def test_what_is_no_text_is_empty_unless_it_is_encoded(
    pushers: Pushers, tmp_path: Path, value: str, expected: bytes
) -> None:
    write(tmp_path / "pushed", {"a": b"\xff\x00"})
    pushers.start(encode_base64=value).relink(frozenset({"out"}))
    assert pushers.pushed(1) == [expected]
    assert len(pushers.port.notes) == (0 if expected else 1)


@pytest.mark.parametrize("made", [True, False])
@pytest.mark.conformance("file-pusher")
def test_without_files_it_casts_nothing_but_empty_messages(pushers: Pushers, tmp_path: Path, made: bool) -> None:
    if made:
        (tmp_path / "pushed").mkdir()
    pushers.start().relink(frozenset({"out"}))
    assert pushers.pushed(3) == [b""] * 3
    assert str(tmp_path / "pushed") in pushers.port.health_is("trouble")


@pytest.mark.conformance("file-pusher-sizes")
def test_a_file_that_is_too_large_is_passed_over_and_told(pushers: Pushers, tmp_path: Path) -> None:
    write(tmp_path / "pushed", {"a": b"1", "b": b"2", "c": b"3"})
    os.truncate(tmp_path / "pushed" / "b", 3 << 30)
    pushers.start().relink(frozenset({"out"}))
    assert in_turn(pushers.pushed(4), [b"1", b"3"])
    told = pushers.port.health_is("trouble")
    assert told.startswith("It casts 2 files, and passes over what is too large: pushed/b (3.0 GiB).")
    assert pushers.port.notes == [told]


@pytest.mark.conformance("file-pusher-sizes")
def test_all_files_together_are_not_too_large_either(
    pushers: Pushers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(file_pusher, "MOST_TOGETHER", 10)
    write(tmp_path / "pushed", {"a": b"1" * 6, "b": b"2" * 5, "c": b"3" * 4, "d": b"4"})
    pushers.start().relink(frozenset({"out"}))
    assert in_turn(pushers.pushed(4), [b"1" * 6, b"3" * 4])
    assert "pushed/b (5 B), pushed/d (1 B). " in pushers.port.health_is("trouble")


def test_reading_that_takes_long_is_told_until_it_is_over(
    pushers: Pushers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(alarm, "SLOW_S", 0.001)
    write(tmp_path / "pushed", {"a": b""})
    os.truncate(tmp_path / "pushed" / "a", file_pusher.MOST_BYTES)
    pushers.start()
    assert pushers.port.health_is("ready") == f"1 file of {tmp_path / 'pushed'}"
    assert [health for health, _ in pushers.port.healths] == ["starting", "trouble", "ready"]
    assert "and casts nothing before it has" in pushers.port.healths[1][1]


def test_directories_pipes_and_links_that_lead_out_are_no_files(pushers: Pushers, tmp_path: Path) -> None:
    allowed = tmp_path / "allowed"
    allowed.mkdir()
    pushers.allowed = allowed
    write(allowed / "pushed", {"a": b"1"})
    (tmp_path / "secret").write_bytes(b"secret")
    (allowed / "pushed" / "b").symlink_to(tmp_path / "secret")
    (allowed / "pushed" / "c").mkdir()
    os.mkfifo(allowed / "pushed" / "d")
    pushers.start().relink(frozenset({"out"}))
    assert pushers.pushed(4) == [b"1"] * 4


@pytest.mark.conformance("file-pusher")
def test_the_files_are_read_once(pushers: Pushers, tmp_path: Path) -> None:
    write(tmp_path / "pushed", {"a": b"1"})
    pusher = pushers.start()
    pushers.port.health_is("ready")
    write(tmp_path / "pushed", {"a": b"9", "b": b"2"})
    pusher.relink(frozenset({"out"}))
    assert pushers.pushed(3) == [b"1"] * 3


@pytest.mark.conformance("file-pusher-clock")
def test_each_has_a_clock_of_its_own(pushers: Pushers, tmp_path: Path) -> None:
    write(tmp_path / "pushed", {"a": b"a"})
    pushers.start(period_ms="100000000").relink(frozenset({"out"}))
    pushers.start(period_ms="1").relink(frozenset({"out"}))
    assert pushers.pushed(3) == [b"a"] * 3


def test_it_casts_only_while_its_output_leads_somewhere(pushers: Pushers, tmp_path: Path) -> None:
    write(tmp_path / "pushed", {"a": b"1"})
    pusher, other = pushers.start(), pushers.start()
    pusher.relink(frozenset({"out"}))
    pushers.pushed(1)
    pusher.relink(frozenset())
    pusher.close()
    before = len(pushers.port.casts)
    other.relink(frozenset({"wrong"}))
    pusher.take(call(1))
    assert len(pushers.port.casts) <= before + 1, "one may have been under way"
    assert not pushers.port.replies


@pytest.mark.parametrize(
    ("text", "period"),
    [("250", 250), ("+5", 5), ("0", 1), ("-1", 1000), (" 5", 1000), ("1e3", 1000), ("", 1000), (str(1 << 64), 1000)],
)
def test_a_period_is_read_as_the_platform_reads_it(text: str, period: int) -> None:
    assert period_ms({"period-ms": text}) == period


@given(st.text())
def test_any_text_gives_some_period(text: str) -> None:
    assert 1 <= period_ms({"period-ms": text}) < 1 << 64
