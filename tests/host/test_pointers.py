"""Pointers and lengths are unsigned, whoever gives them, and what lies outside a guest's memory traps."""

from __future__ import annotations

import pytest
from wasmtime import wat2wasm

from tests.host.hosting import OWN, begin, did, settle, start
from tests.host.test_modules import function_text
from workbench.host import contract
from workbench.host.engine import Host
from workbench.host.guest import Guest, Progress

HIGH = 0x8001_0000
"""Above 2 GiB, where a signed pointer would be negative."""
MEMORY = '(memory (export "memory") 32800)'
"""Pages for that and 2 MB more; they take nothing until they are touched."""
LIMIT = 4 << 30

LOG = '(import "env" "telemetry_log_asm" (func $log (param i32 i32 i32 i32 i32)))'
CALL = '(import "env" "call_asm" (func $call (param i32 i32 i32 i32 i32 i32) (result i32)))'
SYNC = '(import "env" "sync_asm" (func $sync (param i32 i32)))'
SLF = '(import "env" "slf_asm" (func $slf (param i32 i32)))'
RAW = '(import "env" "cast_raw_asm" (func $raw (param i32 i32 i32 i32)))'
LATER = '(import "env" "delayed_cast_asm" (func $later (param i64 i32 i32 i32 i32)))'


def guest_of(host: Host, own: str, without: tuple[str, ...], imports: str = "", memory: str = MEMORY) -> Guest:
    text = function_text(own, without=without, memory=memory).replace("(module ", "(module " + imports, 1)
    return start(host, host.load(bytes(wat2wasm(text)), "it.wasm"), memory_limit=LIMIT, knows=lambda alias: True)


def allocating_at(place: int, body: str = "") -> str:
    """An allocator that gives `place` for what is large, and otherwise goes up from 1024."""
    return f"""(global $top (mut i32) (i32.const 1024))
    (func (export "edgeless_mem_alloc") (param i32) (result i32)
      (if (i32.gt_u (local.get 0) (i32.const 64)) (then (return (i32.const {place}))))
      (global.set $top (i32.add (global.get $top) (i32.const 64))) (global.get $top))
    (func (export "handle_cast_asm") (param i32 i32 i32 i32) {body})"""


ECHO = "(call $log (i32.const 3) (i32.const 0) (i32.const 0) (local.get 2) (local.get 3))"
OWN_HANDLERS = ("edgeless_mem_alloc", "handle_cast_asm")


