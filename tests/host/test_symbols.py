"""What a module names its functions is shown in bounds, whatever it stands for."""

from __future__ import annotations

import struct
from time import thread_time

import pytest
from wasmtime import wat2wasm

from tests.guests.build import SAMPLES, wasm
from tests.host.hosting import settle, start
from tests.host.test_modules import function_text
from workbench.host import leb
from workbench.host.engine import Host
from workbench.host.symbols import bounded
from workbench.host.traps import TrapReport


def doubling(times: int) -> str:
    """A C++ type that holds itself twice, that many times over."""
    digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    return "1aIiiE" + "".join(f"S_IS{digits[n]}_S{digits[n]}_E" for n in range(times))


def died(host: Host, name: str) -> TrapReport:
    own = f'(func $"{name}" unreachable) (func (export "handle_stop_asm") (call $"{name}"))'
    guest = start(host, host.load(bytes(wat2wasm(function_text(own, without=("handle_stop_asm",)))), "it.wasm"))
    guest.stop()
    settle(guest)
    assert guest.trap is not None
    return guest.trap


@pytest.mark.parametrize("begin", ["_Z1f", "__Z1f", "_GLOBAL__I__Z1f", "Fv"])
def test_a_symbol_that_stands_for_an_endless_name_is_not_written_out(host: Host, begin: str) -> None:
    trap = died(host, begin + doubling(30) + "E" * (begin == "Fv"))
    assert "panicked or aborted" in trap.message
    assert max(len(frame.function) for frame in trap.frames) < 100


def test_a_modest_symbol_is_demangled(host: Host) -> None:
    assert died(host, "_Z1f" + doubling(1)).frames[0].function == "f(a<int, int>, a<a<int, int>, a<int, int> >)"


def test_a_long_name_is_cut_and_made_printable(host: Host) -> None:
    (first, *_) = died(host, r"\1b[2J" + "x" * 5000).frames
    assert first.function == r"\x1b[2J" + "x" * 496 + "…"


@pytest.mark.parametrize("section", [b".debug_str", b".debug_info"])
def test_debug_information_may_hold_none_either(section: bytes) -> None:
    def custom(content: bytes) -> bytes:
        whole = leb.encode(len(section)) + section + content
        return b"\0" + leb.encode(len(whole)) + whole

    plain = bytes(wat2wasm(function_text()))
    harmless = plain + custom(b"\0".join([b"_Z1f1aIS_E"] * 100))
    assert bounded(harmless) == harmless
    wild = custom(struct.pack("<I", 7) + b"junk_Z1f" + doubling(30).encode() + b"\0")
    assert bounded(plain + wild + custom(b"more")) == plain


def test_names_that_cannot_be_read_are_left_out() -> None:
    plain = bytes(wat2wasm(function_text()))
    broken = plain + b"\0\x0a\4name\1\3\2\0\0"
    assert bounded(broken) == plain


@pytest.mark.parametrize("guest", ["probe", "original"])
@pytest.mark.parametrize("profile", ["dev", "release"])
def test_what_rust_builds_keeps_its_names(guest: str, profile: str) -> None:
    built = wasm(guest, "dev" if profile == "dev" else "release").read_bytes()
    assert bounded(built) == built


@pytest.mark.parametrize("sample", sorted(SAMPLES.rglob("*.wasm")), ids=lambda path: path.stem)
def test_samples_keep_their_names(sample: object) -> None:
    content = (SAMPLES / str(sample)).read_bytes()
    assert bounded(content) == content


def test_a_name_that_might_refer_everywhere_is_read_once() -> None:
    named = bytes(wat2wasm(f"(module (func ${'S0T0' * 100_000}))"))
    began = thread_time()
    assert bounded(named) == named
    assert thread_time() - began < 5  # 6 minutes where each place is read on to the end
