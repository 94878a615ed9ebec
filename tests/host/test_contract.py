"""The platform's calls into a guest, in its order, and what it reads and writes there: by a guest that logs them."""

from __future__ import annotations

import pytest
from wasmtime import wat2wasm

from tests.host.hosting import OWN, begin, cast, did, settle, start
from tests.host.test_modules import function_text
from workbench.host import contract
from workbench.host.engine import Host
from workbench.host.guest import Guest, Progress

NAMES = ("clear", "alloc", "free", "init", "cast", "call", "stop")

FIRST, STEP = 1024, 64
"""Where its first allocation lies, and how far they lie apart."""


def recorder(handle_cast: str = "", handle_call: str = "(i32.const 0)") -> bytes:
    """A guest that logs each call of its exports: the name as the target, a size or an address as the level."""
    places = {name: 8 * index for index, name in enumerate(NAMES)}
    data = "".join(f'(data (i32.const {place}) "{name}")' for name, place in places.items())

    def say(name: str, number: str = "(i32.const 0)") -> str:
        return f"(call $say {number} (i32.const {places[name]}) (i32.const {len(name)}))"

    text = f"""(module
    (import "env" "telemetry_log_asm" (func $log (param i32 i32 i32 i32 i32)))
    (import "env" "call_asm" (func $call (param i32 i32 i32 i32 i32 i32) (result i32)))
    (memory (export "memory") 1) {data} (data (i32.const 512) "out") (global $top (mut i32) (i32.const {FIRST}))
    (func $say (param i32 i32 i32)
      (call $log (local.get 0) (local.get 1) (local.get 2) (i32.const 0) (i32.const 0)))
    (func (export "edgeless_mem_clear") {say("clear")})
    (func (export "edgeless_mem_alloc") (param i32) (result i32) {say("alloc", "(local.get 0)")}
      (global.get $top) (global.set $top (i32.add (global.get $top) (i32.const {STEP}))))
    (func (export "edgeless_mem_free") (param i32 i32) {say("free", "(local.get 0)")})
    (func (export "handle_init_asm") (param i32 i32 i32 i32) {say("init", "(local.get 0)")})
    (func (export "handle_cast_asm") (param i32 i32 i32 i32) {say("cast", "(local.get 0)")} {handle_cast})
    (func (export "handle_call_asm") (param i32 i32 i32 i32 i32 i32) (result i32)
      {say("call", "(local.get 0)")} {handle_call})
    (func (export "handle_stop_asm") {say("stop")}))"""
    return bytes(wat2wasm(text))


def told(guest: Guest) -> list[tuple[str, int]]:
    return [(target.decode(), level) for kind, level, target, _ in did(guest) if kind == contract.LOG]


def allocated(number: int) -> int:
    return FIRST + STEP * number


def recording(host: Host, **bodies: str) -> Guest:
    guest = start(host, host.load(recorder(**bodies), "recorder.wasm"))
    assert told(guest) == [("init", 0)]
    return guest


@pytest.mark.conformance("1.4-init")
def test_init_allocates_what_is_there_and_frees_what_is_not_empty(host: Host) -> None:
    module = host.load(recorder(), "recorder.wasm")
    both = start(host, module, payload="payload", state="state")
    first, second = allocated(0), allocated(1)
    assert told(both) == [("alloc", 7), ("alloc", 5), ("init", first), ("free", first), ("free", second)]
    empty = start(host, module, payload="")
    assert told(empty) == [("alloc", 0), ("init", first)]
    none = start(host, module)
    assert told(none) == [("init", 0)]


@pytest.mark.parametrize("payload", [b"payload", b""])
@pytest.mark.conformance("1.4-cast")
def test_a_cast_is_delivered_in_the_platforms_order(host: Host, payload: bytes) -> None:
    guest = recording(host)
    begin(guest, payload)
    settle(guest)
    component, node, content = (allocated(number) for number in range(3))
    freed = [("free", component), ("free", node)] + [("free", content)] * bool(payload)
    assert told(guest) == [
        ("clear", 0), ("alloc", 16), ("alloc", 16), ("alloc", len(payload)), ("cast", node), *freed
    ]  # fmt: skip


