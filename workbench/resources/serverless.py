"""serverless: what is cast to it is posted to a function elsewhere, whose answer is cast on.

On the platform each node names such classes itself, with the URL of their function, in node.toml (EDGELESS 1.2,
RES/serverless.rs). Here `workbench:function_url` says the URL; the class is `serverless`, or any other name that no
other class has (`configuration.kind_called`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from workbench.errors import UserError
from workbench.resources.http_sender import Sender
from workbench.resources.http_target import target_of, url_faults
from workbench.resources.model import Kind, Message, Part, Port, Running, Setting
from workbench.resources.urls import origin_of
from workbench.units import format_size

URL = "workbench:function_url"
PATIENCE_S = 300.0
"""How long the function may take. The platform would wait for ever, and send nothing more."""


def _start(part: Part, port: Port) -> Running:
    return Sender(part, port, target_of(part, URL), PATIENCE_S, _invoke)


async def _invoke(sender: Sender, message: Message) -> None:
    server = origin_of(sender.url)
    try:
        answer = await sender.client.exchange("POST", sender.url, {}, message.payload)
        if answer.status != 200:
            raise UserError(f"{server} answers with status {answer.status}.")
    except UserError as error:
        sender.failed(error)
        sender.port.cast("err", str(error).encode())
        return
    sender.tell("ready", server)
    # The platform makes text of whatever comes.
    sender.port.cast("out", answer.body.decode("utf-8", "replace").encode())


def _url(configuration: Mapping[str, str]) -> str:
    return configuration.get(URL, "")


def _decode(payload: bytes, sent_to: bool) -> str:
    size = format_size(len(payload))
    return f"posts {size} to the function" if sent_to else f"what the function answers, or what went wrong: {size}"


def called(class_type: str) -> Kind:
    """The class as a node's settings name it."""
    return replace(KIND, class_type=class_type)


KIND = Kind(
    class_type="serverless",
    words="posts what is cast to it to a function elsewhere, and casts its answer on",
    settings=(Setting(URL, "the URL of the function; on the platform, node.toml says it", required=True),),
    outputs=("out", "err"),
    takes_call=False,
    start=_start,
    reaches=lambda configuration: origin_of(_url(configuration)) or None,
    servers=lambda configuration: (_url(configuration),),
    faults=lambda configuration: url_faults(configuration, URL),
    extra="http",
    decode=_decode,
    samples={"an answer": b"hello", "an error": b"http://127.0.0.1:8080 answers with status 500."},
)
