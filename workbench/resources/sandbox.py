"""What a project allows its resources to touch: paths, hosts and URLs, whoever names them, a guest included.

Loopback is always allowed; addresses that only ever matter to an attacker are never. A name is checked twice: when it
is said, and when it is turned into addresses. Connect to an address that `addresses` gave out, never to the name.
"""

from __future__ import annotations

import ipaddress
import os
import socket
import stat
from collections.abc import Collection
from ipaddress import IPv4Address, IPv6Address
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

from workbench.errors import UserError
from workbench.resources.model import Permits

_METADATA = frozenset(
    ipaddress.ip_address(address)
    for address in ("169.254.169.254", "fd00:ec2::254", "100.100.100.200", "168.63.129.16", "192.0.0.192")
)
"""Where clouds answer any process of a machine with its credentials."""
_METADATA_NAMES = frozenset({"metadata", "metadata.google.internal", "metadata.goog", "instance-data"})
_USUAL_PORTS = {"http": 80, "https": 443, "redis": 6379}
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_COMPATIBLE = ipaddress.ip_network("::/96")


def allowed_path(name: str, permits: Permits) -> Path:
    """The real path, free of symbolic links, of the file or directory called `name`, which need not exist. Raises
    `UserError` when it is outside of the permitted directories or no regular file or directory."""
    if not name or "\0" in name:
        raise UserError("A resource needs the name of a file, and got an empty or broken one.")
    if not permits.directories:
        raise UserError(f"{shown(name)} cannot be used: {_allow('directories', '.')}.")
    try:
        path = Path(os.path.realpath(permits.directories[0] / name))
        roots = [Path(os.path.realpath(directory)) for directory in permits.directories]
        if not any(path.is_relative_to(root) for root in roots):
            raise UserError(
                f"{shown(name)} is outside of the directories this project allows its resources: "
                f"{_allow('directories', str(path.parent))}."
            )
    except (OSError, ValueError) as error:
        raise UserError(f"{shown(name)} cannot be used: {_reason(error)}.") from error
    try:
        mode = path.lstat().st_mode
    except FileNotFoundError:
        return path
    except (OSError, ValueError) as error:
        raise UserError(f"{shown(str(path))} cannot be used: {_reason(error)}.") from error
    if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
        raise UserError(f"{shown(name)} is no regular file: a resource may use files and directories only.")
    return path


def is_loopback(host: str) -> bool:
    """Whether `host`, a name or an address in any form, means this machine alone. Asks no name server."""
    address = literal(host)
    if address is not None:
        return _plain(address).is_loopback
    name = _name(host)
    return name == "localhost" or name.endswith(".localhost")


def check_host(host: str, port: int | None, permits: Permits) -> None:
    """Raises `UserError` unless `host` may be talked to on `port` (None: whichever is usual). Asks no name server."""
    if not host or any(
        character.isspace() or not character.isprintable() or character in "/\\@?#" for character in host
    ):
        raise UserError(f"{shown(host)} is not the name of a host.")
    address = literal(host)
    if address is not None:
        _refuse_forbidden(address, host)
    elif _name(host) in _METADATA_NAMES:
        raise UserError(f"{shown(host)} hands out the secrets of a machine: resources never talk to it.")
    if is_loopback(host):
        return
    if not any(_matches(pattern, host, port) for pattern in permits.hosts):
        raise UserError(f"{shown(host)} is not a host this project allows: {_allow('hosts', _authority(host, port))}.")


