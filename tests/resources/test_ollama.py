"""`ollama` against a server that speaks as ollama does."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import pytest

from tests.resources.ports import RecordingPort, call, cast, part
from tests.resources.servers import Answered, Asked, saying, serving, unused_port
from workbench.errors import UserError
from workbench.resources import faults, ollama
from workbench.resources.model import Running
from workbench.resources.ollama import KIND, URL
from workbench.resources.sandbox import leaves


@contextmanager
def chat(port: RecordingPort, configuration: Mapping[str, str], *, linked: bool = True) -> Iterator[Running]:
    running = faults.start(KIND, part("ollama", configuration), port)
    running.relink(frozenset({"out"}) if linked else frozenset())
    try:
        yield running
    finally:
        running.close()


def model(asked: Asked) -> Answered:
    """Answers with what was said last and how much was said, in the form of ollama's `/api/chat`."""
    assert (asked.method, asked.path) == ("POST", "/api/chat")
    told = json.loads(asked.body)
    assert told["stream"] is False
    if told["model"] != "small":
        missing = {"error": f'model "{told["model"]}" not found, try pulling it first'}
        return 404, {"content-type": "application/json"}, json.dumps(missing).encode()
    messages = told["messages"]
    answer = {
        "model": told["model"],
        "created_at": "2025-01-01T00:00:00.000000Z",
        "message": {"role": "assistant", "content": f"{messages[-1]['content']}? ({len(messages)})"},
        "done_reason": "stop",
        "done": True,
        "total_duration": 5191566416,
        "eval_count": 298,
    }
    return 200, {"content-type": "application/json; charset=utf-8"}, json.dumps(answer).encode()


@pytest.mark.conformance("ollama")
def test_it_answers_and_remembers_what_was_said() -> None:
    port = RecordingPort()
    with serving(model) as server, chat(port, {"model": "small", URL: f"{server.url}/"}) as running:
        running.take(cast("grüß dich"))
        running.take(cast("und nun"))
    assert port.casts == [("out", "grüß dich? (1)".encode()), ("out", b"und nun? (3)")]
    assert json.loads(server.asked[1].body)["messages"] == [
        {"role": "user", "content": "grüß dich"},
        {"role": "assistant", "content": "grüß dich? (1)"},
        {"role": "user", "content": "und nun"},
    ]
    assert port.healths[-1] == ("ready", f"small at {server.url}")


@pytest.mark.conformance("ollama")
def test_each_has_a_conversation_of_its_own() -> None:
    port = RecordingPort()
    with serving(model) as server:
        configuration = {"model": "small", URL: server.url}
        with chat(port, configuration) as one, chat(port, configuration) as other:
            one.take(cast("a"))
            port.until(lambda: port.casts)
            other.take(cast("b"))
    assert port.casts == [("out", b"a? (1)"), ("out", b"b? (1)")]


def test_it_forgets_what_was_said_long_ago(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ollama, "MOST_SAID", 4)
    port = RecordingPort()
    with serving(model) as server, chat(port, {"model": "small", URL: server.url}) as running:
        for word in "abcd":
            running.take(cast(word))
    assert [payload for _, payload in port.casts] == [b"a? (1)", b"b? (3)", b"c? (4)", b"d? (4)"]


@pytest.mark.conformance("sizes")
def test_it_forgets_sooner_what_is_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ollama, "MOST_SAID_CHARACTERS", 100)
    port = RecordingPort()
    with serving(model) as server, chat(port, {"model": "small", URL: server.url}) as running:
        for word in ("a" * 20, "b" * 20, "c" * 20, "d"):
            running.take(cast(word))
    assert [len(json.loads(asked.body)["messages"]) for asked in server.asked] == [1, 3, 5, 5]


def test_a_model_that_is_not_there_is_told_in_the_servers_words() -> None:
    port = RecordingPort()
    with serving(model) as server, chat(port, {"model": "large", URL: server.url}) as running:
        running.take(cast("hello"))
        assert 'model "large" not found' in port.health_is("trouble")
    assert not port.casts


@pytest.mark.parametrize(
    "body", [b"", b"hello", b"{}", b'{"message":{"role":"assistant"}}', b"[" * 100_000, b'{"message":"\xff"}']
)
def test_nonsense_is_told_and_not_remembered(body: bytes) -> None:
    port = RecordingPort()
    answers = [body]

    def answer(asked: Asked) -> Answered:
        return (200, {}, answers.pop()) if answers else model(asked)

    with serving(answer) as server, chat(port, {"model": "small", URL: server.url}) as running:
        running.take(cast("a"))
        assert "does not answer as an ollama server does" in port.health_is("trouble")
        running.take(cast("b"))
        port.health_is("ready")
    assert port.casts == [("out", b"b? (1)")]


def test_a_server_that_is_down_is_told() -> None:
    port = RecordingPort()
    with chat(port, {"model": "small", URL: f"http://127.0.0.1:{unused_port()}"}) as running:
        running.take(cast("a"))
        assert "cannot be reached" in port.health_is("trouble")


@pytest.mark.conformance("time-limits")
def test_a_model_that_never_answers_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ollama, "PATIENCE_S", 0.05)
    port = RecordingPort()
    with saying(None) as server, chat(port, {"model": "small", URL: server.url}) as running:
        running.take(cast("a"))
        assert "has not answered within" in port.health_is("trouble")


def test_the_end_does_not_wait_for_a_model_that_thinks() -> None:
    port = RecordingPort()
    with saying(None) as server, chat(port, {"model": "small", URL: server.url}) as running:
        running.take(cast("a"))
        running.take(call(1, "b"))
    assert not port.casts
    assert not port.replies
    assert len(port.notes) == 1


@pytest.mark.conformance("ollama")
def test_while_its_output_leads_nowhere_nothing_is_said() -> None:
    port = RecordingPort()
    with serving(model) as server, chat(port, {"model": "small", URL: server.url}, linked=False) as running:
        running.take(cast("lost"))
        running.relink(frozenset({"out"}))
        running.take(cast("said"))
    assert port.casts == [("out", b"said? (1)")]
    assert len(port.notes) == 1


def test_without_a_model_it_does_not_start() -> None:
    with pytest.raises(UserError, match="model"), chat(RecordingPort(), {}):
        pass


def test_it_is_on_this_machine_when_nothing_else_is_said() -> None:
    assert KIND.reaches({"model": "small"}) == "http://127.0.0.1:11434"
    assert not leaves(KIND.servers({"model": "small"}), ())
    assert leaves(KIND.servers({"model": "small", URL: "http://gpu.example:11434"}), ())
