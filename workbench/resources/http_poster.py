"""http-poster: what is cast to it is posted to a server, whose answer nobody looks at.

One message after the other; none is sent twice, for the platform does not either (EDGELESS 1.2, RES/http_poster.rs).
"""

from __future__ import annotations

import binascii
from base64 import b64decode
from collections.abc import Mapping

from workbench.errors import UserError
from workbench.resources.http_sender import Sender
from workbench.resources.http_target import target_of, url_faults
from workbench.resources.model import Kind, Message, Part, Port, Running, Setting
from workbench.resources.urls import origin_of
from workbench.units import format_size

PATIENCE_S = 30.0
"""How long a server may take. The platform would wait for ever, and post nothing more."""


def _start(part: Part, port: Port) -> Running:
    in_base64 = part.configurations.get("decode_base64", "").lower() == "true"
    send = _post_decoded if in_base64 else _post_plain
    return Sender(part, port, target_of(part, "url"), PATIENCE_S, send)


async def _post_plain(sender: Sender, message: Message) -> None:
    await _post(sender, message.payload)


async def _post_decoded(sender: Sender, message: Message) -> None:
    try:
        body = b64decode(message.payload, validate=True)
    except binascii.Error:
        sender.remark("A payload is not base64: on the platform, as here, an empty body is posted for it.")
        body = None
    await _post(sender, body)


async def _post(sender: Sender, body: bytes | None) -> None:
    try:
        answer = await sender.client.exchange("POST", sender.url, {}, body, reads=False)
    except UserError as error:
        sender.failed(error)
        return
    server = origin_of(sender.url)
    if answer.status >= 400:
        sender.tell("trouble", f"{server} answers with status {answer.status}.")
    else:
        sender.tell("ready", server)


def _url(configuration: Mapping[str, str]) -> str:
    return configuration.get("url", "")


KIND = Kind(
    class_type="http-poster",
    words="posts what is cast to it to a server",
    settings=(
        Setting("url", "where to post to", required=True),
        Setting("decode_base64", "post what the payload encodes in base64", choices=("true", "false")),
    ),
    takes_call=False,
    start=_start,
    reaches=lambda configuration: origin_of(_url(configuration)) or None,
    servers=lambda configuration: (_url(configuration),),
    faults=lambda configuration: url_faults(configuration, "url"),
    extra="http",
    decode=lambda payload, sent_to: f"posts {format_size(len(payload))}" if sent_to else None,
)
