"""`http-ingress` with real requests."""

from __future__ import annotations

import http.client
import json
import socket
import threading
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

import pytest

from tests.resources.ports import PATIENCE_S, WORKFLOW_ID, RecordingPort
from tests.resources.servers import unused_port
from workbench.errors import UserError
from workbench.records import ReplyOutcome
from workbench.resources import http_listener
from workbench.resources.http_ingress import KIND
from workbench.resources.http_message import Response, decode_request, encode_response
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
    assert KIND.start is not None
    port = RecordingPort()
    running = KIND.start(Part("in", "http-ingress", WORKFLOW_ID, configuration or {}, permits), port)
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


def answered(outcome: ReplyOutcome, payload: bytes) -> tuple[Got, RecordingPort]:
    with ingress() as it:
        asking = Asking(lambda: ask(it.address))
        called(it.port)(outcome, payload)
        return asking.got(), it.port


def test_a_request_is_a_call_and_its_reply_the_response() -> None:
    with ingress() as it:
        asking = Asking(
            lambda: ask(it.address, "POST", "/a%2Fb?c=d", b"\x00\xff", {"X-Mine": "yes", "x-other": "grüß"})
        )
        answer = called(it.port)
        output, payload, _ = it.port.calls[0]
        request = decode_request(payload)
        assert output == "new_request"
        assert (request.method, request.protocol, request.host) == ("Post", "Unknown", it.address)
        assert (request.path, request.body) == ("/a%2Fb?c=d", b"\x00\xff")
        assert request.headers["x-mine"] == "yes"
        assert "x-other" not in request.headers
        assert list(json.loads(payload)) == ["method", "protocol", "host", "path", "body", "headers"]
        answer("reply", encode_response(Response(201, {"X-Answer": "here", "Content-Length": "77"}, b"made")))
        got = asking.got()
    assert (got.status, got.body, got.headers["x-answer"]) == (201, b"made", "here")
    assert set(got.headers) == {"x-answer", "content-length", "date"}


def test_a_request_without_a_body_has_an_empty_one() -> None:
    with ingress() as it:
        asking = Asking(lambda: ask(it.address))
        answer = called(it.port)
        assert json.loads(it.port.calls[0][1])["body"] == []
        answer("reply", encode_response(Response(200, {"content-type": "application/octet-stream"}, b"x")))
        assert asking.got().headers["content-type"] == "application/octet-stream"


@pytest.mark.parametrize("outcome", ["noreply", "err"])
def test_no_reply_is_not_found(outcome: ReplyOutcome) -> None:
    got, _ = answered(outcome, b"")
    assert (got.status, got.body) == (404, b"Not Found")


@pytest.mark.parametrize(
    "reply",
    [
        b"hello",
        b"",
        b"\xff",
        b'{"status":200}',
        encode_response(Response(0)),
        encode_response(Response(101)),
        encode_response(Response(1000)),
    ],
)
def test_a_reply_that_is_no_response_closes_the_connection(reply: bytes) -> None:
    with ingress() as it:
        asking = Asking(lambda: ask(it.address))
        called(it.port)("reply", reply)
        with pytest.raises(CLOSED):
            asking.got()
        (note,) = it.port.notes
    assert "platform" in note


def test_headers_that_cannot_be_sent_are_left_out() -> None:
    headers = {"a b": "c", "ok": "fine", "split": "a\r\nset-cookie: x", "umlaut": "ü"}
    got, _ = answered("reply", encode_response(Response(200, headers, b"x")))
    assert got.headers["ok"] == "fine"
    assert set(got.headers).isdisjoint({"a b", "split", "set-cookie", "umlaut"})


@pytest.mark.parametrize("status", [204, 304])
def test_a_response_that_has_no_body_gets_none(status: int) -> None:
    got, _ = answered("reply", encode_response(Response(status, {}, b"body")))
    assert (got.status, got.body) == (status, b"")


def test_the_host_is_compared_with_its_port() -> None:
    with ingress({"host": "demo.example:80"}) as it:
        assert ask(it.address).status == 404
        assert ask(it.address, headers={"Host": "demo.example"}).status == 404
        asking = Asking(lambda: ask(it.address, headers={"Host": "demo.example:80"}))
        called(it.port)("reply", encode_response(Response(200)))
        assert asking.got().status == 200
        (note,) = it.port.notes
    assert "demo.example:80" in note


def test_only_the_methods_that_are_listed_are_taken() -> None:
    with ingress({"method": "GET,POST"}) as it:
        assert ask(it.address, "PUT").status == 404
        asking = Asking(lambda: ask(it.address, "POST"))
        called(it.port)("reply", encode_response(Response(200)))
        assert asking.got().status == 200


