"""How guests die, and that nothing else does."""

from __future__ import annotations

import gc
import resource

import pytest
from wasmtime import wat2wasm

from tests.host.hosting import begin, cast, settle, start
from tests.host.test_modules import function_text
from workbench.host.engine import Host
from workbench.host.guest import Guest, Progress
from workbench.host.modules import Module
from workbench.host.traps import TrapReport


def death(guest: Guest) -> TrapReport:
    assert guest.progress is Progress.DEAD
    assert guest.trap is not None
    return guest.trap


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("panic boo", "panicked or aborted"),
        ("unreachable", "panicked or aborted"),
        ("oob", "outside its linear memory"),
        ("stack", "call stack is exhausted"),
        ("wild cast", "outside its linear memory"),
        ("wild slf", "outside its linear memory"),
        ("wild sync", "outside its linear memory"),
    ],
)
@pytest.mark.conformance("1.2-wild")
def test_a_fault_ends_the_guest_with_words_and_frames(guest: Guest, command: str, words: str) -> None:
    cast(guest, command)
    trap = death(guest)
    assert words in trap.message
    assert trap.callback == "handle_cast"


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("(unreachable)", "it panicked or aborted (the wasm instruction `unreachable` was executed)"),
        ("(call $deep)", "its call stack is exhausted, most likely by endless recursion"),
        ("(call $shadow)", "its call stack is exhausted, most likely by endless recursion"),
        ("(drop (i32.load (i32.const -1)))", "it touched memory outside its linear memory"),
        ("(memory.fill (i32.const 65530) (i32.const 0) (i32.const 9))", "it touched memory outside its linear memory"),
        ("(drop (i32.atomic.load (i32.const 1)))", "an atomic instruction used an address that is not aligned"),
        (
            "(call_indirect (i32.const 9))",
            "it used an element of a table that does not exist, such as a wrong",
        ),
        ("(table.set $t (i32.const 9) (ref.null func))", "it used an element of a table that does not exist"),
        ("(call_indirect (i32.const 1))", "it called a null function pointer"),
        ("(call_indirect (param i32) (i32.const 1) (i32.const 0))", "it called a function pointer of another type"),
        ("(drop (i32.div_s (i32.const 1) (i32.const 0)))", "it divided by zero"),
        ("(drop (i64.rem_u (i64.const 1) (i64.const 0)))", "it divided by zero"),
        ("(drop (i32.div_s (i32.const 0x80000000) (i32.const -1)))", "an integer division overflowed"),
        ("(drop (i32.trunc_f32_s (f32.const nan)))", "it converted a number that fits no integer"),
        ("(drop (i64.trunc_f64_u (f64.const 1e300)))", "an integer division overflowed"),
        (
            "(drop (memory.atomic.wait32 (i32.const 0) (i32.const 0) (i64.const 1)))",
            "it waited in a memory that no other thread shares",
        ),
        ("(call_ref $void (ref.null $void))", "it used a null reference"),
        ("(ref.as_non_null (ref.null func)) drop", "it used a null reference"),
    ],
)
def test_each_kind_of_trap_has_its_words_whatever_its_functions_are_called(host: Host, body: str, words: str) -> None:
    own = f"""(global $stack (mut i32) (i32.const 65536)) (type $void (func))
    (table $t 2 funcref) (elem (i32.const 0) $deep)
    (func $deep (call $deep) (call $deep))
    (func $shadow  ;; as a compiler makes it for a function with much on its stack
      (local $frame i32)
      (global.set $stack (local.tee $frame (i32.sub (global.get $stack) (i32.const 4096))))
      (i32.store (local.get $frame) (i32.const 1)) (call $shadow)
      (global.set $stack (i32.add (local.get $frame) (i32.const 4096))))
    (func $"wasm trap: integer overflow" {body})
    (func (export "handle_stop_asm") (call $"wasm trap: integer overflow"))"""
    guest = start(host, host.load(bytes(wat2wasm(function_text(own, without=("handle_stop_asm",)))), "it.wasm"))
    guest.stop()
    settle(guest)
    assert death(guest).message.startswith(words)


@pytest.mark.conformance("1.1-stack")
def test_recursion_goes_as_deep_as_in_the_platforms_optimised_code(host: Host) -> None:
    """There a frame of this function takes 32 bytes of 512 KiB: 16,381 deep."""
    own = """(func $deep (param i32) (result i32)
      (if (result i32) (local.get 0)
        (then (i32.add (call $deep (i32.sub (local.get 0) (i32.const 1))) (local.get 0))) (else (i32.const 0))))
    (func (export "handle_stop_asm") (drop (call $deep (i32.const 16381))))"""
    guest = start(host, host.load(bytes(wat2wasm(function_text(own, without=("handle_stop_asm",)))), "it.wasm"))
    guest.stop()
    assert settle(guest) is Progress.IDLE


def test_frames_name_the_line_of_the_guests_source(guest: Guest) -> None:
    cast(guest, "panic boo")
    own = [frame for frame in death(guest).frames if frame.file and frame.file.endswith("probe/src/lib.rs")]
    assert own
    assert all(frame.line and frame.column for frame in own)
    assert not any("edgeless_dock" in frame.function for frame in death(guest).frames)


