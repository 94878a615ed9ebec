"""Requests and responses as functions see them: the JSON of the platform's `edgeless_http` crate (EDGELESS 1.2).

A request is `{"method":"Post","protocol":"HTTP","host":…,"path":…,"body":null|[byte,…],"headers":{…}}`, a response
`{"body":…,"status":…,"headers":{…}}`. A body is a list of numbers. Reading is as strict as the platform's, but for a
key said twice: that is refused there, and here the last one counts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Annotated, Literal, TypeAlias, TypeVar, get_args

import msgspec

Method: TypeAlias = Literal["Get", "Head", "Post", "Put", "Delete", "Patch"]
Protocol: TypeAlias = Literal["Unknown", "HTTP", "HTTPS"]

METHODS: Mapping[str, Method] = {method.upper(): method for method in get_args(Method)}
"""The methods that the platform knows, by their names in HTTP."""

_Bytes: TypeAlias = list[Annotated[int, msgspec.Meta(ge=0, le=255)]] | None
_Status: TypeAlias = Annotated[int, msgspec.Meta(ge=0, le=65535)]


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
    body: _Bytes = None
    headers: dict[str, str]


class _WireResponse(msgspec.Struct, kw_only=True):
    body: _Bytes = None
    status: _Status
    headers: dict[str, str]


_Wire = TypeVar("_Wire")
_requests = msgspec.json.Decoder(_WireRequest)
_responses = msgspec.json.Decoder(_WireResponse)


def encode_request(request: Request) -> bytes:
    """The JSON of a request, its fields in the platform's order."""
    return msgspec.json.encode(
        _WireRequest(
            method=request.method,
            protocol=request.protocol,
            host=request.host,
            path=request.path,
            body=_numbers(request.body),
            headers=dict(request.headers),
        )
    )


def encode_response(response: Response) -> bytes:
    """The JSON of a response, its fields in the platform's order."""
    return msgspec.json.encode(
        _WireResponse(body=_numbers(response.body), status=response.status, headers=dict(response.headers))
    )


def decode_request(payload: bytes) -> Request:
    """The request a function made. Raises `NotHttp`."""
    wire = _read(_requests, payload)
    return Request(wire.method, wire.host, wire.path, wire.protocol, wire.headers, _bytes(wire.body))


def decode_response(payload: bytes) -> Response:
    """The response a function gave. Raises `NotHttp`."""
    wire = _read(_responses, payload)
    return Response(wire.status, wire.headers, _bytes(wire.body))


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


def _read(decoder: msgspec.json.Decoder[_Wire], payload: bytes) -> _Wire:
    try:
        return decoder.decode(payload)
    except msgspec.DecodeError as error:
        raise NotHttp(f"{str(error)[:1].lower()}{str(error)[1:]}") from None
    except UnicodeDecodeError:
        raise NotHttp("it is not UTF-8") from None
    except RecursionError:
        raise NotHttp("it is nested too deeply") from None


def _numbers(body: bytes | None) -> list[int] | None:
    return None if body is None else list(body)


def _bytes(numbers: list[int] | None) -> bytes | None:
    return None if numbers is None else bytes(numbers)


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
