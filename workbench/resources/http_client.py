"""An HTTP client that goes only where the project allows, redirects included.

As the platform's client (reqwest, EDGELESS 1.2): up to ten redirects are followed, each with where it came from as
`referer`; a changed host loses the credentials, nothing is unpacked, each exchange has a connection of its own; names
of headers are sent in lower case, and only `host`, `accept` and the length of a body are added.
Other than there, an exchange ends after a while, answers are bounded, each and all together, and no proxy is used.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from urllib.parse import urljoin

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

from workbench.errors import UserError
from workbench.resources.budget import Budget
from workbench.resources.http_loop import aside
from workbench.resources.http_reading import MOST_HEAD_BYTES, MOST_HEADERS
from workbench.resources.http_target import CONNECT_S, SCHEMES, unreachable
from workbench.resources.http_writing import can_be_sent
from workbench.resources.model import Permits
from workbench.resources.sandbox import addresses, check_url
from workbench.resources.urls import authority, literal, origin_of, percent_encoded, plain_name
from workbench.resources.wording import shown
from workbench.units import format_size

SLOW_S = 5.0
"""After so long without an answer somebody should know."""
MOST_BYTES = 16 * 1024 * 1024
"""The largest answer."""
MOST_BYTES_UNDER_WAY = 64 * 1024 * 1024
"""The most bytes of all answers that are being read, of whichever resource; others wait."""
MOST_REDIRECTS = 10

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_OF_THE_BODY = frozenset({"content-type", "content-encoding"})
_FRAMING = frozenset({"content-length", "transfer-encoding"})
_OF_THE_HOST = frozenset({"host", "authorization", "cookie", "cookie2", "proxy-authorization", "www-authenticate"})
_SMALL = 64 * 1024
"""Answers up to this size never wait."""
_under_way = Budget(MOST_BYTES_UNDER_WAY)


@dataclass(frozen=True)
class Answer:
    """What a server answered. Header names are in lower case; of one that came twice the last counts."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Unanswered(UserError):
    """There was no answer, or none that can be used."""


class Client:
    """Makes exchanges. To be used on one loop. `patience_s`: how long a whole exchange may take, in seconds. `slow` is
    told, in words for people, when one takes longer than is usual."""

    def __init__(self, permits: Permits, patience_s: float, slow: Callable[[str], None]) -> None:
        self._permits, self._patience_s, self._slow = permits, patience_s, slow
        self._session: aiohttp.ClientSession | None = None
        self._trusted: ssl.SSLContext | None = None

    async def exchange(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
        reads: bool = True,
    ) -> Answer:
        """Ask and wait for the answer; unless it `reads`, for its head only. Raises `UserError` when it is not allowed,
        and `Unanswered`."""
        for name, value in (headers or {}).items():
            if not can_be_sent(name, value):
                raise Unanswered(f"{shown(name)!r} is no header that can be sent.")
        sent = {name.lower(): value for name, value in (headers or {}).items() if name.lower() not in _FRAMING}
        url = percent_encoded(url)
        late = f"{origin_of(url)} has not answered for {SLOW_S:g} s; it may take {self._patience_s:g} s."
        alarm = asyncio.get_running_loop().call_later(SLOW_S, self._slow, late)
        try:
            async with asyncio.timeout(self._patience_s):
                return await self._follow(method, url, sent, body, reads)
        except aiohttp.ServerTimeoutError as error:
            raise unreachable(url, error) from None
        except TimeoutError:
            raise Unanswered(f"{origin_of(url)} has not answered within {self._patience_s:g} s.") from None
        except aiohttp.ClientConnectorCertificateError as error:
            raise Unanswered(_untrusted(url, error.certificate_error)) from error
        except aiohttp.ClientSSLError as error:
            reason = getattr(error.os_error, "reason", None) or str(error.os_error)
            raise Unanswered(f"{origin_of(url)} does not talk TLS as it should: {shown(_plain(reason))}.") from error
        except aiohttp.ClientConnectorError as error:
            raise unreachable(url, error.os_error) from error
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise Unanswered(_why(url, error)) from error
        finally:
            alarm.cancel()

    async def close(self) -> None:
        """Let go of the connections."""
        if self._session is not None:
            await self._session.close()

    async def _follow(self, method: str, url: str, headers: dict[str, str], body: bytes | None, reads: bool) -> Answer:
        for _ in range(MOST_REDIRECTS + 1):
            answer = await self._once(method, url, headers, body, reads)
            target = answer.headers.get("location")
            if answer.status not in _REDIRECTS or target is None:
                return answer
            before, url = url, urljoin(url, percent_encoded(target))
            if answer.status in (301, 302, 303):
                method = method if method in ("GET", "HEAD") else "GET"
                headers = {name: value for name, value in headers.items() if name not in _OF_THE_BODY}
                body = None
            if origin_of(before) != origin_of(url):
                headers = {name: value for name, value in headers.items() if name not in _OF_THE_HOST}
            if not (before.startswith("https:") and url.startswith("http:")):
                headers = {**headers, "referer": _without_user(before)}
        raise Unanswered(f"{origin_of(url)} redirects more than {MOST_REDIRECTS} times.")

    async def _once(self, method: str, url: str, headers: Mapping[str, str], body: bytes | None, reads: bool) -> Answer:
        parts = check_url(url, SCHEMES, self._permits)
        # The host is handed on as it was judged; a name is judged once more when its addresses are known.
        address = literal(parts.hostname or "")
        host = plain_name(parts.hostname or "") if address is None else str(address)
        target = URL(url, encoded=url.isascii()).with_host(host)
        async with self._opened().request(
            method,
            target,
            headers={**headers, "host": headers.get("host", authority(host, _unusual_port(target)))},
            data=body or None,
            allow_redirects=False,
            ssl=self._trust() if target.scheme == "https" else True,
            skip_auto_headers=("User-Agent", "Content-Type", "Accept-Encoding"),
        ) as response:
            try:
                redirects = response.status in _REDIRECTS and "location" in response.headers
                received = await _read(response) if reads and not redirects else b""
            finally:
                response.close()  # no other exchange uses this connection
            told = {name.lower(): value for name, value in response.headers.items() if _is_visible(value)}
            return Answer(response.status, told, received)

    def _trust(self) -> ssl.SSLContext:
        """Whom to trust: the system's CAs, or, as everywhere, those of SSL_CERT_FILE and SSL_CERT_DIR."""
        if self._trusted is None:
            self._trusted = ssl.create_default_context()
        return self._trusted

    def _opened(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(resolver=_Checked(self._permits), use_dns_cache=False, limit=0),
                max_line_size=MOST_HEAD_BYTES,
                max_field_size=MOST_HEAD_BYTES,
                max_headers=MOST_HEADERS,
                middlewares=(_plainly,),
                timeout=aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_S),
                cookie_jar=aiohttp.DummyCookieJar(),
                auto_decompress=False,
            )
        return self._session


