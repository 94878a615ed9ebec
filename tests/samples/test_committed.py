"""The wasm that comes with the samples: small, within the contract, and what their sources still say."""

from __future__ import annotations

from pathlib import Path

import pytest
from wasmtime import FuncType, Module, Trap

from tests.guests.build import ROOT, SAMPLES, wasm
from tests.guests.plain_host import ENGINE, REPLY, Effect, PlainHost
from tests.samples.rebuild import NAMES

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


# What is done to an instance, a step a line: `init`, `state` (an init with that state), `cast`, `call`, `stop`.
SCRIPTS = {
    "average": ["init window=2", "cast 1", "cast 2", "cast 4", "cast warm", "stop"],
    "counter": ['state {"count":5}', "cast x", "cast -3", "call", "cast reset", "stop"],
    "example": ['state {"count":5}', "cast hello", "call hello", "stop"],
    "filter": ["init min=1,max=2", "cast 1.5", "cast 0", "cast 3", "cast x", "stop"],
    "ping": ["init", "cast wakeup", "cast ping", "cast x", "call", "stop"],
    "pong": ["init", "cast x", "call ping 7", "stop"],
    "risky": ["init stop=panic", "cast unknown-alias", "call x", "cast flood", "stop"],
    "sensor": ["init period=10,min=0,max=1,seed=3", "cast read", "cast read", "stop"],
    "ticker": ["init period=10", "cast beat", "cast x", "call", "stop"],
}


def played(name: str, wasm: Path) -> list[Effect]:
    """Everything that an instance lets the host see while its script is played."""
    host = PlainHost(wasm)
    host.answers["pong"] = REPLY, b"pong"
    for step in SCRIPTS[name]:
        verb, _, text = step.partition(" ")
        payload = text.encode()
        try:
            match verb:
                case "init":
                    host.init(payload)
                case "state":
                    host.init(None, payload)
                case "cast":
                    host.cast(payload)
                case "call":
                    host.effects.append(host.call(payload))
                case "stop":
                    host.stop()
        except Trap as trap:
            host.effects.append((str(trap.trap_code),))
    return host.effects


@pytest.mark.parametrize("name", NAMES)
def test_it_is_small(name: str) -> None:
    assert (SAMPLES / name / f"{name}.wasm").stat().st_size < 100_000


@pytest.mark.parametrize("name", NAMES)
def test_it_keeps_the_contract(name: str) -> None:
    module = Module.from_file(ENGINE, str(SAMPLES / name / f"{name}.wasm"))
    for wanted in module.imports:
        assert wanted.module == "env"
        assert signature(wanted.type) == IMPORTS[wanted.name or ""]
    exports = {export.name: export.type for export in module.exports}
    assert "memory" in exports
    assert {name: signature(exports[name]) for name in EXPORTS} == EXPORTS
    assert exports.keys() - EXPORTS.keys() <= {"memory", "__data_end", "__heap_base"}


@pytest.mark.parametrize("name", NAMES)
def test_it_does_what_its_source_says(name: str) -> None:
    assert played(name, SAMPLES / name / f"{name}.wasm") == played(name, wasm(name, "release"))


@pytest.mark.parametrize("name", NAMES)
def test_it_tells_nothing_of_the_machine_it_was_built_on(name: str) -> None:
    code = (SAMPLES / name / f"{name}.wasm").read_bytes()
    assert not [word for word in (b"/.cargo/", b"/home/", b"/root/", str(ROOT).encode()) if word in code]
