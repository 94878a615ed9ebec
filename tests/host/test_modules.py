"""Modules that are no EDGELESS functions are refused in words."""

from __future__ import annotations

import pytest
from wasmtime import wat2wasm

from tests.guests.build import wasm
from tests.host.hosting import OWN
from workbench.host import contract, leb
from workbench.host.engine import Host
from workbench.host.guest import Guest
from workbench.host.traps import ModuleRefused


def function_text(
    extra: str = "", *, without: tuple[str, ...] = (), memory: str = '(memory (export "memory") 1)'
) -> str:
    lines = [memory, extra]
    for name, (params, results) in contract.EXPORTS.items():
        if name not in without:
            body = " ".join(f"({t}.const 0)" for t in results)
            types = "".join(f"(param {t})" for t in params) + "".join(f"(result {t})" for t in results)
            lines.append(f'(func (export "{name}") {types} {body})')
    return "(module " + "\n".join(lines) + ")"


def refusal(host: Host, module: bytes | bytearray) -> str:
    with pytest.raises(ModuleRefused) as refused:
        host.load(bytes(module), "it.wasm")
    return str(refused.value)


def test_a_bare_function_is_accepted(host: Host) -> None:
    assert host.load(bytes(wat2wasm(function_text())), "it.wasm").name == "it.wasm"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty"),
        (b"hello", "is not a WebAssembly module"),
        (b"(module)", "WebAssembly text"),
        (b"\0as", "cut off after 3 bytes"),
        (b"\0asm\1\0", "cut off after 6 bytes"),
        (b"\0asm\x0d\0\1\0", "is a WebAssembly component"),
        (b"\0asm\x09\0\0\0", "version the platform does not know"),
    ],
)
@pytest.mark.conformance("1.1-binary")
def test_what_is_no_core_module_is_refused(host: Host, content: bytes, words: str) -> None:
    assert words in refusal(host, content)


@pytest.mark.conformance("1.1-size")
def test_no_size_is_too_large(host: Host) -> None:
    content = bytes(6 << 20)  # a custom section, beyond what gRPC takes where nobody says otherwise
    section = b"\0" + leb.encode(len(content) + 2) + b"\1x" + content
    assert host.load(bytes(wat2wasm(function_text())) + section, "it.wasm").size > len(content)


def test_every_truncation_is_refused(host: Host) -> None:
    whole = wasm("probe").read_bytes()
    for end in range(8, len(whole), len(whole) // 40):
        assert "it.wasm" in refusal(host, whole[:end])


@pytest.mark.parametrize("filler", [b"\x00", b"\x80", b"\xff", b"\x06\x80"])
def test_what_only_begins_like_a_module_is_refused_at_once(host: Host, filler: bytes) -> None:
    assert "it.wasm" in refusal(host, b"\0asm\1\0\0\0" + filler * 2_000_000)


def test_an_invalid_instruction_is_told_where_it_stands_in_the_file(host: Host) -> None:
    wasm = bytes(wat2wasm(function_text("(global (mut i32) (i32.const 0)) (func i32.popcnt)")))
    assert f"not valid WebAssembly (at offset {wasm.index(0x69, wasm.index(b'stop_asm')):,})" in refusal(host, wasm)


@pytest.mark.parametrize("name", contract.EXPORTS)
@pytest.mark.conformance("1.3-exports")
def test_a_missing_export_is_named(host: Host, name: str) -> None:
    assert f"it does not export {name} (is" in refusal(host, wat2wasm(function_text(without=(name,))))


@pytest.mark.conformance("1.3-exports")
def test_a_missing_memory_is_named(host: Host) -> None:
    assert "does not export its memory" in refusal(host, wat2wasm(function_text(memory="(memory 1)")))


def test_a_memory_that_threads_share_is_refused(host: Host) -> None:
    shared = wat2wasm(function_text(memory='(memory (export "memory") 1 2 shared)'))
    assert "its memory is shared between threads" in refusal(host, shared)
    beside = wat2wasm(function_text("(memory 1 2 shared)"))
    assert "a memory of it is shared between threads" in refusal(host, beside)


@pytest.mark.conformance("1.3-exports")
def test_a_mistyped_export_is_named_with_both_types(host: Host) -> None:
    text = function_text('(func (export "handle_stop_asm") (param i32))', without=("handle_stop_asm",))
    assert "it exports handle_stop_asm as (i32) -> nothing, but the platform calls () -> nothing" in refusal(
        host, wat2wasm(text)
    )


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        ('(import "wasi_snapshot_preview1" "fd_write" (func))', "wasi_snapshot_preview1.fd_write"),
        ('(import "wasi_snapshot_preview1" "fd_write" (func))', "built for WASI"),
        ('(import "__wbindgen_placeholder__" "__wbindgen_describe" (func))', "built for browsers"),
        ('(import "env" "cast_amm" (func))', 'did you mean "cast_asm"?'),
        ('(import "env" "cast_asm" (func (param i64)))', "it imports env.cast_asm as (i64) -> nothing"),
        ('(import "env" "cast_asm" (global i32))', "something else than a function"),
    ],
)
@pytest.mark.conformance("1.2-imports")
def test_an_import_the_platform_lacks_is_named(host: Host, wanted: str, words: str) -> None:
    assert words in refusal(host, wat2wasm(function_text().replace("(module ", "(module " + wanted, 1)))


