"""The server that `http-ingress` resources share: its port, its order, its end, and clients that misbehave."""

from __future__ import annotations

import os
import resource
import socket
import time
from contextlib import ExitStack, suppress

import pytest

from tests.resources.asking import CLOSED, Asking, ask, called, ingress, raw, start
from tests.resources.feeding import HELD, SIZE, feed, finish
from tests.resources.ports import PATIENCE_S
from tests.resources.servers import unused_port
from workbench.resources import http_listener, http_server
from workbench.resources.http_message import Response, encode_response
from workbench.resources.model import Permits

BEGUN = b"POST / HTTP/1.1\r\nContent-Length: 1\r\nExpect: 100-continue\r\n\r\n"


@pytest.mark.conformance("F15")
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


@pytest.mark.conformance("F15")
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
            connection.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
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


@pytest.mark.conformance("http-ingress-several")
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


@pytest.mark.conformance("http-ingress-loopback")
def test_it_listens_on_loopback_alone() -> None:
    with ingress() as it, pytest.raises(ConnectionRefusedError):
        # All of 127.0.0.0/8 is this machine: a server that listens everywhere would answer here.
        socket.create_connection(("127.0.0.2", int(it.address.split(":")[1])), PATIENCE_S).close()


@pytest.mark.conformance("sizes")
def test_a_body_that_is_too_large_is_not_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_server, "MOST_BYTES", 1000)
    with ingress({"async": "true"}) as it:
        assert ask(it.address, "POST", body=b"x" * 1000).status == 200
        assert ask(it.address, "POST", body=b"x" * 1001).status == 413
        assert len(it.port.casts) == 1


def test_a_large_body_waits_for_the_word_to_go_on() -> None:
    with ingress({"async": "true"}) as it:
        host, port = it.address.split(":")
        with socket.create_connection((host, int(port)), PATIENCE_S) as connection:
            connection.sendall(BEGUN)
            assert connection.recv(100).startswith(b"HTTP/1.1 100 ")
            connection.sendall(b"x")
            assert connection.recv(1000).startswith(b"HTTP/1.1 200 ")


