"""Writes HTTP/1 responses as bytes, as the platform's server does (hyper 1).

Header names are in lower case, in the order they were given. Only `date` and `content-length` are added, and neither
where it was given, whatever it says. Headers that cannot be sent are left out.
"""

from __future__ import annotations

import re
import time
from email.utils import formatdate
from http import HTTPStatus

from workbench.resources.http_message import Response
from workbench.resources.http_reading import is_chunked, says

_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,65535}")
_VALUE = re.compile(r"[\t\x20-\x7e\x80-\U0010ffff]*")
_PHRASES = {status.value: status.phrase for status in HTTPStatus} | {
    413: "Payload Too Large",
    414: "URI Too Long",
    416: "Range Not Satisfiable",
    418: "I'm a teapot",
    422: "Unprocessable Entity",
}
"""Python's names for these are older or newer than the platform's, depending on its version."""
_NO_BODY = frozenset({101, 204, 304})

_date = (0, b"")


class Unwritable(Exception):
    """A response the platform's server does not send: it closes the connection. `str(error)` says why."""


def can_be_sent(name: str, value: str) -> bool:
    """Whether this is a header; the platform leaves out what is none."""
    return bool(_NAME.fullmatch(name) and _VALUE.fullmatch(value))


def write(response: Response, method: str, minor: int, stays: bool) -> tuple[bytes, bool]:
    """The bytes of the response to a request with that method and minor version, and whether the connection stays.
    Raises `Unwritable`."""
    if not 100 <= response.status <= 999:
        raise Unwritable(f"there is no status {response.status}")
    if response.status < 200 and response.status != 101:
        return write(Response(500), method, minor, False)
    lines: dict[str, list[bytes]] = {}
    for name, value in response.headers.items():
        if can_be_sent(name, value):
            lines.setdefault(name.lower(), []).append(value.encode())
    if "content-length" in lines and "transfer-encoding" in lines:
        raise Unwritable("it has both content-length and transfer-encoding")
    body = _framed(response, lines, method, minor)
    stays = stays and response.status != 101
    if "connection" in lines:
        lines["connection"] = [b", ".join(lines["connection"])]
        stays = stays and not says(lines["connection"][0], b"close")
    if minor == 0 and stays:
        lines["connection"] = [b"keep-alive"]
    lines.setdefault("date", [_now()])
    written = [f"HTTP/1.{minor} {response.status} {_PHRASES.get(response.status, '<none>')}\r\n".encode()]
    written += [b"%b: %b\r\n" % (name.encode(), value) for name, values in lines.items() for value in values]
    written += [b"\r\n", body]
    return b"".join(written), stays


def _framed(response: Response, lines: dict[str, list[bytes]], method: str, minor: int) -> bytes:
    """The body as it goes over the connection; the headers that tell where it ends are put right in `lines`."""
    body = response.body or b""
    has_body = method != "HEAD" and response.status not in _NO_BODY
    codings = lines.pop("transfer-encoding", None)
    if codings is not None and has_body and minor == 1:
        lines["transfer-encoding"] = [b", ".join(codings if is_chunked(codings) else [*codings, b"chunked"])]
        return b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body) if body else b"0\r\n\r\n"
    lengths = lines.pop("content-length", None)
    if lengths is not None and (body or method == "HEAD"):
        lines["content-length"] = lengths[:1]
    elif response.status not in _NO_BODY:
        lines["content-length"] = [b"%d" % len(body)]
    return body if has_body else b""


def _now() -> bytes:
    global _date
    now = int(time.time())
    if _date[0] != now:
        _date = now, formatdate(now, usegmt=True).encode()
    return _date[1]
