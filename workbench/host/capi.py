"""wasmtime's C API, for what wasmtime-py's own classes cannot do, or only slowly.

A `Fiber` is one long-lived wasm call that is polled: it runs until it suspends itself, ends, or uses up its time slice.
Every use of `wasmtime._bindings` stands in this file; it follows wasmtime 50's headers, hence the pinned version.

Whatever is handed to wasmtime by pointer (function, arguments, trap and error slots, callbacks) is read again at every
poll, so it lives as long as the object that handed it over.
"""

from __future__ import annotations

import ctypes
import os
from collections.abc import Callable
from ctypes import POINTER, byref
from functools import cache
from typing import TYPE_CHECKING, Any

from wasmtime import (
    Config,
    Engine,
    Func,
    FuncType,
    Global,
    Instance,
    Linker,
    Memory,
    Module,
    Store,
    Trap,
    ValType,
    WasmtimeError,
)
from wasmtime import _bindings as c
from wasmtime._extern import wrap_extern

if TYPE_CHECKING:
    from wasmtime._exportable import AsExtern

_FINALIZER = ctypes.CFUNCTYPE(None, ctypes.c_void_p)
_NO_FINALIZER = ctypes.cast(0, _FINALIZER)
_SINGLE_PASS = 1  # the C header counts from 0, wasmtime-py's enum from 1
_poll = c._wasmtime_call_future_poll


_LOG = "RUST_LOG"


@cache
def _silence_wasmtime() -> None:
    """Have wasmtime log nothing, whatever the environment says, which others read: it would write over the screen.

    Its C API sets up `env_logger` with the first engine of a process, by that variable, and never again
    (wasmtime, crates/c-api/src/engine.rs). Not done on import, as an engine also handles signals from then on, which
    somebody else's handler must not replace.
    """
    given = os.environ.get(_LOG)
    os.environ[_LOG] = "off"
    try:
        Engine()
    finally:
        if given is None:
            del os.environ[_LOG]
        else:
            os.environ[_LOG] = given


class Features:
    """The wasm features of the platform's wasmtime 18 (its defaults), as EDGELESS 1.2 configures it."""

    ON = (
        "simd",
        "relaxed_simd",
        "bulk_memory",
        "multi_value",
        "multi_memory",
        "reference_types",
        "function_references",
        "threads",
    )
    OFF = ("tail_call", "memory64", "gc", "exceptions", "wide_arithmetic", "custom_page_sizes", "stack_switching")


def _configure(config: Config) -> None:
    """Switch the platform's features on and all later ones off."""
    pointer = config.ptr()
    for name in Features.ON:
        getattr(c, f"wasmtime_config_wasm_{name}_set")(pointer, True)
    for name in Features.OFF:
        getattr(c, f"wasmtime_config_wasm_{name}_set")(pointer, False)


class Waits:
    """The asynchronous host functions of one fiber: each suspends it and tells which one did.

    `on_wait(name)` is called when the guest starts to wait. The next poll after `go_on()` lets it continue.
    """

    def __init__(self, linker: Linker, module: str, names: tuple[str, ...], on_wait: Callable[[str], None]) -> None:
        # The continuation is libc's strlen: it reads the flag below as a C string, so its result is 0 (still waiting)
        # or 1 (go on). A Python function in its place is called twice per event: measured, 1.6 us of 6.
        self._flag = ctypes.create_string_buffer(2)
        self._ready = c.wasmtime_func_async_continuation_callback_t(
            ctypes.cast(_libc.strlen, ctypes.c_void_p).value or 0
        )
        self._env = ctypes.cast(self._flag, ctypes.c_void_p)
        self._callbacks = [self._define(linker, module, name, on_wait) for name in names]

    def _define(self, linker: Linker, module: str, name: str, on_wait: Callable[[str], None]) -> Any:
        flag, ready, env = self._flag, self._ready, self._env

        def suspend(
            _env: Any, _caller: Any, _args: Any, _nargs: Any, _results: Any, _nresults: Any, _trap: Any, then: Any
        ) -> None:
            flag[0] = b"\0"
            continuation = then[0]
            continuation.callback, continuation.env, continuation.finalizer = ready, env, _NO_FINALIZER
            on_wait(name)

        callback = c.wasmtime_func_async_callback_t(suspend)
        kind = FuncType([], [])
        error = c.wasmtime_linker_define_async_func(
            linker.ptr(),
            module.encode(),
            len(module),
            name.encode(),
            len(name),
            kind.ptr(),
            callback,
            None,
            _NO_FINALIZER,
        )
        if error:
            raise WasmtimeError._from_ptr(error)
        return callback

    def go_on(self) -> None:
        """Let the guest continue at the next poll."""
        self._flag[0] = b"\1"