@pytest.mark.parametrize("host", ["grüße.example", b"\xff\xfe"])
@pytest.mark.conformance("http-ingress-closes")
def test_a_host_that_is_not_ascii_closes_the_connection(host: str | bytes) -> None:
    with ingress() as it:
        where, port = it.address.split(":")
        with socket.create_connection((where, int(port)), PATIENCE_S) as connection:
            name = host if isinstance(host, bytes) else host.encode()
            connection.sendall(b"GET / HTTP/1.1\r\nHost: " + name + b"\r\n\r\n")
            assert connection.recv(1000) == b""
        assert not it.port.calls
        assert any("Host header is not ASCII" in note for note in it.port.notes)


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (b"OPTIONS * HTTP/1.1\r\nHost: localhost\r\n\r\n", "no method"),
        (b"PRI * HTTP/1.1\r\n\r\n", "no method"),
        (b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\nzz\r\n", "not proper HTTP"),
        (b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nabcd", "not proper HTTP"),
        (b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n" + b"a: b\r\n" * 3000, "not proper HTTP"),
    ],
)
@pytest.mark.conformance("http-ingress-closes")
def test_a_client_that_talks_nonsense_gets_no_answer(said: bytes, why: str, capfd: pytest.CaptureFixture[str]) -> None:
    with ingress({"async": "true"}) as it:
        assert raw(it.address, said) == b""
        (note,) = it.port.notes
        assert why in note
        assert ask(it.address).status == 200
        assert it.port.casts == [("new_request", b"")]
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize(
    "rest", [b"", b" / HTTP/1.1\r\nHost: localhost\r\nA", b" / HTTP/1.1\r\nContent-Length: 9\r\n\r\nab"]
)
@pytest.mark.conformance("http-ingress-clients")
def test_a_request_that_is_never_whole_is_closed(rest: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HEAD_S", "BODY_S", "SWEEP_S"):
        monkeypatch.setattr(http_server, name, 0.02)
    with ingress({"async": "true"}) as it:
        assert raw(it.address, b"POST" + rest) == b""
        (note,) = it.port.notes
        assert "sent in part only" in note
        assert not it.port.casts


@pytest.mark.conformance("http-ingress-clients")
def test_an_idle_connection_is_closed_without_a_word(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_server, "SWEEP_S", 0.02)
    with ingress() as it:
        host, port = it.address.split(":")
        with socket.create_connection((host, int(port)), PATIENCE_S) as connection:
            connection.sendall(b"GET / HTTP/1.1\r\n\r\n")
            answer = called(it.port)
            monkeypatch.setattr(http_server, "IDLE_S", 0.02)
            answer("reply", encode_response(Response(200)))
            assert connection.recv(1000).startswith(b"HTTP/1.1 200 OK\r\n")
            assert connection.recv(1000) == b""
        assert not it.port.notes


@pytest.mark.conformance("http-ingress-clients")
def test_connections_have_a_cap_and_idle_ones_make_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_server, "MOST_CONNECTIONS", 16)
    with ingress({"async": "true"}) as it, ExitStack() as ending:
        host, port = it.address.split(":")

        def connect() -> socket.socket:
            return ending.enter_context(socket.create_connection((host, int(port)), PATIENCE_S))

        idle = [connect() for _ in range(16)]
        half = [connect() for _ in range(15)]
        for connection in half:
            connection.sendall(BEGUN)
            assert connection.recv(100).startswith(b"HTTP/1.1 100")
        assert all(connection.recv(1) == b"" for connection in idle[:15])
        last = connect()
        last.sendall(b"GET / HTTP/1.1\r\n\r\n")
        assert last.recv(1000).startswith(b"HTTP/1.1 200")
        waiting = connect()
        waiting.sendall(b"GET / HTTP/1.1\r\n\r\n")
        assert waiting.recv(1000).startswith(b"HTTP/1.1 200")
        waiting.sendall(BEGUN)
        assert waiting.recv(1000).startswith(b"HTTP/1.1 100")
        more = connect()
        more.sendall(b"GET / HTTP/1.1\r\n\r\n")
        it.port.until(lambda: any("connections at once" in note for note in it.port.notes))
        half[0].close()
        assert more.recv(1000).startswith(b"HTTP/1.1 200")


def test_a_machine_without_descriptors_is_told_once_and_waited_for(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(http_server, "RETRY_S", 0.01)
    with ingress({"async": "true"}) as it:
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        host, port = it.address.split(":")
        with socket.socket() as connection:
            connection.settimeout(PATIENCE_S)
            spare = os.open(os.devnull, os.O_RDONLY)
            resource.setrlimit(resource.RLIMIT_NOFILE, (spare, hard))  # every number below is taken, or nearly
            try:
                filling = fill_descriptors()
                connection.connect((host, int(port)))
                connection.sendall(b"GET / HTTP/1.1\r\n\r\n")
                words = it.port.health_is("trouble")
                assert "Too many open files" in words
                before = len(it.port.healths)
                for descriptor in filling:
                    os.close(descriptor)
            finally:
                resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
                os.close(spare)
            assert connection.recv(1000).startswith(b"HTTP/1.1 200")
            it.port.health_is("ready")
        assert len(it.port.healths) == before + 1
    assert capfd.readouterr().err == ""


def fill_descriptors() -> list[int]:
    """Opens files until no more can be."""
    opened = []
    while True:
        try:
            opened.append(os.open(os.devnull, os.O_RDONLY))
        except OSError:
            return opened


@pytest.mark.conformance("sizes")
def test_bodies_under_way_have_a_bound_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_server, "MOST_BYTES_UNDER_WAY", 2 * SIZE)
    with ingress() as it, ExitStack() as ending:

        def small() -> None:
            number = len(it.port.calls) + 1
            asking = Asking(lambda: ask(it.address))
            called(it.port, number)("reply", encode_response(Response(200)))
            assert asking.got().status == 200

        host, port = it.address.split(":")
        connections = [ending.enter_context(socket.create_connection((host, int(port)), PATIENCE_S)) for _ in range(4)]
        for connection in connections:
            connection.sendall(b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n" % SIZE)
        taken = feed(connections, small)
        assert sorted(sent > HELD for sent in taken) == [False, False, True, True]
        for connection, sent in sorted(zip(connections, taken, strict=True), key=lambda it: -it[1]):
            number = len(it.port.calls) + 1
            finish(connection, sent)
            called(it.port, number)("reply", encode_response(Response(200)))
            assert connection.recv(65536).startswith(b"HTTP/1.1 200 ")


@pytest.mark.conformance("sizes")
def test_a_body_for_which_no_room_is_made_gets_503(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_server, "MOST_BYTES_UNDER_WAY", 300_000)
    for name in ("ROOM_S", "SWEEP_S"):
        monkeypatch.setattr(http_server, name, 0.02)
    with ingress() as it:
        first = Asking(lambda: ask(it.address, "POST", body=b"x" * 200_000))
        answer = called(it.port)
        got = ask(it.address, "POST", body=b"x" * 200_000)
        assert got.status == 503
        assert b"try again later" in got.body
        answer("reply", encode_response(Response(200)))
        assert first.got().status == 200
        assert any("got 503" in note for note in it.port.notes)


@pytest.mark.conformance("sizes")
def test_a_body_waits_as_long_as_others_make_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_server, "MOST_BYTES_UNDER_WAY", 300_000)
    monkeypatch.setattr(http_server, "ROOM_S", 2.0)
    monkeypatch.setattr(http_server, "SWEEP_S", 0.01)
    with ingress() as it:
        began = time.monotonic()
        asking = [Asking(lambda: ask(it.address, "POST", body=b"x" * 200_000)) for _ in range(4)]
        for number in range(1, 5):
            answer = called(it.port, number)
            it.port.until(lambda due=began + 0.8 * number: time.monotonic() > due)  # type: ignore[misc]
            answer("reply", encode_response(Response(200)))
        assert [one.got().status for one in asking] == [200] * 4


@pytest.mark.conformance("http-ingress-clients")
def test_a_response_that_nobody_reads_ends_the_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("UNREAD_S", "SWEEP_S"):
        monkeypatch.setattr(http_server, name, 0.02)
    monkeypatch.setattr(http_server, "SLOWEST_BYTES_PER_S", 1e12)
    with ingress() as it:
        host, port = it.address.split(":")
        with socket.create_connection((host, int(port)), PATIENCE_S) as connection:
            connection.sendall(b"GET / HTTP/1.1\r\n\r\n")
            called(it.port)("reply", encode_response(Response(200, {}, b"x" * 8_000_000)))
            it.port.until(lambda: any("not read for" in note for note in it.port.notes))


@pytest.mark.parametrize("said", [b"GET / HTTP/1.0\r\n\r\n", b"GET / HTTP/1.1\r\nConnection: close\r\n\r\n"])
def test_a_last_response_is_read_to_its_end_however_slowly(said: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LINGER_S", "SWEEP_S"):
        monkeypatch.setattr(http_server, name, 0.01)
    with ingress() as it, socket.socket() as connection:
        host, port = it.address.split(":")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.settimeout(PATIENCE_S)
        connection.connect((host, int(port)))
        connection.sendall(said)
        called(it.port)("reply", encode_response(Response(200, {}, b"x" * 8_000_000)))
        until = time.monotonic() + 0.1  # many times what the server would wait for
        it.port.until(lambda: time.monotonic() > until)
        assert read_to_the_end(connection) > 8_000_000


def read_to_the_end(connection: socket.socket) -> int:
    """How many bytes there are until the other side ends the connection."""
    received = 0
    with suppress(ConnectionResetError):
        while more := connection.recv(1 << 20):
            received += len(more)
    return received


@pytest.mark.conformance("sizes")
def test_responses_that_nobody_reads_have_a_bound_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_server, "MOST_BYTES_UNREAD", 10_000_000)
    with ingress() as it, ExitStack() as ending:
        host, port = it.address.split(":")
        asking = []
        for number in range(1, 4):
            asking.append(ending.enter_context(socket.create_connection((host, int(port)), PATIENCE_S)))
            asking[-1].sendall(b"GET / HTTP/1.0\r\n\r\n")
            called(it.port, number)("reply", encode_response(Response(200, {}, b"x" * 12_000_000)))
        it.port.until(lambda: any("were not read" in note for note in it.port.notes))
        assert [read_to_the_end(connection) > 12_000_000 for connection in reversed(asking)] == [True, False, False]


def test_requests_in_one_go_are_answered_in_order() -> None:
    with ingress({"async": "true"}) as it:
        said = b"GET / HTTP/1.1\r\n\r\n" * 5000 + b"GET / HTTP/1.1\r\nConnection: close\r\n\r\n"
        assert raw(it.address, said).count(b"HTTP/1.1 200 OK\r\n") == 5001
