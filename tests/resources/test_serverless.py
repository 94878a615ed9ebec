"""`serverless` against real servers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.resources.ports import RecordingPort, call, cast, part
from tests.resources.servers import Answered, Asked, saying, serving, unused_port
from workbench.errors import UserError
from workbench.resources import faults
from workbench.resources import serverless as serverless_class
from workbench.resources.model import Running
from workbench.resources.serverless import KIND, URL


@contextmanager
def serverless(port: RecordingPort, url: str) -> Iterator[Running]:
    running = faults.start(KIND, part("serverless", {URL: url}), port)
    try:
        yield running
    finally:
        running.close()


@pytest.mark.conformance("serverless")
def test_an_answer_is_cast_on() -> None:
    def shout(asked: Asked) -> Answered:
        return 200, {}, asked.body.upper()

    port = RecordingPort()
    with serving(shout) as server, serverless(port, f"{server.url}/f") as running:
        running.take(cast("hello"))
        running.take(cast("again"))
    assert port.casts == [("out", b"HELLO"), ("out", b"AGAIN")]
    assert server.asked[0].path == "/f"
    assert not port.notes


def test_an_answer_that_is_no_text_is_made_one() -> None:
    port = RecordingPort()
    with serving(lambda asked: (200, {}, b"a\xff")) as server, serverless(port, server.url) as running:
        running.take(cast("x"))
    assert port.casts == [("out", "a\ufffd".encode())]


@pytest.mark.parametrize("status", [204, 404, 500])
@pytest.mark.conformance("serverless")
def test_any_status_but_200_goes_to_err(status: int) -> None:
    port = RecordingPort()
    with serving(lambda asked: (status, {}, b"")) as server, serverless(port, server.url) as running:
        running.take(cast("x"))
        assert f"status {status}" in port.health_is("trouble")
    ((output, words),) = port.casts
    assert output == "err"
    assert f"status {status}".encode() in words


def test_a_server_that_is_down_goes_to_err() -> None:
    port = RecordingPort()
    with serverless(port, f"http://127.0.0.1:{unused_port()}") as running:
        running.take(cast("x"))
    ((output, words),) = port.casts
    assert output == "err"
    assert b"cannot be reached" in words


@pytest.mark.conformance("time-limits")
def test_a_function_that_never_answers_goes_to_err(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(serverless_class, "PATIENCE_S", 0.05)
    port = RecordingPort()
    with saying(None) as server, serverless(port, server.url) as running:
        running.take(cast("x"))
        port.until(lambda: port.casts)
    ((output, words),) = port.casts
    assert output == "err"
    assert b"has not answered within" in words


@pytest.mark.conformance("serverless")
def test_a_call_is_never_answered_and_remarked() -> None:
    port = RecordingPort()
    with saying(None) as server, serverless(port, server.url) as running:
        running.take(call(1))
    assert not port.replies
    assert len(port.notes) == 1


def test_without_a_url_it_does_not_start() -> None:
    with pytest.raises(UserError, match=URL), serverless(RecordingPort(), ""):
        pass