@pytest.mark.parametrize("method", ["", "get", "GET, POST", "GET,TRACE", "GET,"])
def test_a_method_that_is_not_known_is_refused_at_the_start(method: str) -> None:
    with pytest.raises(UserError, match="does not know the method"):
        start(Permits((), http_port=0), {"method": method})


@pytest.mark.parametrize("method", ["OPTIONS", "TRACE"])
def test_a_method_that_the_platform_does_not_know_closes_the_connection(method: str) -> None:
    with ingress() as it, pytest.raises(CLOSED):
        ask(it.address, method)


def test_methods_for_method_takes_all_and_is_remarked() -> None:
    with ingress({"methods": "GET"}) as it:
        asking = Asking(lambda: ask(it.address, "PUT"))
        called(it.port)("reply", encode_response(Response(200)))
        assert asking.got().status == 200
        assert any("`methods`" in note for note in it.port.notes)


def test_a_workflows_id_may_be_asked_for() -> None:
    with ingress({"wf_id": "TRUE"}) as it:
        assert ask(it.address).status == 404
        assert ask(it.address, path="/?wf_id=another").status == 404
        asking = Asking(lambda: ask(it.address, path=f"/x?a=b&wf_id={WORKFLOW_ID}"))
        called(it.port)("reply", encode_response(Response(200)))
        assert asking.got().status == 200


def test_before_its_output_leads_somewhere_nothing_is_found() -> None:
    it = start(Permits((), http_port=0), linked=False)
    try:
        got = ask(it.address)
        assert (got.status, got.body) == (404, b"Not Found")
        it.running.relink(frozenset({"new_request"}))
        asking = Asking(lambda: ask(it.address))
        called(it.port)("reply", encode_response(Response(200)))
        assert asking.got().status == 200
    finally:
        it.running.close()


def test_async_casts_the_body_and_answers_at_once() -> None:
    with ingress({"async": "true"}) as it:
        got = ask(it.address, "POST", body="grüß".encode())
        assert (got.status, got.body) == (200, b"OK")
        assert it.port.casts == [("new_request", "grüß".encode())]
        with pytest.raises(CLOSED):
            ask(it.address, "POST", body=b"\xff")
        assert len(it.port.casts) == 1
        assert len(it.port.notes) == 1


def test_async_with_base64_casts_any_body() -> None:
    with ingress({"async": "True", "encode_base64": "TRUE"}) as it:
        assert ask(it.address, "POST", body=b"\xff\xfe").status == 200
        assert it.port.casts == [("new_request", b64encode(b"\xff\xfe"))]


def test_a_body_that_is_too_large_is_not_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_listener, "MOST_BYTES", 1000)
    with ingress({"async": "true"}) as it:
        assert ask(it.address, "POST", body=b"x" * 1000).status == 200
        assert ask(it.address, "POST", body=b"x" * 1001).status == 413
        assert len(it.port.casts) == 1


def test_a_request_that_names_no_host_goes_to_the_address_it_came_to() -> None:
    with ingress() as it:
        host, port = it.address.split(":")
        with socket.create_connection((host, int(port)), PATIENCE_S) as connection:
            connection.sendall(b"GET / HTTP/1.0\r\n\r\n")
            called(it.port)
            assert decode_request(it.port.calls[0][1]).host == it.address


def test_a_large_body_waits_for_the_word_to_go_on() -> None:
    with ingress({"async": "true"}) as it:
        host, port = it.address.split(":")
        with socket.create_connection((host, int(port)), PATIENCE_S) as connection:
            connection.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n")
            assert connection.recv(100).startswith(b"HTTP/1.1 100 ")
            connection.sendall(b"hello")
            assert connection.recv(1000).startswith(b"HTTP/1.1 200 ")


def test_what_was_packed_is_passed_on_as_it_came() -> None:
    with ingress({"async": "true", "encode_base64": "true"}) as it:
        assert ask(it.address, "POST", body=b"not gzip", headers={"Content-Encoding": "gzip"}).status == 200
        assert it.port.casts == [("new_request", b64encode(b"not gzip"))]


