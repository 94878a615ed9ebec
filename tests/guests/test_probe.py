"""The probe does what its table of commands says: other tests rely on it."""

from __future__ import annotations

import pytest
from wasmtime import Trap

from tests.guests.build import wasm
from tests.guests.plain_host import (
    COMPONENT,
    ERR,
    NO_REPLY,
    NODE,
    REPLY,
    SOURCE_COMPONENT,
    SOURCE_NODE,
    Effect,
    PlainHost,
)

SOURCE, OWN, NOBODY = SOURCE_NODE + SOURCE_COMPONENT, NODE + COMPONENT, b"\xee" * 32


@pytest.fixture
def host() -> PlainHost:
    host = PlainHost(wasm("probe"))
    host.init()
    host.answers = {"out": (REPLY, b"yes"), SOURCE.hex(): (NO_REPLY, b""), OWN.hex(): (ERR, b"")}
    return host


def said(text: str) -> Effect:
    return "log", 3, "probe", text


@pytest.mark.parametrize(
    ("command", "effects"),
    [
        ("cast out two words", [("cast", "out", "two words")]),
        ("cast out", [("cast", "out", "")]),
        ("cast_raw src hi", [("cast_raw", SOURCE, "hi")]),
        ("cast_raw nobody hi", [("cast_raw", NOBODY, "hi")]),
        ("call out ask", [("call", "out", "ask"), said("reply yes")]),
        ("call_raw src ask", [("call_raw", SOURCE, "ask"), said("noreply")]),
        ("call_raw self ask", [("call_raw", OWN, "ask"), said("err")]),
        ("delayed 250 out soon", [("delayed_cast", 250, "out", "soon")]),
        ("log 7 odd level", [("log", 7, "probe", "odd level")]),
        ("sync some state", [("sync", "some state")]),
        ("slf", [said(f"{NODE.hex()}/{COMPONENT.hex()}")]),
        ("src", [said(f"{SOURCE_NODE.hex()}/{SOURCE_COMPONENT.hex()}")]),
        ("count\ncount", [said("1"), said("2")]),
        ("big cast 3", [("cast", "out", "xxx")]),
        ("big sync 3", [("sync", "xxx")]),
        ("big delayed 3", [("delayed_cast", 1, "out", "xxx")]),
        ("big log 3", [said("xxx")]),
        ("big call 3", [("call", "out", "xxx"), said("reply yes")]),
        ("burst 3", [("cast", "out", "0"), ("cast", "out", "1"), ("cast", "out", "2")]),
        ("alloc 1", []),
    ],
)
def test_a_command_has_its_effect(host: PlainHost, command: str, effects: list[Effect]) -> None:
    host.cast(command.encode())
    assert host.effects == effects


def test_a_call_ends_as_told(host: PlainHost) -> None:
    assert host.call(b"reply two words") == (REPLY, b"two words")
    assert host.call(b"reply_bytes 5") == (REPLY, b"xxxxx")
    assert host.call(b"reply_nonutf8") == (REPLY, b"ok\xff\xfe")
    assert host.call(b"err") == (ERR, b"")
    assert host.call(b"cast out x") == (NO_REPLY, b"")


def test_an_init_payload_is_a_script_for_init_and_stop() -> None:
    host = PlainHost(wasm("probe"))
    host.init(b"cast out early\nstop: cast out late", b"a state")
    assert host.effects == [("cast", "out", "early")]
    host.cast(b"given")
    assert host.effects[1:] == [said("payload=cast out early\nstop: cast out late state=a state")]
    host.stop()
    assert host.effects[2:] == [("cast", "out", "late")]


@pytest.mark.parametrize(
    "what",
    [
        "cast",
        "cast_raw",
        "call",
        "call_raw",
        "delayed",
        "sync",
        "log",
        "log_target",
        "target",
        "delayed_target",
        "call_target",
    ],
)
def test_what_is_no_text_reaches_the_host_as_it_is(host: PlainHost, what: str) -> None:
    with pytest.raises(UnicodeDecodeError):
        host.cast(f"nonutf8 {what}".encode())


@pytest.mark.parametrize("what", ["cast", "call_out", "slf", "sync"])
def test_a_wild_address_reaches_the_host_as_it_is(host: PlainHost, what: str) -> None:
    with pytest.raises(IndexError):
        host.cast(f"wild {what}".encode())


@pytest.mark.parametrize("fault", ["panic now", "unreachable", "oob", "stack", "hog", "alloc 100", "no such command"])
def test_a_fault_traps(host: PlainHost, fault: str) -> None:
    with pytest.raises(Trap):
        host.cast(fault.encode())
