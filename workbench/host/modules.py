"""Modules: checked against the contract in words, then compiled."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import islice

import wasmtime
from wasmtime import WasmtimeError

from workbench.host import contract, limits, room
from workbench.host.contract import Signature
from workbench.host.declarations import FUNCTION, MEMORY, Declarations, Import, declarations, has_stack, signature
from workbench.host.hidden import grows_tables, hidden_state
from workbench.host.leb import Undecodable
from workbench.host.limits import Sizes
from workbench.host.logger import Logger, logger
from workbench.host.opening import Opened, opened
from workbench.host.symbols import bounded
from workbench.host.traps import ModuleRefused
from workbench.host.unavailable import unavailable_feature
from workbench.host.unread import never_read, syncs

_MAGIC = b"\0asm"
_CORE, _COMPONENT = b"\1\0\0\0", b"\x0d\0\1\0"
_BUILD_FOR = "build it for wasm32-unknown-unknown"

_FEATURE = re.compile(
    r"not enabled|not supported|support is not|requires? the|feature required|must have the|(must|to) be enabled"
    r"|disabled|disallowed"
)
"""How wasmtime says that a feature is switched off."""

_MOST_FAULTS = 12
"""How many faults one sentence names; a module can have a million."""
_LONGEST_NAME = 80
_LONGEST_CAUSE = 300


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
    start: str | None
    """The name under which its start function is exported, if it has one."""
    sizes: Sizes
    """What its memories and tables take."""
    has_stack: bool
    """Whether its first global may point into a stack of its own, which compilers keep in linear memory."""
    hidden: str | None
    """Why its memory and these globals are not all of its state, as a clause: "it changes its table"."""
    syncs: bool
    """Whether its code hands state over."""
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
    declared, unreadable = _declared(wasm)
    open_wasm = opened(wasm, declared) if declared is not None else Opened(wasm)
    try:
        compiled = wasmtime.Module(engine, _named_in_bounds(open_wasm.wasm))
    except WasmtimeError as error:
        fault = _fault(engine, wasm)
        if fault is None and room.means_no_room(str(error)):
            raise ModuleRefused(f"{name} cannot be compiled: {room.shortage()}") from error
        raise ModuleRefused(f"{name} {_invalid(fault or str(error) or 'it cannot be compiled')}") from error
    if declared is None:
        raise ModuleRefused(f"{name} cannot be read: it {unreadable}")
    _check_features(wasm, name, declared)
    wrong_imports = list(islice(_import_faults(declared), _MOST_FAULTS + 1))
    faults = [*wrong_imports, *_export_faults(declared)]
    if faults:
        if len(faults) > _MOST_FAULTS:
            faults[_MOST_FAULTS:] = ["and more"]
        refused = ModuleRefused(f"{name} is not an EDGELESS function: {'; '.join(faults)}")
        refused.unsupported_import = bool(wrong_imports)
        raise refused
    hidden = hidden_state(wasm)
    return Module(
        name=name,
        size=len(wasm),
        compiled=compiled,
        globals=open_wasm.globals,
        start=open_wasm.start,
        sizes=limits.sizes(declared, grows_tables(wasm, declared)),
        has_stack=has_stack(wasm, declared),
        hidden=hidden,
        syncs=syncs(wasm),
        forgets=never_read(wasm),
        logger=logger(wasm),
        digest=sha256(wasm).digest(),
        replies=Replies() if hidden is None else Replies(False),  # no guest could be made again to find it out
    )


def _named_in_bounds(wasm: bytes) -> bytes:
    """`wasm` with names that can be shown."""
    try:
        return bounded(wasm)
    except (Undecodable, IndexError):
        return wasm  # the compiler says what is wrong with it


def _declared(wasm: bytes) -> tuple[Declarations | None, str]:
    """What it declares, or why that cannot be read, to follow "it"; the compiler may say more exactly what is wrong."""
    try:
        return declarations(wasm), ""
    except Undecodable as error:
        return None, str(error)
    except IndexError:
        return None, "is cut off"


def _check_features(wasm: bytes, name: str, declared: Declarations) -> None:
    try:
        found = unavailable_feature(wasm, declared)
    except (Undecodable, IndexError) as error:
        raise ModuleRefused(f"{name} cannot be read: it {error}") from error
    if found is not None:
        feature, at = found
        raise ModuleRefused(
            f"{name} uses a wasm feature that the platform's wasmtime 18 does not have (at offset {at:,}): {feature};"
            f" build it with `-C target-feature=-{feature}`"
        )


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
    text = text if len(text) <= 2 * _LONGEST_CAUSE else text[:_LONGEST_CAUSE] + " … " + text[-_LONGEST_CAUSE:]
    place = re.search(r"at offset (0x[0-9a-f]+)", text)
    where = f" (at offset {int(place[1], 16):,})" if place else ""
    cause = re.sub(r"\s*\(at offset 0x[0-9a-f]+\)", "", text.strip().splitlines()[-1])
    cause = _printable(re.sub(r"^\s*\d+: ", "", cause).strip())
    if "unexpected end" in cause or "extends past end" in cause or "out of bounds" in cause:
        return f"is cut off or damaged{where}: {cause}; build the function again"
    if _FEATURE.search(cause):
        return f"uses a wasm feature that the platform's wasmtime 18 does not have{where}: {cause}"
    return f"is not valid WebAssembly{where}: {cause}"


def _import_faults(declared: Declarations) -> Iterator[str]:
    for wanted in declared.imports:
        name = f"{_shown(wanted.module)}.{_shown(wanted.name)}"
        known = contract.IMPORTS.get(wanted.name) if wanted.module == contract.IMPORT_MODULE else None
        if known is None:
            yield f"it imports {name}, which the platform does not have{_hint(wanted.module, wanted.name)}"
        elif not isinstance(wanted.declared, int):
            yield f"it imports {name} as something else than a function"
        elif _type(declared, wanted) != known:
            yield f"it imports {name} as {_words(_type(declared, wanted))}, but the platform has {_words(known)}"


def _type(declared: Declarations, wanted: Import) -> Signature:
    assert isinstance(wanted.declared, int)
    return declared.types[wanted.declared]


def _hint(module: str, name: str) -> str:
    if module.startswith("wasi"):
        return f" (it was built for WASI: {_BUILD_FOR})"
    if "wbindgen" in module or "wbindgen" in name:
        return " (a dependency was built for browsers; look for a feature named js or wasm-bindgen and switch it off)"
    near = difflib.get_close_matches(name[:_LONGEST_NAME], contract.IMPORTS, 1)
    return f' (did you mean "{near[0]}"?)' if near else ""


def _export_faults(declared: Declarations) -> Iterator[str]:
    exports = declared.exports
    memory = exports.get(contract.MEMORY)
    if memory is None or memory.kind != MEMORY:
        yield "it does not export its memory under the name memory"
    elif declared.memories[memory.index].shared:
        yield "its memory is shared between threads, and the platform finds none in it: build it without atomics"
    elif any(each.shared for each in declared.memories):
        yield "a memory of it is shared between threads, in which it could halt all others: build it without atomics"
    missing = [name for name in contract.EXPORTS if name not in exports]
    if missing:
        yield f"it does not export {', '.join(missing)} (is `edgeless_function::export!` called?)"
    for name, known in contract.EXPORTS.items():
        given = exports.get(name)
        if given is None:
            continue
        if given.kind != FUNCTION:
            yield f"it exports {name} as something else than a function"
        elif (own := signature(declared, given.index)) != known:
            yield f"it exports {name} as {_words(own)}, but the platform calls {_words(known)}"


def _words(signature: Signature) -> str:
    params, results = signature
    return f"({_list(params)}) -> {_list(results) or 'nothing'}"


def _list(types: tuple[str, ...]) -> str:
    more = len(types) - _MOST_FAULTS
    return ", ".join(types[:_MOST_FAULTS]) + (f" and {more:,} more" if more > 0 else "")


def _shown(name: str) -> str:
    """A name that a module chose, fit for a sentence."""
    return _printable(name if len(name) <= _LONGEST_NAME else name[:_LONGEST_NAME] + "…")


def _printable(text: str) -> str:
    return "".join(each if each.isprintable() else ascii(each)[1:-1] for each in text)
