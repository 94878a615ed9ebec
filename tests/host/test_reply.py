"""Whether a reply was freed before the host read it is found out in a copy of the guest."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from wasmtime import wat2wasm

from tests.guests.build import SAMPLES, Profile, wasm
from tests.host import hosting
from tests.host.test_modules import function_text
from workbench.host.engine import Host
from workbench.host.guest import DEFAULT_MEMORY_LIMIT, Guest
from workbench.host.modules import Module
from workbench.host.reply import was_freed


@pytest.fixture
def begun(host: Host) -> Iterator[list[Guest]]:
    """The guests of a test; they are killed at its end."""
    guests: list[Guest] = []
    yield guests
    for guest in guests:
        guest.kill()


def answered(host: Host, module: Module, begun: list[Guest], payload: bytes, *before: bytes) -> Guest:
    """A guest that has handled casts of `before`, and then answered a call with `payload`."""
    guest = hosting.start(host, module)
    begun.append(guest)
    for cast in before:
        hosting.cast(guest, cast)
    hosting.begin(guest, payload, call=True)
    hosting.settle(guest)
    return guest


def freed(host: Host, module: Module, guest: Guest) -> bool:
    assert guest.replied is not None
    return was_freed(host, module, guest.replied, DEFAULT_MEMORY_LIMIT)


@pytest.mark.parametrize("profile", ["dev", "release"])
@pytest.mark.parametrize("length", [1, 4, 100, 70_000, 3_000_000])
def test_a_reply_that_was_freed_is_found_out(host: Host, begun: list[Guest], profile: Profile, length: int) -> None:
    module = host.load(wasm("original", profile).read_bytes(), "it.wasm")
    guest = answered(host, module, begun, b"x" * length, b"keep 40", b"keep 5000")
    assert freed(host, module, guest)


@pytest.mark.parametrize("profile", ["dev", "release"])
@pytest.mark.parametrize("length", [1, 4, 100, 70_000, 3_000_000])
def test_a_reply_that_was_kept_is_left_alone(host: Host, begun: list[Guest], profile: Profile, length: int) -> None:
    module = host.load(wasm("probe", profile).read_bytes(), "it.wasm")
    assert not freed(host, module, answered(host, module, begun, b"reply_bytes %d" % length, b"count", b"count"))


def test_a_sample_keeps_its_reply(host: Host, begun: list[Guest]) -> None:
    module = host.load((SAMPLES / "pong" / "pong.wasm").read_bytes(), "pong.wasm")
    assert not freed(host, module, answered(host, module, begun, b"ping"))


def test_the_guest_itself_is_asked_nothing(host: Host, begun: list[Guest]) -> None:
    module = host.load(wasm("original").read_bytes(), "it.wasm")
    guest = answered(host, module, begun, b"hello")
    before = guest.digest()
    assert freed(host, module, guest)
    assert guest.digest() == before


def test_only_the_first_reply_is_looked_at_and_none_once_it_is_known(host: Host, begun: list[Guest]) -> None:
    module = host.load(wasm("original").read_bytes(), "it.wasm")
    guest = answered(host, module, begun, b"first")
    first = guest.replied
    hosting.begin(guest, b"second", call=True)
    hosting.settle(guest)
    assert first is not None
    assert guest.replied is first
    module.replies.freed = True
    assert answered(host, module, begun, b"third").replied is None


def test_no_reply_and_an_empty_one_are_nothing_to_look_at(host: Host, begun: list[Guest]) -> None:
    module = host.load(wasm("probe").read_bytes(), "it.wasm")
    assert answered(host, module, begun, b"noreply").replied is None
    assert answered(host, module, begun, b"reply").replied is None


@pytest.mark.parametrize(
    "once_full", ["(then (return (i32.const 0)))", "(then (loop $ever (br $ever)))"], ids=["gives none", "never ends"]
)
def test_an_allocator_that_gives_no_more_has_freed_nothing(host: Host, begun: list[Guest], once_full: str) -> None:
    own = f"""(global $full (mut i32) (i32.const 0))
    (func (export "edgeless_mem_alloc") (param i32) (result i32)
      (if (global.get $full) {once_full})
      (i32.const 1024))
    (func (export "handle_call_asm") (param i32 i32 i32 i32 i32 i32) (result i32)
      (i32.store (local.get 4) (i32.const 4096)) (global.set $full (i32.const 1))  ;; the other slot is the same
      (i32.const 1))"""
    module = host.load(
        bytes(wat2wasm(function_text(own, without=("edgeless_mem_alloc", "handle_call_asm")))), "it.wasm"
    )
    guest = answered(host, module, begun, b"x")
    assert guest.replied is not None
    assert guest.replied.at == guest.replied.length == 4096  # so that it would reach down to 0
    assert not freed(host, module, guest)


ECHO = """(global $next (mut i32) (i32.const 0))
(func (export "edgeless_mem_alloc") (param i32) (result i32) (local $at i32)
  (loop $look  ;; the first of eight blocks that is not in use
    (if (i32.eqz (i32.load8_u (local.get $at))) (then
      (i32.store8 (local.get $at) (i32.const 1))
      (return (i32.add (i32.const 1024) (i32.mul (local.get $at) (i32.const 64))))))
    (local.set $at (i32.add (local.get $at) (i32.const 1)))
    (br_if $look (i32.lt_u (local.get $at) (i32.const 8))))
  (unreachable))
(func (export "edgeless_mem_free") (param i32 i32) (call $free (local.get 0)))
(func $free (param i32)
  (i32.store8 (i32.div_u (i32.sub (local.get 0) (i32.const 1024)) (i32.const 64)) (i32.const 0)))
(func (export "handle_call_asm") (param i32 i32 i32 i32 i32 i32) (result i32)
  (i32.store (local.get 4) REPLY) (i32.store (local.get 5) (local.get 3)) (i32.const 1))"""


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        ("(local.get 2)", False),  # the payload itself, which the host frees only when it has read the reply
        ("(local.get 0)", False),  # and so it does with the identities
        ("(i32.const 4096)", False),
        ("(i32.const 1408) (call $free (i32.const 1408))", True),  # a block of its own, freed
    ],
)
@pytest.mark.conformance("F7")
def test_a_reply_in_what_the_host_frees_later_is_left_alone(
    host: Host, begun: list[Guest], reply: str, expected: bool
) -> None:
    own = ECHO.replace("REPLY", reply)
    without = ("edgeless_mem_alloc", "edgeless_mem_free", "handle_call_asm")
    module = host.load(bytes(wat2wasm(function_text(own, without=without))), "it.wasm")
    assert freed(host, module, answered(host, module, begun, b"hello")) is expected


def test_an_allocator_that_goes_round_has_freed_nothing(host: Host, begun: list[Guest]) -> None:
    own = """(global $top (mut i32) (i32.const 0))
    (func (export "edgeless_mem_alloc") (param i32) (result i32)
      (global.set $top (i32.and (i32.add (global.get $top) (i32.const 64)) (i32.const 4095)))
      (i32.add (global.get $top) (i32.const 8192)))
    (func (export "handle_call_asm") (param i32 i32 i32 i32 i32 i32) (result i32)
      (i32.store (local.get 4) (i32.const 11264)) (i32.store (local.get 5) (i32.const 64)) (i32.const 1))"""
    without = ("edgeless_mem_alloc", "handle_call_asm")
    module = host.load(bytes(wat2wasm(function_text(own, without=without))), "it.wasm")
    assert not freed(host, module, answered(host, module, begun, b"x"))
