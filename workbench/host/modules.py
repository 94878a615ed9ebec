"""Modules: checked against the contract in words, then compiled."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass, field
from hashlib import sha256

import wasmtime
from wasmtime import FuncType, MemoryType, WasmtimeError

from workbench.host import binary, contract
from workbench.host.contract import Signature
from workbench.host.hidden import hidden_state
from workbench.host.leb import Undecodable
from workbench.host.logger import Logger, logger
from workbench.host.traps import ModuleRefused
from workbench.host.unread import never_read

_MAGIC = b"\0asm"
_CORE, _COMPONENT = b"\1\0\0\0", b"\x0d\0\1\0"
_BUILD_FOR = "build it for wasm32-unknown-unknown"


@dataclass
class Replies:
    """How a module hands out its replies, which its first one shows. `freed`: whether they are freed before they can be
    read; None: not known yet."""

    freed: bool | None = None


@dataclass(frozen=True)
class Module:
    """A checked and compiled module, for any number of guests."""

    name: str
    size: int
    compiled: wasmtime.Module = field(repr=False)
    globals: tuple[str, ...]
    """The names under which its mutable globals are exported: what it does not export itself cannot be reached."""
    hidden: str | None
    """Why its memory and these globals are not all of its state, as a clause: "it changes its table"."""
    syncs: bool
    """Whether it can hand its state over."""
    forgets: bool
    """Whether it does, and is known never to look at the state it is given."""
    logger: Logger | None
    """What its log macros ask, where that can be told."""
    digest: bytes
    """The same for the same wasm."""
    replies: Replies = field(default_factory=Replies, compare=False)


def compile_module(wasm: bytes, name: str, engine: wasmtime.Engine) -> Module:
    """Check `wasm` as the platform would and compile it. `name` is how sentences call it.

    Raises ModuleRefused with everything that is wrong with it. No size is: on the platform's way to a node every gRPC
    server and client sets `max_decoding_message_size(usize::MAX)` in place of tonic's 4 MiB, and tonic 0.13 limits none
    that sends (EDGELESS 1.2, edgeless_api/src/grpc_impl/{outer/controller,outer/orc,outer/agent,inner/*_instance}.rs).
    """
    _check_kind(wasm, name)
    open_wasm, variables = _with_open_globals(wasm)
    try:
        compiled = wasmtime.Module(engine, open_wasm)
    except WasmtimeError as error:
        raise ModuleRefused(f"{name} {_invalid(_fault(engine, wasm) or str(error))}") from error
    wrong_imports = _import_faults(compiled)
    faults = [*wrong_imports, *_export_faults(compiled)]
    if faults:
        refused = ModuleRefused(f"{name} is not an EDGELESS function: {'; '.join(faults)}")
        refused.unsupported_import = bool(wrong_imports)
        raise refused
    syncs = any(wanted.name == "sync_asm" for wanted in compiled.imports)
    hidden = hidden_state(wasm)
    replies = Replies() if hidden is None else Replies(False)  # no guest could be made again to find it out
    return Module(
        name, len(wasm), compiled, variables, hidden, syncs, never_read(wasm), logger(wasm),
        sha256(wasm).digest(), replies,
    )  # fmt: skip


def _with_open_globals(wasm: bytes) -> tuple[bytes, tuple[str, ...]]:
    """The module with its mutable number globals exported, and their names; as it is if it cannot be read.

    Frames keep their files and lines: line tables count from where the code section begins, wherever that is.
    """
    try:
        sections = binary.sections(wasm)
        exports = sections[binary.EXPORTS]
        types = list(binary.global_types(wasm, sections.get(binary.GLOBALS)))
    except (Undecodable, IndexError, KeyError):
        return wasm, ()  # the compiler says what is wrong with it, or else `hidden` does
    prefix = "edgeless_workbench_global_"
    while wasm.find(prefix.encode(), exports.content, exports.end) >= 0:
        prefix += "_"
    names = {
        f"{prefix}{index}": index for index, kind in enumerate(types) if kind.mutable and kind.value in binary.NUMBERS
    }
    return binary.with_exported_globals(wasm, exports, names), tuple(names)


def _fault(engine: wasmtime.Engine, wasm: bytes) -> str | None:
    """What is wrong with the module as it was given, so that offsets are those of the file."""
    try:
        wasmtime.Module.validate(engine, wasm)
    except WasmtimeError as error:
        return str(error)
    return None


def _check_kind(wasm: bytes, name: str) -> None:
    if not wasm:
        raise ModuleRefused(f"{name} is empty; build the function again")
    if not wasm.startswith(_MAGIC):
        if wasm.lstrip().startswith((b"(module", b"(component", b";;")):
            raise ModuleRefused(
                f"{name} is WebAssembly text; the platform takes the binary format only: convert it with wat2wasm"
            )
        if _MAGIC.startswith(wasm):
            raise ModuleRefused(f"{name} is cut off after {len(wasm)} bytes; build the function again")
        raise ModuleRefused(f"{name} is not a WebAssembly module (it does not start with \\0asm)")
    version = wasm[4:8]
    if version == _COMPONENT:
        raise ModuleRefused(f"{name} is a WebAssembly component; the platform takes core modules only: {_BUILD_FOR}")
    if len(version) < 4:
        raise ModuleRefused(f"{name} is cut off after {len(wasm)} bytes; build the function again")
    if version != _CORE:
        raise ModuleRefused(f"{name} has a WebAssembly version the platform does not know: {version.hex(' ')}")


def _invalid(text: str) -> str:
    """wasmtime's validation error as the end of a sentence."""
    place = re.search(r"at offset (0x[0-9a-f]+)", text)
    where = f" (at offset {int(place[1], 16):,})" if place else ""
    cause = re.sub(r"\s*\(at offset 0x[0-9a-f]+\)", "", text.strip().splitlines()[-1])
    cause = re.sub(r"^\s*\d+: ", "", cause).strip()
    if "unexpected end" in cause or "extends past end" in cause or "out of bounds" in cause:
        return f"is cut off or damaged{where}: {cause}; build the function again"
    if re.search(
        r"not enabled|not supported|support is not|requires the|must have the|(must|to) be enabled|disabled|disallowed",
        cause,
    ):
        return f"uses a wasm feature that the platform's wasmtime 18 does not have{where}: {cause}"
    return f"is not valid WebAssembly{where}: {cause}"


def _import_faults(module: wasmtime.Module) -> list[str]:
    faults = []
    for wanted in module.imports:
        name = f"{wanted.module}.{wanted.name}"
        known = contract.IMPORTS.get(wanted.name or "") if wanted.module == contract.IMPORT_MODULE else None
        if known is None:
            faults.append(
                f"it imports {name}, which the platform does not have{_hint(wanted.module, wanted.name or '')}"
            )
        elif not isinstance(wanted.type, FuncType):
            faults.append(f"it imports {name} as something else than a function")
        elif _signature(wanted.type) != known:
            faults.append(
                f"it imports {name} as {_words(_signature(wanted.type))}, but the platform has {_words(known)}"
            )
    return faults


def _hint(module: str, name: str) -> str:
    if module.startswith("wasi"):
        return f" (it was built for WASI: {_BUILD_FOR})"
    if "wbindgen" in module or "wbindgen" in name:
        return " (a dependency was built for browsers; look for a feature named js or wasm-bindgen and switch it off)"
    near = difflib.get_close_matches(name, contract.IMPORTS, 1)
    return f' (did you mean "{near[0]}"?)' if near else ""


def _export_faults(module: wasmtime.Module) -> list[str]:
    exports = {export.name: export.type for export in module.exports}
    faults = []
    memory = exports.get(contract.MEMORY)
    if not isinstance(memory, MemoryType):
        faults.append("it does not export its memory under the name memory")
    elif memory.is_shared:
        faults.append(
            "its memory is shared between threads, and the platform finds none in it: build it without atomics"
        )
    missing = [name for name in contract.EXPORTS if name not in exports]
    if missing:
        faults.append(f"it does not export {', '.join(missing)} (is `edgeless_function::export!` called?)")
    for name, known in contract.EXPORTS.items():
        given = exports.get(name)
        if given is None:
            continue
        if not isinstance(given, FuncType):
            faults.append(f"it exports {name} as something else than a function")
        elif _signature(given) != known:
            faults.append(f"it exports {name} as {_words(_signature(given))}, but the platform calls {_words(known)}")
    return faults


def _signature(kind: FuncType) -> Signature:
    return tuple(str(t) for t in kind.params), tuple(str(t) for t in kind.results)


def _words(signature: Signature) -> str:
    params, results = signature
    return f"({', '.join(params)}) -> {', '.join(results) or 'nothing'}"