@pytest.mark.parametrize("size", [100, 70_000, 1_000_000])
@pytest.mark.conformance("1.2-wild")
def test_a_payload_arrives_above_2_gib(host: Host, size: int) -> None:
    guest = guest_of(host, allocating_at(HIGH, ECHO), OWN_HANDLERS, LOG)
    payload = bytes(range(1, 100)) * (size // 99 + 1)
    begin(guest, payload)
    settle(guest)
    assert [message for _, _, _, message in did(guest)] == [payload]
    guest.kill()


@pytest.mark.parametrize("place", [-8, 0x7FFF_FFF0, 65536 - 100, -(1 << 31)])
@pytest.mark.parametrize("size", [200, 300_000])
@pytest.mark.conformance("1.2-wild")
def test_room_outside_the_memory_traps(host: Host, place: int, size: int) -> None:
    guest = guest_of(host, allocating_at(place), OWN_HANDLERS, memory='(memory (export "memory") 1)')
    begin(guest, b"x" * size)
    assert settle(guest) is Progress.DEAD
    assert guest.trap is not None
    assert guest.trap.message == "it touched memory outside its linear memory"


@pytest.mark.parametrize("size", [100, 300_000])
def test_an_answer_and_where_it_is_told_may_lie_above_2_gib(host: Host, size: int) -> None:
    ask = f"""(drop (call $call (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0)
      (i32.const {HIGH - 64}) (i32.const {HIGH - 32})))
    (call $log (i32.const 3) (i32.const 0) (i32.const 0)
      (i32.load (i32.const {HIGH - 64})) (i32.load (i32.const {HIGH - 32})))"""
    guest = guest_of(host, allocating_at(HIGH, ask), OWN_HANDLERS, LOG + CALL)
    begin(guest, b"")
    assert settle(guest) is Progress.WAITING
    did(guest)
    guest.resume("reply", b"y" * size)
    settle(guest)
    assert [message for _, _, _, message in did(guest)] == [b"y" * size]
    guest.kill()


@pytest.mark.parametrize("size", [100, 300_000])
def test_what_leaves_a_guest_may_lie_above_2_gib(host: Host, size: int) -> None:
    body = f"""(memory.fill (i32.const {HIGH}) (i32.const 122) (i32.const {size}))
    (call $sync (i32.const {HIGH}) (i32.const {size})) (call $slf (i32.const {HIGH}) (i32.const {HIGH + 16}))
    (call $raw (i32.const {HIGH}) (i32.const {HIGH + 16}) (i32.const {HIGH + 32}) (i32.const {size - 32}))
    (call $later (i64.const 5) (i32.const {HIGH + 40}) (i32.const 2) (i32.const {HIGH + 32}) (i32.const {size - 32}))"""
    guest = guest_of(host, allocating_at(0, body), OWN_HANDLERS, SYNC + SLF + RAW + LATER)
    begin(guest, b"")
    settle(guest)
    assert did(guest) == [
        (contract.SYNC, 0, b"z" * size, b""),
        (contract.CAST_RAW, 0, OWN, b"z" * (size - 32)),
        (contract.DELAYED, 5, b"zz", b"z" * (size - 32)),
    ]
    guest.kill()


@pytest.mark.parametrize("length", [16, 70_000])
@pytest.mark.parametrize("name", ["sync", "log", "raw", "slf", "later"])
def test_pointers_and_lengths_that_overflow_trap(host: Host, name: str, length: int) -> None:
    """Pointer and length are each fine, but their sum has more than 32 bits."""
    wild = f"(i32.const -8) (i32.const {length})"
    body = {
        "sync": f"(call $sync {wild})",
        "log": f"(call $log (i32.const 3) (i32.const 0) (i32.const 0) {wild})",
        "raw": f"(call $raw (i32.const 0) (i32.const 0) {wild})",
        "slf": "(call $slf (i32.const -8) (i32.const 0))",
        "later": f"(call $later (i64.const 1) (i32.const 0) (i32.const 0) {wild})",
    }[name]
    guest = guest_of(host, allocating_at(0, body), OWN_HANDLERS, LOG + SYNC + SLF + RAW + LATER, memory="""
    (memory (export "memory") 65536)""")  # fmt: skip
    begin(guest, b"")
    assert settle(guest) is Progress.DEAD
    assert guest.trap is not None
    assert guest.trap.message == "it touched memory outside its linear memory"


@pytest.mark.parametrize(("at", "length"), [(-8, 16), (-8, 70_000), (65_530, 16), (HIGH, 8), (0, -1)])
def test_a_reply_outside_the_memory_traps(host: Host, at: int, length: int) -> None:
    own = """(global $slot (mut i32) (i32.const 1024))
    (func (export "edgeless_mem_alloc") (param i32) (result i32)
      (global.set $slot (i32.add (global.get $slot) (i32.const 64))) (global.get $slot))
    (func (export "handle_call_asm") (param i32 i32 i32 i32 i32 i32) (result i32)
      (i32.store (local.get 4) (i32.const AT)) (i32.store (local.get 5) (i32.const LENGTH)) (i32.const 1))"""
    guest = guest_of(
        host, own.replace("AT", str(at)).replace("LENGTH", str(length)), ("edgeless_mem_alloc", "handle_call_asm"),
        memory='(memory (export "memory") 1)',
    )  # fmt: skip
    begin(guest, b"", call=True)
    assert settle(guest) is Progress.DEAD
    assert guest.trap is not None
    assert guest.trap.message == "it touched memory outside its linear memory"
