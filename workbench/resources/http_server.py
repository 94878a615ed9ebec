"""A small HTTP/1 server: connections and their end, on sockets it is given. What is answered is another's business.

Everything a client can hold is bounded: how many connections, how long a half-sent request, an idle connection or an
unread response may stand, and how many bytes all bodies under way, and all unread responses, have together.
"""

from __future__ import annotations

import asyncio
import errno
import resource
import socket
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Literal, Protocol, TypeAlias, cast

from workbench.resources.budget import Budget, Claim
from workbench.resources.http_message import Response
from workbench.resources.http_reading import Head, Reader, Unreadable
from workbench.resources.http_writing import Unwritable, write
from workbench.resources.wording import reason
from workbench.units import format_size

MOST_BYTES = 8 * 1024 * 1024
"""The largest body of a request."""
MOST_BYTES_UNDER_WAY = 32 * 1024 * 1024
"""The most bytes that the bodies of all requests have which are being read or answered; others wait."""
MOST_BYTES_UNREAD = 64 * 1024 * 1024
"""The most bytes of responses that wait to be read, of all connections; a single one may be larger."""
MOST_CONNECTIONS = 512
HEAD_S, BODY_S, IDLE_S, ROOM_S, UNREAD_S, LINGER_S = 30.0, 60.0, 75.0, 30.0, 60.0, 2.0
"""How long the head and the body of a request may take, how long nothing may be asked, how long a body waits while no
other makes room, how long a response may wait to be read, and a client may go on sending after the last one."""
SLOWEST_BYTES_PER_S = 64 * 1024
"""How fast a client has to read: what is left of a response then has so much more time than `UNREAD_S`."""
SWEEP_S = 0.5
RETRY_S = 0.5
"""How long no connections are taken after the machine had none to give."""

_SMALL = 64 * 1024
"""Bodies up to this size never wait; nor is more than this read ahead of a request that is being answered."""
_EXHAUSTED = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM})

Phase: TypeAlias = Literal["idle", "head", "room", "body", "asked", "unread", "ending"]
_WAITS_S: dict[Phase, Callable[[], float]] = {
    "idle": lambda: IDLE_S,
    "head": lambda: HEAD_S,
    "room": lambda: ROOM_S,
    "body": lambda: BODY_S,
    "unread": lambda: UNREAD_S,
    "ending": lambda: LINGER_S,
}


class Exchange:
    """A request that waits for its response."""

    def __init__(self, head: Head, body: bytes, respond: Callable[[Response | None], None]) -> None:
        self.head, self.body = head, body
        self._respond = respond
        self.is_open = True
        """Whether somebody still waits."""

    def respond(self, response: Response | None) -> None:
        """Answer; None: close the connection without a response. Nothing happens when nobody waits any more."""
        if self.is_open:
            self.is_open = False
            self._respond(response)


class Handler(Protocol):
    """Whoever answers. Everything is called on the loop."""

    def refuses(self, head: Head) -> Response | Literal["close"] | None:
        """What ends the connection before the body is read; None: the request is taken."""

    def serve(self, exchange: Exchange) -> None:
        """A whole request arrived."""

    def left(self, exchange: Exchange) -> None:
        """Nobody waits for the response any more."""

    def unreadable(self, error: Unreadable) -> None:
        """What arrived was no request, and the connection ends."""

    def unwritable(self, error: Unwritable) -> None:
        """A response could not be sent, and the connection ends."""

    def late(self, words: str) -> None:
        """A client took too long, and its connection ends."""

    def trouble(self, words: str | None) -> None:
        """No connections are taken at present, and why; None: it is over."""


