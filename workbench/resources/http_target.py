"""URLs of servers: whether one may be talked to, whether it leaves this machine, how it is named to people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from urllib.parse import urlsplit

from workbench.errors import UserError
from workbench.resources.model import ConfigurationFault, Part
from workbench.resources.sandbox import check_url, is_loopback, parse_url

SCHEMES = ("http", "https")
CONNECT_S = 10.0
"""How long making a connection may take."""


class Unreachable(UserError):
    """No connection to a server could be made."""


def unreachable(url: str, error: OSError) -> Unreachable:
    """That the server at `url` could not be reached, and why."""
    late = isinstance(error, TimeoutError)
    why = f"no connection within {CONNECT_S:g} s" if late else error.strerror or str(error)
    return Unreachable(f"{origin_of(url)} cannot be reached: {why}.")


def url_faults(configuration: Mapping[str, str], key: str) -> Iterator[ConfigurationFault]:
    """What is wrong with the URL under `key`."""
    try:
        parse_url(configuration.get(key, ""), SCHEMES)
    except UserError as error:
        yield ConfigurationFault(key, str(error))


def target_of(part: Part, key: str, default: str | None = None) -> str:
    """The URL under `key`. Raises `UserError` when there is none, or it may not be talked to."""
    url = part.configurations.get(key) or default
    if not url:
        raise UserError(f"{part.class_type} needs the URL of a server: say it as {key}.")
    check_url(url, SCHEMES, part.permits)
    return url


def origin_of(url: str) -> str:
    """Scheme, host and port of a URL, without what else stands in it: passwords, for one. Empty when it is no URL."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        return ""
    if not host:
        return ""
    shown = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{shown}" if port is None else f"{parts.scheme}://{shown}:{port}"


def host_of(url: str) -> str | None:
    """The host of a URL, as `Permits.hosts` has it; None when it names none, or is no URL."""
    try:
        return urlsplit(url).hostname
    except ValueError:
        return None


def is_away(url: str) -> bool:
    """Whether talking to it leaves this machine. What is no URL does not: it is refused."""
    host = host_of(url)
    return host is not None and not is_loopback(host)
