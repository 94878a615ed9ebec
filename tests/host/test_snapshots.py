"""A guest's state taken and put back: from there on it does what the original did, to the byte."""

from __future__ import annotations

from itertools import pairwise

import pytest
from wasmtime import wat2wasm

from tests.guests.build import SAMPLES
from tests.host.hosting import OWN, begin, cast, did, settle, start
from tests.host.test_modules import function_text
from workbench.host.contract import Effect
from workbench.host.engine import Host
from workbench.host.guest import Guest, Progress
from workbench.host.modules import Module
from workbench.host.snapshot import PAGE, ZEROS, Snapshot

SAMPLE_WASM = sorted(SAMPLES.glob("*/*.wasm"))


def events(guest: Guest, payloads: list[bytes]) -> list[list[Effect]]:
    """What each of the events makes the guest do; calls it waits in are answered."""
    effects = []
    for payload in payloads:
        for call in (False, True):
            begin(guest, payload, call=call)
            while settle(guest) is Progress.WAITING:
                guest.resume("reply", b"7")
            effects.append(did(guest))
    return effects


def assert_goes_on_alike(host: Host, module: Module, before: list[bytes], after: list[bytes]) -> None:
    def begun() -> Guest:
        return start(host, module, knows=lambda alias: True)

    original, used, new = begun(), begun(), Guest(host, module, OWN, lambda alias: True)
    events(original, before)
    taken, digest = original.snapshot(), original.digest()
    expected = events(original, after)
    end = original.digest()

    events(used, before[:1] * 3)
    for guest in (used, new):
        assert guest.restore(taken)
        assert guest.digest() == digest
        assert events(guest, after) == expected
        assert guest.digest() == end
    for guest in (original, used, new):
        guest.kill()


@pytest.mark.parametrize("path", SAMPLE_WASM, ids=lambda path: path.stem)
def test_every_sample_goes_on_from_a_snapshot_as_it_did(host: Host, path: object) -> None:
    wasm = next(each for each in SAMPLE_WASM if each == path)
    numbers = [b"1", b"2.5", b"ping", b"x"]
    assert_goes_on_alike(host, host.load(wasm.read_bytes(), wasm.name), numbers[:2], numbers)


def test_the_probe_goes_on_from_a_snapshot_as_it_did(host: Host, probe: Module) -> None:
    before = [b"count", b"alloc 2\ncount\ncall out x"]
    after = [b"count", b"alloc 3\ncount\nsync x", b"call out x\ncount\nreply y", b"big cast 200000", b"given"]
    assert_goes_on_alike(host, probe, before, after)


def test_a_guest_that_was_never_initialised_can_be_restored(host: Host, probe: Module) -> None:
    original = start(host, probe, payload="given", state="kept")
    cast(original, "count\ncount")
    new = Guest(host, probe, OWN, lambda alias: True)
    assert new.restore(original.snapshot())
    assert cast(new, "count\ngiven") == cast(original, "count\ngiven")
    new.kill()
    original.kill()


def test_memory_grows_to_the_size_it_had(host: Host, probe: Module) -> None:
    large, small = start(host, probe), start(host, probe)
    cast(large, "alloc 20")
    taken = large.snapshot()
    assert small.restore(taken)
    assert small.memory_bytes == large.memory_bytes == len(taken.pages) * PAGE
    assert small.digest() == large.digest()
    assert cast(small, "alloc 5\ncount") == cast(large, "alloc 5\ncount")
    assert small.digest() == large.digest()
    small.kill()
    large.kill()


def test_a_guest_with_more_memory_than_the_snapshot_is_left_alone(guest: Guest) -> None:
    taken = guest.snapshot()
    cast(guest, "alloc 20\ncount")
    before = guest.digest()
    assert not guest.restore(taken)
    assert guest.digest() == before


def test_a_memory_limit_below_the_snapshots_size_is_an_error_that_changes_nothing(host: Host, probe: Module) -> None:
    large, small = start(host, probe), start(host, probe, memory_limit=4 << 20)
    cast(large, "alloc 20")
    before = small.digest()
    with pytest.raises(MemoryError, match="bytes of memory"):
        small.restore(large.snapshot())
    assert small.digest() == before
    small.kill()
    large.kill()


def test_every_moment_of_a_run_can_be_gone_back_to(host: Host, probe: Module) -> None:
    payloads = [b"count", b"alloc 1\ncount", b"burst 9000", b"big call 90000\ncount", b"reply x\nsync y"] * 3
    guest = start(host, probe)
    moments: list[tuple[Snapshot, bytes]] = []
    happened: list[list[list[Effect]]] = []
    for payload in [*payloads, b"count"]:
        moments.append((guest.snapshot(moments[-1][0] if moments else None), guest.digest()))
        happened.append(events(guest, [payload]))

    order = [3, 9, 14, 0, 1, 2, 13, 5, 5, 4, 12, 6]
    for moment in order:
        taken, digest = moments[moment]
        if not guest.restore(taken):
            assert guest.memory_bytes > len(taken.pages) * PAGE
            guest.kill()
            guest = Guest(host, probe, OWN, lambda alias: True)
            assert guest.restore(taken)
        assert guest.digest() == digest
        assert events(guest, [payloads[moment]]) == happened[moment]
        assert guest.digest() == moments[moment + 1][1]
    guest.kill()


