"""What resources may touch, whatever they are told."""

from __future__ import annotations

import contextlib
import ipaddress
import os
import socket
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from workbench.errors import UserError
from workbench.resources.model import Permits
from workbench.resources.sandbox import addresses, allowed_path, check_host, check_url, leaves, real_paths
from workbench.resources.urls import is_loopback, literal

NOTHING = Permits(())
HOSTS = Permits(
    (), ("example.org", "other.org:8080", "*.wild.org", "10.0.0.1", "[2001:db8::1]:80", "2001:db8::2", "münchen.de")
)


FULL_WIDTH_ZERO = 0xFF10


def spellings(address: int) -> list[str]:
    """The ways to write an IPv4 address that a C library or a client may take."""
    parts = [address >> shift & 255 for shift in (24, 16, 8, 0)]
    dotted = ".".join(map(str, parts))
    return [
        dotted,
        str(address),
        hex(address),
        f"0{address:o}",
        ".".join(f"0{part:o}" for part in parts),
        ".".join(map(hex, parts)),
        f"{parts[0]}.{address & 0xFFFFFF}",
        f"{parts[0]}.{parts[1]}.{address & 0xFFFF}",
        f"::ffff:{dotted}",
        f"[::ffff:{dotted}]",
        dotted + ".",
        "".join(chr(FULL_WIDTH_ZERO + int(character)) if character.isdigit() else character for character in dotted),
    ]


def detours(address: int) -> list[str]:
    """IPv6 addresses from which a gateway delivers to an IPv4 address."""
    dotted = str(ipaddress.IPv4Address(address))
    return [f"64:ff9b::{dotted}", f"2002:{address >> 16:x}:{address & 0xFFFF:x}::1"]


def refused(host: str, permits: Permits, port: int | None = None) -> bool:
    try:
        check_host(host, port, permits)
    except UserError:
        return True
    return False


@given(st.integers(0x7F000000, 0x7FFFFFFF), st.data())
def test_loopback_is_allowed_in_every_spelling(address: int, data: st.DataObject) -> None:
    host = data.draw(st.sampled_from(spellings(address)))
    assert is_loopback(host)
    check_host(host, None, NOTHING)


@given(st.one_of(st.integers(0xA9FE0000, 0xA9FEFFFF), st.integers(0, 0xFFFFFF), st.integers(0xE0000000, 0xEFFFFFFF)))
@example(0xFFFFFFFF)
@example(0x646464C8)
@example(0xA83F8110)
def test_what_is_link_local_nowhere_or_hands_out_secrets_is_never_allowed(address: int) -> None:
    for host in spellings(address) + detours(address):
        assert refused(host, Permits((), (str(ipaddress.IPv4Address(address)), host)))


@given(st.integers(0, (1 << 118) - 1), st.sampled_from(["", "%eth0", "%1"]))
def test_link_local_ipv6_is_never_allowed(rest: int, zone: str) -> None:
    host = str(ipaddress.IPv6Address((0xFE80 << 112) | rest)) + zone
    assert refused(host, Permits((), (host,)))


@given(st.integers(0x01000000, 0xFFFFFFFF))
def test_no_other_address_is_allowed_unless_the_project_says_so(address: int) -> None:
    hosts = detours(address) + ([] if address >> 24 == 127 else spellings(address))
    assert all(refused(host, NOTHING) for host in hosts)
    assert not any(map(is_loopback, hosts))


@pytest.mark.parametrize(
    "host", ["::", "fd00:ec2::254", "ff02::1", "metadata.google.internal", "METADATA.google.internal."]
)
def test_some_hosts_are_never_allowed(host: str) -> None:
    assert refused(host, Permits((), (host, f"[{host}]")))


@pytest.mark.parametrize(
    ("host", "port"),
    [
        ("localhost", None),
        ("LOCALHOST.", 1),
        ("a.localhost", 1),
        ("::1", 1),
        ("[::1]", 1),
        ("example.org", 1),
        ("EXAMPLE.ORG.", None),
        ("other.org", 8080),
        ("a.wild.org", 1),
        ("a.b.wild.org", 1),
        ("10.0.0.1", 1),
        ("::ffff:10.0.0.1", 1),
        ("167772161", 1),
        ("2001:db8::1", 80),
        ("2001:DB8:0::2", 1),
        ("MÜNCHEN.de", 1),
        ("xn--mnchen-3ya.de", 1),
    ],
)
def test_a_host_is_allowed_by_its_name(host: str, port: int | None) -> None:
    check_host(host, port, HOSTS)


