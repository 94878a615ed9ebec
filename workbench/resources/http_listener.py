"""The HTTP server all http-ingress resources of a project share, on loopback: one port, as on a node of the platform.

The platform serves one request at a time, and holds up all others until it is answered (EDGELESS 1.2,
RES/http_ingress.rs). So it is here, in the order of arrival, but with patience of `TURN_S` only: a request that has no
answer by then lets the others pass, which is remarked, so that a function that hangs does not end the session's use.
"""

from __future__ import annotations

import asyncio
import random
import socket
import threading
from collections import deque
from collections.abc import Callable, Collection
from contextlib import suppress
from typing import Literal, Protocol

from workbench.errors import reason_of
from workbench.resources.http_loop import Errands
from workbench.resources.http_message import METHODS, Request, Response
from workbench.resources.http_reading import Head, Unreadable
from workbench.resources.http_server import Exchange, Server
from workbench.resources.http_visitors import foreign
from workbench.resources.http_writing import Unwritable
from workbench.resources.model import Health, Permits

TURN_S = 1.0
FIRST_RETRY_S, LAST_RETRY_S = 0.05, 5.0

_NOT_FOUND = Response(404, {}, b"Not Found")


class Door(Protocol):
    """One resource behind the port. Everything is called on the loop."""

    @property
    def sites(self) -> Collection[str]:
        """The sites whose pages may ask, as `Permits` has them."""

    @property
    def host(self) -> str | None:
        """The host that requests to it must name, with its port; None: any."""

    def refuses(self, request: Request) -> str | None:
        """Why it does not take this request, in words for people; None when it does."""

    def ask(self, request: Request, answered: Callable[[Response | None], None]) -> None:
        """Answer a request it takes, at once or later, on the loop; None: the connection is closed without a
        response."""

    def tell(self, health: Health, words: str) -> None:
        """How it stands with the port."""

    def remark(self, remark: str) -> None:
        """Something that would hurt on the platform."""


