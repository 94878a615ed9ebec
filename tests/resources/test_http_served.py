"""`http-ingress` to the byte: what the platform's server takes, refuses and sends (edgeless-facts 0b)."""

from __future__ import annotations

import itertools
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.resources.asking import ingress, raw
from tests.resources.ports import RecordingPort
from workbench.resources.http_message import Response, decode_request, encode_response

CLOSE = b"Connection: close\r\n\r\n"
BAD, TOO_MUCH, TOO_LONG = "400 Bad Request", "431 Request Header Fields Too Large", "414 URI Too Long"


@contextmanager
def answering(port: RecordingPort, reply: Response | bytes) -> Iterator[None]:
    """While it lasts, each call gets this reply."""
    payload = reply if isinstance(reply, bytes) else encode_response(reply)
    ended = threading.Event()

    def run() -> None:
        for number in itertools.count():
            port.until(lambda number=number: ended.is_set() or len(port.calls) > number)  # type: ignore[misc]
            if ended.is_set():
                return
            port.calls[number][2]("reply", payload)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def headers(number: int) -> bytes:
    return b"".join(b"h%d: x\r\n" % one for one in range(number))


@pytest.mark.conformance("http-ingress-requests")
@pytest.mark.parametrize(
    ("said", "path"),
    [
        (b"GET / HTTP/1.1\r\n", "/"),
        (b"GET /two HTTP/1.1\r\nHost: localhost\r\nHost: 127.0.0.1\r\n", "/two"),
        (b"\r\n\nGET /lf HTTP/1.1\nHost: localhost\n", "/lf"),
        ("GET /grüß?ä HTTP/1.1\r\n".encode(), "/grüß?ä"),
        (b'GET /"{}|^\\ HTTP/1.1\r\n', '/"{}|^\\'),
        (b"GET /a#b HTTP/1.1\r\n", "/a"),
        (b"GET http://localhost/a?b HTTP/1.1\r\n", "http://localhost/a?b"),
        (b"GET /large HTTP/1.1\r\nA: " + b"x" * 9000 + b"\r\n", "/large"),
        (b"GET /larger HTTP/1.1\r\nA: " + b"x" * 400_000 + b"\r\n", "/larger"),
        (b"GET /hundred HTTP/1.1\r\n" + headers(99), "/hundred"),
        (b"GET /" + b"x" * 65_533 + b" HTTP/1.1\r\n", "/" + "x" * 65_533),
        (b"GET /bytes HTTP/1.1\r\nA: \xff\t\r\nB:\r\n", "/bytes"),
        (b"GET /upgrade HTTP/1.1\r\nUpgrade: h2c\r\n", "/upgrade"),
        (b"POST /same HTTP/1.1\r\nContent-Length: 0\r\nContent-Length: 0\r\n", "/same"),
    ],
)
def test_a_request_that_the_platform_takes_is_served(said: bytes, path: str) -> None:
    with ingress() as it:
        with answering(it.port, Response(200, {}, b"hello")):
            got = raw(it.address, said + CLOSE)
        assert re.fullmatch(rb"HTTP/1\.1 200 OK\r\ncontent-length: 5\r\ndate: .{29}\r\n\r\nhello", got)
        assert decode_request(it.port.calls[0][1]).path == path


