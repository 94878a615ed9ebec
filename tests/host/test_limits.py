"""The memory limit counts all memories and tables of an instance together, at first and as they grow."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from wasmtime import wat2wasm

from tests.host.hosting import OWN, did, settle, start
from tests.host.test_modules import function_text
from workbench.host.engine import Host
from workbench.host.guest import Guest
from workbench.host.limits import ELEMENT, Sizes, shares
from workbench.host.traps import ModuleRefused

MIB = 1 << 20
LOG = '(import "env" "telemetry_log_asm" (func $log (param i32 i32 i32 i32 i32)))'


def pages(name: str) -> str:
    return f"(call $log (memory.size ${name}) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0))"


def elements(name: str) -> str:
    return f"(call $log (table.size ${name}) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0))"


def told(host: Host, text: str, limit: int) -> list[int]:
    """What a guest logs as levels in its `handle_stop`."""
    module = host.load(bytes(wat2wasm(text.replace("(module ", "(module " + LOG, 1))), "it.wasm")
    guest = start(host, module, memory_limit=limit)
    guest.stop()
    settle(guest)
    assert guest.trap is None
    numbers = [number for _, number, _, _ in did(guest)]
    guest.kill()
    return numbers


def grow_memory(name: str, by: int = 16) -> str:
    return f"(loop $l (br_if $l (i32.ne (memory.grow ${name} (i32.const {by})) (i32.const -1))))"


def grow_table(name: str, null: str = "func", by: int = 65536) -> str:
    return f"(loop $l (br_if $l (i32.ne (table.grow ${name} (ref.null {null}) (i32.const {by})) (i32.const -1))))"


def stopping(declared: str, body: str, memory: str = '(memory $m (export "memory") 1)') -> str:
    own = f'{declared} (func (export "handle_stop_asm") {body})'
    return function_text(own, without=("handle_stop_asm",), memory=memory)


def test_one_memory_gets_all_of_it(host: Host) -> None:
    (size,) = told(host, stopping("", grow_memory("m", 1) + pages("m")), 64 * MIB)
    assert size == 64 * MIB // 65536


def test_a_table_that_grows_stays_within_it_with_the_memory(host: Host) -> None:
    body = grow_table("t") + grow_memory("m") + pages("m") + elements("t")
    memory, table = told(host, stopping("(table $t 1 funcref)", body), 64 * MIB)
    assert 60 * MIB < memory * 65536 + table * ELEMENT <= 64 * MIB


def test_many_memories_stay_within_it_together(host: Host) -> None:
    names = [f"m{n}" for n in range(20)]
    declared = "".join(f"(memory ${name} 1)" for name in names)
    body = "".join(map(grow_memory, names)) + "".join(map(pages, ["m", *names]))
    found = told(host, stopping(declared, body), 64 * MIB)
    assert 40 * MIB < sum(found) * 65536 <= 64 * MIB


def test_many_tables_stay_within_it_together(host: Host) -> None:
    names = [f"t{n}" for n in range(20)]
    declared = "".join(f"(table ${name} 1 externref)" for name in names)
    body = "".join(grow_table(name, "extern", 4096) for name in names) + "".join(map(elements, names))
    found = told(host, stopping(declared, body), 64 * MIB)
    assert 20 * MIB < sum(found) * ELEMENT <= 64 * MIB


@pytest.mark.parametrize(
    ("declared", "needed"),
    [
        ("(memory 1024)", "64.06"),
        ("(table 5000000 funcref)", "76.36"),
        ("(memory 500) (memory 500) (table 1000000 funcref)", "77.82"),
    ],
)
def test_what_an_instance_has_at_first_counts_in_words(host: Host, declared: str, needed: str) -> None:
    module = host.load(bytes(wat2wasm(function_text(declared))), "it.wasm")
    with pytest.raises(ModuleRefused) as refused:
        Guest(host, module, OWN, lambda _: True, 64 * MIB)
    assert refused.value.message == (
        f"it.wasm needs {needed} MiB for its memories and tables, and an instance may have 64 MiB:"
        " raise `memory` under [limits] in workbench.toml, or pass --limit-memory"
    )
    Guest(host, module, OWN, lambda _: True, 80 * MIB).kill()


RANGES = st.lists(st.tuples(st.integers(0, 1000), st.integers(0, 3000)), max_size=5).map(
    lambda found: tuple((least, least + more) for least, more in found)
)


@given(RANGES, RANGES, st.integers(0, 20_000))
def test_shares_never_come_to_more_than_the_limit(
    memories: tuple[tuple[int, int], ...], tables: tuple[tuple[int, int], ...], room: int
) -> None:
    sizes = Sizes(memories, tables)
    found = shares(sizes, sizes.first + room)
    assert (
        sum(max(least, min(most, found.memory_bytes)) for least, most in memories)
        + sum(max(least, min(most, found.table_elements * ELEMENT)) for least, most in tables)
        <= sizes.first + room
    )
    if not tables and memories and sum(most for _, most in memories) <= room:
        assert all(most <= found.memory_bytes for _, most in memories)
