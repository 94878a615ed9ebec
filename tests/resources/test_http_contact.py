"""What is known of a server with a fixed address while nobody asks it anything."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import pytest

from tests.resources.ports import RecordingPort, cast, part
from tests.resources.servers import Answered, Asked, serving, unused_port
from workbench.resources import faults, http_contact, http_poster, ollama, serverless
from workbench.resources.model import Kind, Running

FIXED = [(http_poster.KIND, "url"), (serverless.KIND, serverless.URL), (ollama.KIND, ollama.URL)]
"""The classes whose server is said by their configuration, and under which key."""


@contextmanager
def started(kind: Kind, configuration: Mapping[str, str], port: RecordingPort) -> Iterator[Running]:
    running = faults.start(kind, part(kind.class_type, {"model": "small", **configuration}), port)
    try:
        yield running
    finally:
        running.close()


@pytest.fixture(autouse=True)
def often(monkeypatch: pytest.MonkeyPatch) -> None:
    """Servers are looked after without delay."""
    monkeypatch.setattr(http_contact, "WATCH_S", 0.01)
    monkeypatch.setattr(http_contact, "LONGEST_PAUSE_S", 0.02)


def fine(asked: Asked) -> Answered:
    return 200, {}, b""


@pytest.mark.parametrize(("kind", "key"), FIXED, ids=lambda one: one.class_type if isinstance(one, Kind) else "")
@pytest.mark.conformance("http-contact")
def test_a_server_that_comes_and_goes_is_seen_without_a_message(kind: Kind, key: str) -> None:
    port, number = RecordingPort(), unused_port()
    with started(kind, {key: f"http://127.0.0.1:{number}"}, port) as running:
        assert "cannot be reached" in port.health_is("trouble")
        assert not running.busy
        with serving(fine, number) as server:
            assert port.health_is("ready") == server.url
        assert "cannot be reached" in port.health_is("trouble")
        with serving(fine, number):
            port.health_is("ready")
        assert not server.asked


def test_that_it_takes_connections_says_nothing_against_what_it_answers() -> None:
    port = RecordingPort()
    with (
        serving(lambda asked: (500, {}, b"")) as server,
        started(http_poster.KIND, {"url": server.url}, port) as running,
    ):
        port.health_is("ready")
        running.take(cast("x"))
        assert "status 500" in port.health_is("trouble")
        number = len(port.healths)
        running.take(cast("y"))
        port.until(lambda: len(server.asked) == 2 and not running.busy)
        assert len(port.healths) == number


def test_nothing_is_said_to_be_ready_before_there_was_contact() -> None:
    port = RecordingPort()
    with serving(fine) as server, started(http_poster.KIND, {"url": server.url}, port):
        port.health_is("ready")
    assert port.healths[0] == ("starting", server.url)
