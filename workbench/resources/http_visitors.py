"""Whose requests http-ingress takes: programs of this machine and pages it serves, not pages of other sites.

A browser sends what any page asks it to, also to this machine. What gives such a request away is its `Origin`, its
`Sec-Fetch-Site`, or a `Host` that is another's name, which was made to lead here (DNS rebinding).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

from workbench.resources.urls import is_loopback, means
from workbench.resources.wording import shown

ANY = "*"
_HOST = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[0-9A-Za-z._-]+)(?::([0-9]{0,5}))?")
"""A host with or without a port, in the characters that browsers write one in."""


def foreign(headers: Iterable[tuple[str, bytes]], sites: Collection[str], named: Collection[str]) -> str | None:
    """Why a request with these headers is not taken, in one sentence; None when it is. `sites` are those the project
    allows, as `Permits` has them; `named` the hosts that workflows name."""
    if ANY in sites:
        return None
    is_cross, has_origin = False, False
    for name, value in headers:
        if name == "host":
            if (why := _not_allowed(value.decode("latin-1"), sites, named)) is not None:
                return f"It is asked by the name {why}."
        elif name == "origin":
            has_origin, text = True, value.decode("latin-1")
            if text == "null":
                return f"It is asked by a web page without an address; {_allow(sites, ANY)}."
            if (why := _not_allowed(text.partition("://")[2], sites, named)) is not None:
                return f"It is asked by a web page of {why}."
        elif name == "sec-fetch-site":
            is_cross |= value == b"cross-site"
    return f"It is asked by a web page of another site; {_allow(sites, ANY)}." if is_cross and not has_origin else None


def _not_allowed(text: str, sites: Collection[str], named: Collection[str]) -> str | None:
    """What is wrong with a host that may have a port; None when it may ask, or be asked."""
    found = _HOST.fullmatch(text)
    if found is None:
        return f"{shown(text)!r}, which is none"
    host, port = found[1], int(found[2]) if found[2] else None
    if is_loopback(host) or any(means(entry, host, port) for entry in (*sites, *map(_without_port, named))):
        return None
    return f"{shown(text)}, which is not this machine; {_allow(sites, host)}"


def _without_port(host: str) -> str:
    found = _HOST.fullmatch(host)
    return found[1] if found else host


def _allow(sites: Iterable[str], site: str) -> str:
    """The line that allows it, whole."""
    listed = ", ".join(f'"{shown(one)}"' for one in (*sites, site))
    return f"allow it with http_sites = [{listed}] under [resources] in workbench.toml"
