"""Whatever a module declares, it is loaded or refused in words, in steps that grow no faster than it does."""

from __future__ import annotations

import sys
from collections.abc import Callable
from types import FrameType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from wasmtime import wat2wasm

from tests.host.hosting import OWN, start
from tests.host.test_modules import function_text, refusal
from workbench.errors import UserError
from workbench.host.declarations import Export, GlobalType, Limits, declarations
from workbench.host.engine import Host
from workbench.host.guest import Guest, Progress
from workbench.host.modules import Module

TYPES = ["i32", "i64", "f32", "f64", "v128", "funcref", "externref", "(ref null $f)", "(ref $f)", "(ref extern)"]
SHOWN = {"(ref null $f)": "(ref null 0)", "(ref $f)": "(ref 0)"}


@pytest.mark.parametrize("kind", TYPES)
def test_a_handler_of_any_type_is_refused_with_that_type(host: Host, kind: str) -> None:
    text = function_text(
        f'(type $f (func)) (func (export "handle_stop_asm") (param {kind}))', without=("handle_stop_asm",)
    )
    words = refusal(host, wat2wasm(text))
    assert f"it exports handle_stop_asm as ({SHOWN.get(kind, kind)}) -> nothing, but" in words


@pytest.mark.parametrize("kind", TYPES)
@pytest.mark.parametrize("wanted", ["(func (param {}))", "(func (result {0} {0}))", "(global {})"])
def test_an_import_of_any_type_is_refused(host: Host, kind: str, wanted: str) -> None:
    text = f'(module (type $f (func)) (import "env" "sync_asm" {wanted.format(kind)})'
    assert "it imports env.sync_asm as " in refusal(host, wat2wasm(function_text().replace("(module ", text, 1)))


@pytest.mark.parametrize(
    "wanted", ["(table 1 funcref)", "(table 1 2 (ref null $f))", "(memory 1)", "(memory 1 2 shared)"]
)
def test_an_import_of_any_kind_is_refused(host: Host, wanted: str) -> None:
    text = f'(module (type $f (func)) (import "env" "sync_asm" {wanted})'
    words = refusal(host, wat2wasm(function_text().replace("(module ", text, 1)))
    assert "it imports env.sync_asm as something else than a function" in words


@pytest.mark.parametrize("kind", TYPES)
def test_other_exports_may_have_any_type(host: Host, kind: str) -> None:
    extra = f'(type $f (func)) (func (export "own") (param {kind}) (result {kind}) (local.get 0))'
    assert start(host, host.load(bytes(wat2wasm(function_text(extra))), "it.wasm")).progress is Progress.IDLE


@pytest.mark.parametrize(
    "extra",
    [
        '(global (export "own") (mut v128) (v128.const i64x2 1 2))',
        '(global (export "own") externref (ref.null extern))',
        '(type $f (func)) (table (export "own") 1 2 (ref null $f))',
        '(table (export "own") 1 externref)',
        '(memory (export "own") 1 2)',
    ],
)
def test_globals_tables_and_memories_of_any_type_may_be_exported(host: Host, extra: str) -> None:
    assert start(host, host.load(bytes(wat2wasm(function_text(extra))), "it.wasm")).progress is Progress.IDLE


def test_what_a_module_declares_is_read() -> None:
    text = """(module (type $t (func (param i32 v128) (result externref)))
    (import "a" "f" (func (type $t))) (import "b" "m" (memory 1)) (import "c" "g" (global (mut i64)))
    (import "d" "t" (table 3 4 funcref))
    (func (type $t) (ref.null extern)) (func $s) (table 1 (ref func) (ref.func $s)) (memory 2 5)
    (global f32 (f32.const 1))
    (start $s) (export "" (func 1)) (export "g" (global 1)))"""
    found = declarations(bytes(wat2wasm(text)))
    assert found.types == ((("i32", "v128"), ("externref",)), ((), ()))
    assert [(each.module, each.name) for each in found.imports] == [("a", "f"), ("b", "m"), ("c", "g"), ("d", "t")]
    assert found.functions == (0, 0, 1)
    assert found.memories == (Limits(1, None, False), Limits(2, 5, False))
    assert found.tables == (Limits(3, 4, False), Limits(1, None, False))
    assert found.globals == (GlobalType("i64", True), GlobalType("f32", False))
    assert found.exports == {"": Export(0, 1), "g": Export(3, 1)}
    assert (found.start, found.imported_functions) == (2, 1)


