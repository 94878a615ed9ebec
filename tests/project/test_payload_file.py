"""Payloads from files: what they hold arrives, and what cannot be one is told before it is read."""

from __future__ import annotations

import os
import socket
import threading
from pathlib import Path

import pytest

from workbench.errors import UserError
from workbench.project.payload_file import LARGEST_BYTES, read_payload


def test_what_a_file_holds_is_the_payload(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "p").write_bytes(b"\0\xff=\n")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert read_payload("p", tmp_path) == b"\0\xff=\n"
    assert read_payload(str(tmp_path / "p"), Path("elsewhere")) == b"\0\xff=\n"
    assert read_payload("~/p", Path("elsewhere")) == b"\0\xff=\n"


def test_one_as_large_as_may_be_passes_and_a_byte_more_does_not(tmp_path: Path) -> None:
    for name, size in (("largest", LARGEST_BYTES), ("larger", LARGEST_BYTES + 1)):
        with (tmp_path / name).open("wb") as file:
            file.truncate(size)
    assert len(read_payload("largest", tmp_path)) == LARGEST_BYTES
    with pytest.raises(UserError, match=r"^larger holds more than 64\.0 MiB"):
        read_payload("larger", tmp_path)


def test_a_file_whose_size_says_nothing_is_read() -> None:
    assert read_payload("/proc/self/cmdline", Path())


def test_a_pipe_is_read_to_its_end_where_it_may_be() -> None:
    reading, writing = os.pipe()
    os.write(writing, b"piped")
    os.close(writing)
    assert read_payload(f"/dev/fd/{reading}", Path(), pipes=True) == b"piped"
    os.close(reading)


def test_a_pipe_without_end_is_left_when_it_is_too_much(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "endless")
    left = threading.Event()

    def write() -> None:
        with (tmp_path / "endless").open("wb", buffering=0) as pipe:
            try:
                while True:
                    pipe.write(b"x" * (1 << 20))
            except BrokenPipeError:
                left.set()

    threading.Thread(target=write, daemon=True).start()
    with pytest.raises(UserError, match="endless holds more than"):
        read_payload("endless", tmp_path, pipes=True)
    assert left.wait(30)


@pytest.mark.parametrize("pipes", [False, True])
def test_a_device_and_a_socket_are_no_payload(tmp_path: Path, pipes: bool) -> None:
    with socket.socket(socket.AF_UNIX) as bound:
        bound.bind(str(tmp_path / "bound"))
        for named in ("/dev/zero", "bound"):
            with pytest.raises(UserError, match=f"^{named} is no regular file"):
                read_payload(named, tmp_path, pipes=pipes)


def test_a_pipe_is_not_waited_for_where_nobody_may_wait(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(UserError, match=r"^pipe is no regular file$"):
        read_payload("pipe", tmp_path)


@pytest.mark.parametrize(
    ("named", "said"),
    [
        ("no/such", "there is no file no/such, looked at from here on"),
        ("file/below", "there is no file file/below, looked at from here on"),
        ("~nobody-is-called-so/x", "there is no file ~nobody-is-called-so/x, looked at from here on"),
        ("/no/such", "there is no file /no/such"),
        (".", ". is a directory"),
        ("x" * 300, f"{'x' * 300} cannot be read: File name too long"),
        ("a\0b", "a\0b cannot be read: embedded null byte"),
    ],
)
def test_what_cannot_be_read_is_told_in_one_sentence(tmp_path: Path, named: str, said: str) -> None:
    here = tmp_path / "here"
    here.mkdir()
    (here / "file").touch()
    with pytest.raises(UserError) as raised:
        read_payload(named, here)
    assert str(raised.value) == said
