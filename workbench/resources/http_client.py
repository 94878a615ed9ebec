"""An HTTP client that goes only where the project allows, redirects included.

As the platform's client (reqwest, EDGELESS 1.2): up to ten redirects are followed, a changed host loses the
credentials, nothing is unpacked, each exchange has a connection of its own, and of the headers only `Accept` is added.
Other than there, an exchange ends after a while, answers are bounded, and no proxy is used.
"""

from __future__ import annotations

import asyncio
import re
import socket
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import urljoin

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

from workbench.errors import UserError
from workbench.resources.http_loop import aside
from workbench.resources.http_target import CONNECT_S, SCHEMES, unreachable
from workbench.resources.model import Permits
from workbench.resources.sandbox import addresses, check_host, check_url
from workbench.resources.urls import literal, origin_of
from workbench.resources.wording import shown
from workbench.units import format_size

SLOW_S = 5.0
"""After so long without an answer somebody should know."""
MOST_BYTES = 16 * 1024 * 1024
MOST_REDIRECTS = 10

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_OF_THE_BODY = frozenset({"content-type", "content-encoding"})
_FRAMING = frozenset({"content-length", "transfer-encoding"})
_OF_THE_HOST = frozenset({"host", "authorization", "cookie", "cookie2", "proxy-authorization", "www-authenticate"})
_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_VALUE = re.compile(r"[\t\x20-\x7e\x80-\U0010ffff]*")


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
        self, method: str, url: str, headers: Mapping[str, str] | None = None, body: bytes | None = None
    ) -> Answer:
        """Ask and wait for the answer. Raises `UserError` when it is not allowed, and `Unanswered`."""
        sent = {name: value for name, value in (headers or {}).items() if name.lower() not in _FRAMING}
        for name, value in sent.items():
            if not _NAME.fullmatch(name) or not _VALUE.fullmatch(value):
                raise Unanswered(f"{shown(name)!r} is no header that can be sent.")
        late = f"{origin_of(url)} has not answered for {SLOW_S:g} s; it may take {self._patience_s:g} s."
        alarm = asyncio.get_running_loop().call_later(SLOW_S, self._slow, late)
        try:
            async with asyncio.timeout(self._patience_s):
                return await self._follow(method, url, sent, body)
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

    async def _follow(self, method: str, url: str, headers: dict[str, str], body: bytes | None) -> Answer:
        for _ in range(MOST_REDIRECTS + 1):
            answer = await self._once(method, url, headers, body)
            target = answer.headers.get("location")
            if answer.status not in _REDIRECTS or target is None:
                return answer
            before, url = url, urljoin(url, target)
            if answer.status in (301, 302, 303):
                method = method if method in ("GET", "HEAD") else "GET"
                headers = {name: value for name, value in headers.items() if name.lower() not in _OF_THE_BODY}
                body = None
            if origin_of(before) != origin_of(url):
                headers = {name: value for name, value in headers.items() if name.lower() not in _OF_THE_HOST}
        raise Unanswered(f"{origin_of(url)} redirects more than {MOST_REDIRECTS} times.")

    async def _once(self, method: str, url: str, headers: Mapping[str, str], body: bytes | None) -> Answer:
        check_url(url, SCHEMES, self._permits)
        target = URL(url, encoded=url.isascii()).with_fragment(None)
        if (address := literal(target.raw_host or "")) is not None:
            target = target.with_host(str(address))  # `127.1` means 127.0.0.1, but aiohttp takes no other spelling
        # The host as this client reads it; a name is checked once more when its addresses are known.
        check_host(target.raw_host or "", target.port, self._permits)
        async with self._opened().request(
            method,
            target,
            headers=headers,
            data=body,
            allow_redirects=False,
            ssl=self._trust() if target.scheme == "https" else True,
            skip_auto_headers=("User-Agent", "Content-Type", "Accept-Encoding"),
        ) as response:
            received = bytearray()
            async for chunk in response.content.iter_any():
                received += chunk
                if len(received) > MOST_BYTES:
                    raise Unanswered(f"The answer of {origin_of(url)} is larger than {format_size(MOST_BYTES)}.")
            told = {name.lower(): value for name, value in response.headers.items() if _is_visible(value)}
            return Answer(response.status, told, bytes(received))

    def _trust(self) -> ssl.SSLContext:
        """Whom to trust: the system's CAs, or, as everywhere, those of SSL_CERT_FILE and SSL_CERT_DIR."""
        if self._trusted is None:
            self._trusted = ssl.create_default_context()
        return self._trusted

    def _opened(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(
                    resolver=_Checked(self._permits), use_dns_cache=False, force_close=True, limit=0
                ),
                timeout=aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_S),
                cookie_jar=aiohttp.DummyCookieJar(),
                auto_decompress=False,
            )
        return self._session


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