ALL_KINDS = bytes(
    wat2wasm(
        function_text(
            """(type $f (func (param i32) (result i32)))
    (table $t (export "t") 5 9 funcref) (table (export "x") 2 externref) (memory $m 1 1)
    (elem (table $t) (i32.const 1) func $g $g) (elem $p funcref (ref.func $g) (ref.null func)) (elem declare func $g)
    (func $g (param i32) (result i32) (local v128 f64 externref (ref null $f))
      (i32x4.extract_lane 0 (i32x4.splat (local.get 0))))
    (func (export "more") (result v128) (v128.const i64x2 1 2))
    (global (export "v") v128 (v128.const i64x2 1 2)) (global (mut f64) (f64.const 1))
    (global (mut externref) (ref.null extern)) (global (export "r") (ref null $f) (ref.null $f))
    (func $s) (start $s) (data (i32.const 8) "hello") (data $d "passive")
    (func (param (ref null $f)) (result funcref)
      (drop (call_ref $f (i32.const 1) (local.get 0))) (ref.func $g))
    (func (block (br_table 0 0 (i32.const 0))) (drop (table.grow $t (ref.null func) (i32.const 1)))
      (memory.init $d (i32.const 0) (i32.const 0) (i32.const 1)) (data.drop $d)
      (drop (i32.atomic.load (i32.const 0))))"""
        )
    )
)
"""A module with something of every kind there is."""

TYPE_BYTES = [*range(9), 0x40, *range(0x4D, 0x51), *range(0x5E, 0x80), 0x80, 0xFF]
CHANGES = st.lists(st.tuples(st.integers(8, len(ALL_KINDS) - 1), st.sampled_from(TYPE_BYTES)), min_size=1, max_size=3)


@settings(max_examples=400, deadline=None)
@given(CHANGES, st.sampled_from(["put", "insert", "drop"]))
def test_a_changed_module_is_loaded_or_refused_in_words(host: Host, changes: list[tuple[int, int]], how: str) -> None:
    changed = bytearray(ALL_KINDS)
    for at, byte in changes:
        changed[at : at + (how != "insert")] = b"" if how == "drop" else bytes([byte])
    try:
        guest = Guest(host, host.load(bytes(changed), "it.wasm"), OWN, lambda _: True, 64 << 20)
    except UserError as error:
        refused = error.message
    else:
        refused = "it.wasm runs"
        guest.init("payload", "state")
        for _ in range(3):
            guest.run()
        guest.kill()
    assert refused.startswith("it.wasm")
    assert refused.isprintable()


def steps(work: Callable[[], object]) -> int:
    """How many calls `work` makes, of Python's functions and of C's."""
    counted = 0

    def count(_frame: FrameType, event: str, _argument: object) -> None:
        nonlocal counted
        counted += event in ("call", "c_call")

    sys.setprofile(count)
    try:
        work()
    finally:
        sys.setprofile(None)
    return counted


MANY: dict[str, Callable[[int], str]] = {
    "exports": lambda n: "(func $f)" + "".join(f'(export "e{k}" (func $f))' for k in range(n)),
    "globals": lambda n: "(global (mut i32) (i32.const 0))" * n,
    "exported globals": lambda n: "".join(f'(global (export "g{k}") (mut i64) (i64.const 0))' for k in range(n)),
    "functions": lambda n: "(func)" * n,
    "types": lambda n: "".join(f"(type (func (param {'i32 ' * (k % 40)})))" for k in range(n)),
    "elements": lambda n: f"(func $f) (table {n} funcref) (elem (i32.const 0) func {'$f ' * n})",
    "segments": lambda n: '(data (i32.const 0) "x")' * n,
    "references": lambda n: "(func $f) (table 1 funcref)" + "(elem (i32.const 0) funcref (ref.func $f))" * n,
}


@pytest.mark.parametrize("what", MANY)
def test_twice_as_much_takes_twice_the_steps(host: Host, what: str) -> None:
    few, many = (bytes(wat2wasm(function_text(MANY[what](n)))) for n in (1_500, 3_000))
    loaded: list[Module] = []
    once = steps(lambda: loaded.append(host.load(few, "it.wasm")))
    assert steps(lambda: loaded.append(host.load(many, "it.wasm"))) < 2.2 * once + 100
    begun = [steps(lambda module=module: start(host, module).kill()) for module in loaded]  # type: ignore[misc]
    assert begun[1] < 1.1 * begun[0]


def test_many_names_like_the_hosts_own_collide_with_none(host: Host) -> None:
    names = "".join(f'(export "edgeless_workbench_global_0{"_" * n}" (func $f))' for n in range(200))
    text = function_text(f"(func $f) {names} (global (mut i32) (i32.const 7))")
    guest = start(host, host.load(bytes(wat2wasm(text)), "it.wasm"))
    assert guest.snapshot().globals == (7,)


@pytest.mark.parametrize(
    ("number", "hidden"),
    [(1_000, None), (1_001, "it has 1,001 mutable globals, of which 1,000 at most are looked at")],
)
def test_a_snapshot_holds_a_thousand_globals_at_most(host: Host, number: int, hidden: str | None) -> None:
    module = host.load(bytes(wat2wasm(function_text(MANY["globals"](number)))), "it.wasm")
    assert module.hidden == hidden
    assert len(start(host, module).snapshot().globals) == (number if hidden is None else 0)
