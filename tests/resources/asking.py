"""http-ingress at work, and real requests to it."""

from __future__ import annotations

import http.client
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from tests.resources.ports import PATIENCE_S, WORKFLOW_ID, RecordingPort
from workbench.records import ReplyOutcome
from workbench.resources import faults
from workbench.resources.http_ingress import KIND
from workbench.resources.model import Part, Permits, Running


@dataclass
class Ingress:
    port: RecordingPort
    running: Running

    @property
    def address(self) -> str:
        """Where it listens: `127.0.0.1:7035`."""
        return self.port.health_is("ready").removeprefix("http://")


def start(permits: Permits, configuration: Mapping[str, str] | None = None, linked: bool = True) -> Ingress:
    port = RecordingPort()
    running = faults.start(KIND, Part("in", "http-ingress", WORKFLOW_ID, configuration or {}, permits), port)
    if linked:
        running.relink(frozenset({"new_request"}))
    return Ingress(port, running)


@contextmanager
def ingress(configuration: Mapping[str, str] | None = None, http_port: int = 0) -> Iterator[Ingress]:
    started = start(Permits((), http_port=http_port), configuration)
    try:
        yield started
    finally:
        started.running.close()


@dataclass(frozen=True)
class Got:
    status: int
    headers: Mapping[str, str]
    body: bytes


def ask(
    address: str, method: str = "GET", path: str = "/", body: bytes = b"", headers: Mapping[str, str] | None = None
) -> Got:
    """A real request. Raises `ConnectionError` or `http.client.HTTPException` when the connection is closed instead."""
    connection = http.client.HTTPConnection(address, timeout=PATIENCE_S)
    try:
        connection.request(method, path, body or None, headers or {})
        response = connection.getresponse()
        return Got(response.status, {name.lower(): value for name, value in response.getheaders()}, response.read())
    finally:
        connection.close()


def raw(address: str, said: bytes) -> bytes:
    """All that is answered to these bytes until the other side ends the connection."""
    host, port = address.split(":")
    with socket.create_connection((host, int(port)), PATIENCE_S) as connection:
        connection.sendall(said)
        received = b""
        with suppress(ConnectionResetError):
            while more := connection.recv(1 << 20):
                received += more
        return received


class Asking:
    """A request made on a thread of its own."""

    def __init__(self, work: Callable[[], Got]) -> None:
        self._got: Got | Exception | None = None

        def run() -> None:
            try:
                self._got = work()
            except Exception as error:
                self._got = error

        self._thread = threading.Thread(target=run, daemon=True)
        self._thread.start()

    def got(self) -> Got:
        self._thread.join(PATIENCE_S)
        assert self._got is not None
        if isinstance(self._got, Exception):
            raise self._got
        return self._got


CLOSED = (ConnectionError, http.client.BadStatusLine)


def called(port: RecordingPort, number: int = 1) -> Callable[[ReplyOutcome, bytes], None]:
    """Waits for the call with this number; what answers it."""
    port.until(lambda: len(port.calls) >= number)
    return port.calls[number - 1][2]
