"""The wasm that comes with the samples: small, within the contract, and what their sources still say."""

from __future__ import annotations

import pytest
from wasmtime import FuncType, Module

from tests.guests.build import ROOT, wasm
from tests.guests.plain_host import ENGINE
from tests.samples.rebuild import NAMES, committed
from tests.samples.scripts import played, played_by_the_workbench

IMPORTS = {
    "cast_asm": "i32 i32 i32 i32",
    "cast_raw_asm": "i32 i32 i32 i32",
    "call_asm": "i32 i32 i32 i32 i32 i32 -> i32",
    "call_raw_asm": "i32 i32 i32 i32 i32 i32 -> i32",
    "delayed_cast_asm": "i64 i32 i32 i32 i32",
    "telemetry_log_asm": "i32 i32 i32 i32 i32",
    "slf_asm": "i32 i32",
    "sync_asm": "i32 i32",
}
EXPORTS = {
    "edgeless_mem_alloc": "i32 -> i32",
    "edgeless_mem_free": "i32 i32",
    "edgeless_mem_clear": "",
    "handle_init_asm": "i32 i32 i32 i32",
    "handle_cast_asm": "i32 i32 i32 i32",
    "handle_call_asm": "i32 i32 i32 i32 i32 i32 -> i32",
    "handle_stop_asm": "",
}


def signature(kind: object) -> str:
    assert isinstance(kind, FuncType)
    parameters, results = (" ".join(map(str, types)) for types in (kind.params, kind.results))
    return f"{parameters} -> {results}" if results else parameters


@pytest.mark.parametrize("name", NAMES)
def test_it_is_small(name: str) -> None:
    assert committed(name).stat().st_size < 100_000


@pytest.mark.parametrize("name", NAMES)
def test_it_keeps_the_contract(name: str) -> None:
    module = Module.from_file(ENGINE, str(committed(name)))
    for wanted in module.imports:
        assert wanted.module == "env"
        assert signature(wanted.type) == IMPORTS[wanted.name or ""]
    exports = {export.name: export.type for export in module.exports}
    assert "memory" in exports
    assert {name: signature(exports[name]) for name in EXPORTS} == EXPORTS
    assert exports.keys() - EXPORTS.keys() <= {"memory", "__data_end", "__heap_base"}


@pytest.mark.parametrize("name", NAMES)
def test_it_does_what_its_source_says(name: str) -> None:
    assert played(name, committed(name)) == played(name, wasm(name, "release"))


@pytest.mark.parametrize("name", NAMES)
def test_it_does_the_same_on_the_workbench(name: str) -> None:
    assert played_by_the_workbench(name, committed(name)) == played(name, committed(name))


@pytest.mark.parametrize("name", NAMES)
def test_it_tells_nothing_of_the_machine_it_was_built_on(name: str) -> None:
    code = committed(name).read_bytes()
    assert not [word for word in (b"/.cargo/", b"/home/", b"/root/", str(ROOT).encode()) if word in code]
