"""State that is synced and never looked at again is told from the code."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wasmtime import wat2wasm

from tests.guests.build import SAMPLES, Profile, wasm
from tests.host.test_modules import function_text
from workbench.host.declarations import declarations
from workbench.host.unread import never_read, syncs


@pytest.mark.parametrize("profile", ["dev", "release"])
def test_a_function_that_syncs_and_looks_at_no_state_is_told(profile: Profile) -> None:
    assert never_read(wasm("writer", profile).read_bytes())


@pytest.mark.parametrize("guest", ["keeper", "probe", "face", "mute", "original"])
@pytest.mark.parametrize("profile", ["dev", "release"])
def test_a_function_that_looks_at_its_state_or_syncs_none_is_left_alone(guest: str, profile: Profile) -> None:
    assert not never_read(wasm(guest, profile).read_bytes())


@pytest.mark.parametrize("sample", sorted(SAMPLES.rglob("*.wasm")), ids=lambda path: path.stem)
def test_samples_are_left_alone(sample: Path) -> None:
    assert not never_read(sample.read_bytes())


SYNC = '(import "env" "cast_asm" (func (param i32 i32 i32 i32))) (import "env" "sync_asm" (func $sync (param i32 i32)))'


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("", False),
        ("(drop (i32.const 0x0110)) (drop (i64.const 0x01100110))", False),  # the same bytes, and no call
        ("(call $other)", False),
        ("(call $sync (i32.const 0) (i32.const 0))", True),
        ("(block (call $sync (i32.const 0) (i32.const 0)))", True),
    ],
)
def test_state_is_synced_by_a_call_and_not_by_an_import(body: str, expected: bool) -> None:
    text = function_text(f"(func $other) (func {body})").replace("(module ", "(module " + SYNC, 1)
    assert syncs(bytes(wat2wasm(text))) is expected
    assert never_read(bytes(wat2wasm(text))) is expected


def test_a_call_with_a_padded_number_is_one() -> None:
    text = function_text("(func (call $sync (i32.const 0) (i32.const 0)))").replace("(module ", "(module " + SYNC, 1)
    module = bytes(wat2wasm(text))
    call, body = b"\x41\0\x41\0\x10\1\x0b", b"\x41\0\x41\0\x10\x81\x80\0\x0b"
    at = module.index(call)
    longer = bytearray(module.replace(call, body))
    longer[at - 2] += 2  # the size of the body, and below that of the section
    code = declarations(module).sections[10]
    longer[code.content - 1] += 2
    assert syncs(bytes(longer))


@given(st.data())
def test_a_damaged_module_is_no_finding_and_no_crash(data: st.DataObject) -> None:
    whole = (SAMPLES / "counter" / "counter.wasm").read_bytes()
    at = data.draw(st.integers(8, len(whole) - 1))
    assert not never_read(whole[:at])
    never_read(whole[:at] + data.draw(st.binary(max_size=8)) + whole[at + 8 :])
