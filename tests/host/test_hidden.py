"""Which modules keep state that a snapshot does not hold."""

from __future__ import annotations

import pytest
from wasmtime import wat2wasm

from tests.guests.build import SAMPLES, wasm
from tests.host.test_modules import function_text
from workbench.host import leb
from workbench.host.engine import Host
from workbench.host.hidden import hidden_state

TABLE = "(table $t 9 funcref) (elem $e func $f) (func $f)"


def hidden(host: Host, extra: str) -> str | None:
    return host.load(bytes(wat2wasm(function_text(extra))), "it.wasm").hidden


@pytest.mark.parametrize("sample", sorted(path.parent.name for path in SAMPLES.glob("*/*.wasm")))
def test_samples_hide_nothing(host: Host, sample: str) -> None:
    assert host.load((SAMPLES / sample / f"{sample}.wasm").read_bytes(), sample).hidden is None


@pytest.mark.parametrize("name", ["probe", "keeper", "generator", "tagger"])
def test_what_rust_builds_hides_nothing(host: Host, name: str) -> None:
    assert host.load(wasm(name).read_bytes(), name).hidden is None
    assert host.load(wasm(name, "release").read_bytes(), name).hidden is None


@pytest.mark.parametrize(
    ("extra", "words"),
    [
        (TABLE + "(func (table.set $t (i32.const 1) (ref.func $f)))", "it changes its table"),
        (TABLE + "(func (table.init $t $e (i32.const 0) (i32.const 0) (i32.const 1)))", "it changes its table"),
        (TABLE + "(func (table.copy $t $t (i32.const 0) (i32.const 1) (i32.const 1)))", "it changes its table"),
        (TABLE + "(func (drop (table.grow $t (ref.null func) (i32.const 1))))", "it changes its table"),
        (TABLE + "(func (table.fill $t (i32.const 0) (ref.null func) (i32.const 1)))", "it changes its table"),
        (TABLE + "(func (elem.drop $e))", "it drops element segments"),
        ('(data $d "x") (func (data.drop $d))', "it drops data segments"),
        (
            '(data $d "x") (table 1 externref) (table 1 externref)'
            "(func (data.drop $d) (table.set 1 (i32.const 0) (ref.null extern)) (data.drop $d))",
            "it drops data segments and it changes its table",
        ),
        ("(memory $more 1)", "it has more than one memory"),
        ("(global (mut funcref) (ref.null func))", "it has a mutable global that holds a reference or a vector"),
        ("(global (mut externref) (ref.null extern))", "it has a mutable global that holds a reference or a vector"),
        (
            "(type $t (func)) (global (mut (ref null $t)) (ref.null $t))",
            "it has a mutable global that holds a reference or a vector",
        ),
        (
            "(global i32 (i32.const 1)) (global (mut v128) (v128.const i64x2 0 0))",
            "it has a mutable global that holds a reference or a vector",
        ),
    ],
)
def test_state_outside_memory_and_number_globals_is_named(host: Host, extra: str, words: str) -> None:
    assert hidden(host, extra) == words


@pytest.mark.parametrize(
    "extra",
    [
        '(global (export "g") (mut i64) (i64.const 1)) (global (mut f32) (f32.const 1))',
        "(global v128 (v128.const i64x2 0 0)) (global externref (ref.null extern))",
        '(table (export "t") 9 funcref) (func (drop (table.get 0 (i32.const 1))) (drop (table.size 0)))',
        '(data $d "x") (func (memory.init $d (i32.const 0) (i32.const 0) (i32.const 1)))',
        "(table 1 funcref) (func (local i64 i64) (drop (i32.const 38)) (unreachable))",
        "(table 1 funcref) (func (drop (i64.const 0x26002600)) (drop (i32.const 1660)))",
    ],
)
def test_what_cannot_change_is_no_state(host: Host, extra: str) -> None:
    assert hidden(host, extra) is None


def binary_of(code: bytes, tables: int = 1) -> bytes:
    """A module with tables of functions and one function of that code."""
    body = b"\0" + code + b"\x0b"
    parts = {4: leb.encode(tables) + b"\x70\0\1" * tables, 10: b"\1" + leb.encode(len(body)) + body}
    return b"\0asm\1\0\0\0" + b"".join(bytes([id_]) + leb.encode(len(part)) + part for id_, part in parts.items())


@pytest.mark.parametrize(
    "code",
    [
        b"\x26\x00",
        b"\x26\x80\x80\x00",
        b"\xfc\x8c\x00\x00\x00",
        b"\xfc\x8f\x80\x80\x80\x00\x00",
        b"\xfc\x11\x80\x00",
    ],
)
def test_padded_numbers_hide_no_instruction(code: bytes) -> None:
    assert hidden_state(binary_of(code)) == "it changes its table"


def test_any_of_many_tables_may_change() -> None:
    assert hidden_state(binary_of(b"\x26\x05", tables=6)) == "it changes its table"


@pytest.mark.parametrize(
    ("wasm", "words"),
    [
        (binary_of(b"\x26\x00\xfb\x26"), "it has the instruction 0xfb, which is unknown here"),
        (binary_of(b"\x26\x00")[:-3], "it is cut off"),
        (binary_of(b"\x26\x00\x26\x80")[:-1] + b"\x80", "it cannot be read here"),
    ],
)
def test_what_cannot_be_read_is_taken_for_state(wasm: bytes, words: str) -> None:
    assert hidden_state(wasm) == words
