"""Instructions are told apart: each is followed by another that would be misread if the first ended elsewhere."""

from __future__ import annotations

import pytest
from wasmtime import wat2wasm

from workbench.host import binary, instructions
from workbench.host.instructions import END
from workbench.host.leb import Undecodable

TEXTS = """
unreachable
nop
return
call 0
call_indirect 1 (type 0)
call_ref 0
drop
select
select (result i64)
select (result (ref null 0) (ref func))
local.get 38
local.set 300
local.tee 0
global.get 0
global.set 200
table.get 1
table.set 1
i32.load offset=38
i64.store32 1 offset=0x26000000 align=1
memory.size
memory.grow 1
i32.const -2147483648
i64.const 0x7fffffffffffffff
f32.const nan:0x262626
f64.const -0x1.2626p+38
i32.eqz
i64.extend32_s
ref.null func
ref.null extern
ref.is_null
ref.func 200
ref.as_non_null
br_on_null 0
br_on_non_null 0
br 0
br_if 0
br_table 0 0 0 0
i32.trunc_sat_f32_s
i64.trunc_sat_f64_u
memory.init 0
memory.init 1 0
data.drop 38
memory.copy 1 0
memory.fill
table.init 1 0
elem.drop 0
table.copy 1 0
table.grow 1
table.size 1
table.fill 1
v128.load offset=38
v128.load64_splat
v128.store 1 align=1
v128.const i64x2 0x2626262626262626 0xfcfcfcfcfcfcfcfc
i8x16.shuffle 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 31
i8x16.swizzle
f64x2.splat
i8x16.extract_lane_s 11
f64x2.replace_lane 1
i8x16.eq
v128.bitselect
v128.any_true
v128.load8_lane 11
v128.store64_lane 1 offset=300 1
v128.load32_zero
v128.load64_zero offset=11
f32x4.demote_f64x2_zero
i64x2.extmul_high_i32x4_u
f64x2.convert_low_i32x4_u
i8x16.relaxed_swizzle
i32x4.relaxed_dot_i8x16_i7x16_add_s
memory.atomic.notify offset=11
memory.atomic.wait64
atomic.fence
i32.atomic.load
i64.atomic.rmw32.cmpxchg_u 1 offset=300
"""

MODULE = """(module (type (func)) (memory 1) (memory 1) (table 1 funcref) (table 1 funcref)
(elem func) (elem func) (data "") (data "")
(func (local i32 (ref null 0) v128 i32) {text} (drop (i32.const 0x0b26))))"""


def opcodes(text: str) -> list[int]:
    wasm = bytes(wat2wasm(MODULE.format(text=text)))
    ((at, end),) = binary.bodies(wasm, binary.sections(wasm)[binary.CODE])
    found = list(instructions.instructions(wasm, binary.after_locals(wasm, at), end))
    assert found[-1][1] == end
    return [opcode for opcode, _ in found]


@pytest.mark.parametrize("text", TEXTS.strip().splitlines())
def test_an_instruction_ends_where_the_next_begins(text: str) -> None:
    (_, *others) = opcodes(text)
    assert others == opcodes("")


def test_blocks_have_types_of_every_shape() -> None:
    text = (
        "block loop (result i32) if (type 0) else end end block (result (ref null 0)) end block (result v128) end end"
    )
    assert opcodes(text) == [2, 3, 4, 5, END, END, 2, END, 2, END, END, *opcodes("")]


@pytest.mark.parametrize(
    "code",
    [b"\x12\x00", b"\x15\x00", b"\x1f\x40\x00", b"\xc5", b"\xd3", b"\xfb\x00", b"\xfc\x12", b"\xfd\x94\x02", b"\xff"],
)
def test_what_the_platform_lacks_is_unknown(code: bytes) -> None:
    with pytest.raises(Undecodable, match="has the instruction 0x"):
        list(instructions.instructions(code, 0, len(code)))
