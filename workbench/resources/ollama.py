"""ollama: what is cast to it is said to a language model, whose answer is cast on.

Each instance has a conversation of its own, of which the last `MOST_SAID` messages are kept (EDGELESS 1.2,
RES/ollama.rs). On the platform node.toml says where the server is; here `workbench:ollama_url` does, and ollama's usual
address when it is not said.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from typing import Literal, TypeVar

import msgspec

from workbench.errors import UserError
from workbench.resources.http_sender import Sender
from workbench.resources.http_target import target_of, url_faults
from workbench.resources.model import Kind, Message, Part, Port, Running, Setting
from workbench.resources.urls import origin_of
from workbench.resources.wording import shown

URL = "workbench:ollama_url"
USUAL_URL = "http://127.0.0.1:11434"
MOST_SAID = 30
MOST_SAID_CHARACTERS = 4 * 1024 * 1024
"""How long a conversation may become, all that was said together; what was said first is forgotten. The platform has no
bound."""
PATIENCE_S = 600.0
"""How long an answer may take, in seconds: a model is loaded first, and a slow machine thinks for minutes."""


class Said(msgspec.Struct, frozen=True):
    """One message of a conversation, as ollama's `/api/chat` has it."""

    role: Literal["user", "assistant", "system", "tool"]
    content: str


class _Asked(msgspec.Struct):
    model: str
    messages: list[Said]
    stream: bool = False


class _Answered(msgspec.Struct):
    message: Said


class _Refused(msgspec.Struct):
    error: str


class Conversation:
    """What was said so far, and how more is."""

    def __init__(self, model: str) -> None:
        self._model = model
        self._said: deque[Said] = deque(maxlen=MOST_SAID)

    async def say(self, sender: Sender, message: Message) -> None:
        """Say one thing and cast the answer. What has no answer was never said."""
        server = origin_of(sender.url)
        said = Said("user", message.payload.decode("utf-8", "replace"))
        asked = msgspec.json.encode(_Asked(self._model, [*self._said, said][-MOST_SAID:]))
        headers = {"content-type": "application/json"}
        try:
            answer = await sender.client.exchange("POST", f"{sender.url.rstrip('/')}/api/chat", headers, asked)
            if answer.status != 200:
                refused = _read(answer.body, _Refused)
                reason = f"status {answer.status}" if refused is None else shown(refused.error)
                raise UserError(f"{server} refuses: {reason}.")
            answered = _read(answer.body, _Answered)
            if answered is None:
                raise UserError(f"{server} does not answer as an ollama server does.")
        except UserError as error:
            sender.failed(error)
            return
        self._said.extend((said, answered.message))
        while len(self._said) > 2 and sum(len(one.content) for one in self._said) > MOST_SAID_CHARACTERS:
            self._said.popleft()
        sender.tell("ready", f"{self._model} at {server}")
        sender.port.cast("out", answered.message.content.encode())


_Shape = TypeVar("_Shape")


def _read(body: bytes, shape: type[_Shape]) -> _Shape | None:
    try:
        return msgspec.json.decode(body, type=shape)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def _start(part: Part, port: Port) -> Running:
    model = part.configurations.get("model")
    if model is None:
        raise UserError("ollama needs the name of a model: say it as model.")
    return Sender(part, port, target_of(part, URL, USUAL_URL), PATIENCE_S, Conversation(model).say, needs="out")


def _url(configuration: Mapping[str, str]) -> str:
    return configuration.get(URL) or USUAL_URL


def _decode(payload: bytes, sent_to: bool) -> str:
    words = len(payload.decode("utf-8", "replace").split())
    return f"{'says' if sent_to else 'the model says'} {words} {'word' if words == 1 else 'words'}"


KIND = Kind(
    class_type="ollama",
    words="says what is cast to it to a language model, and casts the answer on",
    settings=(
        Setting("model", "the name of the model, as ollama knows it", required=True),
        Setting(URL, f"where the server is; {USUAL_URL} when absent. On the platform, node.toml says it"),
    ),
    outputs=("out",),
    takes_call=False,
    start=_start,
    reaches=lambda configuration: origin_of(_url(configuration)) or None,
    servers=lambda configuration: (_url(configuration),),
    faults=lambda configuration: url_faults(configuration, URL),
    extra="http",
    decode=_decode,
    samples={"an answer": b"Hello! How can I help you today?"},
)
