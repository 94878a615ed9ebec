"""What a project allows its resources to touch: paths, hosts and URLs, whoever names them, a guest included.

Loopback is always allowed; addresses that only ever matter to an attacker are never. A name is checked twice: when it
is said, and when it is turned into addresses. Connect to an address that `addresses` gave out, never to the name.
"""

from __future__ import annotations

import errno
import ipaddress
import os
import socket
import stat
from collections.abc import Collection, Iterable
from contextlib import suppress
from ipaddress import IPv4Address, IPv6Address
from pathlib import Path
from urllib.parse import SplitResult

from workbench.errors import UserError
from workbench.resources.model import Permits
from workbench.resources.urls import (
    authority,
    endpoint_of,
    is_loopback,
    literal,
    means,
    parse_url,
    plain_address,
    plain_name,
    port_of,
)
from workbench.resources.wording import reason, shown

_METADATA = frozenset(
    ipaddress.ip_address(address)
    for address in ("169.254.169.254", "fd00:ec2::254", "100.100.100.200", "168.63.129.16", "192.0.0.192")
)
"""Where clouds answer any process of a machine with its credentials."""
_METADATA_NAMES = frozenset({"metadata", "metadata.google.internal", "metadata.goog", "instance-data"})
_DIRECTORY = getattr(os, "O_PATH", os.O_RDONLY) | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_OPEN = "/proc/self/fd"
_LONGEST = 255
"""How many bytes the name of a file has at most."""
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_COMPATIBLE = ipaddress.ip_network("::/96")


def allowed_path(name: str, permits: Permits) -> Path:
    """The real path, free of symbolic links, of the file or directory called `name`, which need not exist. Raises
    `UserError` when it is outside of the permitted directories or no regular file or directory."""
    if not name or "\0" in name:
        raise UserError("A resource needs the name of a file, and got an empty or broken one.")
    if not permits.directories:
        raise UserError(f"{shown(name)} cannot be used: {_allow('directories', ['.'])}.")
    try:
        path = Path(os.path.realpath(permits.directories[0] / name))
        if not any(path.is_relative_to(root) for root in permits.directories):
            raise UserError(
                f"{shown(name)} is outside of the directories this project allows its resources: "
                f"{_allow('directories', map(str, (*permits.directories, _allowable(path))))}."
            )
    except (OSError, ValueError) as error:
        raise UserError(f"{shown(name)} cannot be used: {reason(error)}.") from error
    try:
        mode = path.lstat().st_mode
    except FileNotFoundError as error:
        if len(os.fsencode(path.name)) > _LONGEST:  # which is not said of a directory that is yet to be made
            raise UserError(f"{shown(str(path))} cannot be used: {os.strerror(errno.ENAMETOOLONG)}.") from error
        return path
    except (OSError, ValueError) as error:
        raise UserError(f"{shown(str(path))} cannot be used: {reason(error)}.") from error
    if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
        raise UserError(f"{shown(name)} is no regular file: a resource may use files and directories only.")
    return path


def real_paths(directories: Iterable[Path]) -> tuple[Path, ...]:
    """Directories as `Permits` has them: without links."""
    return tuple(Path(os.path.realpath(directory)) for directory in directories)


def opened(path: Path, permits: Permits, flags: int) -> int:
    """A descriptor of the file or directory at `path`, which `allowed_path` gave out. No link is followed on the way,
    so that nothing that was put there since can lead out of the directories. Raises `OSError`."""
    flags |= os.O_NOFOLLOW | os.O_CLOEXEC
    root = next((root for root in permits.directories if path.is_relative_to(root)), None)
    if root is None:
        raise OSError(errno.EXDEV, "it is not where it was any more")
    *parents, name = path.relative_to(root).parts or (".",)
    directory = os.open(root, _DIRECTORY)
    try:
        for parent in parents:
            inner = os.open(parent, _DIRECTORY, dir_fd=directory)
            os.close(directory)
            directory = inner
        return os.open(name, flags, 0o666, dir_fd=directory)
    finally:
        os.close(directory)


def files_called(path: Path | None) -> frozenset[Path]:
    """Where the files are that this process has open by the name of `path`; nothing where the system does not tell."""
    if path is None:
        return frozenset()
    found = set()
    with suppress(OSError):
        for number in os.listdir(_OPEN):
            with suppress(OSError):
                link = os.readlink(f"{_OPEN}/{number}")
                if link.endswith(f"/{path.name}"):
                    found.add(Path(link))
    return frozenset(found)


def check_host(host: str, port: int | None, permits: Permits) -> None:
    """Raises `UserError` unless `host` may be talked to on `port` (None: whichever is usual). Asks no name server."""
    if not host or any(
        character.isspace() or not character.isprintable() or character in "/\\@?#" for character in host
    ):
        raise UserError(f"{shown(host)} is not the name of a host.")
    address = literal(host)
    if address is not None:
        _refuse_forbidden(address, host)
    elif plain_name(host) in _METADATA_NAMES:
        raise UserError(f"{shown(host)} hands out the secrets of a machine: resources never talk to it.")
    if is_loopback(host):
        return
    if not any(means(pattern, host, port) for pattern in permits.hosts):
        raise UserError(f"{shown(host)} is not a host this project allows: {_allow('hosts', [authority(host, port)])}.")


def addresses(host: str, port: int | None, permits: Permits) -> tuple[str, ...]:
    """The addresses of `host`, each of which may be connected to; at least one. Waits for the name server. Raises
    `UserError` when it has none, or any of them is forbidden: such an answer is not to be trusted."""
    check_host(host, port, permits)
    address = literal(host)
    if address is not None:
        return (str(address),)
    try:
        found = socket.getaddrinfo(plain_name(host), port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise UserError(f"The host {shown(host)} is not known: {reason(error)}.") from error
    numbers = tuple(dict.fromkeys(str(entry[4][0]) for entry in found))
    for number in numbers:
        resolved = literal(number)
        if resolved is None:
            raise UserError(f"{shown(host)} has no address that can be checked.")
        _refuse_forbidden(resolved, host)
        if is_loopback(host) and not plain_address(resolved).is_loopback:
            raise UserError(f"{shown(host)} leads away from this machine, to {number}: resources do not follow it.")
    return numbers


def check_url(url: str, schemes: Collection[str], permits: Permits) -> SplitResult:
    """The parts of `url`. Raises `UserError` unless it has one of the `schemes` and a host that may be talked to."""
    parts = parse_url(url, schemes)
    check_host(parts.hostname or "", port_of(parts), permits)
    return parts


def leaves(servers: Iterable[str], hosts: Collection[str]) -> bool:
    """Whether one of these URLs leads to a host that is neither this machine nor one of `hosts`, as `Permits` has
    them. What is no URL leads nowhere: it is refused when it is used."""
    for server in servers:
        if (endpoint := endpoint_of(server)) is None:
            continue
        host, port = endpoint
        if not is_loopback(host) and not any(means(pattern, host, port) for pattern in hosts):
            return True
    return False


def _within(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """The IPv4 address where a gateway would deliver what is sent to an IPv6 one; otherwise the plain address."""
    plain = plain_address(address)
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


def _allowable(path: Path) -> Path:
    """What to allow so that `path` may be used: a directory itself, of a file the one it is in, but never the root."""
    return path if path.is_dir() or path.parent == Path(path.anchor) else path.parent


def _allow(key: str, values: Iterable[str]) -> str:
    """The line that allows it, whole: the first of `directories` is where relative names begin, and is to stay so."""
    listed = ", ".join(f'"{shown(value)}"' for value in values)
    return f"allow it with {key} = [{listed}] under [resources] in workbench.toml"