class Server:
    """Takes connections from the sockets it is told to listen on. To be used on the loop that runs."""

    def __init__(self, handler: Handler) -> None:
        self.handler = handler
        self.loop = asyncio.get_running_loop()
        self.budget = Budget(MOST_BYTES_UNDER_WAY)
        self.made_room_at = 0.0
        """When a request with a large body was answered last, in seconds of the loop's clock."""
        self._listening: list[socket.socket] = []
        self._connections: dict[_Connection, None] = {}
        self._opening: set[asyncio.Task[None]] = set()
        self._most = max(16, min(MOST_CONNECTIONS, resource.getrlimit(resource.RLIMIT_NOFILE)[0] // 2))
        self._accepts = True
        self._is_exhausted = False
        self._retry: asyncio.TimerHandle | None = None
        self._sweep = self.loop.call_later(SWEEP_S, self._swept)

    def listen(self, listening: socket.socket) -> None:
        """Take connections from this socket, which belongs to the server from now on."""
        listening.setblocking(False)
        self._listening.append(listening)
        if self._accepts:
            self.loop.add_reader(listening, self._accept, listening)

    async def close(self) -> None:
        """Let go of all sockets."""
        self._pause()
        self._sweep.cancel()
        if self._retry is not None:
            self._retry.cancel()
        for listening in self._listening:
            listening.close()
        self._listening.clear()
        await asyncio.gather(*self._opening, return_exceptions=True)
        for connection in list(self._connections):
            connection.abort()
        while self._connections:
            await asyncio.sleep(0)

    # ---- connections that come

    def _accept(self, listening: socket.socket) -> None:
        while self._has_room():
            try:
                accepted, _ = listening.accept()
            except (BlockingIOError, InterruptedError, ConnectionAbortedError):
                return
            except OSError as error:
                if error.errno not in _EXHAUSTED:
                    raise
                self._pause()
                self._is_exhausted = True
                self.handler.trouble(f"No connection can be taken at present: {reason(error)}.")
                self._retry = self.loop.call_later(RETRY_S, self._resume)
                return
            if self._is_exhausted:
                self._is_exhausted = False
                self.handler.trouble(None)
            opening = self.loop.create_task(self._open(accepted))
            self._opening.add(opening)
            opening.add_done_callback(self._opening.discard)

    async def _open(self, accepted: socket.socket) -> None:
        try:
            await self.loop.connect_accepted_socket(partial(_Connection, self), accepted)
        except OSError:  # it has gone already
            accepted.close()

    def _has_room(self) -> bool:
        if len(self._connections) + len(self._opening) < self._most:
            return True
        idle = next((connection for connection in self._connections if connection.phase == "idle"), None)
        if idle is None:
            self._pause()
            self.handler.late(f"There are {self._most} connections at once: further ones wait until one ends.")
            return False
        idle.abort()
        self.gone(idle)
        return True

    def _pause(self) -> None:
        self._accepts = False
        for listening in self._listening:
            self.loop.remove_reader(listening)

    def _resume(self) -> None:
        self._accepts, self._retry = True, None
        for listening in self._listening:
            self.loop.add_reader(listening, self._accept, listening)

    # ---- connections that are there

    def bound_unread(self) -> None:
        """A response has to wait: where all that wait are too many bytes, those end that have waited longest."""
        unread = sorted((one for one in self._connections if one.phase == "unread"), key=lambda one: one.since)
        left = sum(one.unread_bytes for one in unread)
        for one in unread[:-1]:
            if left <= MOST_BYTES_UNREAD:
                return
            left -= one.unread_bytes
            self.handler.late(
                f"More than {format_size(MOST_BYTES_UNREAD)} of responses were not read, and the connection that had "
                "waited longest was closed; the platform has no bound."
            )
            one.abort()

    def came(self, connection: _Connection) -> None:
        """It is open."""
        self._connections[connection] = None
        self._look_for_room()

    def gone(self, connection: _Connection) -> None:
        """It is closed; harmless twice."""
        self._connections.pop(connection, None)
        self._look_for_room()

    def _look_for_room(self) -> None:
        if not self._accepts and self._retry is None:
            self._resume()

    def _swept(self) -> None:
        now = self.loop.time()
        for connection in [connection for connection in self._connections if connection.deadline < now]:
            connection.expire()
        self._look_for_room()  # one that was busy may be idle now
        self._sweep = self.loop.call_later(SWEEP_S, self._swept)


class _Connection(asyncio.Protocol):
    def __init__(self, server: Server) -> None:
        self._server, self._handler = server, server.handler
        self._reader = Reader(MOST_BYTES)
        self._head: Head | None = None
        self._claim: Claim | None = None
        self._exchange: Exchange | None = None
        self._is_advancing = False
        self._is_paused = False
        self._has_unread = False
        self._is_last = False
        """Whether the connection ends once its response is read."""
        self._enter("idle")

    def _enter(self, phase: Phase) -> None:
        """What it waits for, since when, and until when."""
        self.phase: Phase = phase
        self.since = self._server.loop.time()
        wait_s = _WAITS_S.get(phase)
        self.deadline = float("inf") if wait_s is None else self.since + wait_s()
        if phase == "unread":
            self.deadline += self.unread_bytes / SLOWEST_BYTES_PER_S

    @property
    def unread_bytes(self) -> int:
        """What of its response has not left yet."""
        return self._transport.get_write_buffer_size()

    def abort(self) -> None:
        """End it at once."""
        self._enter("ending")
        self._transport.abort()

    def expire(self) -> None:
        """It has taken too long for what it waits for."""
        if self.phase == "room":
            due = self._server.made_room_at + ROOM_S
            if due > self.deadline:  # others were answered meanwhile, and its turn comes
                self.deadline = due
                return
            self._handler.late(
                f"The bodies of requests under way have {format_size(MOST_BYTES_UNDER_WAY)}, and none was answered for "
                f"{ROOM_S:g} s: a further one got 503, where the platform has no bound."
            )
            self._end_with(Response(503, {}, b"Too many bytes are under way here: try again later.\n"))
            return
        if self.phase in ("head", "body"):
            wait_s = _WAITS_S[self.phase]()
            self._handler.late(
                f"A request was sent in part only, and its connection closed after {wait_s:g} s; the platform waits on."
            )
        elif self.phase == "unread":
            waited_s = self._server.loop.time() - self.since
            self._handler.late(f"A response was not read for {waited_s:.0f} s, and its connection closed.")
        self.abort()

    # ---- what the transport says

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._transport.set_write_buffer_limits(high=0)  # whatever does not leave at once is unread
        self._server.came(self)

    def data_received(self, data: bytes) -> None:
        if self.phase != "ending":
            self._reader.feed(data)
            self._advance()

    def eof_received(self) -> None:
        """As the platform's server: a client that sends no more is taken to be gone."""

    def pause_writing(self) -> None:
        self._has_unread = True

    def resume_writing(self) -> None:
        self._has_unread = False
        if self.phase == "unread":
            self._written()

    def connection_lost(self, error: Exception | None) -> None:
        self.phase = "ending"
        self._release()
        if self._exchange is not None:
            exchange, self._exchange = self._exchange, None
            exchange.is_open = False
            self._handler.left(exchange)
        self._server.gone(self)

    # ---- requests

    def _advance(self) -> None:
        """Read on, as far as what has arrived allows. Requests are answered one after the other."""
        if self._is_advancing:
            return
        self._is_advancing = True
        try:
            while self._read():
                pass
        except Unreadable as error:
            self._handler.unreadable(error)
            if error.status is None:
                self._end()
            else:
                why = f"The request is not taken: {error}.\n".encode() if error.ours else b""
                self._end_with(Response(error.status, {}, why))
        finally:
            self._is_advancing = False
        waits = self.phase in ("asked", "unread", "room") and len(self._reader) > _SMALL
        if waits != self._is_paused and self.phase != "ending":
            self._is_paused = waits
            (self._transport.pause_reading if waits else self._transport.resume_reading)()

    def _read(self) -> bool:
        """Whether there may be more to do at once."""
        if self.phase in ("idle", "head"):
            head = self._reader.head()
            if head is None:
                if self.phase == "idle" and self._reader.has_begun:
                    self._enter("head")
                return False
            refusal = self._handler.refuses(head)
            if refusal is not None:
                self._head = head
                self._end_with(None if refusal == "close" else refusal)
                return False
            self._begin(head)
        if self.phase == "body":
            assert self._head is not None
            body = self._reader.body()
            if body is None:
                return False
            if self._claim is not None:
                self._claim.shrink(len(body))
            self._enter("asked")
            self._exchange = Exchange(self._head, body, self._respond)
            self._handler.serve(self._exchange)
        return self.phase == "idle"

    def _begin(self, head: Head) -> None:
        """The head is there, and the body wanted, once there is room for it."""
        self._head = head
        most = MOST_BYTES if head.length is None else head.length
        if most <= _SMALL:
            self._wanted()
            return
        self._enter("room")
        self._claim = self._server.budget.claim(most, self._room_made)

    def _room_made(self) -> None:
        self._wanted()
        self._advance()

    def _wanted(self) -> None:
        assert self._head is not None
        self._enter("body")
        if self._head.expects:
            self._transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")

    def _respond(self, response: Response | None) -> None:
        self._exchange = None
        if response is None:
            self._end()
            return
        assert self._head is not None
        try:
            written, stays = write(response, self._head.method, self._head.minor, self._head.stays)
        except Unwritable as error:
            self._handler.unwritable(error)
            self._end()
            return
        self._is_last = not stays
        self._transport.write(written)
        self._written()

    def _written(self) -> None:
        """The response is written, and the next request has its turn once all of it has left."""
        self._release()
        if self._has_unread:
            self._enter("unread")
            self._server.bound_unread()
        elif self._is_last:
            self._end()
        else:
            self._head = None
            self._enter("idle")
            self._advance()

    def _end_with(self, response: Response | None) -> None:
        """Answer and end the connection."""
        if response is None:
            self._end()
            return
        method, minor = ("GET", 1) if self._head is None else (self._head.method, self._head.minor)
        self._is_last = True
        self._transport.write(write(response, method, minor, False)[0])
        self._written()

    def _end(self) -> None:
        """End it. What still comes is read and forgotten for a moment: a connection that is closed with something
        unread loses its response."""
        self._release()
        self._enter("ending")
        if self._is_paused:
            self._is_paused = False
            self._transport.resume_reading()
        with suppress(OSError):
            self._transport.write_eof()

    def _release(self) -> None:
        if self._claim is not None:
            claim, self._claim = self._claim, None
            if claim.is_granted:
                self._server.made_room_at = self._server.loop.time()
            claim.release()
