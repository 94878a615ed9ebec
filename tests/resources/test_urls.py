"""What a URL means: the host that is judged is the host that is connected to, whoever parses it."""

from __future__ import annotations

import contextlib
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from yarl import URL

from workbench.errors import UserError
from workbench.resources.urls import (
    endpoint_of,
    host_of,
    is_loopback,
    origin_of,
    parse_url,
    percent_encoded,
    plain_name,
    port_of,
)

TAKEN = {
    "http://localhost": ("localhost", 80),
    "HTTP://LOCALHOST:8080/x": ("localhost", 8080),
    "https://example.org.": ("example.org.", 443),
    "http://user:pass@example.org:81/": ("example.org", 81),
    "http://user:p%40ss@example.org/": ("example.org", 80),
    "http://[::1]:8080/": ("::1", 8080),
    "http://[::ffff:127.0.0.1]/": ("::ffff:127.0.0.1", 80),
    "http://127.1/": ("127.1", 80),
    "http://2130706433/": ("2130706433", 80),
    "http://0x7f.1/": ("0x7f.1", 80),
    "http://0177.0.0.1/": ("0177.0.0.1", 80),
    "http://under_score.example/": ("under_score.example", 80),
    "http://b\xfccher.example/": ("b\xfccher.example", 80),
    "http://example.org:/": ("example.org", 80),
    "http://example.org/@evil.example": ("example.org", 80),
    "http://example.org/?@evil.example": ("example.org", 80),
    "http://example.org/#@evil.example": ("example.org", 80),
}
REFUSED = [
    "http://[::1]evil/",
    "http://[::1]evil:80/",
    "http://evil[::1]/",
    "http://[::1/",
    "http://::1/",
    "http://[::1%25eth0]/",
    "http://[fe80::1%eth0]/",
    "http://[localhost]/",
    "http://[127.0.0.1]/",
    "http://a@b@localhost/",
    "http://localhost:80@evil.example@localhost/",
    "http://localhost\\@evil.example/",
    "http://evil.example\\@localhost/",
    "http:\\\\localhost/",
    "http://local\thost/",
    "http://localhost\n.evil.example/",
    "http://localhost%2eevil.example/",
    "http://%6cocalhost/",
    "http://127.0.0.1%00.evil.example/",
    "http://127.0.0.1.1/",
    "http://256.0.0.1/",
    "http://127.0.0.08/",
    "http://1.2.3.0x/",
    "http://evil.1/",
    "http://localhost:99999/",
    "http://localhost:8o/",
    "http://localhost:80:80/",
    "http://a,b/",
    "http://a|b/",
    "http://a*b/",
    "http://fa\xdf.example/",
    "http://a\u200db.example/",
    "http://evil\uff0fexample/",
    "http://evil\u2100example/",
    "http:///localhost/",
    "http:localhost",
    "//localhost/",
    "localhost:80",
    "ftp://localhost/",
    "",
]


@pytest.mark.parametrize(("url", "endpoint"), TAKEN.items())
def test_what_all_parsers_read_alike_is_taken(url: str, endpoint: tuple[str, int]) -> None:
    parts = parse_url(url, ("http", "https"))
    assert (parts.hostname, port_of(parts)) == endpoint == endpoint_of(url)


@pytest.mark.parametrize("url", REFUSED)
def test_what_they_may_read_differently_is_refused_in_a_sentence(url: str) -> None:
    with pytest.raises(UserError, match=r"\.$"):
        parse_url(url, ("http", "https"))


@pytest.mark.parametrize("url", ["http://[::1]evil/", "http://a@b@localhost/", "http://%6cocalhost/"])
def test_what_is_refused_has_no_host_for_anybody(url: str) -> None:
    assert (endpoint_of(url), host_of(url), origin_of(url)) == (None, None, "")


@given(st.text(alphabet="htp:/\\@[].%#?0127xlocalevi \t\xfc", max_size=40).map(lambda rest: f"http://{rest}"))
def test_the_client_reads_the_host_that_is_judged(url: str) -> None:
    with contextlib.suppress(UserError):
        encoded = percent_encoded(url)
        parts = parse_url(encoded, ("http",))
        client = URL(encoded, encoded=encoded.isascii())
        assert plain_name(client.raw_host or "") == plain_name(parts.hostname or "")
        assert client.port == port_of(parts)


@given(st.text(max_size=60))
def test_whatever_is_encoded_stays_so_and_keeps_its_host(text: str) -> None:
    url = f"http://example.org/{text}"
    encoded = percent_encoded(url)
    assert percent_encoded(encoded) == encoded
    assert encoded.isascii()
    assert urlsplit(encoded).netloc == "example.org"
    percent_encoded(text)


@pytest.mark.parametrize(
    ("reference", "encoded"),
    [
        ("http://h/a b?c d#e f", "http://h/a%20b?c%20d"),
        (" http://h/\ta\n ", "http://h/a"),
        ("http://h/\xfc?\xfc", "http://h/%C3%BC?%C3%BC"),
        ("http://h/%20%zz", "http://h/%20%zz"),
        ("http://h/{a}`?{a}`", "http://h/%7Ba%7D%60?{a}`"),
        ("http://h\\a\\b?c\\d", "http://h/a/b?c\\d"),
        ("http://evil\\@localhost/", "http://evil/@localhost/"),
        ("\\\\evil.example/x", "//evil.example/x"),
        ("/a b", "/a%20b"),
        ("", ""),
    ],
)
def test_paths_are_encoded_as_the_standard_says(reference: str, encoded: str) -> None:
    assert percent_encoded(reference) == encoded


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST.", "a.localhost", "127.1", "0x7f000001", "::1", "[::1]"])
def test_this_machine_has_many_names(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize(
    "host", ["localhost.evil.example", "127.0.0.1.nip.io", "evil-localhost", "0.0.0.0", "::", "[::2]"]
)
def test_others_do_not_become_this_machine(host: str) -> None:
    assert not is_loopback(host)
