"""A connection to a Redis server that is made, looked after and made again, whatever the server does."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from workbench import threads
from workbench.errors import UserError
from workbench.resources.model import Permits
from workbench.resources.redis_errors import Fault, ReplyTooLarge, fault_of
from workbench.resources.sandbox import addresses
from workbench.threads import ThreadDied

if TYPE_CHECKING:
    from redis import Redis

TIMEOUT_S = 5.0
"""How long a server may take to accept a connection or to answer."""
WATCH_S = 2.0
"""How often a connection without trouble is looked after."""
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.1, 10.0


@dataclass(frozen=True)
class Server:
    """Where it is, and as whom to talk to it."""

    host: str
    port: int
    user: str | None
    password: str | None
    database: int


class Unreachable(Exception):
    """There is no connection, or it was lost over this. `str(error)` says why."""


class Refused(Exception):
    """The server is well and will not do it. `str(error)` says why."""


class Connection:
    """`up` is called when there is a connection, `down` with what is wrong when there is none; on any thread. Raises
    `UserError` when the client is not installed."""

    def __init__(self, server: Server, permits: Permits, up: Callable[[], None], down: Callable[[Fault], None]) -> None:
        try:
            import redis  # noqa: F401
        except ImportError as error:
            raise UserError("A redis resource needs the client: pip install 'edgeless-workbench[redis]'.") from error
        self._server, self._permits = server, permits
        self._up, self._down = up, down
        self._client: Redis | None = None
        self._fault: Fault | None = None
        self._tried, self._closed, self._look = threading.Event(), threading.Event(), threading.Event()
        threads.start(f"connection to {server.host}:{server.port}", self._watch, self._end_dead)

    def ask(self, *command: bytes) -> object:
        """What the server answers. Waits for the first attempt to connect, and for the answer. Raises `Unreachable` or
        `Refused`."""
        from redis.exceptions import ResponseError

        self._tried.wait()
        client = self._client
        if client is None:
            raise Unreachable(self._fault.words if self._fault else "there is no connection")
        try:
            return _answer(client, *command)
        except (ResponseError, ReplyTooLarge) as error:
            raise Refused(fault_of(error, TIMEOUT_S).words) from error
        except Exception as error:  # nonsense makes the client raise anything
            fault = self._lost(error)
            self._look.set()
            raise Unreachable(fault.words) from error

    def close(self) -> None:
        """End, now."""
        self._closed.set()
        self._tried.set()
        self._look.set()

    def _watch(self) -> None:
        pause_s = FIRST_PAUSE_S
        while not self._closed.is_set():
            self._look.clear()
            try:
                if self._client is None:
                    self._client = self._connected()
                _ping(self._client)
            except Exception as error:  # nonsense makes the client raise anything
                self._drop()
                self._lost(error)
                self._tried.set()
                self._closed.wait(pause_s)
                pause_s = min(2 * pause_s, LONGEST_PAUSE_S)
            else:
                pause_s = FIRST_PAUSE_S
                self._up()
                self._tried.set()
                self._look.wait(WATCH_S)
        self._drop()

    def _end_dead(self, death: ThreadDied) -> None:
        self._client = None
        self._down(Fault(death.message, "command"))
        self._tried.set()

    def _lost(self, error: Exception) -> Fault:
        fault = self._fault = fault_of(error, TIMEOUT_S)
        if not self._closed.is_set():
            self._down(fault)
        return fault

    def _connected(self) -> Redis:
        import redis
        from redis.backoff import NoBackoff
        from redis.retry import Retry

        from workbench.resources.redis_reply import BoundedParser

        server = self._server
        failure: Exception = UserError(f"{server.host} has no address.")
        for address in addresses(server.host, server.port, self._permits):
            pool = redis.ConnectionPool(
                host=address,
                port=server.port,
                db=server.database,
                username=server.user,
                password=server.password,
                socket_timeout=TIMEOUT_S,
                socket_connect_timeout=TIMEOUT_S,
                retry=Retry(NoBackoff(), 0),
                protocol=2,
                parser_class=BoundedParser,
                driver_info=None,  # which would send commands of its own before ours
            )
            try:
                client = redis.Redis(connection_pool=pool, single_connection_client=True)
                client.auto_close_connection_pool = True
                return client
            except redis.exceptions.RedisError as error:
                failure = error
        raise failure

    def _drop(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            client.close()


class _NotRedis(Exception):
    """It echoes something else than it was sent."""


def _ping(client: Redis) -> None:
    if _answer(client, b"ECHO", b"workbench") != b"workbench":
        raise _NotRedis


def _answer(client: Redis, *command: bytes) -> object:
    answer: object = client.execute_command(*command)  # type: ignore[no-untyped-call]
    return answer
