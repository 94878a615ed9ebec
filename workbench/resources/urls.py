"""URLs and hosts as text: what a name or an address means, whichever way it is spelled. Asks no name server.

A URL's host is judged here and connected to by a client that reads the URL once more. So a URL is taken only if all
parsers read the same host and port in it; the forms they disagree about (WHATWG's standard, RFC 3986, and libraries)
are refused.
"""

from __future__ import annotations

import re
import socket
from collections.abc import Collection
from ipaddress import IPv4Address, IPv6Address
from urllib.parse import SplitResult, quote, urlsplit

from workbench.errors import UserError
from workbench.resources.wording import reason, shown

_USUAL_PORTS = {"http": 80, "https": 443, "redis": 6379}


_AUTHORITY = re.compile(r"(?:[^@/?#\[\]\\]*@)?(\[[0-9A-Fa-f:.]+\]|[^@:/?#\[\]\\%]+)(?::[0-9]{0,5})?")
"""User, host and port. No percent-encoded host, which some decode; no zone of an IPv6 address; one @ at most."""
_NAME = re.compile(r"[0-9a-z._-]+")
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
_READ_DIFFERENTLY = frozenset("\xdf\u03c2\u200c\u200d")
"""Characters that the old standard of names in other scripts (IDNA 2003) changes, and the newer keeps."""
_ADDRESSED = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*:[/\\]{2}[^/\\?#]*)?([^?#]*)(\?[^#]*)?(?:#.*)?", re.DOTALL)
_CONTROLS = "".join(map(chr, range(33)))


def parse_url(url: str, schemes: Collection[str]) -> SplitResult:
    """The parts of `url`. Raises `UserError` unless it has one of the `schemes` and a host, whichever that is."""
    if any(character.isspace() or not character.isprintable() or character == "\\" for character in url):
        raise UserError(f"{shown(url)} is not a URL: it has blanks, backslashes or control characters in it.")
    try:
        parts = _split(url)
    except ValueError as error:
        raise UserError(f"{shown(url)} is not a URL: {reason(error)}.") from error
    if parts.scheme not in schemes:
        raise UserError(f"{shown(url)} does not begin with {' or '.join(f'{scheme}://' for scheme in schemes)}.")
    if not parts.hostname:
        raise UserError(f"{shown(url)} names no host.")
    return parts


def percent_encoded(reference: str) -> str:
    """A URL, or what leads from one to another, as it goes over the network: without a fragment, and with what no path
    and no query can hold percent-encoded, as WHATWG's standard says. The host is left alone."""
    text = re.sub(r"[\t\n\r]", "", reference.strip(_CONTROLS))
    found = _ADDRESSED.fullmatch(text)
    assert found
    before, path, query = (part or "" for part in found.groups())
    path = quote(path.replace("\\", "/"), safe="!$%&'()*+,/:;=@[]^|~")
    return before.replace("\\", "/") + path + quote(query, safe="!$%&()*+,/:;=?@[\\]^`{|}~")


def _split(url: str) -> SplitResult:
    """Raises `ValueError` for what not all read alike. No host is fine."""
    parts = urlsplit(url)
    if not parts.netloc:
        return parts
    found = _AUTHORITY.fullmatch(parts.netloc)
    if found is None:
        raise ValueError("what stands for its host can be read in several ways")
    host, _ = found[1], parts.port
    if host.startswith("["):
        IPv6Address(host[1:-1])
        return parts
    name = plain_name(host)
    if not _READ_DIFFERENTLY.isdisjoint(host) or not _NAME.fullmatch(name):
        raise ValueError("its host has characters that not all names of hosts have; write it in ASCII (xn--…)")
    if _NUMBER.fullmatch(name.rpartition(".")[2]) and literal(name) is None:
        raise ValueError("its host ends with a number and is no address")
    return parts


def port_of(url: SplitResult) -> int | None:
    """The port of a URL, or the usual one of its scheme; None where there is none."""
    return url.port if url.port is not None else _USUAL_PORTS.get(url.scheme)


def origin_of(url: str) -> str:
    """Scheme, host and port of a URL, without what else stands in it: passwords, for one. Empty when it is no URL."""
    try:
        parts = _split(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        return ""
    if not host:
        return ""
    return f"{parts.scheme}://{authority(host, port)}"


def endpoint_of(url: str) -> tuple[str, int | None] | None:
    """Host and port of a URL, the usual one of its scheme where it names none; None when it has no host, or is none."""
    try:
        parts = _split(url)
    except ValueError:
        return None
    return (parts.hostname, port_of(parts)) if parts.hostname else None


def host_of(url: str) -> str | None:
    """The host of a URL, as `Permits.hosts` has it; None when it names none, or is no URL."""
    found = endpoint_of(url)
    return None if found is None else found[0]


def literal(host: str) -> IPv4Address | IPv6Address | None:
    """The address that `host` spells, in any form a C library takes (`127.1`, `0x7f000001`, `017700000001`, `::1`,
    `[::1]`, `fe80::1%eth0`); None when it is a name."""
    text = host.removeprefix("[").removesuffix("]") if host.startswith("[") else host
    try:
        return IPv6Address(text)
    except ValueError:
        pass
    text = plain_name(text)
    if any(character.isspace() for character in text):  # of which the C library reads only what is before
        return None
    try:
        return IPv4Address(socket.inet_aton(text))
    except (OSError, UnicodeError, ValueError):
        return None


def is_loopback(host: str) -> bool:
    """Whether `host`, a name or an address in any form, means this machine alone."""
    address = literal(host)
    if address is not None:
        return plain_address(address).is_loopback
    name = plain_name(host)
    return name == "localhost" or name.endswith(".localhost")


def plain_address(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """The IPv4 address that the machine itself makes of an IPv6 one; otherwise the address itself."""
    return (address.ipv4_mapped if isinstance(address, IPv6Address) else None) or address


def plain_name(host: str) -> str:
    """A host's name as name servers compare it: ASCII, small letters, no dot at the end."""
    name = host.lower().removesuffix(".")
    if name.isascii():
        return name
    try:
        return name.encode("idna").decode("ascii")
    except UnicodeError:
        return name


def means(pattern: str, host: str, port: int | None) -> bool:
    """Whether an entry of `hosts` means this host."""
    try:
        parts = urlsplit("//" + (f"[{pattern}]" if _is_ipv6(pattern) else pattern))
        wanted, wanted_port = parts.hostname, parts.port
    except ValueError:
        return False
    if not wanted or (wanted_port is not None and wanted_port != port):
        return False
    address, wanted_address = literal(host), literal(wanted)
    if address is not None and wanted_address is not None:
        return plain_address(address) == plain_address(wanted_address)
    if address is not None or wanted_address is not None:
        return False
    if wanted.startswith("*."):
        return plain_name(host).endswith("." + plain_name(wanted[2:])) and bool(plain_name(wanted[2:]))
    return plain_name(host) == plain_name(wanted)


def authority(host: str, port: int | None) -> str:
    """How a URL writes a host and a port: `[::1]:80`."""
    bare = host.removeprefix("[").removesuffix("]")
    written = f"[{bare}]" if ":" in bare else bare
    return written if port is None else f"{written}:{port}"


def _is_ipv6(text: str) -> bool:
    try:
        IPv6Address(text)
    except ValueError:
        return False
    return True
