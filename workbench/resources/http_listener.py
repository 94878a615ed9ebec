"""The HTTP server all http-ingress resources of a project share, on loopback: one port, as on a node of the platform.

The platform serves one request at a time, and holds up all others until it is answered (EDGELESS 1.2,
RES/http_ingress.rs). So it is here, in the order of arrival, but with patience of `TURN_S` only: a request that has no
answer by then lets the others pass, which is remarked, so that a function that hangs does not end the session's use.
"""

from __future__ import annotations

import asyncio
import logging
import random
import threading
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from typing import Protocol

from aiohttp import hdrs, web
from aiohttp.http_exceptions import BadHttpMethod

from workbench.resources.http_loop import Errands
from workbench.resources.http_message import METHODS, Request, Response
from workbench.resources.http_runner import Runner
from workbench.resources.model import Health, Permits
from workbench.units import format_size

TURN_S = 1.0
MOST_BYTES = 8 * 1024 * 1024
FIRST_RETRY_S, LAST_RETRY_S = 0.05, 5.0

_HAS_TYPE = web.ResponseKey("has_type", bool)
_quiet = logging.getLogger("workbench.resources.http_listener")
"""aiohttp writes what a client did wrong into a log, which would end up on the screen."""
_quiet.addHandler(logging.NullHandler())
_quiet.propagate = False
_NO_METHOD = "it begins with no method that the platform knows"


class Door(Protocol):
    """One resource behind the port. Everything is called on the loop."""

    def refuses(self, request: Request) -> str | None:
        """Why it does not take this request, in words for people; None when it does."""

    async def answer(self, request: Request) -> Response | None:
        """The response to a request it takes; None: the connection is closed without one."""

    def tell(self, health: Health, words: str) -> None:
        """How it stands with the port."""

    def remark(self, remark: str) -> None:
        """Something that would hurt on the platform."""


class Listener:
    """A port and the doors behind it. `join` and `leave` are for any thread."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._bound = port
        self._doors: list[Door] = []
        self._turn = asyncio.Lock()
        self._overdue: list[Door] = []
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

    def _failed(self, error: Exception) -> None:
        self._tell("trouble", f"The HTTP server ended: {error!r}.")

    async def _serve(self) -> None:
        @web.middleware
        async def handle(request: web.Request, handler: object) -> web.StreamResponse:
            return await self._handle(request)  # whatever its path is: a route takes only those that begin with /

        application = web.Application(middlewares=[handle])
        application.on_response_prepare.append(_as_the_platform)
        runner = Runner(application, _quiet, self._unread)
        await runner.setup()
        try:
            self._bound = await self._bind(runner)
            with suppress(OSError):  # a machine without IPv6, or another program there
                await web.TCPSite(runner, "::1", self._bound).start()
            self._tell("ready", f"http://127.0.0.1:{self._bound}")
            await asyncio.Event().wait()
        finally:
            await runner.cleanup()

    async def _bind(self, runner: web.AppRunner) -> int:
        """Listen on IPv4, trying until the port is free. Returns the port."""
        retry_s = FIRST_RETRY_S
        while True:
            site = web.TCPSite(runner, "127.0.0.1", self._port)
            try:
                await site.start()
            except OSError as error:
                await site.stop()
                reason = error.strerror or str(error)
                self._tell(
                    "trouble",
                    f"Port {self._port} cannot be listened on ({reason}): end the program that uses it, or choose "
                    "another with http_port under [resources] in workbench.toml. It is tried again.",
                )
                await asyncio.sleep(retry_s)
                retry_s = min(2 * retry_s, LAST_RETRY_S)
            else:
                return int(runner.addresses[0][1])

    async def _handle(self, received: web.Request) -> web.StreamResponse:
        method = METHODS.get(received.method)
        host = received.headers.get(hdrs.HOST, f"127.0.0.1:{self._bound}")
        if method is None:
            return self._hang_up(received, _NO_METHOD)
        if not host.isascii():
            return self._hang_up(received, "its Host header is not ASCII, as the platform wants it")
        body = await _body(received)
        if body is None:
            return web.Response(status=413, text=f"More than {format_size(MOST_BYTES)} are not taken here.")
        request = Request(
            method=method,
            host=host,
            path=received.raw_path.encode("utf-8", "surrogateescape").decode("utf-8", "replace"),
            headers=_visible(received.headers),
            body=body,
        )
        response: Response | None = Response(404, {}, b"Not Found")
        async with self._taking_turns() as taken_by:
            refusals = [(door, door.refuses(request)) for door in self._doors]
            doors = [door for door, refusal in refusals if refusal is None]
            if doors:
                door = random.choice(doors)
                taken_by(door)
                response = await door.answer(request)
            for door, refusal in refusals if not doors else ():
                door.remark(f"A request was answered 404 Not Found: {refusal}.")
        return _closed(received) if response is None else _written(response)

    def _unread(self, received: web.BaseRequest, error: BaseException | None) -> web.Response:
        return self._hang_up(received, _NO_METHOD if isinstance(error, BadHttpMethod) else "it is not proper HTTP")

    def _hang_up(self, received: web.BaseRequest, reason: str) -> web.Response:
        """What no door could get ends the connection."""
        for door in self._doors:
            door.remark(f"The connection of a request was closed without a response: {reason}.")
        return _closed(received)

    @asynccontextmanager
    async def _taking_turns(self) -> AsyncIterator[Callable[[Door], None]]:
        """The turn of one request, given up after `TURN_S`. Whoever has it says which door the request goes to."""
        await self._turn.acquire()
        for door in self._overdue:
            door.remark(
                f"A request had no answer within {TURN_S:g} s. On the platform all others wait for it, and so do "
                "the start and the end of every http-ingress; here they pass it."
            )
        taken: list[Door] = []
        is_overdue = False

        def overdue() -> None:
            nonlocal is_overdue
            is_overdue = True
            self._turn.release()
            self._overdue.extend(taken)

        timer = asyncio.get_running_loop().call_later(TURN_S, overdue)
        try:
            yield taken.append
        finally:
            timer.cancel()
            if is_overdue:
                for door in taken:
                    self._overdue.remove(door)
            else:
                self._turn.release()


async def _body(received: web.Request) -> bytes | None:
    """What was sent; None when that is too much."""
    body = bytearray()
    async for chunk in received.content.iter_any():
        body += chunk
        if len(body) > MOST_BYTES:
            return None
    return bytes(body)


def _visible(headers: Mapping[str, str]) -> dict[str, str]:
    """Header names in lower case; of one that came twice the last counts, and what is no ASCII is dropped."""
    return {name.lower(): value for name, value in headers.items() if value.isascii() and value.isprintable()}


def _written(response: Response) -> web.Response:
    written = web.Response(status=response.status, body=response.body or b"")
    for name, value in response.headers.items():
        written.headers.add(name, value)
    written[_HAS_TYPE] = hdrs.CONTENT_TYPE in written.headers
    return written


def _closed(received: web.BaseRequest) -> web.Response:
    """End the connection; the response that has to be made all the same goes nowhere."""
    if received.transport is not None:
        received.transport.close()
    return web.Response()


async def _as_the_platform(received: web.BaseRequest, response: web.StreamResponse) -> None:
    """Take away what aiohttp adds and the platform does not: a browser guesses a type that is not told."""
    response.headers.pop(hdrs.SERVER, None)
    if response.get(_HAS_TYPE) is False:
        response.headers.pop(hdrs.CONTENT_TYPE, None)


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
