"""Functions written for the platform's crate, and for the face its documentation describes, run unchanged on ours."""

from __future__ import annotations

import pytest

from tests.guests.build import wasm
from tests.guests.plain_host import (
    COMPONENT,
    ERR,
    NO_REPLY,
    NODE,
    REPLY,
    SOURCE_COMPONENT,
    SOURCE_NODE,
    Answer,
    Effect,
    PlainHost,
)

SOURCE = SOURCE_NODE + SOURCE_COMPONENT


def started(name: str, payload: bytes | None = None, state: bytes | None = None) -> PlainHost:
    host = PlainHost(wasm(name))
    host.init(payload, state)
    return host


def effects_of(host: PlainHost, message: bytes) -> list[Effect]:
    host.effects.clear()
    host.cast(message)
    return host.effects


@pytest.mark.conformance("1.9-helpers")
def test_every_way_of_sending() -> None:
    host = started("relay")
    host.answers = {"out": (REPLY, b"ignored"), SOURCE.hex(): (REPLY, b"answer")}
    assert effects_of(host, b"on")[1:] == [("cast", "out", "on")]
    assert effects_of(host, b"back")[1:] == [("cast_raw", SOURCE, "cast back")]
    assert effects_of(host, b"later")[1:] == [("delayed_cast", 100, "out", "a while")]
    assert effects_of(host, b"ask")[1:] == [("call", "out", "question 1")]
    assert effects_of(host, b"ask and forget")[1:] == [("call", "out", "unheard")]
    assert effects_of(host, b"ask back")[1:] == [
        ("call_raw", SOURCE, "question"),
        ("log", 3, "relay", "6 bytes: answer"),
    ]
    assert effects_of(host, b"?")[1:] == [("log", 2, "relay", "Unprocessed Message")]


@pytest.mark.conformance("1.9-helpers")
def test_every_way_of_answering() -> None:
    host = started("relay")
    assert host.call(b"reply") == (REPLY, b"the reply")
    assert host.call(b"err") == (ERR, b"")
    assert host.call(b"?") == (NO_REPLY, b"")


@pytest.mark.parametrize("answer", [(REPLY, b"of another"), (REPLY, b""), (NO_REPLY, b""), (ERR, b"")])
def test_an_answer_may_be_passed_on_as_it_came(answer: Answer) -> None:
    host = started("relay")
    host.answers["out"] = answer
    assert [host.call(b"pass on") for _ in range(3)] == [answer] * 3


@pytest.mark.conformance("1.9-helpers")
def test_arguments_and_pseudo_random_numbers() -> None:
    host = started("generator", b"seed=42,is_first=TRUE,size=3,outputs=0:2:x")
    assert host.effects == [("cast", "self", "")]
    first = list(effects_of(host, b""))
    assert [effect[:2] for effect in first[:3]] == [("log", 5), ("cast", "out-0"), ("cast", "out-2")]
    assert first[0] == ("log", 5, "tbegin", "0")
    assert first[3][0] == "delayed_cast"
    assert effects_of(started("generator", b"seed=42,is_first=true,size=3,outputs=0:2"), b"") == first
    assert effects_of(started("generator", b"seed=43,is_first=true,size=3,outputs=0:2"), b"") != first


def test_a_bad_argument_is_the_functions_to_report() -> None:
    assert started("generator", b"size=big").effects == [("cast", "err", "Invalid size: invalid digit found in string")]


@pytest.mark.parametrize(
    ("answer", "log"),
    [
        ((REPLY, b"stored"), ("log", 3, "keeper", "Got Reply: stored")),
        ((NO_REPLY, b""), ("log", 3, "keeper", "Got NoReply")),
        ((ERR, b""), ("log", 1, "keeper", "Got Reply Error")),
    ],
)
def test_state_and_the_outcomes_of_a_call(answer: Answer, log: Effect) -> None:
    host = started("keeper", state=b'{"count":7}')
    host.answers["store"] = answer
    assert effects_of(host, b"item") == [
        ("sync", '{"count":8}'),
        ("call", "store", "item-7"),
        log,
        ("delayed_cast", 1000, "self", "wakeup"),
    ]


def test_ids_are_taken_apart_and_put_together() -> None:
    host = started("tagger", b"greeting=hello")
    assert [effect[3] for effect in host.effects] == ["greeting = hello", "missing = nothing"]
    source = f"{SOURCE_NODE.hex()}/{SOURCE_COMPONENT.hex()}"
    assert effects_of(host, b"hi") == [
        ("log", 3, "tagger", f"{source} to {NODE.hex()}/{COMPONENT.hex()}"),
        ("cast_raw", NODE + SOURCE_COMPONENT, "hi"),
    ]
    assert host.call(b"shout") == (REPLY, f"{source} SHOUT".encode())


def test_the_documented_face() -> None:
    host = started("face", b"four", b"state")
    host.answers["out"] = REPLY, b"answer"
    assert host.effects == [("log", 3, "edgeless", "init with Some(4) and Some(5)")]
    assert effects_of(host, b"text") == [
        ("log", 3, "edgeless", "plain text"),
        ("log", 3, "edgeless", "a String"),
        ("sync", "state as text"),
        ("sync", "state as a String"),
    ]
    assert effects_of(host, b"bytes") == [
        ("log", 3, "edgeless", "bytes that are text"),
        ("log", 3, "edgeless", "?\ufffd"),
        ("sync", "state as bytes"),
    ]
    assert effects_of(host, b"source") == [("log", 3, "edgeless", f"{SOURCE_NODE.hex()}/{SOURCE_COMPONENT.hex()}")]
    assert effects_of(host, b"later") == [("delayed_cast", 250, "out", "later")]
    assert effects_of(host, b"call") == [("call", "out", "question"), ("log", 3, "edgeless", "answer")]
    assert effects_of(host, b"else") == [("cast", "out", "else")]


def test_the_outcomes_of_a_call_by_their_documented_names() -> None:
    host = started("face")
    assert host.call(b"echo") == (REPLY, b"echo")
    assert host.call(b"") == host.call(b"none") == (NO_REPLY, b"")
    assert host.call(b"err") == (ERR, b"")
    for answer, log in (((NO_REPLY, b""), "no reply"), ((ERR, b""), "an error")):
        host.answers["out"] = answer
        assert effects_of(host, b"call")[-1] == ("log", 3, "edgeless", log)
