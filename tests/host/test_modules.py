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
    ],
)
@pytest.mark.conformance("1.1-features")
def test_features_of_the_platform_are_accepted(host: Host, extra: str) -> None:
    host.load(bytes(wat2wasm(function_text(extra))), "it.wasm")


@pytest.mark.parametrize(("body", "words"), [("(unreachable)", "cannot be started"), ("(loop $l (br $l))", "for ever")])
def test_a_start_function_that_fails_is_refused(host: Host, body: str, words: str) -> None:
    module = host.load(bytes(wat2wasm(function_text(f"(func $s {body}) (start $s)"))), "it.wasm")
    with pytest.raises(ModuleRefused, match=words):
        Guest(host, module, OWN, lambda alias: True)
