"""Small functions in WebAssembly text, for what Rust's compiler would not make."""

from __future__ import annotations

import wasmtime

EXPORTS = {
    "edgeless_mem_alloc": "(param i32) (result i32) i32.const 1024",
    "edgeless_mem_free": "(param i32 i32)",
    "edgeless_mem_clear": "",
    "handle_init_asm": "(param i32 i32 i32 i32)",
    "handle_cast_asm": "(param i32 i32 i32 i32)",
    "handle_call_asm": "(param i32 i32 i32 i32 i32 i32) (result i32) i32.const 0",
    "handle_stop_asm": "",
}

MEMORY = '(memory (export "memory") 1)'

IMPORTS = """
(import "env" "cast_asm" (func $cast (param i32 i32 i32 i32)))
(import "env" "call_asm" (func $call (param i32 i32 i32 i32 i32 i32) (result i32)))
(import "env" "telemetry_log_asm" (func $log (param i32 i32 i32 i32 i32)))
"""

TEXTS = '(data (i32.const 0) "self") (data (i32.const 16) "stopped") (data (i32.const 32) "out")'

TO_SELF = "(call $cast (i32.const 0) (i32.const 4) (i32.const 0) (i32.const 0))"
SAY_STOPPED = "(call $log (i32.const 3) (i32.const 16) (i32.const 7) (i32.const 16) (i32.const 7))"
FOR_EVER = "(loop (br 0))"


def times(number: int, what: str) -> str:
    """`what`, so often; needs the local `$i`."""
    step = "(local.tee $i (i32.add (local.get $i) (i32.const 1)))"
    return f"(local.set $i (i32.const 0)) (loop {what} (br_if 0 (i32.lt_u {step} (i32.const {number}))))"


def module(more: str = "", memory: str = MEMORY, **handlers: str) -> bytes:
    """A function that does nothing but what `handlers` say, such as `cast=FOR_EVER`, with `more` in its module."""
    told = {f"handle_{name}_asm": f"(local $i i32) {code}" for name, code in handlers.items()}
    exports = " ".join(f'(func (export "{name}") {code} {told.get(name, "")})' for name, code in EXPORTS.items())
    imports, texts = (IMPORTS, TEXTS) if handlers else ("", "")
    return bytes(wasmtime.wat2wasm(f"(module {imports} {more} {memory} {texts} {exports})"))


def slow_to_compile(blocks: int = 60_000, variables: int = 200) -> bytes:
    """A module with one function that the compiler works on for seconds, in proportion to `blocks`."""
    code = []
    for number in range(blocks):
        first, second, third = (f"(local.get {place % variables})" for place in (number, 7 * number, 13 * number))
        value = f"(i32.add {first} (i32.mul {second} {third}))"
        code.append(f"(block (br_if 0 (i32.lt_s {first} {second})) (local.set {13 * number % variables} {value}))")
    return module(f"(func (local {'i32 ' * variables}) {' '.join(code)})")
