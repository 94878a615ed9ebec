"""Requests and responses as functions see them: the JSON of the platform's `edgeless_http` crate (EDGELESS 1.2).

A request is `{"method":"Post","protocol":"HTTP","host":…,"path":…,"body":null|[byte,…],"headers":{…}}`, a response
`{"body":…,"status":…,"headers":{…}}`. A body is a list of numbers. Reading is as strict, and as lenient, as the
platform's (serde_json): both may also be arrays with the fields in that order, and no key may be said twice.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Annotated, Literal, TypeAlias, TypeVar, get_args

import msgspec

Method: TypeAlias = Literal["Get", "Head", "Post", "Put", "Delete", "Patch"]
Protocol: TypeAlias = Literal["Unknown", "HTTP", "HTTPS"]

METHODS: Mapping[str, Method] = {method.upper(): method for method in get_args(Method)}
"""The methods that the platform knows, by their names in HTTP."""

_Status: TypeAlias = Annotated[int, msgspec.Meta(ge=0, le=65535)]
_Numbers: TypeAlias = list[Annotated[int, msgspec.Meta(ge=0, le=255)]]
_PIECE = 64 * 1024
"""How many numbers of a body are made, or characters of it are read, at once: a number takes 8 bytes of memory."""


@dataclass(frozen=True)
class Request:
    """What is asked. `host` has the port, `path` the query."""

    method: Method
    host: str
    path: str
    protocol: Protocol = "Unknown"
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None


@dataclass(frozen=True)
class Response:
    """What is answered."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None


class NotHttp(ValueError):
    """A payload that is no such message; `str(error)` says why."""


class _WireRequest(msgspec.Struct, kw_only=True):
    method: Method
    protocol: Protocol
    host: str
    path: str
    body: msgspec.Raw = msgspec.Raw(b"null")
    headers: dict[str, str]


class _ListedRequest(msgspec.Struct, array_like=True, forbid_unknown_fields=True):
    method: Method
    protocol: Protocol
    host: str
    path: str
    body: msgspec.Raw
    headers: dict[str, str]


class _WireResponse(msgspec.Struct, kw_only=True):
    body: msgspec.Raw = msgspec.Raw(b"null")
    status: _Status
    headers: dict[str, str]


class _ListedResponse(msgspec.Struct, array_like=True, forbid_unknown_fields=True):
    body: msgspec.Raw
    status: _Status
    headers: dict[str, str]


_Shape = TypeVar("_Shape")
_requests = msgspec.json.Decoder(_WireRequest), msgspec.json.Decoder(_ListedRequest)
_responses = msgspec.json.Decoder(_WireResponse), msgspec.json.Decoder(_ListedResponse)
_numbers = msgspec.json.Decoder(_Numbers)


def encode_request(request: Request) -> bytes:
    """The JSON of a request, its fields in the platform's order."""
    first = {"method": request.method, "protocol": request.protocol, "host": request.host, "path": request.path}
    return b"".join(
        (
            msgspec.json.encode(first)[:-1],
            *(b',"body":', *_written(request.body)),
            *(b',"headers":', msgspec.json.encode(dict(request.headers)), b"}"),
        )
    )


def encode_response(response: Response) -> bytes:
    """The JSON of a response, its fields in the platform's order."""
    last = {"status": response.status, "headers": dict(response.headers)}
    return b"".join((b'{"body":', *_written(response.body), b",", msgspec.json.encode(last)[1:]))


def decode_request(payload: bytes) -> Request:
    """The request a function made. Raises `NotHttp`."""
    wire = _read(*_requests, payload)
    return Request(wire.method, wire.host, wire.path, wire.protocol, wire.headers, _body(wire.body))


def decode_response(payload: bytes) -> Response:
    """The response a function gave. Raises `NotHttp`."""
    wire = _read(*_responses, payload)
    return Response(wire.status, wire.headers, _body(wire.body))


def tell(payload: bytes) -> str | None:
    """A request or response in words for people, as HTTP writes it: what it is, its headers, an empty line, its body.
    None when the payload is neither."""
    try:
        request = decode_request(payload)
    except NotHttp:
        pass
    else:
        scheme = "https" if request.protocol == "HTTPS" else "http"
        return _told(f"{request.method.upper()} {scheme}://{request.host}{request.path}", request.headers, request.body)
    try:
        response = decode_response(payload)
    except NotHttp:
        return None
    return _told(f"{response.status} {_phrase(response.status)}".rstrip(), response.headers, response.body)


_Wire = TypeVar("_Wire", _WireRequest, _WireResponse)
_Listed = TypeVar("_Listed", _ListedRequest, _ListedResponse)


def _read(whole: msgspec.json.Decoder[_Wire], listed: msgspec.json.Decoder[_Listed], payload: bytes) -> _Wire | _Listed:
    if payload.lstrip(b" \t\r\n")[:1] == b"[":
        return _decoded(listed, payload)
    wire = _decoded(whole, payload)
    _refuse_twins(wire.__struct_fields__, payload)
    return wire


def _decoded(decoder: msgspec.json.Decoder[_Shape], payload: bytes | memoryview) -> _Shape:
    try:
        return decoder.decode(payload)
    except msgspec.DecodeError as error:
        raise NotHttp(f"{str(error)[:1].lower()}{str(error)[1:]}") from None
    except UnicodeDecodeError:
        raise NotHttp("it is not UTF-8") from None
    except RecursionError:
        raise NotHttp("it is nested too deeply") from None


def _refuse_twins(fields: Iterable[str], payload: bytes) -> None:
    """Raises `NotHttp` when a field is said twice."""
    if b"\\u" not in payload and all(payload.count(f'"{name}"'.encode()) < 2 for name in fields):
        return
    pairs: list[tuple[str, object]] = []

    def ended(found: list[tuple[str, object]]) -> None:
        pairs[:] = found  # the outermost object ends last

    try:
        json.loads(payload, object_pairs_hook=ended)
    except (ValueError, RecursionError) as error:
        raise NotHttp(f"it cannot be read: {error}") from None
    names = [name for name, _ in pairs]
    for name in fields:
        if names.count(name) > 1:
            raise NotHttp(f"it says `{name}` twice")


def _written(body: bytes | None) -> Iterator[bytes]:
    """A body as JSON, in pieces: a list with one entry for each byte, made at once, would be eight times as large."""
    if body is None:
        yield b"null"
        return
    yield b"["
    for start in range(0, len(body), _PIECE):
        if start:
            yield b","
        yield msgspec.json.encode(list(body[start : start + _PIECE]))[1:-1]
    yield b"]"


def _body(raw: msgspec.Raw) -> bytes | None:
    """The bytes that a list of numbers means, read in pieces."""
    text = bytes(raw).strip(b" \t\r\n")
    if text == b"null":
        return None
    body = bytearray()
    start = 0
    while True:
        cut = text.find(b",", start + _PIECE)
        piece = text[start:] if cut < 0 else text[start:cut] + b"]"
        numbers = _decoded(_numbers, piece if not start else b"[" + piece)
        if not numbers and (start or cut >= 0):
            raise NotHttp("its body is no list of numbers")
        body += bytes(numbers)
        if cut < 0:
            return bytes(body)
        start = cut + 1


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""


def _told(first: str, headers: Mapping[str, str], body: bytes | None) -> str:
    lines = [first, *(f"{name}: {value}" for name, value in headers.items())]
    if body:
        try:
            lines += ["", body.decode()]
        except UnicodeDecodeError:
            lines += ["", f"({len(body)} bytes that are no text)"]
    return "\n".join(lines)
