"""The class `redis`: SETs and GETs keys of a real Redis server.

EDGELESS 1.2: a cast sets the key in the configuration, if there is one, to its payload. A call gets the key that is its
payload, and is answered with Err where that has no value. (So commit ddf164e0 of 2026-02-23; there are versions that
take what stands before a payload's first colon for the key, which a note tells of.)

Two things differ. The platform refuses to start the resource while the server cannot be reached, and never connects
again when the connection is lost, so that each later call is answered with Err; here it goes on trying, and says so.
And the platform waits for ever for a server that does not answer; here a call is answered with Err after 5 seconds.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from urllib.parse import SplitResult, unquote, urlsplit

from workbench.errors import UserError
from workbench.resources.model import ConfigurationFault, Kind, Message, Part, Port, Running, Setting
from workbench.resources.redis_connection import Connection, Refused, Server, Unreachable
from workbench.resources.redis_errors import Fault
from workbench.resources.sandbox import check_url
from workbench.resources.standing import Standing
from workbench.resources.urls import parse_url
from workbench.resources.wording import shown
from workbench.resources.worker import Answer, Worker
from workbench.units import format_size

USUAL_PORT = 6379
SCHEMES = ("redis",)

_NO_KEY = "A message was lost: the resource has no 'key' to set."
_COLON = "Some versions of the platform take what stands before the first colon of a payload for the key to set."
_LATE = "The platform would not start this resource: its server could not be used. Of the server: {}."
_UNUSED = "The platform starts this resource, and answers each call with Err. Of the server: {}."
_AGAIN = "The connection was lost and made again: the platform never does that, and answers each later call with Err."
_LOST = "A value was lost, and the platform loses it too. Of the server: {}."
_BINARY = "A value is not UTF-8 text: a call for it is answered with Err, as on the platform."


class _Redis:
    """Commands to a server; a thread of the connection's own looks after it."""

    def __init__(self, part: Part, port: Port) -> None:
        self.standing = Standing(port)
        server = _server(check_url(part.configurations["url"], SCHEMES, part.permits))
        self._where = f"{server.host}:{server.port}"
        self._prefix = f"{part.workflow_id}:".encode() if "add-workflow-id" in part.configurations else b""
        self._key = part.configurations["key"].encode() if "key" in part.configurations else None
        self._was_up = self._is_up = False
        self.standing.tell("starting", self._where)
        self._connection = Connection(server, part.permits, self._up, self._down)

    def work(self, message: Message) -> Answer:
        """Get or set what the message says."""
        if message.call:
            return self._get(message.payload)
        self._set(message.payload)
        return None

    def close(self) -> None:
        """Let go of the connection."""
        self._connection.close()

    def _get(self, key: bytes) -> Answer:
        value = self._ask(b"GET", self._prefix + key)
        if not isinstance(value, bytes):
            return "err", b""
        if not _is_text(value):
            self.standing.remark(_BINARY)
            return "err", b""
        return "reply", value

    def _set(self, payload: bytes) -> None:
        if b":" in payload:
            self.standing.remark(_COLON)
        if self._key is None:
            self.standing.remark(_NO_KEY)
        else:
            self._ask(b"SET", self._prefix + self._key, payload)

    def _ask(self, *command: bytes) -> object:
        """What the server answers; None for no value, and for none that came."""
        try:
            return self._connection.ask(*command)
        except Refused as error:
            self.standing.remark(f"The server refuses a {command[0].decode()}: {error}.")
        except Unreachable as error:
            if command[0] == b"SET":
                self.standing.remark(_LOST.format(error))
        return None

    def _up(self) -> None:
        if self._was_up and not self._is_up:
            self.standing.remark(_AGAIN)
        self._was_up = self._is_up = True
        self.standing.tell("ready", self._where)

    def _down(self, fault: Fault) -> None:
        if not self._was_up and fault.extent != "command":
            self.standing.remark((_LATE if fault.extent == "start" else _UNUSED).format(fault.words))
        self._is_up = False
        self.standing.tell("trouble", f"Redis at {self._where}: {fault.words}.")


def _start(part: Part, port: Port) -> Running:
    if "url" not in part.configurations:
        raise UserError("Missing Redis URL")
    redis = _Redis(part, port)
    return Worker(part, port, redis.standing, redis.work, redis.close)


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


def _faults(configurations: Mapping[str, str]) -> Iterator[ConfigurationFault]:
    try:
        _server(parse_url(configurations.get("url", ""), SCHEMES))
    except UserError as error:
        yield ConfigurationFault("url", str(error))


def _decode(payload: bytes, sent_to: bool) -> str:
    text = payload.decode(errors="replace")
    if not sent_to:
        return f"the value of the key: {format_size(len(payload))}"
    return f"a cast sets the resource's key to {shown(text)}; a call gets {shown(text)}"


KIND = Kind(
    class_type="redis",
    words="keeps values in a Redis server: a cast sets a key, a call gets one",
    settings=(
        Setting("url", "the server, as in redis://127.0.0.1:6379/0", required=True),
        Setting("key", "the key that a cast sets"),
        Setting("add-workflow-id", "puts the workflow's id and a colon before each key; any value switches it on"),
    ),
    start=_start,
    reaches=_reaches,
    servers=lambda configuration: (configuration.get("url", ""),),
    faults=_faults,
    extra="redis",
    decode=_decode,
    samples={"a value": b"42", "an empty value": b""},
)
