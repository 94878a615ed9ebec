"""`http-egress` against real servers."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from itertools import count

import pytest

from tests.resources.feeding import HELD, SIZE, feed, finish
from tests.resources.ports import RecordingPort, call, cast, part
from tests.resources.servers import Answered, Asked, saying, serving, unused_port
from workbench.resources import faults, http_client, http_egress
from workbench.resources.budget import Budget
from workbench.resources.http_egress import KIND
from workbench.resources.http_message import Request, Response, decode_response, encode_request
from workbench.resources.model import Running


@contextmanager
def egress(port: RecordingPort, *hosts: str) -> Iterator[Running]:
    running = faults.start(KIND, part("http-egress", {}, hosts=hosts), port)
    try:
        yield running
    finally:
        running.close()


def asked(request: Request, *hosts: str) -> tuple[Response | None, RecordingPort]:
    """The response to a request that http-egress was called with; None for Err."""
    port = RecordingPort()
    with egress(port, *hosts) as running:
        running.take(call(1, encode_request(request)))
        outcome, payload = port.reply_to(1)
    assert outcome in ("reply", "err")
    return (decode_response(payload) if outcome == "reply" else None), port


def hello(asked: Asked) -> Answered:
    return 200, {"X-Kind": "greeting"}, b"hello"


@pytest.mark.conformance("http-egress")
def test_a_call_becomes_a_request_and_the_response_its_reply() -> None:
    with serving(hello) as server:
        response, port = asked(
            Request("Post", server.host, "/a/b%2Fc?d=e&f", "HTTP", {"X-Mine": "1", "Content-Length": "99"}, b"\x00body")
        )
    assert response is not None
    assert (response.status, response.body, response.headers["x-kind"]) == (200, b"hello", "greeting")
    (seen,) = server.asked
    assert (seen.method, seen.path, seen.body) == ("POST", "/a/b%2Fc?d=e&f", b"\x00body")
    assert seen.headers["x-mine"] == "1"
    assert seen.headers["content-length"] == "5"
    assert seen.headers["host"] == server.host
    assert set(seen.headers).isdisjoint({"user-agent", "accept-encoding", "content-type"})
    assert port.healths[-1] == ("ready", server.url)


@pytest.mark.conformance("http-egress-sent")
@pytest.mark.parametrize(
    ("request_", "heard"),
    [
        (Request("Get", "", "/a b?c d"), b"GET /a%20b?c%20d HTTP/1.1\r\nhost: {}\r\naccept: */*\r\n\r\n"),
        (Request("Post", "", "/"), b"POST / HTTP/1.1\r\nhost: {}\r\naccept: */*\r\n\r\n"),
        (Request("Put", "", "/", body=b""), b"PUT / HTTP/1.1\r\nhost: {}\r\naccept: */*\r\n\r\n"),
        (
            Request(
                "Post", "", "", headers={"X-Mine": "grüß", "ACCEPT": "text/plain", "Connection": "close"}, body=b"x"
            ),
            "POST / HTTP/1.1\r\nhost: {}\r\nx-mine: grüß\r\naccept: text/plain\r\nconnection: close\r\n"
            "content-length: 1\r\n\r\nx".encode(),
        ),
    ],
    ids=["blanks", "no body", "empty body", "headers"],
)
def test_a_request_goes_out_as_the_platform_sends_it(request_: Request, heard: bytes) -> None:
    with saying(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n") as server:
        response, _ = asked(replace(request_, host=server.host))
    assert response is not None
    assert server.heard == heard.replace(b"{}", server.host.encode())


@pytest.mark.conformance("http-egress-sent")
def test_large_and_many_headers_of_an_answer_are_read() -> None:
    head = b"".join(b"h%d: x\r\n" % number for number in range(97)) + b"large: " + b"x" * 400_000
    with saying(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n" + head + b"\r\n\r\nhi") as server:
        response, port = asked(Request("Get", server.host, "/"))
    assert response is not None, port.healths
    assert (len(response.headers["large"]), response.body) == (400_000, b"hi")


@pytest.mark.parametrize("method", ["Get", "Head", "Put", "Delete", "Patch"])
def test_every_method_is_passed_on(method: str) -> None:
    with serving(hello) as server:
        response, _ = asked(Request(method, server.host, "/"))  # type: ignore[arg-type]
    assert response is not None
    assert response.status == 200
    assert server.asked[0].method == method.upper()


@pytest.mark.conformance("http-egress")
def test_an_error_of_the_server_is_a_response() -> None:
    with serving(lambda asked: (503, {}, b"later")) as server:
        response, _ = asked(Request("Get", server.host, "/"))
    assert response is not None
    assert (response.status, response.body) == (503, b"later")


@pytest.mark.conformance("http-egress")
def test_replies_may_overtake_each_other() -> None:
    may_end = threading.Event()

    def answer(asked: Asked) -> Answered:
        if asked.path == "/slow":
            assert may_end.wait(20)
        return 200, {}, asked.path.encode()

    port = RecordingPort()
    with serving(answer) as server, egress(port) as running:
        running.take(call(1, encode_request(Request("Get", server.host, "/slow"))))
        running.take(call(2, encode_request(Request("Get", server.host, "/quick"))))
        assert decode_response(port.reply_to(2)[1]).body == b"/quick"
        assert 1 not in port.replies
        may_end.set()
        assert decode_response(port.reply_to(1)[1]).body == b"/slow"


@pytest.mark.parametrize("payload", [b"", b"hello", b"{}", b'{"method":"Trace"}', b"\xff"])
@pytest.mark.conformance("http-egress")
def test_what_is_no_request_is_an_error(payload: bytes) -> None:
    port = RecordingPort()
    with egress(port) as running:
        running.take(call(1, payload))
        assert port.reply_to(1) == ("err", b"")
    assert "not the JSON of a request" in port.health_is("trouble")


@pytest.mark.conformance("http-egress-cast")
def test_a_cast_does_nothing_and_is_remarked_once() -> None:
    port = RecordingPort()
    with serving(hello) as server, egress(port) as running:
        for seq in (1, 2):
            running.take(cast(encode_request(Request("Get", server.host, "/")), seq))
    assert not server.asked
    assert len(port.notes) == 1


@pytest.mark.conformance("http-egress")
def test_a_server_that_is_down_is_an_error_and_told() -> None:
    host = f"127.0.0.1:{unused_port()}"
    response, port = asked(Request("Get", host, "/"))
    assert response is None
    assert host in port.healths[-1][1]
    assert "cannot be reached" in port.healths[-1][1]
    assert port.healths[-1][1].endswith("The next call tries again.")
    assert port.healths[0] == ("ready", "no server was asked yet")


@pytest.mark.parametrize(
    ("said", "words"),
    [
        (b"I am no web server.\r\n\r\n", "not HTTP"),
        (b"", "without an answer"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc", "broke its answer off"),
        (b"HTTP/1.1 9999 OK\r\n\r\n", "not HTTP"),
        (b"HTTP/1.1 200 OK\r\n" + b"X: " + b"y" * 450_000 + b"\r\n\r\n", "not HTTP"),
        (b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 101 + b"\r\n", "not HTTP"),
        (b"\x16\x03\x01" + bytes(range(256)) * 4, "not HTTP"),
    ],
    ids=["text", "nothing", "cut off", "status", "large header", "many headers", "bytes"],
)
def test_nonsense_is_an_error_and_told(said: bytes, words: str) -> None:
    with saying(said) as server:
        response, port = asked(Request("Get", server.host, "/"))
    assert response is None
    assert words in port.health_is("trouble")


@pytest.mark.conformance("time-limits")
def test_a_server_that_never_answers_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_egress, "PATIENCE_S", 0.1)
    with saying(None) as server:
        response, port = asked(Request("Get", server.host, "/"))
    assert response is None
    assert "has not answered within 0.1 s" in port.health_is("trouble")


@pytest.mark.conformance("slow")
def test_a_server_that_is_slow_is_told_and_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_client, "SLOW_S", 0.05)
    may_end, port = threading.Event(), RecordingPort()

    def answer(asked: Asked) -> Answered:
        assert may_end.wait(20)
        return hello(asked)

    with serving(answer) as server, egress(port) as running:
        running.take(call(1, encode_request(Request("Get", server.host, "/"))))
        assert "has not answered for 0.05 s" in port.health_is("trouble")
        may_end.set()
        assert port.reply_to(1)[0] == "reply"
        assert port.health_is("ready") == server.url


def test_the_end_does_not_wait_for_a_server_that_never_answers() -> None:
    port = RecordingPort()
    with saying(None) as server:
        with egress(port) as running:
            running.take(call(1, encode_request(Request("Get", server.host, "/"))))
        running.take(call(2, encode_request(Request("Get", server.host, "/"))))
        running.close()
    assert not port.replies


@pytest.mark.conformance("sizes")
def test_an_answer_that_is_too_large_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_client, "MOST_BYTES", 1000)
    with serving(lambda asked: (200, {}, b"x" * 1001)) as server:
        response, port = asked(Request("Get", server.host, "/"))
    assert response is None
    assert "larger than" in port.health_is("trouble")


@pytest.mark.conformance("sizes")
@pytest.mark.parametrize("says_its_length", [True, False])
def test_answers_under_way_have_a_bound_together(says_its_length: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_client, "_under_way", Budget(2 * SIZE))
    monkeypatch.setattr(http_client, "MOST_BYTES", SIZE)
    port = RecordingPort()
    with socket.create_server(("127.0.0.1", 0)) as listening, egress(port) as running, ExitStack() as ending:

        def begin(seq: int, length: bytes) -> socket.socket:
            running.take(call(seq, encode_request(Request("Get", f"127.0.0.1:{listening.getsockname()[1]}", "/"))))
            connection = ending.enter_context(listening.accept()[0])
            connection.recv(65536)
            connection.sendall(b"HTTP/1.1 200 OK\r\n" + length + b"\r\n")
            return connection

        def small(seq: int) -> None:
            with begin(seq, b"content-length: 2\r\n") as connection:
                connection.sendall(b"ok")
                assert decode_response(port.reply_to(seq)[1]).body == b"ok"

        length = b"content-length: %d\r\n" % SIZE if says_its_length else b""
        connections = [begin(seq, length) for seq in range(4)]
        numbers = count(4)
        taken = feed(connections, lambda: small(next(numbers)))
        assert sorted(sent > HELD for sent in taken) == [False, False, True, True]
        for seq, connection, sent in sorted(zip(range(4), connections, taken, strict=True), key=lambda it: -it[2]):
            finish(connection, sent)
            connection.close()
            assert decode_response(port.reply_to(seq)[1]).body == bytes(SIZE)


@pytest.mark.parametrize(
    ("host", "words"),
    [
        ("example.org", 'hosts = ["example.org:80"]'),
        ("example.org@127.0.0.1.evil.example:80", "evil.example"),
        ("169.254.169.254", "never"),
        ("[fe80::1]", "never"),
        ("[::ffff:169.254.169.254]", "never"),
        ("0.0.0.0:80", "never"),
        ("metadata.google.internal", "never"),
        ("", "no host"),
        ("a b", "not a URL"),
        ("10.0.0.1:8080", 'hosts = ["10.0.0.1:8080"]'),
    ],
)
@pytest.mark.conformance("http-egress-hosts")
def test_a_host_that_is_not_allowed_is_not_talked_to(host: str, words: str) -> None:
    response, port = asked(Request("Get", host, "/"))
    assert response is None
    assert words in port.health_is("trouble")


def test_a_name_of_this_machine_is_talked_to() -> None:
    with serving(hello) as server:
        response, _ = asked(Request("Get", f"localhost:{server.port}", "/"))
    assert response is not None
    assert server.asked[0].headers["host"] == f"localhost:{server.port}"


@pytest.mark.parametrize("host", ["127.1", "2130706433", "0x7f000001", "017700000001", "127.0.0.1."])
def test_an_address_may_be_spelled_as_one_likes(host: str) -> None:
    with serving(hello) as server:
        _, port = server.host.split(":")
        response, _ = asked(Request("Get", f"{host}:{port}", "/"))
    assert response is not None
    assert response.status == 200
    assert server.asked[0].headers["host"] == f"127.0.0.1:{port}"


def looked_up(monkeypatch: pytest.MonkeyPatch, address: str) -> list[str]:
    """Every name leads to `address` from now on; the names that were looked up."""
    names: list[str] = []

    def look_up(host: str, port: int, **_: object) -> list[object]:
        names.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    return names


def test_a_name_is_looked_up_once_and_what_was_checked_is_talked_to(monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(hello) as server:
        names = looked_up(monkeypatch, "127.0.0.1")
        response, port = asked(Request("Get", f"allowed.example:{server.port}", "/"), "allowed.example")
    assert response is not None, port.healths
    assert names == ["allowed.example"]
    assert server.asked[0].headers["host"] == f"allowed.example:{server.port}"


def test_a_name_that_leads_to_a_forbidden_address_is_not_talked_to(monkeypatch: pytest.MonkeyPatch) -> None:
    looked_up(monkeypatch, "169.254.169.254")
    response, port = asked(Request("Get", "allowed.example", "/"), "allowed.example")
    assert response is None
    assert "never" in port.health_is("trouble")


def test_https_is_not_spoken_to_a_server_that_cannot() -> None:
    with serving(hello) as server:
        response, port = asked(Request("Get", server.host, "/", "HTTPS"))
    assert response is None
    assert f"https://{server.host} does not talk TLS" in port.health_is("trouble")
    assert not server.asked


@pytest.mark.parametrize(
    "target",
    ["http://169.254.169.254/latest", "http://10.1.2.3/", "file:///etc/passwd", "//example.org/", "ftp://127.0.0.1/"],
)
@pytest.mark.conformance("http-egress-hosts")
def test_a_redirect_leads_nowhere_forbidden(target: str) -> None:
    with serving(lambda asked: (302, {"location": target}, b"")) as server:
        response, port = asked(Request("Get", server.host, "/"))
    assert response is None
    assert len(server.asked) == 1
    assert port.health_is("trouble")


def redirect(asked: Asked) -> Answered:
    if asked.path == "/end":
        return 200, {}, json.dumps([asked.method, asked.body.decode(), asked.headers.get("authorization")]).encode()
    return int(asked.path[1:]), {"location": "/end"}, b""


@pytest.mark.parametrize(("status", "seen"), [(302, ["GET", "", "me"]), (307, ["POST", "body", "me"])])
def test_a_redirect_is_followed(status: int, seen: list[str]) -> None:
    with serving(redirect) as server:
        response, _ = asked(Request("Post", server.host, f"/{status}", "HTTP", {"Authorization": "me"}, b"body"))
    assert response is not None
    assert json.loads(response.body or b"") == seen


def test_a_redirect_to_another_server_takes_no_credentials_along() -> None:
    with serving(redirect) as other, serving(lambda asked: (307, {"location": f"{other.url}/end"}, b"")) as server:
        response, _ = asked(Request("Get", server.host, "/", "HTTP", {"Authorization": "me", "Host": "x"}))
    assert response is not None
    assert json.loads(response.body or b"") == ["GET", "", None]
    assert other.asked[0].headers["host"] == other.host


@pytest.mark.conformance("http-egress-sent")
def test_a_redirect_tells_where_it_came_from() -> None:
    with serving(redirect) as server:
        response, _ = asked(Request("Get", f"me:secret@{server.host}", "/302", "HTTP"))
    assert response is not None
    assert [asked.headers.get("referer") for asked in server.asked] == [None, f"{server.url}/302"]


def test_redirects_come_to_an_end() -> None:
    with serving(lambda asked: (302, {"location": asked.path + "x"}, b"")) as server:
        response, port = asked(Request("Get", server.host, "/"))
    assert response is None
    assert len(server.asked) == 11
    assert "redirects more than 10 times" in port.health_is("trouble")


@pytest.mark.parametrize("headers", [{"a b": "c"}, {"": "c"}, {"a": "b\r\nc: d"}, {"a": "b\x00"}])
def test_a_header_that_cannot_be_sent_is_an_error(headers: dict[str, str]) -> None:
    with serving(hello) as server:
        response, _ = asked(Request("Get", server.host, "/", "HTTP", headers))
    assert response is None
    assert not server.asked


def test_it_says_what_a_server_is_asked() -> None:
    assert KIND.decode(encode_request(Request("Get", "h", "/")), True) == "GET http://h/"
    assert all(KIND.decode(sample, False) for sample in KIND.samples.values())
