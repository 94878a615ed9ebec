"""http-egress: calls of functions as HTTP requests to the outside (EDGELESS 1.2, RES/http_egress.rs).

Where a request goes is said by the function that makes it, so each is checked when it is made. Requests run beside each
other and their replies may come out of order, as on the platform.
"""

from __future__ import annotations

from workbench.errors import UserError
from workbench.resources.http_loop import Errands, require_aiohttp
from workbench.resources.http_message import (
    NotHttp,
    Request,
    Response,
    decode_request,
    encode_request,
    encode_response,
    tell,
)
from workbench.resources.http_target import Unreachable
from workbench.resources.model import Kind, Message, Part, Port, Running
from workbench.resources.standing import Standing
from workbench.resources.urls import origin_of
from workbench.resources.wording import shown

PATIENCE_S = 300.0
"""How long a server may take. The platform would wait for ever."""


class Egress:
    """The resource at work. Raises `UserError` when the HTTP library is missing."""

    def __init__(self, part: Part, port: Port) -> None:
        require_aiohttp(part.class_type)
        from workbench.resources.http_client import Client

        self._port = port
        self._standing = Standing(port)
        self._client = Client(part.permits, PATIENCE_S, lambda words: self._standing.tell("trouble", words))
        self._errands = Errands(lambda error: self._standing.tell("trouble", f"A request failed: {error!r}."))
        self._errands.at_end(self._client.close)
        self._standing.tell("ready", "no server was asked yet")

    def take(self, message: Message) -> None:
        if not message.call:
            self._standing.remark("http-egress answers calls only: a cast to it does nothing.")
            return
        self._errands.start(lambda: self._answer(message))

    def relink(self, outputs: frozenset[str]) -> None:
        """It has no outputs."""

    @property
    def busy(self) -> bool:
        """See `Running`."""
        return self._errands.busy

    def close(self) -> None:
        self._errands.close()

    async def _answer(self, message: Message) -> None:
        try:
            reply = await self._exchange(message.payload)
        except Exception:
            self._port.reply(message.seq, "err")
            raise
        if reply is None:
            self._port.reply(message.seq, "err")
        else:
            self._port.reply(message.seq, "reply", reply)

    async def _exchange(self, payload: bytes) -> bytes | None:
        try:
            request = decode_request(payload)
        except NotHttp as error:
            self._standing.tell(
                "trouble", f"It was called with something that is not the JSON of a request: {shown(str(error))}."
            )
            return None
        scheme = "https" if request.protocol == "HTTPS" else "http"
        try:
            answer = await self._client.exchange(
                request.method.upper(), f"{scheme}://{request.host}{request.path}", request.headers, request.body
            )
        except Unreachable as error:
            self._standing.tell("trouble", f"{error} The next call tries again.")
            return None
        except UserError as error:
            self._standing.tell("trouble", str(error))
            return None
        self._standing.tell("ready", origin_of(f"{scheme}://{request.host}"))
        return encode_response(Response(answer.status, answer.headers, answer.body))


def _start(part: Part, port: Port) -> Running:
    return Egress(part, port)


KIND = Kind(
    class_type="http-egress",
    words="makes HTTP requests for functions that call it, and answers with the responses",
    takes_cast=False,
    start=_start,
    extra="http",
    decode=lambda payload, sent_to: tell(payload),
    samples={
        "200 with text": encode_response(Response(200, {"content-type": "text/plain"}, b"hello")),
        "200 with JSON": encode_response(Response(200, {"content-type": "application/json"}, b'{"ok":true}')),
        "404": encode_response(Response(404, {}, b"Not Found")),
        "503": encode_response(Response(503, {"retry-after": "5"}, b"")),
        "a request": encode_request(Request("Get", "127.0.0.1:8080", "/", "HTTP")),
    },
)