async def _plainly(
    request: aiohttp.ClientRequest, send: Callable[[aiohttp.ClientRequest], Awaitable[aiohttp.ClientResponse]]
) -> aiohttp.ClientResponse:
    """Send headers as the platform's client does: names in lower case, and no length of a body that is not there."""
    headers = [(name.lower(), value) for name, value in request.headers.items()]
    request.headers.clear()
    request.headers.extend((name, value) for name, value in headers if (name, value) != ("content-length", "0"))
    return await send(request)


async def _read(response: aiohttp.ClientResponse) -> bytes:
    """The body of an answer, once there is room for it. Raises `Unanswered` when it is too large."""
    length = response.content_length
    most = MOST_BYTES if length is None else length
    if most > MOST_BYTES:
        raise _too_large(response)
    if most <= _SMALL:
        return await response.read()
    async with _under_way.room(most):
        received = bytearray()
        async for chunk in response.content.iter_any():
            received += chunk
            if len(received) > MOST_BYTES:
                raise _too_large(response)
        return bytes(received)


def _too_large(response: aiohttp.ClientResponse) -> Unanswered:
    return Unanswered(f"The answer of {origin_of(str(response.url))} is larger than {format_size(MOST_BYTES)}.")


def _without_user(url: str) -> str:
    return str(URL(url, encoded=url.isascii()).with_user(None))


def _unusual_port(url: URL) -> int | None:
    return None if url.is_default_port() else url.port


class _Checked(AbstractResolver):
    """Names lead to checked addresses only."""

    def __init__(self, permits: Permits) -> None:
        self._permits = permits

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        found = await aside(lambda: addresses(host, port, self._permits))
        return [
            ResolveResult(
                hostname=host,
                host=address,
                port=port,
                family=socket.AF_INET6 if ":" in address else socket.AF_INET,
                proto=0,
                flags=socket.AI_NUMERICHOST,
            )
            for address in found
        ]

    async def close(self) -> None:
        pass


def _is_visible(value: str) -> bool:
    return all(character == "\t" or " " <= character <= "~" for character in value)


def _untrusted(url: str, error: Exception) -> str:
    reason = error.verify_message if isinstance(error, ssl.SSLCertVerificationError) else str(error)
    return (
        f"{origin_of(url)} shows a certificate that is not trusted: {shown(reason).removesuffix('.')}. One of a CA of "
        "your own is, when the environment's SSL_CERT_FILE names a file with that CA."
    )


def _plain(reason: str) -> str:
    """What OpenSSL calls `WRONG_VERSION_NUMBER`, in small letters."""
    return reason.replace("_", " ").lower()


def _why(url: str, error: Exception) -> str:
    where = origin_of(url)
    if isinstance(error, aiohttp.ServerDisconnectedError):
        return f"{where} closed the connection without an answer."
    if isinstance(error, aiohttp.ClientResponseError):
        return f"{where} answers something that is not HTTP."
    if isinstance(error, aiohttp.ClientPayloadError):
        return f"{where} broke its answer off."
    return f"{where} gave no answer: {shown(str(error) or type(error).__name__)}"
