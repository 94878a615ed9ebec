"""A directory that is exchanged for a link, again and again, while resources open files in it: nothing leads out."""

from __future__ import annotations

import ctypes
import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.resources.ports import RecordingPort, call, part
from workbench.errors import UserError
from workbench.resources import faults, file_log, landlock, sqlx
from workbench.resources.model import Permits
from workbench.resources.sandbox import allowed_path, opened

ROUNDS = 200
_HERE, _EXCHANGE = -100, 2
INSERT = "INSERT INTO WorkflowState VALUES (hex(randomblob(8)), '1')"


@pytest.fixture
def exchanged(tmp_path: Path) -> Iterator[Path]:
    """An allowed directory in which `sub` is a directory and a link to one outside, in turns."""
    library = ctypes.CDLL(None, use_errno=True)
    if not hasattr(library, "renameat2"):
        pytest.skip("two names can be exchanged on Linux only")
    allowed, outside = tmp_path / "allowed", tmp_path / "outside"
    (allowed / "sub").mkdir(parents=True)
    outside.mkdir()
    (outside / "secret").write_text("secret")
    (allowed / "link").symlink_to(outside)
    names = os.fsencode(allowed / "sub"), os.fsencode(allowed / "link")
    over = threading.Event()

    def exchange() -> None:
        while not over.is_set():
            assert library.renameat2(_HERE, names[0], _HERE, names[1], _EXCHANGE) == 0

    thread = threading.Thread(target=exchange)
    thread.start()
    try:
        yield allowed
    finally:
        over.set()
        thread.join()
    assert sorted(path.name for path in outside.iterdir()) == ["secret"]
    assert (outside / "secret").read_text() == "secret"


@pytest.mark.conformance("file-log-place")
def test_a_log_is_not_led_out(exchanged: Path) -> None:
    opened_once = 0
    for number in range(ROUNDS):
        configuration = {"filename": f"sub/{number}"}
        try:
            faults.start(file_log.KIND, part("file-log", configuration, exchanged), RecordingPort()).close()
            opened_once += 1
        except UserError:
            continue
    assert opened_once


@pytest.mark.conformance("file-pusher-place")
def test_what_is_read_is_not_read_outside(exchanged: Path) -> None:
    permits = Permits((exchanged,))
    for _ in range(10 * ROUNDS):
        try:
            number = opened(allowed_path("sub/secret", permits), permits, os.O_RDONLY)
        except (UserError, OSError):
            continue
        os.close(number)
        raise AssertionError("the file outside was opened")


@pytest.mark.conformance("sqlx-reach")
def test_a_database_and_its_journal_are_not_led_out(exchanged: Path) -> None:
    if not confines():
        pytest.skip("this system has no Landlock")
    port = RecordingPort()
    running = None
    while running is None:
        try:
            running = faults.start(sqlx.KIND, part("sqlx", {"url": "sqlite://sub/state.db"}, exchanged), port)
        except UserError:
            continue
    for number in range(ROUNDS):
        running.take(call(number, INSERT))
        port.until(lambda: not running.busy)
    running.close()
    assert any(outcome == "reply" for outcome, _ in port.replies.values())


def confines() -> bool:
    """Whether this system does; asked on a thread of its own, as it cannot be undone."""
    said: list[bool] = []
    thread = threading.Thread(target=lambda: said.append(landlock.confine(())))
    thread.start()
    thread.join()
    return said[0]


@pytest.mark.skipif(not confines(), reason="this system has no Landlock")
def test_a_confined_thread_writes_where_it_may_only(tmp_path: Path) -> None:
    inside, outside = tmp_path / "inside", tmp_path / "outside"
    inside.mkdir()
    outside.write_text("kept")
    failed: list[type[BaseException]] = []

    def work() -> None:
        assert landlock.confine((inside, tmp_path / "missing"))
        (inside / "file").write_text("written")
        for refused in (lambda: outside.write_text("x"), outside.unlink, lambda: (tmp_path / "new").touch()):
            try:
                refused()
            except OSError as error:
                failed.append(type(error))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert (inside / "file").read_text() == "written"
    assert failed == [PermissionError] * 3
    assert outside.read_text() == "kept"
    (tmp_path / "free").touch()
