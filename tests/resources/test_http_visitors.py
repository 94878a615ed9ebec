"""Who may ask `http-ingress`: this machine, not the web pages of others."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.resources.asking import ask, raw, start
from workbench.config import read_settings
from workbench.resources import standing
from workbench.resources.http_visitors import foreign
from workbench.resources.model import Permits


def why(headers: Mapping[str, str], sites: tuple[str, ...] = (), named: tuple[str, ...] = ()) -> str | None:
    return foreign([(name, value.encode("latin-1")) for name, value in headers.items()], sites, named)


@pytest.mark.parametrize(
    ("headers", "sites", "named"),
    [
        ({}, (), ()),
        ({"host": "localhost"}, (), ()),
        ({"host": "127.0.0.1:7035"}, (), ()),
        ({"host": "[::1]:7035"}, (), ()),
        ({"host": "LOCALHOST.:7035"}, (), ()),
        ({"host": "web.localhost"}, (), ()),
        ({"host": "127.1"}, (), ()),
        ({"host": "demo.example:80"}, (), ("demo.example:80",)),
        ({"host": "demo.example"}, (), ("demo.example:80",)),
        ({"host": "demo.example"}, ("demo.example",), ()),
        ({"host": "anything"}, ("*",), ()),
        ({"origin": "http://localhost:3000", "sec-fetch-site": "cross-site"}, (), ()),
        ({"origin": "https://app.example"}, ("app.example",), ()),
        ({"origin": "https://app.example:81"}, ("*.example",), ()),
        ({"origin": "http://demo.example"}, (), ("demo.example",)),
        ({"origin": "null"}, ("*",), ()),
        ({"sec-fetch-site": "same-origin"}, (), ()),
        ({"sec-fetch-site": "none"}, (), ()),
    ],
)
@pytest.mark.conformance("http-ingress-pages")
def test_programs_and_allowed_pages_may_ask(
    headers: Mapping[str, str], sites: tuple[str, ...], named: tuple[str, ...]
) -> None:
    assert why(headers, sites, named) is None


@pytest.mark.parametrize(
    ("headers", "sites", "line"),
    [
        ({"host": "evil.example:7035"}, (), '["evil.example"]'),
        ({"host": "localhost.evil.example"}, (), '["localhost.evil.example"]'),
        ({"host": "127.0.0.1.nip.io"}, (), '["127.0.0.1.nip.io"]'),
        ({"host": "0.0.0.0:7035"}, (), '["0.0.0.0"]'),
        ({"host": "192.168.1.2"}, (), '["192.168.1.2"]'),
        ({"host": "[fe80::1]"}, (), '["[fe80::1]"]'),
        ({"origin": "https://evil.example"}, (), '["evil.example"]'),
        ({"origin": "https://evil.example"}, ("app.example",), '["app.example", "evil.example"]'),
        ({"origin": "https://app.example.evil"}, ("app.example", "*.example"), '"app.example.evil"]'),
        ({"origin": "null"}, (), '["*"]'),
        ({"sec-fetch-site": "cross-site"}, (), '["*"]'),
        ({"sec-fetch-site": "cross-site"}, ("app.example",), '["app.example", "*"]'),
    ],
)
@pytest.mark.conformance("http-ingress-pages")
def test_pages_of_others_may_not_and_are_told_the_line(
    headers: Mapping[str, str], sites: tuple[str, ...], line: str, tmp_path: Path
) -> None:
    told = why(headers, sites)
    assert told is not None
    assert line in told
    found = re.search(r"http_sites = .*(?= under)", told)
    assert found
    settings = tmp_path / "workbench.toml"
    settings.write_text(f"[resources]\n{found[0]}\n")
    assert why(headers, read_settings(settings).resources.http_sites) is None


@pytest.mark.parametrize("host", ["", "[::1", "[::1]evil", "localhost@evil.example", "a b", "\xfc", "localhost#a"])
@pytest.mark.conformance("http-ingress-pages")
def test_what_is_no_host_is_not_taken_either(host: str) -> None:
    for headers in ({"host": host}, {"origin": f"http://{host}"}, {"origin": host}):
        told = why(headers)
        assert told is not None
        assert "which is none" in told


@pytest.mark.conformance("http-ingress-pages")
def test_both_of_two_hosts_count() -> None:
    headers = [("host", b"localhost"), ("host", b"evil.example")]
    assert foreign(headers, (), ()) is not None
    assert foreign(list(reversed(headers)), (), ()) is not None


@pytest.mark.conformance("http-ingress-pages")
def test_a_page_of_another_site_gets_403_and_no_function_hears_of_it() -> None:
    it = start(Permits((), http_port=0), {"async": "true"})
    try:
        got = ask(it.address, "POST", body=b"x", headers={"Origin": "https://evil.example"})
        assert got.status == 403
        assert b'http_sites = ["evil.example"]' in got.body
        rebound = raw(it.address, b"POST / HTTP/1.1\r\nHost: evil.example\r\nContent-Length: 1\r\n\r\nx")
        assert rebound.startswith(b"HTTP/1.1 403 Forbidden\r\n")
        assert not it.port.casts
        assert len(it.port.notes) == 2
        assert all("which the platform takes" in note for note in it.port.notes)
    finally:
        it.running.close()


@pytest.mark.conformance("http-ingress-pages")
def test_a_page_that_the_project_allows_is_answered() -> None:
    it = start(Permits((), http_port=0, http_sites=("app.example",)), {"async": "true"})
    try:
        assert ask(it.address, "POST", headers={"Origin": "https://app.example"}).status == 200
        assert ask(it.address, "POST", headers={"Origin": "https://other.example"}).status == 403
    finally:
        it.running.close()


def test_pages_without_end_are_remarked_with_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(standing, "MOST_REMARKS", 3)
    it = start(Permits((), http_port=0), {"async": "true"})
    try:
        for number in range(6):
            assert ask(it.address, headers={"Origin": f"https://evil-{number}.example"}).status == 403
        assert len(it.port.notes) == 4
        assert "no more are made" in it.port.notes[-1]
    finally:
        it.running.close()