class Listener:
    """A port and the doors behind it. `enter` and `leave` are for any thread."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._bound = port
        self._doors: list[Door] = []
        self._queue: deque[Exchange] = deque()
        self._turn: _Turn | None = None
        """The request that the others wait for."""
        self._overdue: dict[Exchange, Door] = {}
        self._standing: tuple[Health, str] = ("starting", "")
        self._errands = Errands(self._failed)
        self._errands.start(self._serve)

    def enter(self, door: Door) -> None:
        """Requests may go to `door` from now on."""
        self._errands.soon(lambda: self._entered(door))

    def leave(self, door: Door) -> None:
        """No more requests go to `door`."""
        self._errands.soon(lambda: self._doors.remove(door) if door in self._doors else None)

    def close(self) -> None:
        """Let go of the port and of every connection. Returns when that is done."""
        self._errands.close(0)

    def _entered(self, door: Door) -> None:
        self._doors.append(door)
        door.tell(*self._standing)

    def _tell(self, health: Health, words: str) -> None:
        self._standing = (health, words)
        for door in self._doors:
            door.tell(health, words)

    def _remark(self, words: str) -> None:
        for door in self._doors:
            door.remark(words)

    def _failed(self, error: Exception) -> None:
        self._tell("trouble", f"The HTTP server failed: {error!r}.")

    async def _serve(self) -> None:
        server = Server(self)
        try:
            listening = await self._bind()
            self._bound = int(listening.getsockname()[1])
            server.listen(listening)
            with suppress(OSError):  # a machine without IPv6, or another program there
                server.listen(socket.create_server(("::1", self._bound), family=socket.AF_INET6))
            self._ready()
            await asyncio.Event().wait()
        finally:
            await server.close()

    def _ready(self) -> None:
        self._tell("ready", f"http://127.0.0.1:{self._bound}")

    async def _bind(self) -> socket.socket:
        """Listen on IPv4, trying until the port is free."""
        retry_s = FIRST_RETRY_S
        while True:
            try:
                return socket.create_server(("127.0.0.1", self._port), backlog=128)
            except OSError as error:
                reason = reason_of(error)
                self._tell(
                    "trouble",
                    f"Port {self._port} cannot be listened on ({reason}): end the program that uses it, or choose "
                    "another with http_port under [resources] in workbench.toml. It is tried again.",
                )
                await asyncio.sleep(retry_s)
                retry_s = min(2 * retry_s, LAST_RETRY_S)

    # ---- what the server says

    def refuses(self, head: Head) -> Response | Literal["close"] | None:
        """See `Handler`: what the platform refuses before it reads the body, and requests of pages elsewhere."""
        if head.method not in METHODS:
            self._hung_up("it begins with no method that the platform knows")
            return "close"
        hosts = [value for name, value in head.headers if name == "host"]
        if hosts and _visible(hosts[0]) is None:
            self._hung_up("its Host header is not ASCII, as the platform wants it")
            return "close"
        sites = {site for door in self._doors for site in door.sites}
        why = foreign(head.headers, sorted(sites), {door.host for door in self._doors if door.host is not None})
        if why is None:
            return None
        self._remark(f"A request was answered 403 Forbidden, which the platform takes. {why}")
        return Response(403, {"content-type": "text/plain; charset=utf-8"}, f"{why}\n".encode())

    def serve(self, exchange: Exchange) -> None:
        """See `Handler`."""
        self._queue.append(exchange)
        self._next()

    def left(self, exchange: Exchange) -> None:
        """See `Handler`."""
        if self._turn is not None and self._turn.exchange is exchange:
            self._finished(self._turn)
        elif exchange in self._overdue:
            del self._overdue[exchange]
        elif exchange in self._queue:
            self._queue.remove(exchange)

    def unreadable(self, error: Unreadable) -> None:
        """See `Handler`."""
        if error.status is None:
            self._hung_up(f"it is not proper HTTP ({error})")
            return
        there = "; the platform takes it" if error.ours else ", as on the platform"
        self._remark(f"A request was answered {error.status} and its connection closed{there}: {error}.")

    def unwritable(self, error: Unwritable) -> None:
        """See `Handler`."""
        self._hung_up(f"its reply cannot be sent, as on the platform: {error}")

    def late(self, words: str) -> None:
        """See `Handler`."""
        self._remark(words)

    def trouble(self, words: str | None) -> None:
        """See `Handler`."""
        if words is None:
            self._ready()
        else:
            self._tell("trouble", words)

    def _hung_up(self, reason: str) -> None:
        """What no door could get ends the connection."""
        self._remark(f"The connection of a request was closed without a response: {reason}.")

    # ---- turns

    def _next(self) -> None:
        """The next request has its turn, once the one before is answered."""
        while self._turn is None and self._queue:
            exchange = self._queue.popleft()
            for door in set(self._overdue.values()):
                door.remark(
                    f"A request had no answer within {TURN_S:g} s. On the platform all others wait for it, and so do "
                    "the start and the end of every http-ingress; here they pass it."
                )
            request = self._request(exchange)
            refusals = [(door, door.refuses(request)) for door in self._doors]
            doors = [door for door, refusal in refusals if refusal is None]
            if doors:
                self._ask(random.choice(doors), request, exchange)
                continue
            for door, refusal in refusals:
                door.remark(f"A request was answered 404 Not Found: {refusal}.")
            exchange.respond(_NOT_FOUND)

    def _ask(self, door: Door, request: Request, exchange: Exchange) -> None:
        turn = self._turn = _Turn(exchange)

        def answered(response: Response | None) -> None:
            self._overdue.pop(exchange, None)
            if turn is self._turn:
                self._turn = None  # whoever answers may have the next request at once
            turn.end()
            exchange.respond(response)
            self._next()

        def overdue() -> None:
            self._overdue[exchange] = door
            self._finished(turn)

        turn.timer = asyncio.get_running_loop().call_later(TURN_S, overdue)
        try:
            door.ask(request, answered)
        except Exception:
            answered(None)
            raise

    def _finished(self, turn: _Turn) -> None:
        """Others have their turn."""
        turn.end()
        if turn is self._turn:
            self._turn = None
            self._next()

    def _request(self, exchange: Exchange) -> Request:
        """As functions see it: of a header that came twice the last counts, and what is not ASCII is dropped."""
        head, host, headers = exchange.head, None, {}
        for name, value in head.headers:
            text = _visible(value)
            if text is not None:
                headers[name] = text
                if host is None and name == "host":
                    host = text
        host = f"127.0.0.1:{self._bound}" if host is None else host
        return Request(METHODS[head.method], host, head.target, headers=headers, body=exchange.body)


class _Turn:
    def __init__(self, exchange: Exchange) -> None:
        self.exchange = exchange
        self.timer: asyncio.TimerHandle | None = None

    def end(self) -> None:
        if self.timer is not None:
            self.timer.cancel()


def _visible(value: bytes) -> str | None:
    """The value of a header; None when it is not all ASCII that is to be seen."""
    return value.decode() if value.isascii() else None


_lock = threading.Lock()
_shared: dict[object, tuple[Listener, list[Door]]] = {}


def enter(permits: Permits, door: Door) -> Callable[[], None]:
    """Put `door` behind the port of a project; returns what takes it away again. Resources that were given the same
    port, or for port 0 the same directories, share one server."""
    key = permits.http_port or permits.directories
    with _lock:
        if key not in _shared:
            _shared[key] = Listener(permits.http_port), []
        listener, doors = _shared[key]
        doors.append(door)
        listener.enter(door)

    def leave() -> None:
        with _lock:
            if door not in doors:
                return
            doors.remove(door)
            listener.leave(door)
            if not doors:
                del _shared[key]
                listener.close()

    return leave