def test_a_restored_guest_dies_as_any_other(host: Host, probe: Module) -> None:
    original = start(host, probe)
    taken = original.snapshot()
    for command, end in (("panic boo", "panicked"), ("oob", "outside its linear memory"), ("stack", "exhausted")):
        guest = Guest(host, probe, OWN, lambda alias: True)
        assert guest.restore(taken)
        cast(guest, command)
        assert guest.trap is not None
        assert guest.trap.callback == "handle_cast"
        assert end in guest.trap.message
        assert guest.memory_bytes == 0
    looping = Guest(host, probe, OWN, lambda alias: True)
    assert looping.restore(taken)
    begin(looping, b"loop")
    assert looping.run() is Progress.RUNNING
    looping.kill()
    original.kill()


def test_effects_nobody_asked_for_do_not_outlive_a_restoring(guest: Guest) -> None:
    cast(guest, "burst 3")
    taken = guest.snapshot()
    begin(guest, b"burst 3\nlog 3 x")
    settle(guest)
    assert guest.restore(taken)
    assert guest.effects() == []
    assert (guest.begun, guest.ended) == (0, 0)
    assert len(cast(guest, "burst 2")) == 2


def test_only_a_guest_between_two_events_has_a_state_to_take(host: Host, probe: Module) -> None:
    guest = start(host, probe)
    taken = guest.snapshot()
    begin(guest, b"call out x")
    for expected in (Progress.RUNNING, Progress.WAITING, Progress.DEAD):
        assert guest.progress is expected
        for reach in (guest.snapshot, guest.digest, lambda: guest.restore(taken)):
            with pytest.raises(RuntimeError, match=expected.name):
                reach()
        if expected is Progress.RUNNING:
            settle(guest)
        else:
            guest.kill()


def test_a_snapshot_shares_what_an_earlier_one_has(guest: Guest) -> None:
    cast(guest, "count")
    first = guest.snapshot()
    assert guest.snapshot(first).pages is first.pages
    cast(guest, "count")
    second = guest.snapshot(first)
    changed = [page for page, before in zip(second.pages, first.pages, strict=True) if page is not before]
    assert 0 < len(changed) < 8
    assert 0 < second.bytes < first.bytes
    assert second.pages == guest.snapshot().pages


def test_pages_of_zeros_cost_nothing(host: Host) -> None:
    module = host.load(stepping("", "(drop (memory.grow (i32.const 300)))"), "it.wasm")
    guest = start(host, module)
    first = guest.snapshot()
    step(guest)
    second = guest.snapshot(first)
    assert len(second.pages) * PAGE == guest.memory_bytes == 301 << 16
    assert all(page is ZEROS for page in second.pages)
    assert second.bytes < 50_000
    guest.kill()


def test_a_guest_without_memory_has_a_state_too(host: Host) -> None:
    text = function_text(memory='(memory (export "memory") 0)')
    guest = Guest(host, host.load(bytes(wat2wasm(text)), "it.wasm"), OWN, lambda alias: True)
    taken, digest = guest.snapshot(), guest.digest()
    assert taken.pages == ()
    assert guest.restore(taken)
    assert guest.digest() == digest
    guest.kill()


VARIABLES = """
(global $sp (mut i32) (i32.const -1)) (global $i (export "mine") (mut i64) (i64.const -9000000000000000000))
(global $f (mut f32) (f32.const nan:0x200001)) (global $d (mut f64) (f64.const -nan:0x4000000000001))
(global $fixed i32 (i32.const 7)) (global $far (mut i32) (i32.const 0))
"""
STEP = """
(global.set $far (i32.add (global.get $far) (i32.const 1)))
(global.set $sp (i32.sub (global.get $sp) (i32.const 16)))
(global.set $i (i64.mul (global.get $i) (i64.const 3)))
(global.set $f (f32.reinterpret_i32 (i32.or (i32.reinterpret_f32 (global.get $f)) (global.get $far))))
(global.set $d (f64.reinterpret_i64 (i64.sub (i64.reinterpret_f64 (global.get $d)) (i64.const 2))))
"""


def stepping(variables: str = VARIABLES, step: str = STEP) -> bytes:
    """A module whose `handle_stop` does `step`."""
    stop = f'(func (export "handle_stop_asm") {step})'
    return bytes(wat2wasm(function_text(variables + stop, without=("handle_stop_asm",))))


def step(guest: Guest) -> None:
    guest.stop()
    assert settle(guest) is Progress.IDLE


def test_every_mutable_global_is_put_back_to_the_bit(host: Host) -> None:
    module = host.load(stepping(), "it.wasm")
    guest, other = start(host, module), start(host, module)
    taken: list[tuple[Snapshot, bytes]] = []
    for _ in range(4):
        taken.append((guest.snapshot(), guest.digest()))
        step(guest)
    assert len({digest for _, digest in taken}) == 4
    first = taken[0][0]
    assert first.globals == (-1, -9000000000000000000, 0x7FA00001, 0xFFF4000000000001 - (1 << 64), 0)
    for (snapshot, digest), (_, following) in pairwise(taken):
        assert other.restore(snapshot)
        assert other.digest() == digest
        step(other)
        assert other.digest() == following
    guest.kill()
    other.kill()


def test_a_module_may_use_the_reserved_names_itself(host: Host) -> None:
    mine = '(global $x (export "edgeless_workbench_global_0") (mut i32) (i32.const 0))'
    module = host.load(stepping(mine, "(global.set $x (i32.const 5))"), "it.wasm")
    guest = start(host, module)
    taken = guest.snapshot()
    step(guest)
    assert guest.snapshot().globals == (5,)
    assert guest.restore(taken)
    assert guest.snapshot().globals == (0,)
    guest.kill()
