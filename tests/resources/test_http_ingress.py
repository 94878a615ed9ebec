"""`http-ingress`: which requests it takes, and what becomes of them."""

from __future__ import annotations

import json
import socket
from base64 import b64encode

import pytest

from tests.resources.asking import CLOSED, Asking, Got, ask, called, ingress, start
from tests.resources.ports import PATIENCE_S, WORKFLOW_ID, RecordingPort
from workbench.errors import UserError
from workbench.records import ReplyOutcome
from workbench.resources.http_message import Response, decode_request, encode_response
from workbench.resources.model import Permits


def answered(outcome: ReplyOutcome, payload: bytes) -> tuple[Got, RecordingPort]:
    with ingress() as it:
        asking = Asking(lambda: ask(it.address))
        called(it.port)(outcome, payload)
        return asking.got(), it.port


@pytest.mark.conformance("http-ingress-call")
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
        answer("reply", encode_response(Response(201, {"X-Answer": "here", "Server": "mine"}, b"made")))
        got = asking.got()
    assert (got.status, got.body, got.headers["x-answer"]) == (201, b"made", "here")
    assert set(got.headers) == {"x-answer", "server", "content-length", "date"}


@pytest.mark.conformance("http-ingress-call")
def test_a_request_without_a_body_has_an_empty_one() -> None:
    with ingress() as it:
        asking = Asking(lambda: ask(it.address))
        answer = called(it.port)
        assert json.loads(it.port.calls[0][1])["body"] == []
        answer("reply", encode_response(Response(200, {"content-type": "application/octet-stream"}, b"x")))
        assert asking.got().headers["content-type"] == "application/octet-stream"


@pytest.mark.parametrize("outcome", ["noreply", "err"])
@pytest.mark.conformance("http-ingress-reply")
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
        b'{"status":200,"status":200,"body":null,"headers":{}}',
        b'{"status":200,"st\\u0061tus":200,"body":null,"headers":{}}',
        b"[null,200]",
        b"[null,200,{},1]",
        encode_response(Response(200, {"content-length": "1", "transfer-encoding": "chunked"}, b"x")),
        encode_response(Response(1000)),
    ],
)
@pytest.mark.conformance("http-ingress-reply")
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
    got, port = answered("reply", encode_response(Response(200, headers, b"x")))
    assert got.headers["ok"] == "fine"
    assert set(got.headers).isdisjoint({"a b", "split", "set-cookie"})
    assert got.headers["umlaut"].encode("latin-1").decode() == "ü"
    (note,) = port.notes
    assert "headers that are left out (a b, split)" in note


@pytest.mark.parametrize("status", [204, 304])
def test_a_response_that_has_no_body_gets_none(status: int) -> None:
    got, _ = answered("reply", encode_response(Response(status, {}, b"body")))
    assert (got.status, got.body) == (status, b"")


@pytest.mark.conformance("http-ingress-match")
def test_the_host_is_compared_with_its_port() -> None:
    with ingress({"host": "demo.example:80"}) as it:
        assert ask(it.address).status == 404
        assert ask(it.address, headers={"Host": "demo.example"}).status == 404
        asking = Asking(lambda: ask(it.address, headers={"Host": "demo.example:80"}))
        called(it.port)("reply", encode_response(Response(200)))
        assert asking.got().status == 200
        (note,) = it.port.notes
    assert "demo.example:80" in note


@pytest.mark.conformance("http-ingress-match")
def test_only_the_methods_that_are_listed_are_taken() -> None:
    with ingress({"method": "GET,POST"}) as it:
        assert ask(it.address, "PUT").status == 404
        asking = Asking(lambda: ask(it.address, "POST"))
        called(it.port)("reply", encode_response(Response(200)))
        assert asking.got().status == 200


@pytest.mark.parametrize("method", ["", "get", "GET, POST", "GET,TRACE", "GET,"])
@pytest.mark.conformance("http-ingress-match")
def test_a_method_that_is_not_known_is_refused_at_the_start(method: str) -> None:
    with pytest.raises(UserError, match="is no method that"):
        start(Permits((), http_port=0), {"method": method})


@pytest.mark.parametrize("method", ["OPTIONS", "TRACE", "CONNECT", "FOO"])
@pytest.mark.conformance("http-ingress-closes")
def test_a_method_that_the_platform_does_not_know_closes_the_connection(method: str) -> None:
    with ingress() as it:
        with pytest.raises(CLOSED):
            ask(it.address, method)
        assert any("no method that the platform knows" in note for note in it.port.notes)


@pytest.mark.conformance("http-ingress-match")
def test_methods_for_method_takes_all_and_is_remarked() -> None:
    with ingress({"methods": "GET"}) as it:
        asking = Asking(lambda: ask(it.address, "PUT"))
        called(it.port)("reply", encode_response(Response(200)))
        assert asking.got().status == 200
        assert any("`methods`" in note for note in it.port.notes)


@pytest.mark.conformance("http-ingress-match")
def test_a_workflows_id_may_be_asked_for() -> None:
    with ingress({"wf_id": "TRUE"}) as it:
        assert ask(it.address).status == 404
        assert ask(it.address, path="/?wf_id=another").status == 404
        asking = Asking(lambda: ask(it.address, path=f"/x?a=b&wf_id={WORKFLOW_ID}"))
        called(it.port)("reply", encode_response(Response(200)))
        assert asking.got().status == 200


@pytest.mark.conformance("http-ingress-match")
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


@pytest.mark.conformance("http-ingress-async")
def test_async_casts_the_body_and_answers_at_once() -> None:
    with ingress({"async": "true"}) as it:
        got = ask(it.address, "POST", body="grüß".encode())
        assert (got.status, got.body) == (200, b"OK")
        assert it.port.casts == [("new_request", "grüß".encode())]
        with pytest.raises(CLOSED):
            ask(it.address, "POST", body=b"\xff")
        assert len(it.port.casts) == 1
        assert len(it.port.notes) == 1


@pytest.mark.conformance("http-ingress-async")
def test_async_with_base64_casts_any_body() -> None:
    with ingress({"async": "True", "encode_base64": "TRUE"}) as it:
        assert ask(it.address, "POST", body=b"\xff\xfe").status == 200
        assert it.port.casts == [("new_request", b64encode(b"\xff\xfe"))]


def test_a_request_that_names_no_host_goes_to_the_address_it_came_to() -> None:
    with ingress() as it:
        host, port = it.address.split(":")
        with socket.create_connection((host, int(port)), PATIENCE_S) as connection:
            connection.sendall(b"GET / HTTP/1.0\r\n\r\n")
            called(it.port)
            assert decode_request(it.port.calls[0][1]).host == it.address


def test_what_was_packed_is_passed_on_as_it_came() -> None:
    with ingress({"async": "true", "encode_base64": "true"}) as it:
        assert ask(it.address, "POST", body=b"not gzip", headers={"Content-Encoding": "gzip"}).status == 200
        assert it.port.casts == [("new_request", b64encode(b"not gzip"))]
