"""The class `redis`: SETs and GETs keys of a real Redis server.

EDGELESS 1.2: a cast sets a key. It is what stands before the first colon of the payload, and the value what stands
after; without a colon the payload is the value of the key in the configuration, if there is one. A call gets the key
that is its payload, and is answered with Err where that has no value.

Two things differ. The platform refuses to start the resource while the server cannot be reached, and never connects
again when the connection is lost, so that each later call is answered with Err; here it goes on trying, and says so.
And the platform waits for ever for a server that does not answer; here a call is answered with Err after 5 seconds.
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import SplitResult, unquote, urlsplit

from workbench.errors import UserError
from workbench.resources.http_target import host_of
from workbench.resources.model import Kind, Message, Part, Port, Setting
from workbench.resources.redis_connection import Connection, Refused, Server, Unreachable
from workbench.resources.sandbox import check_url, is_loopback
from workbench.resources.standing import Standing
from workbench.resources.worker import Worker

USUAL_PORT = 6379

_NO_KEY = "A message without a colon was lost: the resource has no 'key' to set."
_COLON = (
    "A payload with a colon sets the key before its first colon, here as on the platform, not the 'key' configured."
)
_LATE = "The platform would not start this resource: its server could not be reached."
_AGAIN = "The connection was lost and made again: the platform never does that, and answers each later call with Err."
_LOST = "A value was lost, because the server could not be reached: the platform loses it too."


class _Redis:
    """Works off messages on a thread of its own; another looks after the connection."""

    def __init__(self, part: Part, port: Port) -> None:
        if "url" not in part.configurations:
            raise UserError("Missing Redis URL")
        self._port, self._standing = port, Standing(port)
        server = _server(check_url(part.configurations["url"], ("redis",), part.permits))
        self._where = f"{server.host}:{server.port}"
        self._prefix = f"{part.workflow_id}:".encode() if "add-workflow-id" in part.configurations else b""
        self._key = part.configurations["key"].encode() if "key" in part.configurations else None
        self._was_up = self._is_up = False
        self._standing.tell("starting", self._where)
        self._connection = Connection(server, part.permits, self._up, self._down)
        self._worker = Worker(part.name, self._work, self._down_for_good)

    def take(self, message: Message) -> None:
        self._worker.take(message)

    def relink(self, outputs: frozenset[str]) -> None:
        """It sends nothing."""

    @property
    def busy(self) -> bool:
        """See `Running`."""
        return self._worker.busy

    def close(self) -> None:
        self._worker.close()
        self._connection.close()

    def _work(self, message: Message) -> None:
        if message.call:
            self._get(message)
        else:
            self._set(message.payload)

    def _get(self, message: Message) -> None:
        value = self._ask(b"GET", self._prefix + message.payload)
        if isinstance(value, bytes) and _is_text(value):
            self._port.reply(message.seq, "reply", value)
        else:
            self._port.reply(message.seq, "err")

    def _set(self, payload: bytes) -> None:
        key, colon, value = payload.partition(b":")
        if not colon:
            if self._key is None:
                self._standing.remark(_NO_KEY)
                return
            key, value = self._key, payload
        elif self._key is not None:
            self._standing.remark(_COLON)
        if self._ask(b"SET", self._prefix + key, value) is None:
            self._standing.remark(_LOST)

    def _ask(self, *command: bytes) -> object:
        """What the server answers; None for no value, and for none that came."""
        try:
            return self._connection.ask(*command)
        except Refused as error:
            self._standing.remark(f"The server refuses a {command[0].decode()}: {error}.")
            return error
        except Unreachable:
            return None

    def _up(self) -> None:
        if self._was_up and not self._is_up:
            self._standing.remark(_AGAIN)
        self._was_up = self._is_up = True
        self._standing.tell("ready", self._where)

    def _down(self, reason: str) -> None:
        if not self._was_up:
            self._standing.remark(_LATE)
        self._is_up = False
        self._standing.tell("trouble", f"Redis at {self._where}: {reason}.")

    def _down_for_good(self, error: Exception) -> None:
        self._standing.tell("trouble", f"It stopped: {error}")


def _server(url: SplitResult) -> Server:
    number = url.path.strip("/")
    if number and not (number.isascii() and number.isdecimal()):
        raise UserError(f"'{number}' is not the number of a Redis database.")
    return Server(
        host=url.hostname or "",
        port=url.port or USUAL_PORT,
        user=unquote(url.username) if url.username else None,
        password=unquote(url.password) if url.password else None,
        database=int(number or 0),
    )


def _is_text(value: bytes) -> bool:
    try:
        value.decode()
    except UnicodeDecodeError:
        return False
    return True


def _authority(configurations: Mapping[str, str]) -> tuple[str, int] | None:
    try:
        url = urlsplit(configurations.get("url", ""))
        return (url.hostname, url.port or USUAL_PORT) if url.hostname else None
    except ValueError:
        return None


def _reaches(configurations: Mapping[str, str]) -> str | None:
    authority = _authority(configurations)
    return None if authority is None else f"{authority[0]}:{authority[1]}"


def _away(configurations: Mapping[str, str]) -> bool:
    authority = _authority(configurations)
    return authority is not None and not is_loopback(authority[0])


KIND = Kind(
    class_type="redis",
    words="keeps values in a Redis server: a cast sets a key, a call gets one",
    settings=(
        Setting("url", "the server, as in redis://127.0.0.1:6379/0", required=True),
        Setting("key", "the key that a cast without a colon in it sets"),
        Setting("add-workflow-id", "puts the workflow's id and a colon before each key; any value switches it on"),
    ),
    start=_Redis,
    reaches=_reaches,
    away=_away,
    host=lambda configurations: host_of(configurations.get("url", "")),
    extra="redis",
    samples={"a value": b"42", "an empty value": b""},
)
