"""A start function runs before `handle_init`, and may do there what a handler may (edgeless-facts 0b)."""

from __future__ import annotations

import pytest
from wasmtime import wat2wasm

from tests.host.hosting import OWN, did, settle, start
from tests.host.test_modules import function_text
from workbench.host import contract
from workbench.host.engine import Host
from workbench.host.guest import Guest, Progress
from workbench.host.modules import Module

IMPORTS = """(import "env" "cast_asm" (func $cast (param i32 i32 i32 i32)))
(import "env" "call_asm" (func $call (param i32 i32 i32 i32 i32 i32) (result i32)))
(import "env" "telemetry_log_asm" (func $log (param i32 i32 i32 i32 i32)))"""
SAY = "(call $log (i32.const 3) (i32.const 0) (i32.const 3) (i32.const {}) (i32.const 1))"
CAST = "(call $cast (i32.const 0) (i32.const 3) (i32.const 8) (i32.const 1))"
CALL = "(drop (call $call (i32.const 0) (i32.const 3) (i32.const 9) (i32.const 1) (i32.const 64) (i32.const 72)))"


def starting(host: Host, body: str, extra: str = "") -> Module:
    """A module whose start function does that, and then counts in a global; its `handle_init` logs that it runs."""
    text = function_text(
        f"""(data (i32.const 0) "out") (data (i32.const 8) "12i") (global $starts (mut i32) (i32.const 0)) {extra}
        (func $s {body} (global.set $starts (i32.add (global.get $starts) (i32.const 1)))) (start $s)
        (func (export "handle_init_asm") (param i32 i32 i32 i32) {SAY.format(10)})
        (func (export "edgeless_mem_alloc") (param i32) (result i32) (i32.const 128))""",
        without=("handle_init_asm", "edgeless_mem_alloc"),
    )
    return host.load(bytes(wat2wasm(text.replace("(module ", "(module " + IMPORTS, 1))), "it.wasm")


@pytest.mark.conformance("1.1-start-function")
def test_it_runs_once_and_before_handle_init(host: Host) -> None:
    guest = start(host, starting(host, SAY.format(8)))
    assert [message for _, _, _, message in did(guest)] == [b"1", b"i"]
    assert guest.snapshot().globals == (1,)
    guest.stop()
    settle(guest)
    assert guest.snapshot().globals == (1,)


@pytest.mark.conformance("1.1-start-function")
def test_it_may_cast_and_call(host: Host) -> None:
    guest = Guest(host, starting(host, CAST + CALL + SAY.format(9)), OWN, lambda alias: alias == "out")
    guest.init(None, None)
    assert settle(guest) is Progress.WAITING
    assert did(guest) == [(contract.CAST, 0, b"out", b"1"), (contract.CALL, 0, b"out", b"2")]
    guest.resume("reply", b"pong")
    assert settle(guest) is Progress.IDLE
    assert [message for _, _, _, message in did(guest)] == [b"2", b"i"]
    assert guest.word(72) == 4


def test_it_can_run_alone(host: Host) -> None:
    guest = Guest(host, starting(host, SAY.format(8)), OWN, lambda _: False)
    guest.start_up()
    settle(guest)
    assert [message for _, _, _, message in did(guest)] == [b"1"]
    guest.init(None, None)
    settle(guest)
    assert [message for _, _, _, message in did(guest)] == [b"i"]


def test_what_is_made_anew_of_a_snapshot_does_not_start_again(host: Host) -> None:
    module = starting(host, SAY.format(8))
    new = Guest(host, module, OWN, lambda _: False)
    assert new.restore(start(host, module).snapshot())
    assert new.effects() == []
    assert new.snapshot().globals == (1,)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("(unreachable)", "it panicked or aborted"),
        ("(i32.store (i32.const -1) (i32.const 0))", "it touched memory outside its linear memory"),
        ("(call $log (i32.const 1) (i32.const 0) (i32.const 0) (i32.const -9) (i32.const 8))", "outside its linear"),
    ],
)
@pytest.mark.conformance("1.6-dies")
def test_a_trap_in_it_is_told_as_such(host: Host, body: str, words: str) -> None:
    guest = start(host, starting(host, body))
    assert guest.progress is Progress.DEAD
    assert guest.trap is not None
    assert guest.trap.message.startswith("in its start function, before handle_init: ")
    assert words in guest.trap.message
    assert guest.trap.message.endswith("the platform's node panics on it")


def test_one_that_never_ends_is_sliced_and_can_be_killed(host: Host) -> None:
    guest = Guest(host, starting(host, "(loop $l (br $l))"), OWN, lambda _: False)
    guest.init(None, None)
    assert [guest.run() for _ in range(3)] == [Progress.RUNNING] * 3
    guest.kill()
    assert guest.progress is Progress.DEAD


def test_a_trap_in_handle_init_is_not_told_as_one_in_it(host: Host) -> None:
    text = function_text(
        '(func $s) (start $s) (func (export "handle_init_asm") (param i32 i32 i32 i32) unreachable)',
        without=("handle_init_asm",),
    )
    guest = start(host, host.load(bytes(wat2wasm(text)), "it.wasm"))
    assert guest.trap is not None
    assert guest.trap.message.startswith("it panicked")