@pytest.mark.conformance("http-ingress-requests")
@pytest.mark.parametrize(
    ("said", "status"),
    [
        (b"garbage\r\n\r\n", BAD),
        (b"\x16\x03\x01\x02\x00", BAD),
        (b"GET  / HTTP/1.1\r\n\r\n", BAD),
        (b"GET /\r\n\r\n", BAD),
        (b"GET / HTTP/2.0\r\n\r\n", BAD),
        (b"GET /<> HTTP/1.1\r\n\r\n", BAD),
        (b"GET /\xff HTTP/1.1\r\n\r\n", BAD),
        (b"GET a/b?c HTTP/1.1\r\nBad Header\r\n", BAD),
        (b"GET / HTTP/1.1\r\nA: b\r\n folded\r\n\r\n", BAD),
        (b"GET / HTTP/1.1\r\nA : b\r\n\r\n", BAD),
        (b"GET / HTTP/1.1\r\nA: b\x01\r\n\r\n", BAD),
        (b"GET / HTTP/1.1\r\n: b\r\n\r\n", BAD),
        (b"POST / HTTP/1.1\r\nContent-Length: +1\r\n\r\nx", BAD),
        (b"POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx", BAD),
        (b"POST / HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\n", BAD),
        (b"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", BAD),
        (b"GET / HTTP/1.1\r\n" + headers(101) + b"\r\n", TOO_MUCH),
        (b"GET / HTTP/1.1\r\nA: " + b"x" * 420_000, TOO_MUCH),
        (b"GET /" + b"x" * 70_000 + b" HTTP/1.1\r\n\r\n", TOO_LONG),
    ],
)
def test_what_is_no_request_is_answered_and_closed(said: bytes, status: str) -> None:
    with ingress() as it:
        got = raw(it.address, said)
        pattern = rf"HTTP/1\.1 {status}\r\ncontent-length: 0\r\ndate: .{{29}}\r\n\r\n"
        assert re.fullmatch(pattern, got.decode())
        (note,) = it.port.notes
        assert status[:3] in note
        assert not it.port.calls


@pytest.mark.conformance("http-ingress-smuggling")
def test_two_ways_to_tell_a_body_are_refused_in_a_sentence() -> None:
    said = b"POST / HTTP/1.1\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
    with ingress() as it:
        got = raw(it.address, said)
        assert got.startswith(b"HTTP/1.1 400 ")
        assert b"both Content-Length and Transfer-Encoding" in got
        assert "the platform takes it" in it.port.notes[0]


@pytest.mark.conformance("http-ingress-requests")
def test_chunks_are_put_together_however_they_arrive() -> None:
    said = (
        b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3;a=b\r\nabc\r\n00a \r\n0123456789\r\n0\r\nT: x\r\n\r\n"
    )
    with ingress({"async": "true"}) as it:
        got = raw(it.address, said + said + b"GET / HTTP/1.1\r\n" + CLOSE)
        assert got.count(b"HTTP/1.1 200 OK") == 3
        assert it.port.casts == [("new_request", b"abc0123456789")] * 2 + [("new_request", b"")]


@pytest.mark.conformance("http-ingress-requests")
def test_bytes_beyond_the_content_length_begin_the_next_request() -> None:
    with ingress({"async": "true"}) as it:
        got = raw(it.address, b"POST / HTTP/1.1\r\nContent-Length: 3\r\n\r\nabcdef\r\n\r\n")
        assert got.startswith(b"HTTP/1.1 200 OK\r\n")
        assert b"OKHTTP/1.1 400 Bad Request\r\n" in got
        assert it.port.casts == [("new_request", b"abc")]


@pytest.mark.conformance("http-ingress-requests")
def test_the_older_version_is_answered_in_kind() -> None:
    with ingress() as it, answering(it.port, Response(200, {}, b"x")):
        one, other = b"GET / HTTP/1.0\r\n\r\n", b"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"
        got = raw(it.address, other + one).split(b"x")
    assert got[0].startswith(b"HTTP/1.0 200 OK\r\ncontent-length: 1\r\nconnection: keep-alive\r\n")
    assert b"connection" not in got[1]


