"""`http-poster` against real servers."""

from __future__ import annotations

import threading
from base64 import b64encode
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import pytest

from tests.resources.ports import RecordingPort, call, cast, part
from tests.resources.servers import Answered, Asked, saying, serving, unused_port
from workbench.errors import UserError
from workbench.resources import faults, http_poster, mailbox
from workbench.resources.http_poster import KIND
from workbench.resources.model import Running


@contextmanager
def poster(port: RecordingPort, configuration: Mapping[str, str]) -> Iterator[Running]:
    running = faults.start(KIND, part("http-poster", configuration), port)
    try:
        yield running
    finally:
        running.close()


def fine(asked: Asked) -> Answered:
    return 200, {}, b"ignored"


@pytest.mark.conformance("http-poster")
def test_what_is_cast_is_posted_in_order_before_the_end() -> None:
    port = RecordingPort()
    with serving(fine) as server:
        with poster(port, {"url": f"{server.url}/in?a=b"}) as running:
            for number in range(20):
                running.take(cast(str(number)))
        assert [asked.body for asked in server.asked] == [str(number).encode() for number in range(20)]
        assert {(asked.method, asked.path) for asked in server.asked} == {("POST", "/in?a=b")}
    assert port.healths == [("starting", server.url), ("ready", server.url)]
    assert not port.casts


@pytest.mark.conformance("http-poster")
def test_base64_is_decoded_and_what_is_none_posts_nothing_in_it() -> None:
    port = RecordingPort()
    with serving(fine) as server:
        with poster(port, {"url": server.url, "decode_base64": "TRUE"}) as running:
            running.take(cast(b64encode(b"\x00\xff")))
            running.take(cast("no base64!"))
        assert [asked.body for asked in server.asked] == [b"\x00\xff", b""]
    (note,) = port.notes
    assert "base64" in note


@pytest.mark.conformance("http-poster")
def test_a_call_is_never_answered_and_remarked() -> None:
    port = RecordingPort()
    with serving(fine) as server, poster(port, {"url": server.url}) as running:
        running.take(call(1, "x"))
        running.take(cast("y"))
    assert [asked.body for asked in server.asked] == [b"y"]
    assert not port.replies
    assert len(port.notes) == 1


def test_a_server_that_is_down_is_told_and_comes_back() -> None:
    port = RecordingPort()
    number = unused_port()
    with poster(port, {"url": f"http://127.0.0.1:{number}"}) as running:
        running.take(cast("lost"))
        port.until(lambda: not running.busy)  # that it is down is seen without a message, too
        assert "cannot be reached" in port.health_is("trouble")
        with serving(fine, number) as server:
            running.take(cast("seen"))
            port.until(lambda: not running.busy)
            port.health_is("ready")
            assert [asked.body for asked in server.asked] == [b"seen"]


def test_a_server_that_refuses_is_told() -> None:
    port = RecordingPort()
    with serving(lambda asked: (500, {}, b"")) as server, poster(port, {"url": server.url}) as running:
        running.take(cast("x"))
        assert "status 500" in port.health_is("trouble")


@pytest.mark.conformance("time-limits")
def test_a_server_that_never_answers_does_not_stop_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_poster, "PATIENCE_S", 0.05)
    port = RecordingPort()
    with saying(None) as server, poster(port, {"url": server.url}) as running:
        running.take(cast("x"))
        assert "has not answered" in port.health_is("trouble")


@pytest.mark.conformance("full-mailbox")
def test_what_piles_up_before_a_slow_server_is_dropped_and_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mailbox, "MOST_MESSAGES", 2)
    may_end, port = threading.Event(), RecordingPort()

    def answer(asked: Asked) -> Answered:
        assert may_end.wait(20)
        return fine(asked)

    with serving(answer) as server:
        with poster(port, {"url": server.url}) as running:
            for number in range(5):
                running.take(cast(str(number)))
            assert "too slow" in port.health_is("trouble")
            may_end.set()
        assert [asked.body for asked in server.asked] == [b"0", b"1", b"2"]


@pytest.mark.parametrize(
    ("configuration", "words"),
    [
        ({}, "url"),
        ({"url": ""}, "url"),
        ({"url": "nowhere"}, "http://"),
        ({"url": "ftp://127.0.0.1/"}, "http://"),
        ({"url": "http://"}, "no host"),
        ({"url": "http://example.org/"}, 'hosts = ["example.org:80"]'),
    ],
)
@pytest.mark.conformance("http-poster")
def test_a_url_that_is_none_or_not_allowed_is_refused_at_the_start(
    configuration: Mapping[str, str], words: str
) -> None:
    with pytest.raises(UserError, match=r".") as refused, poster(RecordingPort(), configuration):
        pass
    assert words in str(refused.value)


def test_what_it_reaches() -> None:
    assert KIND.reaches({"url": "https://me:secret@example.org/a?token=b"}) == "https://example.org"
    assert KIND.reaches({}) is None