@pytest.mark.parametrize("payload", [b"payload", b""])
@pytest.mark.conformance("1.4-call")
def test_a_call_is_delivered_in_the_platforms_order(host: Host, payload: bytes) -> None:
    guest = recording(host)
    begin(guest, payload, call=True)
    settle(guest)
    component, node, content, place, length = (allocated(number) for number in range(5))
    freed = [("free", each) for each in (component, node, place, length, content)[: 5 if payload else 4]]
    assert told(guest) == [
        ("clear", 0), ("alloc", 16), ("alloc", 16), ("alloc", len(payload)), ("alloc", 4), ("alloc", 4),
        ("call", node), *freed,
    ]  # fmt: skip


@pytest.mark.conformance("1.4-stop")
def test_a_stop_clears_first(host: Host) -> None:
    guest = recording(host)
    guest.stop()
    settle(guest)
    assert told(guest) == [("clear", 0), ("stop", 0)]


@pytest.mark.conformance("1.4-trap")
def test_nothing_is_freed_after_a_trap(host: Host) -> None:
    guest = recording(host, handle_cast="(unreachable)")
    begin(guest, b"x")
    assert settle(guest) is Progress.DEAD
    assert [name for name, _ in told(guest)] == ["clear", "alloc", "alloc", "alloc", "cast"]


@pytest.mark.conformance("1.4-call")
def test_a_reply_is_read_where_the_guest_says_and_is_not_freed_for_it(host: Host) -> None:
    body = """(i32.store (local.get 4) (i32.const 512)) (i32.store (local.get 5) (i32.const 3)) (i32.const 1)"""
    guest = recording(host, handle_call=body)
    begin(guest, b"", call=True)
    settle(guest)
    effects = guest.effects()
    assert effects[-1] == (contract.DONE, contract.REPLY_CODES["reply"], b"", b"out")
    assert (contract.LOG, 512, b"free", b"") not in effects


@pytest.mark.conformance("F8", "1.2-answer")
def test_the_length_of_an_answer_is_written_with_64_bits(host: Host) -> None:
    """Four bytes behind the guest's slot of 32 bits become zero, as on the platform."""
    ask = """(i64.store (i32.const 600) (i64.const -1))
    (drop (call $call (i32.const 512) (i32.const 3) (i32.const 0) (i32.const 0) (i32.const 592) (i32.const 600)))
    (call $say (i32.load (i32.const 600)) (i32.const 512) (i32.const 3))
    (call $say (i32.load (i32.const 604)) (i32.const 512) (i32.const 3))
    (call $say (i32.load (i32.const 592)) (i32.const 512) (i32.const 3))"""
    guest = recording(host, handle_cast=ask)
    cast(guest, b"")
    guest.resume("reply", b"pong")
    settle(guest)
    answer = allocated(3)
    assert told(guest)[:4] == [("alloc", 4), ("out", 4), ("out", 0), ("out", answer)]


@pytest.mark.conformance("1.1-start")
def test_neither_start_nor_initialize_is_called(host: Host) -> None:
    text = function_text('(func (export "_start") unreachable) (func (export "_initialize") unreachable)')
    guest = start(host, host.load(bytes(wat2wasm(text)), "it.wasm"))
    assert guest.progress is Progress.IDLE


@pytest.mark.conformance("1.6-dies")
def test_a_free_that_traps_ends_the_guest_after_a_good_handler(host: Host) -> None:
    own = """(func (export "edgeless_mem_free") (param i32 i32) unreachable)
    (func (export "edgeless_mem_alloc") (param i32) (result i32) (i32.const 64))"""
    text = function_text(own, without=("edgeless_mem_alloc", "edgeless_mem_free"))
    guest = Guest(host, host.load(bytes(wat2wasm(text)), "it.wasm"), OWN, lambda alias: True)
    guest.init("payload", None)
    assert settle(guest) is Progress.DEAD