REPLIES = [
    (Response(200, {"X-Mixed-CASE": "Kept"}, b""), b"HTTP/1.1 200 OK\r\nx-mixed-case: Kept\r\ncontent-length: 0\r\n"),
    (Response(200, {"Server": "mine"}, b"x"), b"HTTP/1.1 200 OK\r\nserver: mine\r\ncontent-length: 1\r\n"),
    (Response(200, {"a": "grüß"}, b""), "HTTP/1.1 200 OK\r\na: grüß\r\ncontent-length: 0\r\n".encode()),
    (Response(299), b"HTTP/1.1 299 <none>\r\ncontent-length: 0\r\n"),
    (Response(999), b"HTTP/1.1 999 <none>\r\ncontent-length: 0\r\n"),
    (Response(413), b"HTTP/1.1 413 Payload Too Large\r\ncontent-length: 0\r\n"),
    (Response(418), b"HTTP/1.1 418 I'm a teapot\r\ncontent-length: 0\r\n"),
    (Response(100, {"a": "b"}, b"x"), b"HTTP/1.1 500 Internal Server Error\r\ncontent-length: 0\r\n"),
    (Response(101, {"a": "b"}, b"x"), b"HTTP/1.1 101 Switching Protocols\r\na: b\r\n"),
    (Response(204, {}, b"x"), b"HTTP/1.1 204 No Content\r\n"),
    (Response(200, {"Content-Length": "7"}, b"abc"), b"HTTP/1.1 200 OK\r\ncontent-length: 7\r\n"),
    (Response(200, {"Content-Length": "7"}, b""), b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n"),
    (Response(200, {"Transfer-Encoding": "gzip"}, b""), b"HTTP/1.1 200 OK\r\ntransfer-encoding: gzip, chunked\r\n"),
    (Response(200, {"Transfer-Encoding": "chunked"}), b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n"),
    (Response(200, {"Connection": "x, Close"}), b"HTTP/1.1 200 OK\r\nconnection: x, Close\r\ncontent-length: 0\r\n"),
    (Response(200, {"bad name": "a", "b": "\n", "": "c"}), b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n"),
]


@pytest.mark.conformance("http-ingress-reply")
@pytest.mark.parametrize(("reply", "head"), REPLIES)
def test_a_reply_is_sent_as_the_platform_sends_it(reply: Response, head: bytes) -> None:
    with ingress() as it, answering(it.port, reply):
        got = raw(it.address, b"GET / HTTP/1.1\r\n" + CLOSE)
    found = re.fullmatch(rb"(.*\r\n)date: .{29}\r\n\r\n(.*)", got, re.DOTALL)
    assert found
    assert found[1] == head
    body = b"" if reply.status in (100, 101, 204) else reply.body or b""
    if "Transfer-Encoding" in reply.headers:
        body = (b"%x\r\n%b\r\n" % (len(body), body) if body else b"") + b"0\r\n\r\n"
    assert found[2] == body


@pytest.mark.conformance("http-ingress-reply")
@pytest.mark.parametrize(("length", "is_noted"), [("7", True), ("2", True), ("x", True), ("3", False)])
def test_a_length_that_is_not_the_body_s_is_sent_and_noted(length: str, is_noted: bool) -> None:
    with ingress() as it, answering(it.port, Response(200, {"Content-Length": length}, b"abc")):
        got = raw(it.address, b"GET / HTTP/1.1\r\n" + CLOSE)
        assert b"content-length: %b\r\n" % length.encode() in got
        assert got.endswith(b"\r\n\r\nabc")
        assert any(f"content-length: {length} and a body of 3 bytes" in note for note in it.port.notes) is is_noted


@pytest.mark.conformance("http-ingress-reply")
@pytest.mark.parametrize("reply", [Response(200, {"connection": "close"}), Response(100), Response(101)])
def test_some_replies_close_the_connection(reply: Response) -> None:
    with ingress() as it, answering(it.port, reply):
        assert raw(it.address, b"GET / HTTP/1.1\r\n\r\n" * 2).count(b"HTTP/1.1 ") == 1


@pytest.mark.conformance("http-ingress-reply")
def test_a_date_of_ones_own_is_the_only_one() -> None:
    with ingress() as it, answering(it.port, Response(200, {"Date": "today"})):
        got = raw(it.address, b"GET / HTTP/1.1\r\n" + CLOSE)
    assert got == b"HTTP/1.1 200 OK\r\ndate: today\r\ncontent-length: 0\r\n\r\n"


@pytest.mark.conformance("http-ingress-reply")
def test_what_asks_for_the_head_gets_no_body() -> None:
    with ingress() as it, answering(it.port, Response(200, {}, b"hello")):
        got = raw(it.address, b"HEAD / HTTP/1.1\r\n" + CLOSE)
    assert b"content-length: 5\r\n" in got
    assert got.endswith(b"\r\n\r\n")


@pytest.mark.conformance("http-ingress-reply")
def test_a_response_may_be_an_array_in_the_order_of_its_fields() -> None:
    with ingress() as it, answering(it.port, b'[[104,105],201,{"a":"b"}]'):
        got = raw(it.address, b"GET / HTTP/1.1\r\n" + CLOSE)
    assert got.startswith(b"HTTP/1.1 201 Created\r\na: b\r\ncontent-length: 2\r\n")
    assert got.endswith(b"\r\n\r\nhi")
