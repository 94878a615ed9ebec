"""URLs and hosts as text: what a name or an address means, whichever way it is spelled. Asks no name server."""

from __future__ import annotations

import socket
from collections.abc import Collection
from ipaddress import IPv4Address, IPv6Address
from urllib.parse import SplitResult, urlsplit

from workbench.errors import UserError
from workbench.resources.wording import reason, shown

_USUAL_PORTS = {"http": 80, "https": 443, "redis": 6379}


def parse_url(url: str, schemes: Collection[str]) -> SplitResult:
    """The parts of `url`. Raises `UserError` unless it has one of the `schemes` and a host, whichever that is."""
    # What parsers of URLs disagree about is refused, so that no client can read another host in it than was checked.
    if any(character.isspace() or not character.isprintable() or character == "\\" for character in url):
        raise UserError(f"{shown(url)} is not a URL: it has blanks, backslashes or control characters in it.")
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError as error:
        raise UserError(f"{shown(url)} is not a URL: {reason(error)}.") from error
    if parts.scheme not in schemes:
        raise UserError(f"{shown(url)} does not begin with {' or '.join(f'{scheme}://' for scheme in schemes)}.")
    if not host:
        raise UserError(f"{shown(url)} names no host.")
    return parts


def port_of(url: SplitResult) -> int | None:
    """The port of a URL, or the usual one of its scheme; None where there is none."""
    return url.port if url.port is not None else _USUAL_PORTS.get(url.scheme)


def origin_of(url: str) -> str:
    """Scheme, host and port of a URL, without what else stands in it: passwords, for one. Empty when it is no URL."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        return ""
    if not host:
        return ""
    return f"{parts.scheme}://{authority(host, port)}"


def host_of(url: str) -> str | None:
    """The host of a URL, as `Permits.hosts` has it; None when it names none, or is no URL."""
    try:
        return urlsplit(url).hostname
    except ValueError:
        return None


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
