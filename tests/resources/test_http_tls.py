"""HTTPS with real certificates on loopback: of a CA that is trusted, of one that is not, and for another name."""

from __future__ import annotations

import ssl
from pathlib import Path

import pytest
import trustme

from tests.resources.ports import RecordingPort, call, cast, part
from tests.resources.servers import Answered, Asked, serving
from workbench.resources import faults, http_egress, http_poster
from workbench.resources.http_message import Request, decode_response, encode_request


def hello(asked: Asked) -> Answered:
    return 200, {}, b"hello " + asked.body


def certified(authority: trustme.CA, name: str) -> ssl.SSLContext:
    """What a server needs that is called so."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(name).configure_cert(context)
    return context


@pytest.fixture
def authority(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> trustme.CA:
    """A CA that this environment trusts."""
    made = trustme.CA()
    made.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    return made


def asked_egress(host: str) -> tuple[tuple[str, bytes], RecordingPort]:
    """How a call to http-egress was answered that asks this host by HTTPS."""
    port = RecordingPort()
    running = faults.start(http_egress.KIND, part("http-egress", {}), port)
    try:
        running.take(call(1, encode_request(Request("Post", host, "/", "HTTPS", {}, b"you"))))
        return port.reply_to(1), port
    finally:
        running.close()


@pytest.mark.conformance("http-tls")
def test_a_server_of_a_trusted_ca_is_talked_to(authority: trustme.CA) -> None:
    with serving(hello, tls=certified(authority, "127.0.0.1")) as server:
        (outcome, payload), port = asked_egress(server.host)
    assert outcome == "reply"
    assert decode_response(payload).body == b"hello you"
    assert port.health_is("ready") == f"https://{server.host}"


@pytest.mark.conformance("http-tls")
def test_a_poster_posts_to_one(authority: trustme.CA) -> None:
    port = RecordingPort()
    with serving(hello, tls=certified(authority, "127.0.0.1")) as server:
        running = faults.start(http_poster.KIND, part("http-poster", {"url": server.url}), port)
        running.take(cast("x"))
        running.close()
    assert [asked.body for asked in server.asked] == [b"x"]
    assert port.healths[-1] == ("ready", server.url)


@pytest.mark.conformance("http-tls")
def test_a_certificate_of_nobody_trusted_is_refused_in_a_sentence(authority: trustme.CA) -> None:
    with serving(hello, tls=certified(trustme.CA(), "127.0.0.1")) as server:
        (outcome, _), port = asked_egress(server.host)
    assert outcome == "err"
    assert not server.asked
    told = port.health_is("trouble")
    assert told.startswith(f"https://{server.host} shows a certificate that is not trusted: ")
    assert "SSL_CERT_FILE" in told


@pytest.mark.conformance("http-tls")
def test_a_certificate_of_another_name_is_refused(authority: trustme.CA) -> None:
    with serving(hello, tls=certified(authority, "elsewhere.example")) as server:
        (outcome, _), port = asked_egress(server.host)
    assert outcome == "err"
    assert not server.asked
    assert "127.0.0.1" in port.health_is("trouble")