_libc = ctypes.CDLL(None)


class Services:
    """Plain host functions of `i32` parameters, which come unsigned, and at most one `i32` result, for as long as this
    object lives.

    Measured: 2 us a call, against 11 us through wasmtime-py's own wrapper. What a function raises is a trap.
    """

    def __init__(self, linker: Linker, module: str) -> None:
        self._linker, self._module = linker, module
        self._callbacks: list[Any] = []

    def define(self, name: str, parameters: int, function: Callable[..., int | None], answers: bool = False) -> None:
        """Let `function` be `name`; if it `answers`, it has a result."""
        kind = FuncType([ValType.i32()] * parameters, [ValType.i32()] if answers else [])
        places = range(parameters)

        def serve(_env: Any, _caller: Any, values: Any, _count: Any) -> int:
            try:
                result = function(*[values[place].i32 & 0xFFFFFFFF for place in places])
            except Exception as error:
                words = str(error) or "this machine has no memory left for what it sends"  # as a MemoryError is
                return ctypes.cast(Trap(words)._consume(), ctypes.c_void_p).value or 0
            if answers:
                values[0].i32 = result
            return 0

        callback = c.wasmtime_func_unchecked_callback_t(serve)
        self._callbacks.append(callback)
        module = self._module
        error = c.wasmtime_linker_define_func_unchecked(
            self._linker.ptr(), module.encode(), len(module), name.encode(), len(name), kind.ptr(),
            callback, None, _NO_FINALIZER,
        )  # fmt: skip
        if error:
            raise WasmtimeError._from_ptr(error)


class Fiber:
    """One wasm function of no parameters and no results, running as a fiber.

    `poll` runs it until it suspends itself or its slice (one epoch) ends; True when it has ended.
    """

    def __init__(self, store: Store, function: Func) -> None:
        self._function = function
        self._values = (c.wasmtime_val_t * 1)()
        self._trap = POINTER(c.wasm_trap_t)()
        self._error = POINTER(c.wasmtime_error_t)()
        self._future = c.wasmtime_func_call_async(
            store._context(),
            byref(function._func),
            self._values,
            0,
            self._values,
            0,
            byref(self._trap),
            byref(self._error),
        )
        self._open = True

    def poll(self) -> bool:
        """True when the function has ended, by a trap or otherwise; `failure` then says how."""
        return bool(_poll(self._future))

    def failure(self) -> Trap | WasmtimeError | None:
        """What ended it; to be asked once, after `poll` said it has ended."""
        if self._trap:
            return Trap._from_ptr(self._trap)
        if self._error:
            return WasmtimeError._from_ptr(self._error)
        return None

    def drop(self) -> None:
        """End it wherever it is; harmless when done twice."""
        if self._open:
            self._open = False
            c.wasmtime_call_future_delete(self._future)


def yield_at_epochs(store: Store) -> None:
    """Make every epoch tick suspend what runs in `store`, so that one thread shares its time among all guests."""
    store.set_epoch_deadline(1)
    c.wasmtime_context_epoch_deadline_async_yield_and_update(store._context(), 1)