def addresses(host: str, port: int | None, permits: Permits) -> tuple[str, ...]:
    """The addresses of `host`, each of which may be connected to; at least one. Waits for the name server. Raises
    `UserError` when it has none, or any of them is forbidden: such an answer is not to be trusted."""
    check_host(host, port, permits)
    address = literal(host)
    if address is not None:
        return (str(address),)
    try:
        found = socket.getaddrinfo(_name(host), port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise UserError(f"The host {shown(host)} is not known: {_reason(error)}.") from error
    numbers = tuple(dict.fromkeys(str(entry[4][0]) for entry in found))
    for number in numbers:
        resolved = literal(number)
        if resolved is None:
            raise UserError(f"{shown(host)} has no address that can be checked.")
        _refuse_forbidden(resolved, host)
        if is_loopback(host) and not _plain(resolved).is_loopback:
            raise UserError(f"{shown(host)} leads away from this machine, to {number}: resources do not follow it.")
    return numbers


def parse_url(url: str, schemes: Collection[str]) -> SplitResult:
    """The parts of `url`. Raises `UserError` unless it has one of the `schemes` and a host, whichever that is."""
    # What parsers of URLs disagree about is refused, so that no client can read another host in it than was checked.
    if any(character.isspace() or not character.isprintable() or character == "\\" for character in url):
        raise UserError(f"{shown(url)} is not a URL: it has blanks, backslashes or control characters in it.")
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError as error:
        raise UserError(f"{shown(url)} is not a URL: {_reason(error)}.") from error
    if parts.scheme not in schemes:
        raise UserError(f"{shown(url)} does not begin with {' or '.join(f'{scheme}://' for scheme in schemes)}.")
    if not host:
        raise UserError(f"{shown(url)} names no host.")
    return parts


def check_url(url: str, schemes: Collection[str], permits: Permits) -> SplitResult:
    """The parts of `url`. Raises `UserError` unless it has one of the `schemes` and a host that may be talked to."""
    parts = parse_url(url, schemes)
    port = parts.port if parts.port is not None else _USUAL_PORTS.get(parts.scheme)
    check_host(parts.hostname or "", port, permits)
    return parts


def literal(host: str) -> IPv4Address | IPv6Address | None:
    """The address that `host` spells, in any form a C library takes (`127.1`, `0x7f000001`, `017700000001`, `::1`,
    `[::1]`, `fe80::1%eth0`); None when it is a name."""
    text = host.removeprefix("[").removesuffix("]") if host.startswith("[") else host
    try:
        return IPv6Address(text)
    except ValueError:
        pass
    text = _name(text)
    if any(character.isspace() for character in text):  # of which the C library reads only what is before
        return None
    try:
        return IPv4Address(socket.inet_aton(text))
    except (OSError, UnicodeError, ValueError):
        return None


def shown(text: str) -> str:
    """What somebody else made up, fit for a sentence: printable, and not too long."""
    tidy = "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in text)
    return tidy if len(tidy) <= 200 else tidy[:199] + "…"


def _plain(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """The IPv4 address that the machine itself makes of an IPv6 one; otherwise the address itself."""
    return (address.ipv4_mapped if isinstance(address, IPv6Address) else None) or address


def _within(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """The IPv4 address where a gateway would deliver what is sent to an IPv6 one; otherwise the plain address."""
    plain = _plain(address)
    if isinstance(plain, IPv4Address):
        return plain
    inner = int(plain) & 0xFFFF_FFFF
    if plain in _NAT64 or (plain in _COMPATIBLE and inner > 1):
        return IPv4Address(inner)
    return plain.sixtofour or plain


def _refuse_forbidden(address: IPv4Address | IPv6Address, host: str) -> None:
    aim = _within(address)
    if aim in _METADATA:
        raise UserError(f"{shown(host)} hands out the secrets of a machine: resources never talk to it.")
    for wrong, is_so in (
        ("no address at all", aim.is_unspecified or (isinstance(aim, IPv4Address) and int(aim) < 1 << 24)),
        ("a link-local address", aim.is_link_local),
        ("an address of many machines", aim.is_multicast or aim == IPv4Address("255.255.255.255")),
    ):
        if is_so:
            raise UserError(f"{shown(host)} is {wrong}: resources never talk to it.")


def _matches(pattern: str, host: str, port: int | None) -> bool:
    """Whether an entry of `hosts` means this host."""
    try:
        parts = urlsplit("//" + (f"[{pattern}]" if _is_ipv6(pattern) else pattern))
        wanted, wanted_port = parts.hostname, parts.port
    except ValueError:
        return False
    if not wanted or (wanted_port is not None and wanted_port != port):
        return False
    address, wanted_address = literal(host), literal(wanted)
    if address is not None or wanted_address is not None:
        return address is not None and wanted_address is not None and _plain(address) == _plain(wanted_address)
    if wanted.startswith("*."):
        return _name(host).endswith("." + _name(wanted[2:])) and bool(_name(wanted[2:]))
    return _name(host) == _name(wanted)


def _is_ipv6(text: str) -> bool:
    try:
        IPv6Address(text)
    except ValueError:
        return False
    return True


def _name(host: str) -> str:
    """A host's name as name servers compare it: ASCII, small letters, no dot at the end."""
    name = host.lower().removesuffix(".")
    if name.isascii():
        return name
    try:
        return name.encode("idna").decode("ascii")
    except UnicodeError:
        return name


def _authority(host: str, port: int | None) -> str:
    bare = host.removeprefix("[").removesuffix("]")
    shown = f"[{bare}]" if ":" in bare else bare
    return shown if port is None else f"{shown}:{port}"


def _allow(key: str, value: str) -> str:
    return f'allow it with {key} = ["{shown(value)}"] under [resources] in workbench.toml'


def _reason(error: Exception) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or str(error)
