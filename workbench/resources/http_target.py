"""The server that a resource sends HTTP to: what its configuration says, and that it cannot be reached."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from workbench.errors import UserError, reason_of
from workbench.resources.model import ConfigurationFault, Part
from workbench.resources.sandbox import check_url
from workbench.resources.urls import origin_of, parse_url, percent_encoded

SCHEMES = ("http", "https")
CONNECT_S = 10.0
"""How long making a connection may take."""


class Unreachable(UserError):
    """No connection to a server could be made."""


def unreachable(url: str, error: OSError) -> Unreachable:
    """That the server at `url` could not be reached, and why."""
    late = isinstance(error, TimeoutError)
    why = f"no connection within {CONNECT_S:g} s" if late else reason_of(error)
    return Unreachable(f"{origin_of(url)} cannot be reached: {why}.")


def url_faults(configuration: Mapping[str, str], key: str) -> Iterator[ConfigurationFault]:
    """What is wrong with the URL under `key`."""
    try:
        parse_url(percent_encoded(configuration.get(key, "")), SCHEMES)
    except UserError as error:
        yield ConfigurationFault(key, str(error))


def target_of(part: Part, key: str, default: str | None = None) -> str:
    """The URL under `key`, percent-encoded. Raises `UserError` when there is none, or it may not be talked to."""
    url = part.configurations.get(key) or default
    if not url:
        raise UserError(f"{part.class_type} needs the URL of a server: say it as {key}.")
    check_url(url := percent_encoded(url), SCHEMES, part.permits)
    return url