def test_imports_written_in_the_compact_form_are_refused(host: Host) -> None:
    """Today's wasmtime knows a shorter form of the import section."""
    whole = bytes(wat2wasm(function_text()))
    after_types = 10 + whole[9]
    imports = b"\1\3env\0\x7f\1\x08cast_asm\0\0"
    section = b"\2" + leb.encode(len(imports)) + imports
    assert "wasmtime 18 does not have" in refusal(host, whole[:after_types] + section + whole[after_types:])


def test_the_feature_that_a_constant_expression_uses_is_named(host: Host) -> None:
    module = bytes(wat2wasm(function_text("(global i32 (i32.add (i32.const 1) (i32.const 2)))")))
    offset = module.index(b"\x41\x01\x41\x02\x6a") + 4
    assert f"(at offset {offset:,}): extended-const; build it with `-C target-feature=-ext" in refusal(host, module)


@pytest.mark.parametrize(
    "extra",
    [
        "(func $f (return_call $f))",
        "(memory $big i64 1)",
        "(tag $t)",
        "(type (struct))",
        "(rec (type (func)) (type (func)))",
        "(type $f (func)) (type (cont $f))",
        "(memory $bytes 1 (pagesize 1))",
        "(table i64 1 funcref)",
        "(type (array i8))",
        "(type (sub (func)))",
        "(func (local exnref))",
        "(func (param (ref null nofunc)))",
        "(func (drop (ref.test funcref (ref.null func))))",
        "(func (drop (i64.mul_wide_u (i64.const 1) (i64.const 1))) drop)",
        "(func (memory.discard (i32.const 0) (i32.const 0)))",
        "(table shared 1 (ref null (shared func)))",
        "(global i32 (i32.add (i32.const 1) (i32.const 2)))",
        "(global i64 (i64.mul (i64.const 1) (i64.const 2)))",
        '(data (offset (i32.sub (i32.const 1) (i32.const 1))) "x")',
        "(table 1 funcref) (elem (offset (i32.sub (i32.const 1) (i32.const 1))) func)",
    ],
)
@pytest.mark.conformance("1.1-features")
def test_features_beyond_the_platforms_are_refused(host: Host, extra: str) -> None:
    assert "wasmtime 18 does not have" in refusal(host, wat2wasm(function_text(extra)))


@pytest.mark.parametrize(
    "extra",
    [
        "(func (result i32 i32) (i32.const 1) (i32.const 2))",
        "(func (result v128) (v128.const i32x4 0 0 0 0))",
        "(func (memory.fill (i32.const 0) (i32.const 0) (i32.const 0)))",
        "(func (result externref) (ref.null extern))",
        "(memory $second 1)",
        "(type $f (func)) (func (param (ref null $f)) (call_ref $f (local.get 0)))",
        "(table 1 (ref func) (ref.func $f)) (func $f)",
        "(table $t 1 funcref) (elem (table $t) (i32.const 0) funcref (ref.func $f)) (elem declare func $f) (func $f)",
        "(table $t 1 externref) (elem $p funcref (ref.func $f) (ref.null func)) (func $f)",
        '(memory $n 1) (data (memory $n) (i32.const 4) "x") (data "passive")',
        "(func (drop (i32.atomic.rmw.add (i32.const 0) (i32.const 0))) (atomic.fence))",
        "(func (drop (i32x4.relaxed_trunc_f32x4_s (v128.const i64x2 1 2))))",
        "(func (drop (i32.add (i32.const 1) (i32.const 2))))",
    ],
)
@pytest.mark.conformance("1.1-features")
def test_features_of_the_platform_are_accepted(host: Host, extra: str) -> None:
    host.load(bytes(wat2wasm(function_text(extra))), "it.wasm")


@pytest.mark.parametrize(
    ("extra", "words"),
    [
        ('(data (i32.const 65536) "x")', "its data would lie outside its memory"),
        (
            "(table 1 funcref) (elem (i32.const 1) $f) (func $f)",
            "its function pointers would lie outside its memory or",
        ),
    ],
)
def test_segments_that_do_not_fit_are_told_when_it_starts(host: Host, extra: str, words: str) -> None:
    module = host.load(bytes(wat2wasm(function_text(extra))), "it.wasm")
    with pytest.raises(ModuleRefused, match=words):
        Guest(host, module, OWN, lambda alias: True)


@pytest.mark.parametrize("number", [1, 7, 300])
def test_a_sentence_names_a_dozen_faults_at_most(host: Host, number: int) -> None:
    imports = "".join(f'(import "env" "x{n}" (func))' for n in range(number))
    words = refusal(host, wat2wasm(function_text().replace("(module ", "(module " + imports, 1)))
    assert words.count("which the platform does not have") == min(number, 12)
    assert words.endswith("and more") == (number > 12)


def test_names_that_a_module_chose_are_cut_and_printable(host: Host) -> None:
    name = "\x1b[31m" + "x" * 5000
    text = function_text().replace("(module ", f'(module (import "env" "\\1b[31m{"x" * 5000}" (func))', 1)
    words = refusal(host, wat2wasm(text))
    assert name not in words
    assert words.isprintable()
    assert r"env.\x1b[31mxxx" in words
    assert len(words) < 300