@pytest.mark.parametrize("said", [b"garbage\r\n\r\n", b"\x16\x03\x01\x02\x00", b"GET / HTTP/1.1\r\nBad Header\r\n\r\n"])
def test_a_client_that_talks_nonsense_hurts_nobody(said: bytes, capfd: pytest.CaptureFixture[str]) -> None:
    with ingress({"async": "true"}) as it:
        host, port = it.address.split(":")
        with socket.create_connection((host, int(port)), PATIENCE_S) as connection:
            connection.sendall(said)
            connection.shutdown(socket.SHUT_WR)
            while connection.recv(4096):
                pass
        assert ask(it.address).status == 200
    assert capfd.readouterr().err == ""


def test_requests_are_served_one_by_one() -> None:
    with ingress() as it:
        first = Asking(lambda: ask(it.address, path="/1"))
        answer = called(it.port)
        second = Asking(lambda: ask(it.address, path="/2"))
        answer("reply", encode_response(Response(200, {}, b"1")))
        answer = called(it.port, 2)
        answer("reply", encode_response(Response(200, {}, b"2")))
        assert (first.got().body, second.got().body) == (b"1", b"2")
        assert it.port.notes == []


def test_a_request_that_hangs_lets_the_others_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_listener, "TURN_S", 0.05)
    with ingress() as it:
        first = Asking(lambda: ask(it.address))
        hanging = called(it.port)
        second = Asking(lambda: ask(it.address))
        called(it.port, 2)("reply", encode_response(Response(200, {}, b"2")))
        assert second.got().body == b"2"
        assert any("no answer within" in note for note in it.port.notes)
        hanging("reply", encode_response(Response(200, {}, b"1")))
        assert first.got().body == b"1"


def test_a_client_that_gives_up_makes_way() -> None:
    with ingress() as it:
        host, port = it.address.split(":")
        with socket.create_connection((host, int(port)), PATIENCE_S) as connection:
            connection.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            late = called(it.port)
        asking = Asking(lambda: ask(it.address))
        called(it.port, 2)("reply", encode_response(Response(200)))
        assert asking.got().status == 200
        late("reply", encode_response(Response(200)))
        assert it.port.notes == []


def test_resources_share_the_port() -> None:
    permits = Permits((), http_port=0)
    with ExitStack() as ending:
        get = start(permits, {"method": "GET", "async": "true"})
        ending.callback(get.running.close)
        post = start(permits, {"method": "POST", "async": "true"})
        ending.callback(post.running.close)
        assert get.address == post.address
        assert ask(get.address, "GET", body=b"g").status == 200
        assert ask(get.address, "POST", body=b"p").status == 200
        assert (get.port.casts, post.port.casts) == ([("new_request", b"g")], [("new_request", b"p")])
        get.running.close()
        assert ask(post.address, "GET").status == 404
        assert ask(post.address, "POST", body=b"p").status == 200


def test_of_several_that_take_a_request_one_gets_it() -> None:
    permits = Permits((), http_port=0)
    with ExitStack() as ending:
        some = [start(permits, {"async": "true"}) for _ in range(2)]
        for it in some:
            ending.callback(it.running.close)
        address = some[0].address
        some[1].port.health_is("ready")
        for _ in range(40):
            assert ask(address, body=b"x").status == 200
        gotten = [len(it.port.casts) for it in some]
    assert sum(gotten) == 40
    assert min(gotten) > 0


def test_a_port_that_is_taken_is_told_and_waited_for() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        http_port = taken.getsockname()[1]
        it = start(Permits((), http_port=http_port), {"async": "true"})
        words = it.port.health_is("trouble")
        assert f"Port {http_port}" in words
        assert "http_port" in words
    try:
        assert it.address == f"127.0.0.1:{http_port}"
        assert ask(it.address).status == 200
    finally:
        it.running.close()


def test_the_port_is_free_after_the_end_and_starts_anew() -> None:
    http_port = unused_port()
    for _ in range(3):
        with ingress({"async": "true"}, http_port) as it:
            assert ask(it.address).status == 200
            assert all(health != "trouble" for health, _ in it.port.healths)
    with socket.create_server(("127.0.0.1", http_port)):
        pass


def test_the_end_closes_what_waits_and_a_late_answer_does_not_hurt() -> None:
    with ingress() as it:
        asking = Asking(lambda: ask(it.address))
        answer = called(it.port)
    with pytest.raises(CLOSED):
        asking.got()
    answer("reply", encode_response(Response(200)))
    it.running.close()


def test_it_listens_on_loopback_alone() -> None:
    with ingress() as it, pytest.raises(ConnectionRefusedError):
        # All of 127.0.0.0/8 is this machine: a server that listens everywhere would answer here.
        socket.create_connection(("127.0.0.2", int(it.address.split(":")[1])), PATIENCE_S).close()