@pytest.mark.parametrize(
    ("host", "port"),
    [
        ("other.org", 80),
        ("other.org", None),
        ("wild.org", 1),
        ("awild.org", 1),
        ("a.example.org", 1),
        ("example.org.evil.org", 1),
        ("example.org@evil.org", 1),
        ("evil.org/example.org", 1),
        ("example.org ", 1),
        ("example.org\n", 1),
        ("localhost\0.evil.org", 1),
        ("localhost evil.org", 1),
        ("127.0.0.1 evil.org", 1),
        ("localhost.evil.org", 1),
        ("notlocalhost", 1),
        ("2001:db8::1", 81),
        ("10.0.0.2", 1),
        ("", 1),
    ],
)
def test_any_other_host_is_refused(host: str, port: int | None) -> None:
    assert refused(host, HOSTS, port)


def test_a_refusal_says_what_to_allow_and_where() -> None:
    with pytest.raises(UserError, match=r'hosts = \["db.org:5432"\] under \[resources\] in workbench.toml'):
        check_host("db.org", 5432, NOTHING)
    with pytest.raises(UserError, match=r'hosts = \["\[2001:db8::3\]:80"\]'):
        check_host("2001:db8::3", 80, NOTHING)


@given(st.text(max_size=60))
def test_any_text_is_a_host_that_is_allowed_or_refused_in_a_sentence(host: str) -> None:
    with contextlib.suppress(UserError):
        check_host(host, None, HOSTS)
        assert is_loopback(host) or literal(host) is not None or host.strip(".").lower().endswith((".org", ".de"))


@given(st.text(alphabet="0123456789abcdefx.:[]%", max_size=40))
def test_what_looks_like_an_address_is_taken_for_what_connecting_takes_it_for(host: str) -> None:
    with contextlib.suppress(UserError):
        check_host(host, None, NOTHING)
        bare = host.removeprefix("[").removesuffix("]")
        found = socket.getaddrinfo(bare, 80, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)
        assert all(is_loopback(str(entry[4][0])) for entry in found)


def test_a_name_becomes_addresses_that_were_checked() -> None:
    assert all(is_loopback(address) for address in addresses("localhost", 80, NOTHING))
    assert addresses("0x7f000001", 80, NOTHING) == ("127.0.0.1",)
    with pytest.raises(UserError):
        addresses("example.org", 80, NOTHING)


@pytest.mark.parametrize("answer", ["169.254.169.254", "::ffff:169.254.169.254", "fe80::1", "0.0.0.0", "::"])
def test_a_name_that_is_allowed_does_not_lead_where_nobody_may_go(monkeypatch: pytest.MonkeyPatch, answer: str) -> None:
    # The name server is outside of the machine.
    answers = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (each, 80)) for each in ("93.184.216.34", answer)]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *arguments, **options: answers)
    with pytest.raises(UserError, match="never talk"):
        addresses("example.org", 80, HOSTS)


def test_localhost_is_this_machine_whatever_the_name_server_says(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("93.184.216.34", 80))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *arguments, **options: answers)
    with pytest.raises(UserError, match="leads away"):
        addresses("a.localhost", 80, HOSTS)


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "gopher://localhost",
        "HTTP//localhost",
        "http:localhost",
        "http:///path",
        "http://localhost:99999",
        "http://localhost\\@evil.org",
        "http://evil.org\\@localhost",
        "http://localhost@evil.org",
        "http://evil.org#@localhost",
        "http://[::1",
        "http://local host",
        "http://localhost\r\nHost: evil.org",
        "http://169.254.169.254/latest",
        "http://[fe80::1]/",
        "http://other.org/",
        "",
    ],
)
def test_a_url_is_refused_when_anyone_could_read_another_host_in_it(url: str) -> None:
    with pytest.raises(UserError):
        check_url(url, ("http",), HOSTS)


def test_the_usual_port_of_a_url_counts() -> None:
    permits = Permits((), ("other.org:80", "other.org:443"))
    assert check_url("http://other.org/x", ("http", "https"), permits).path == "/x"
    assert check_url("HTTPS://other.org", ("http", "https"), permits).hostname == "other.org"
    with pytest.raises(UserError):
        check_url("http://other.org:8080", ("http", "https"), permits)


@pytest.mark.parametrize(
    ("url", "hosts", "away"),
    [
        ("http://127.0.0.1:1/", (), False),
        ("http://[::1]:1/", (), False),
        ("http://localhost/", (), False),
        ("http://example.org/", (), True),
        ("http://10.0.0.1/", (), True),
        ("http://10.0.0.1/", ("10.0.0.1",), False),
        ("https://api.example.org/", ("*.example.org:443",), False),
        ("https://api.example.org:8443/", ("*.example.org:443",), True),
        ("redis://cache", ("cache:6379",), False),
        ("nonsense", (), False),
        ("http://[", (), False),
        ("http://example.org:port/", (), False),
    ],
)
def test_a_server_elsewhere_that_nobody_allowed_leads_away(url: str, hosts: tuple[str, ...], away: bool) -> None:
    assert leaves([url], hosts) is away
    assert leaves(["http://localhost/", url], hosts) is away


