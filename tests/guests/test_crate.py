"""What the guest crate promises beyond the contract, seen from the host's side of real wasm."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from wasmtime import Trap

from tests.guests.build import GUESTS, SAMPLES, cargo, wasm
from tests.guests.plain_host import ERR, NO_REPLY, REPLY, SOURCE_COMPONENT, SOURCE_NODE, PlainHost

SOURCE = f"{SOURCE_NODE.hex()}/{SOURCE_COMPONENT.hex()}"


def started(name: str, payload: bytes | None = None, state: bytes | None = None) -> PlainHost:
    host = PlainHost(wasm(name))
    host.init(payload, state)
    return host


def test_the_crates_own_tests_pass() -> None:
    assert "test result: ok" in cargo(SAMPLES / "edgeless_function", "test", "--lib")


def test_functions_may_share_a_workspace_with_the_crate(tmp_path: Path) -> None:
    shutil.copytree(SAMPLES / "edgeless_function", tmp_path / "edgeless_function")
    shutil.copytree(GUESTS / "tagger" / "src", tmp_path / "tagger" / "src")
    own_workspace, path = "[workspace]\n", "../../../sample_functions/edgeless_function"
    manifest = (GUESTS / "tagger" / "Cargo.toml").read_text()
    assert own_workspace in manifest
    assert path in manifest
    manifest = manifest.replace(own_workspace, "").replace(path, "../edgeless_function")
    (tmp_path / "tagger" / "Cargo.toml").write_text(manifest)
    (tmp_path / "Cargo.toml").write_text('[workspace]\nresolver = "3"\nmembers = ["edgeless_function", "tagger"]\n')
    cargo(tmp_path, "check", "--target", "wasm32-unknown-unknown")


@pytest.mark.parametrize("profile", ["dev", "release"])
@pytest.mark.conformance("F16")
def test_a_panic_leaves_its_text_and_place_before_the_trap(profile: str) -> None:
    host = PlainHost(wasm("probe", "release" if profile == "release" else "dev"))
    host.init()
    with pytest.raises(Trap, match="unreachable"):
        host.cast(b"panic at the disco")
    (log,) = host.effects
    assert log[:3] == ("log", 1, "panic")
    text, place = str(log[3]).rsplit(", ", 1)
    assert text == "at the disco"
    assert place.startswith("src/lib.rs:")


def test_a_panic_in_init_leaves_its_text_too() -> None:
    host = PlainHost(wasm("probe"))
    with pytest.raises(Trap):
        host.init(b"panic early")
    assert str(host.effects[-1][3]).startswith("early, src/lib.rs:")


def test_a_panic_in_stop_leaves_its_text_too() -> None:
    host = started("probe", b"stop: panic late")
    with pytest.raises(Trap):
        host.stop()
    assert str(host.effects[-1][3]).startswith("late, src/lib.rs:")


@pytest.mark.conformance("F7")
def test_a_reply_stays_intact_while_the_host_allocates() -> None:
    host = started("tagger")
    slots = host.put(bytes(4)), host.put(bytes(4))
    arguments = host.put(SOURCE_NODE), host.put(SOURCE_COMPONENT), host.put(b"x" * 300), 300
    assert host.run("handle_call_asm", *arguments, *slots) == REPLY
    place, size = (int.from_bytes(host.get(slot, 4), "little") for slot in slots)
    for _ in range(10):
        host.put(b"!" * size)  # would land on the reply, were it free
    assert host.get(place, size) == SOURCE.encode() + b" " + b"X" * 300


def test_replies_do_not_pile_up_in_the_callee() -> None:
    host = started("probe")
    assert host.call(b"reply_bytes 1000000") == (REPLY, b"x" * 1_000_000)
    before = host.memory_bytes
    for _ in range(20):
        host.call(b"reply_bytes 1000000")
    assert host.memory_bytes - before < 2_000_000


def test_replies_do_not_pile_up_in_the_caller() -> None:
    host = started("keeper")
    host.answers["store"] = REPLY, b"x" * 1_000_000
    host.cast(b"one")
    before = host.memory_bytes
    for _ in range(20):
        host.cast(b"more")
    assert host.memory_bytes - before < 3_000_000


@pytest.mark.conformance("F6")
def test_a_call_is_told_both_halves_of_its_source() -> None:
    host = started("probe")
    host.call(b"src")
    host.cast(b"src")
    assert host.effects == [("log", 3, "probe", SOURCE)] * 2


def test_an_empty_reply_is_a_reply() -> None:
    host = started("probe")
    assert host.call(b"reply") == (REPLY, b"")
    assert host.call(b"noreply") == (NO_REPLY, b"")
    assert host.call(b"err") == (ERR, b"")
    host.answers["out"] = REPLY, b""
    host.cast(b"call out x")
    assert host.effects[-1] == ("log", 3, "probe", "reply ")


def test_events_without_payload_are_handled() -> None:
    host = started("probe", b"", b"")
    host.cast(b"")
    assert host.call(b"") == (NO_REPLY, b"")
    host.cast(b"given")
    assert host.effects == [("log", 3, "probe", "payload=- state=-")]


@pytest.mark.conformance("F17")
def test_nothing_below_debug_passes_the_logger() -> None:
    host = started("probe")
    host.cast(b"info seen\ntrace unseen")
    assert host.effects == [("log", 3, "probe", "seen")]


@pytest.mark.conformance("F17")
def test_without_init_logger_nothing_is_logged_and_twice_is_told() -> None:
    host = started("mute")
    host.cast(b"unheard")
    assert host.effects == []
    for _ in range(2):
        host.cast(b"logger")
        host.cast(b"heard")
    told = ("log", 2, "init_logger", "called though a logger is set: the crate of EDGELESS 1.2 traps here")
    assert host.effects == [("log", 3, "mute", "heard"), told, ("log", 3, "mute", "heard")]