def instantiate(store: Store, linker: Linker, module: Module) -> Instance:
    """Instantiate, in a store whose calls are asynchronous, a module that has no start function.

    Raises Trap where its data or elements do not fit its memory or table, else WasmtimeError.
    """
    instance = c.wasmtime_instance_t()
    trap, error = POINTER(c.wasm_trap_t)(), POINTER(c.wasmtime_error_t)()
    future = c.wasmtime_linker_instantiate_async(
        linker.ptr(), store._context(), module.ptr(), byref(instance), byref(trap), byref(error)
    )
    while not _poll(future):
        pass
    c.wasmtime_call_future_delete(future)
    if trap:
        raise Trap._from_ptr(trap)
    if error:
        raise WasmtimeError._from_ptr(error)
    return Instance._from_raw(instance)


def exported(store: Store, instance: Instance, name: str) -> AsExtern:
    """What `instance` exports under `name`, found at once: wasmtime-py lists all exports, in quadratic time. Raises
    KeyError where there is none."""
    found = c.wasmtime_extern_t()
    text = name.encode()
    if not c.wasmtime_instance_export_get(store._context(), byref(instance._instance), text, len(text), byref(found)):
        raise KeyError(name)
    return wrap_extern(found)


def memory_view(store: Store, memory: Memory) -> memoryview:
    """The memory's bytes as they are now; only valid until the memory grows or the store is closed."""
    address = ctypes.addressof(memory.data_ptr(store).contents)
    return memoryview((ctypes.c_ubyte * memory.data_len(store)).from_address(address)).cast("B")


OUTSIDE = "it touched memory outside its linear memory"
"""What a guest does whose pointer and length the host cannot follow."""


def memory_bytes(store: Store, memory: Memory, at: int, length: int) -> bytes:
    """A copy of a part of the memory; raises IndexError where that is not inside."""
    if at + length > memory.data_len(store):
        raise IndexError(OUTSIDE)
    return ctypes.string_at(ctypes.addressof(memory.data_ptr(store).contents) + at, length)


def global_bits(store: Store, variable: Global) -> int:
    """The bits of an i32, i64, f32 or f64 global as a signed number; wasmtime-py's own way may change a NaN's."""
    value = _value_of(store, variable)
    return int(getattr(value.of, _BITS[value.kind]))


def set_global_bits(store: Store, variable: Global, bits: int) -> None:
    """Put back what `global_bits` gave. The global must be mutable."""
    value = _value_of(store, variable)  # for its type
    setattr(value.of, _BITS[value.kind], bits)
    error = c.wasmtime_global_set(store._context(), byref(variable._global), byref(value))
    if error:
        raise WasmtimeError._from_ptr(error)


def _value_of(store: Store, variable: Global) -> Any:
    value = c.wasmtime_val_t()
    c.wasmtime_global_get(store._context(), byref(variable._global), byref(value))
    return value


_BITS = ("i32", "i64", "i32", "i64")
"""Which member of a value's union holds the bits of an i32, i64, f32 and f64: the C header numbers them so."""


PLATFORM_STACK = 512 << 10
"""Bytes of native stack that wasm may use on the platform: wasmtime's default (edgeless-facts 1.1)."""


def host_engine() -> Engine:
    """The engine guests run in: it has the platform's features, epochs, and the quickest compilation.

    Measured on a 0.76 MB dev build: 50 ms against 105 ms with optimisation and the default register allocator.

    Code that is not optimised needs more stack: measured, up to 3 times, so that it has 4 times the platform's 512 KiB,
    and recursion that works there works here. Memory is not mapped from an image of its data, but filled with it: an
    instance then takes 7 of the kernel's memory maps in place of 9, and begins sooner.
    """
    _silence_wasmtime()
    config = Config()
    _configure(config)
    config.max_wasm_stack = 4 * PLATFORM_STACK
    c.wasmtime_config_async_stack_size_set(config.ptr(), 8 * PLATFORM_STACK)
    c.wasmtime_config_memory_init_cow_set(config.ptr(), False)
    config.epoch_interruption = True
    config.cranelift_opt_level = "none"
    c.wasmtime_config_cranelift_regalloc_algorithm_set(config.ptr(), _SINGLE_PASS)
    return Engine(config)