@pytest.fixture
def allowed(tmp_path: Path) -> Permits:
    for name in ("first", "second", "outside"):
        (tmp_path / name).mkdir()
    return Permits((tmp_path / "first", tmp_path / "second"))


def test_a_relative_name_begins_at_the_first_directory(allowed: Permits, tmp_path: Path) -> None:
    assert allowed_path("a/b", allowed) == tmp_path / "first" / "a" / "b"
    assert allowed_path(str(tmp_path / "second" / "a"), allowed) == tmp_path / "second" / "a"
    assert allowed_path("../second/a", allowed) == tmp_path / "second" / "a"


@pytest.mark.parametrize(
    "name",
    [
        "",
        "..",
        "../outside/a",
        "../first2",
        "/etc/passwd",
        "a/../../a",
        "/",
        "a\0b",
        "out/a",
        "out/../a",
        "chain",
        "loop",
    ],
)
def test_what_leads_out_is_refused(allowed: Permits, tmp_path: Path, name: str) -> None:
    first = tmp_path / "first"
    (first / "out").symlink_to(tmp_path / "outside")
    (first / "chain").symlink_to("out/not-there")
    (first / "loop").symlink_to("loop")
    with pytest.raises(UserError):
        allowed_path(name, allowed)


def test_a_link_within_is_followed(allowed: Permits, tmp_path: Path) -> None:
    (tmp_path / "first" / "link").symlink_to(tmp_path / "second")
    assert allowed_path("link/a", allowed) == tmp_path / "second" / "a"


def test_a_directory_that_is_a_link_itself_is_where_it_leads(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    assert allowed_path("a", Permits(real_paths([tmp_path / "link"]))) == tmp_path / "real" / "a"


def test_pipes_sockets_and_devices_are_no_files(allowed: Permits, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "first" / "pipe")
    with socket.socket(socket.AF_UNIX) as bound:
        bound.bind(str(tmp_path / "first" / "socket"))
    for name, permits in (("pipe", allowed), ("socket", allowed), ("null", Permits((Path("/dev"),)))):
        with pytest.raises(UserError, match="regular file"):
            allowed_path(name, permits)


def test_the_advice_keeps_what_is_allowed_and_names_no_more_than_is_needed(allowed: Permits, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "file").touch()
    kept = f'"{tmp_path / "first"}", "{tmp_path / "second"}"'
    for name, needed in (
        (str(tmp_path / "in"), tmp_path / "in"),
        (str(tmp_path / "in" / "file"), tmp_path / "in"),
        (str(tmp_path / "in" / "new"), tmp_path / "in"),
        ("/etc", Path("/etc")),
        ("/gone", Path("/gone")),
    ):
        with pytest.raises(UserError) as refused:
            allowed_path(name, allowed)
        assert f'directories = [{kept}, "{needed}"] under [resources]' in str(refused.value)


def test_where_no_directory_is_allowed_no_file_is() -> None:
    with pytest.raises(UserError, match="directories = "):
        allowed_path("a", NOTHING)


PIECES = st.sampled_from(["a", "b", "..", ".", "", "out", "in", "loop", "first", "second", "outside", "~", "x" * 300])


@given(st.lists(PIECES, max_size=12), st.booleans())
def test_whatever_is_asked_for_the_answer_lies_within(
    tmp_path_factory: pytest.TempPathFactory, pieces: list[str], absolute: bool
) -> None:
    root = tmp_path_factory.getbasetemp() / "within"
    if not root.exists():
        for name in ("first/a", "second", "outside"):
            (root / name).mkdir(parents=True)
        (root / "first" / "out").symlink_to("../outside")
        (root / "first" / "in").symlink_to("a")
        (root / "first" / "loop").symlink_to("loop/a")
    permits = Permits((root / "first", root / "second"))
    name = "/".join(pieces)
    with contextlib.suppress(UserError):
        path = allowed_path(f"{root}/{name}" if absolute else name, permits)
        assert any(path.is_relative_to(directory) for directory in permits.directories)
        assert path == Path(os.path.realpath(path))


@given(st.text(max_size=40))
def test_any_name_gives_a_path_within_or_a_sentence(tmp_path_factory: pytest.TempPathFactory, name: str) -> None:
    root = tmp_path_factory.getbasetemp()
    with contextlib.suppress(UserError):
        assert allowed_path(name, Permits((root,))).is_relative_to(root)
