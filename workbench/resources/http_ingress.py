"""http-ingress: requests from outside, as calls or casts to a function (EDGELESS 1.2, RES/http_ingress.rs).

The server is shared (`http_listener`); this is one resource behind it. What the platform says by closing the connection
without a response is remarked, for nobody could see there why.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Collection, Iterator, Mapping
from urllib.parse import parse_qs, urlsplit

from workbench.config.shape import suggestion
from workbench.records import ReplyOutcome
from workbench.resources.http_listener import enter
from workbench.resources.http_loop import Errands
from workbench.resources.http_message import (
    METHODS,
    NotHttp,
    Request,
    Response,
    decode_response,
    encode_request,
    encode_response,
    tell,
)
from workbench.resources.http_writing import can_be_sent
from workbench.resources.model import ConfigurationFault, Health, Kind, Message, Part, Port, Running, Setting
from workbench.resources.standing import Standing
from workbench.resources.wording import shown

OUTPUT = "new_request"

_NOT_FOUND = Response(404, {}, b"Not Found")


class Ingress:
    """A `Door` of the listener, and a `Running` resource of the session."""

    def __init__(self, part: Part, port: Port) -> None:
        configuration = part.configurations
        self.host = configuration.get("host")
        self.sites: Collection[str] = part.permits.http_sites
        self._methods = _methods(configuration.get("method"))
        self._workflow_id = part.workflow_id if _is_true(configuration.get("wf_id")) else None
        self._is_async = _is_true(configuration.get("async"))
        self._in_base64 = _is_true(configuration.get("encode_base64"))
        self._port = port
        self._standing = Standing(port)
        self._linked = False
        self._open: set[Callable[[Response | None], None]] = set()
        self._errands = Errands(self._failed)
        self._leave = enter(part.permits, self)
        if "methods" in configuration:
            self._standing.remark(
                "http-ingress reads `method`, not `methods`: on the platform, as here, every method is taken."
            )

    # ---- towards the session

    def take(self, message: Message) -> None:
        """Nothing is ever sent to it: on the platform it has no address."""

    def relink(self, outputs: frozenset[str]) -> None:
        linked = OUTPUT in outputs
        self._errands.soon(lambda: setattr(self, "_linked", linked))
        if not linked:
            self._standing.remark(
                f"http-ingress gets no request while its output {OUTPUT} leads nowhere; the platform says so in its "
                "log only."
            )

    @property
    def busy(self) -> bool:
        """See `Running`."""
        return False

    def close(self) -> None:
        self._errands.soon(self._give_up)
        self._leave()
        self._errands.close(0)

    def _give_up(self) -> None:
        for answered in list(self._open):
            self._answer(answered, None)

    def _failed(self, error: Exception) -> None:
        self.tell("trouble", f"It ended: {error!r}.")

    # ---- towards the listener

    def tell(self, health: Health, words: str) -> None:
        self._standing.tell(health, words)

    def remark(self, remark: str) -> None:
        self._standing.remark(remark)

    def refuses(self, request: Request) -> str | None:
        if not self._linked:
            return f"the output {OUTPUT} leads nowhere yet"
        if self.host is not None and request.host != self.host:
            return f"only requests to the host {self.host} are taken, which is compared with the port in it"
        if self._methods is not None and request.method not in self._methods:
            return f"only the methods {', '.join(method.upper() for method in sorted(self._methods))} are taken"
        if self._workflow_id is not None and self._workflow_id not in _queried(request.path):
            return f"only requests with ?wf_id={self._workflow_id} are taken"
        return None

    def ask(self, request: Request, answered: Callable[[Response | None], None]) -> None:
        if self._is_async:
            answered(self._cast(request.body or b""))
            return

        def replied(outcome: ReplyOutcome, payload: bytes) -> None:
            self._errands.soon(lambda: self._replied(answered, outcome, payload))

        self._open.add(answered)
        self._port.call(OUTPUT, encode_request(request), replied)

    def _replied(self, answered: Callable[[Response | None], None], outcome: ReplyOutcome, payload: bytes) -> None:
        if answered in self._open:
            self._answer(answered, self._response(payload) if outcome == "reply" else _NOT_FOUND)

    def _answer(self, answered: Callable[[Response | None], None], response: Response | None) -> None:
        self._open.discard(answered)
        answered(response)

    def _cast(self, body: bytes) -> Response | None:
        if self._in_base64:
            body = b64encode(body)
        else:
            try:
                body.decode()
            except UnicodeDecodeError:
                self.remark(
                    "A body is not UTF-8: the platform closes the connection without a response. With encode_base64 "
                    "it would be passed on."
                )
                return None
        self._port.cast(OUTPUT, body)
        return Response(200, {}, b"OK")

    def _response(self, payload: bytes) -> Response | None:
        try:
            response = decode_response(payload)
        except NotHttp as error:
            self.remark(
                f"The reply to a request is not the JSON of a response ({shown(str(error))}): the platform closes the "
                "connection without one."
            )
            return None
        if 100 <= response.status < 200:
            becomes = "sent, and the connection closed" if response.status == 101 else "answered 500 instead"
            self.remark(
                f"The reply to a request has the status {response.status}: it is {becomes}, as on the platform."
            )
        if left_out := [shown(name) for name, value in response.headers.items() if not can_be_sent(name, value)]:
            self.remark(
                f"The reply to a request has headers that are left out ({', '.join(left_out[:3])}), as on the "
                "platform: a name has no blanks and is ASCII, a value has no line breaks."
            )
        length = next((value for name, value in response.headers.items() if name.lower() == "content-length"), None)
        if length is not None and response.body and length != str(len(response.body)):
            self.remark(
                f"The reply to a request has the header content-length: {shown(length)} and a body of "
                f"{len(response.body)} bytes: both are sent so, as on the platform, and a client waits for the rest "
                "or takes what is too much for the next response. Leave the header out: it is added."
            )
        return response


def _methods(text: str | None) -> frozenset[str] | None:
    return None if text is None else frozenset(METHODS[method] for method in text.split(","))


def _faults(configuration: Mapping[str, str]) -> Iterator[ConfigurationFault]:
    for word in configuration.get("method", "").split(","):
        if word not in METHODS:
            words = f'"{word}" is no method that http-ingress takes; {suggestion(word.strip().upper(), METHODS)}'
            yield ConfigurationFault("method", f"{words} (capital letters, commas, no blanks)")
    if _is_true(configuration.get("encode_base64")) and not _is_true(configuration.get("async")):
        words = '"encode_base64" means nothing without "async": a request that is a call has its body as numbers'
        yield ConfigurationFault("encode_base64", words, refused=False)


def _is_true(text: str | None) -> bool:
    return text is not None and text.lower() == "true"


def _queried(path: str) -> list[str]:
    try:
        return parse_qs(urlsplit(path).query, keep_blank_values=True).get("wf_id", [])
    except ValueError:
        return []


def _start(part: Part, port: Port) -> Running:
    return Ingress(part, port)


KIND = Kind(
    class_type="http-ingress",
    words="passes HTTP requests from outside on to a function, and its replies back",
    settings=(
        Setting("host", "the host that requests must name, with its port; any when absent"),
        Setting("method", "the methods that are taken, as GET,POST without blanks; any when absent"),
        Setting("wf_id", "take only requests with ?wf_id= and the workflow's id", choices=("true", "false")),
        Setting("async", "cast the body and answer OK at once, instead of calling", choices=("true", "false")),
        Setting("encode_base64", "with async: cast the body in base64", choices=("true", "false")),
    ),
    outputs=(OUTPUT,),
    calls=lambda configuration: not _is_true(configuration.get("async")),
    takes_cast=False,
    takes_call=False,
    start=_start,
    faults=_faults,
    decode=lambda payload, sent_to: tell(payload),
    samples={
        "a GET": encode_request(Request("Get", "127.0.0.1:7035", "/", headers={"host": "127.0.0.1:7035"}, body=b"")),
        "a POST with text": encode_request(
            Request("Post", "127.0.0.1:7035", "/", headers={"content-type": "text/plain"}, body=b"hello")
        ),
        "a reply": encode_response(Response(200, {"content-type": "text/plain"}, b"hello")),
    },
)