def test_the_panic_text_is_logged_before_the_trap(guest: Guest) -> None:
    ((_, level, target, message),) = cast(guest, "panic boo")
    assert (level, target) == (1, b"panic")
    assert message.startswith(b"boo, ")


@pytest.mark.parametrize("callback", ["init", "stop", "call"])
def test_every_callback_may_trap(host: Host, probe: Module, callback: str) -> None:
    script = {"init": "panic boo", "stop": "stop: panic boo", "call": ""}[callback]
    guest = start(host, probe, payload=script)
    if callback == "stop":
        guest.stop()
    elif callback == "call":
        begin(guest, b"panic boo", call=True)
    settle(guest)
    assert death(guest).callback == f"handle_{callback}"


@pytest.mark.parametrize(
    ("what", "words"),
    [
        ("cast", "cast with bytes that are not UTF-8 (0xff at offset 2)"),
        ("cast_raw", "cast_raw with bytes"),
        ("call", "call with bytes"),
        ("call_raw", "call_raw with bytes"),
        ("delayed", "delayed_cast with bytes"),
        ("log", "log with bytes"),
        ("log_target", "log with bytes"),
        ("sync", "sync with bytes"),
        ("target", "cast with bytes"),
        ("call_target", "call with bytes"),
        ("delayed_target", "delayed_cast with bytes"),
    ],
)
@pytest.mark.conformance("F9")
def test_text_that_is_not_utf8_traps_where_it_is_sent(guest: Guest, what: str, words: str) -> None:
    assert cast(guest, f"nonutf8 {what}") == []
    refusal = death(guest).refusal
    assert refusal is not None
    assert (refusal.code, refusal.content) == ("non-utf8", b"ok\xff\xfe")
    assert words in refusal.message


@pytest.mark.parametrize("command", ["call nowhere x", "delayed 5 nowhere x"])
@pytest.mark.conformance("F5")
def test_calls_and_timers_to_an_unknown_alias_trap(guest: Guest, command: str) -> None:
    assert cast(guest, f"cast out before\n{command}\ncast out after")[-1][3] == b"before"
    refusal = death(guest).refusal
    assert refusal is not None
    assert (refusal.code, refusal.content) == ("unknown-alias", b"nowhere")


@pytest.mark.parametrize(
    "text",
    ["", "plain", "ünï", "中文字", "🦀" * 9, "a" * 7 + "é", "\u0800\uffff\U00010000\U0010ffff\ud7ff\ue000", "\0"],
)
def test_valid_text_is_never_refused(guest: Guest, text: str) -> None:
    assert cast(guest, "cast out " + text)[0][3].decode() == text


@pytest.mark.conformance("1.1-limits")
def test_running_out_of_memory_says_the_limit(host: Host, probe: Module) -> None:
    guest = start(host, probe, memory_limit=32 << 20)
    cast(guest, "hog")
    assert death(guest).message == "it ran out of memory (the limit is 32 MiB)"


def test_an_event_too_large_for_the_guest_ends_it_in_words(host: Host, probe: Module) -> None:
    guest = start(host, probe, memory_limit=4 << 20)
    cast(guest, b"x" * 8_000_000)
    assert death(guest).message == "it ran out of memory (the limit is 4 MiB)"


def test_an_allocator_that_gives_nothing_ends_the_guest_in_words(host: Host) -> None:
    module = host.load(bytes(wat2wasm(function_text())), "it.wasm")
    guest = start(host, module)
    cast(guest, b"x")
    assert death(guest).message == "it had no memory left to take the event"


def test_an_endless_loop_is_sliced_and_can_be_killed(guest: Guest) -> None:
    begin(guest, b"loop")
    assert [guest.run() for _ in range(3)] == [Progress.RUNNING] * 3
    guest.kill()
    assert guest.progress is Progress.DEAD
    assert guest.memory_bytes == 0


def test_a_guest_that_waits_for_a_reply_can_be_killed(guest: Guest) -> None:
    cast(guest, "call out x")
    guest.kill()
    guest.kill()
    assert guest.run() is Progress.DEAD


def test_a_dead_guest_refuses_further_events(guest: Guest) -> None:
    cast(guest, "panic boo")
    with pytest.raises(RuntimeError, match="DEAD"):
        begin(guest, b"x")


def test_a_thousand_deaths_leak_nothing(host: Host, probe: Module) -> None:
    def die(times: int) -> None:
        for n in range(times):
            guest = start(host, probe)
            if n % 3 == 0:
                begin(guest, b"loop")
                guest.run()
            else:
                cast(guest, ("call out x", "panic boo")[n % 3 - 1])
            guest.kill()
        gc.collect()

    die(100)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    die(1000)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 30_000  # KiB; a leaked guest has over 1,000


def test_many_guests_live_side_by_side(host: Host, probe: Module) -> None:
    guests = [start(host, probe) for _ in range(300)]
    for guest in guests:
        guest.effects()
        assert cast(guest, "count")[0][3] == b"1"
    for guest in guests:
        guest.kill()
