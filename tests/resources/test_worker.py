"""A resource with one task: whatever its work does, it goes on, says so, and ends when it is told to."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from tests.resources.ports import PATIENCE_S, RecordingPort, call, cast, part
from workbench.resources import alarm, mailbox, worker
from workbench.resources.model import Message
from workbench.resources.standing import Standing
from workbench.resources.worker import Answer, Worker


@contextmanager
def working(port: RecordingPort, work: Callable[[Message], Answer]) -> Iterator[Worker]:
    running = Worker(part("it", {}), port, Standing(port), work)
    try:
        yield running
    finally:
        running.close()


class Gate:
    """Work that waits until it may go on."""

    def __init__(self) -> None:
        self.began, self.may_end = threading.Event(), threading.Event()

    def __call__(self, message: Message) -> Answer:
        self.began.set()
        assert self.may_end.wait(PATIENCE_S)
        return "reply", message.payload


def test_whatever_goes_wrong_is_told_and_the_next_message_has_its_turn() -> None:
    def work(message: Message) -> Answer:
        if message.payload == b"bad":
            raise OSError(13, "Permission denied")
        return "reply", message.payload

    port = RecordingPort()
    with working(port, work) as running:
        running.take(cast("bad"))
        running.take(call(1, "bad"))
        running.take(call(2, "good"))
        assert port.reply_to(1) == ("err", b"")
        assert port.reply_to(2) == ("reply", b"good")
        assert "Permission denied" in port.health_is("trouble")
        port.until(lambda: not running.busy)


@pytest.mark.conformance("full-mailbox")
def test_a_call_to_a_full_mailbox_gets_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mailbox, "MOST_MESSAGES", 2)
    port, gate = RecordingPort(), Gate()
    with working(port, gate) as running:
        running.take(call(1, "at work"))
        assert gate.began.wait(PATIENCE_S)
        for seq in (2, 3, 4):
            running.take(call(seq, "waits"))
        running.take(cast("dropped"))
        assert port.reply_to(4) == ("err", b"")
        assert "dropped" in port.health_is("trouble")
        assert port.dropped == [(4, "busy"), (cast("dropped").seq, "busy")]
        gate.may_end.set()
        assert [port.reply_to(seq)[0] for seq in (1, 2, 3)] == ["reply"] * 3


@pytest.mark.conformance("full-mailbox")
def test_what_waits_is_bounded_in_bytes_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mailbox, "MOST_BYTES", 10)
    port, gate = RecordingPort(), Gate()
    with working(port, gate) as running:
        running.take(call(1))
        assert gate.began.wait(PATIENCE_S)
        running.take(call(2, b"x" * 10))
        running.take(call(3, b"x"))
        assert port.reply_to(3) == ("err", b"")
        gate.may_end.set()
        assert port.reply_to(2) == ("reply", b"x" * 10)
        running.take(call(4, b"x" * 10))
        assert port.reply_to(4) == ("reply", b"x" * 10)


@pytest.mark.conformance("slow")
def test_what_takes_long_is_told_while_it_does(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(alarm, "SLOW_S", 0.02)
    port, gate = RecordingPort(), Gate()
    standing = Standing(port)
    standing.tell("ready", "here")
    running = Worker(part("it", {}), port, standing, gate)
    running.take(call(1))
    assert "at one message for 0.02 s" in port.health_is("trouble")
    gate.may_end.set()
    assert port.health_is("ready") == "here"
    running.close()


def test_an_end_does_not_wait_for_what_is_slow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(alarm, "SLOW_S", 0.02)
    monkeypatch.setattr(worker, "PATIENCE_S", 10 * PATIENCE_S)
    port, gate = RecordingPort(), Gate()
    running = Worker(part("it", {}), port, Standing(port), gate)
    running.take(call(1))
    port.health_is("trouble")
    running.close()
    assert 1 not in port.replies
    gate.may_end.set()
    port.until(lambda: not running.busy)


def test_an_end_works_off_what_was_taken_and_lets_go_once() -> None:
    port, let_go = RecordingPort(), []
    done: list[bytes] = []

    def work(message: Message) -> Answer:
        done.append(message.payload)
        return None

    running = Worker(part("it", {}), port, Standing(port), work, lambda: let_go.append(len(done)))
    for number in range(100):
        running.take(cast(str(number)))
    running.close()
    running.close()
    assert let_go == [100]
    assert not port.replies
