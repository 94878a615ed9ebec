"""The Rust compilers of this machine, and the one that can build functions."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from workbench.errors import UserError
from workbench.places import cache_directory

TARGET = "wasm32-unknown-unknown"
MINIMUM = (1, 85)  # the first with edition 2024, which current EDGELESS functions use

_TARGET_LIBRARY = Path("lib/rustlib") / TARGET / "lib"
_TARGET_FLAGS = "CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS"
LINKER = "CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER"
"""The variable that names the linker to cargo; it counts more than configuration files."""
_NAME = re.compile(r"rustc(-\d+(\.\d+)*)?")  # distributions keep several: rustc-1.89


@dataclass(frozen=True)
class Toolchain:
    """A complete one: what to run, and what to add to cargo's environment for `--target wasm32-unknown-unknown`."""

    cargo: Path
    rustc: Path
    version: str  # "rustc 1.96.0"
    origin: str  # for the user: "rustup, stable-x86_64-unknown-linux-gnu", "found in /usr/bin", ...
    environment: Mapping[str, str]


@dataclass(frozen=True)
class Compiler:
    """A rustc of this machine with what it needs for building functions, as far as that is there."""

    rustc: Path
    origin: str
    sysroot: Path  # its own, with the standard library of this machine
    cargo: Path | None
    target_sysroot: Path | None  # where the standard library for wasm32 is; not always its own
    linker: Path | None

    @property
    def has_all_parts(self) -> bool:
        """Whether nothing is missing; how new it is only running it tells."""
        return None not in (self.cargo, self.target_sysroot, self.linker)


class Part(Enum):
    """What building a function takes; the value is how a sentence names it."""

    COMPILER = f"a Rust compiler, {'.'.join(map(str, MINIMUM))} or newer, with cargo"
    LIBRARY = f"Rust's standard library for {TARGET}"
    LINKER = "a linker for wasm (wasm-ld or rust-lld)"
    HOST_LINKER = "a C compiler (cc), which Rust's macros and build scripts are linked with"


class ToolchainMissing(UserError):
    """No compiler here can build functions; the sentence says what is missing."""


def find() -> Toolchain:
    """The first toolchain that is complete and new enough.

    Takes about 50 ms and remembers nothing. Raises ToolchainMissing.
    """
    for compiler in compilers():
        if compiler.has_all_parts and (version := version_of(compiler.rustc)) is not None:
            return complete(compiler, version)
    lack = ", and ".join(part.value for part in missing())
    raise ToolchainMissing(
        f"Functions cannot be built here without {lack}. `workbench doctor --fix` gets what is missing."
    )


def missing() -> tuple[Part, ...]:
    """What the compiler that comes nearest to building functions lacks."""
    return min((lacks(compiler) for compiler in compilers()), key=len, default=(Part.COMPILER, Part.LIBRARY))


def lacks(compiler: Compiler) -> tuple[Part, ...]:
    """What this compiler is missing for building functions; one that is too old counts for nothing. Runs it."""
    if compiler.cargo is None or version_of(compiler.rustc) is None:
        return (Part.COMPILER, Part.LIBRARY)
    return tuple(
        part
        for part, found in ((Part.LIBRARY, compiler.target_sysroot), (Part.LINKER, compiler.linker))
        if found is None
    )


def has_host_linker() -> bool:
    """Whether macros and build scripts can be linked: rustc calls `cc` for that."""
    return shutil.which("cc") is not None


def compilers() -> Iterator[Compiler]:
    """Every compiler here, the likeliest first: $RUSTC, rustup's (the active one first), then those on the PATH."""
    seen: set[Path] = set()
    for rustc, origin in _rustcs():
        real = rustc.resolve()
        if real not in seen and os.access(real, os.X_OK) and not _is_rustup_proxy(rustc):
            seen.add(real)
            yield inspect(rustc, origin)


def private_sysroot(rustc: Path) -> Path:
    """Where a standard library built for this very compiler lies in the user's cache."""
    real = rustc.resolve()
    status = real.stat()
    identity = f"{real} {status.st_size} {status.st_mtime_ns}"
    return private_sysroots() / hashlib.sha256(identity.encode()).hexdigest()[:16]


def private_sysroots() -> Path:
    """Where all such libraries are, a directory for each compiler."""
    return cache_directory() / "sysroots"


def has_target_library(sysroot: Path) -> bool:
    """Whether the standard library for wasm32 is in there."""
    return any((sysroot / _TARGET_LIBRARY).glob("libstd*.rlib"))


def version_of(rustc: Path) -> str | None:
    """Such as "1.96.0"; None if it does not run or is older than MINIMUM."""
    version = version_said(rustc)
    return version if version is not None and _numbers(version)[:2] >= MINIMUM else None


def version_said(rustc: Path) -> str | None:
    """Such as "1.96.0"; None if it does not run."""
    try:
        run = subprocess.run([rustc, "--version"], capture_output=True, text=True, timeout=20)
    except (OSError, subprocess.TimeoutExpired):
        return None
    found = re.match(r"rustc (\d+\.\d+\S*)", run.stdout)
    return found[1] if found else None


def rustup_home() -> Path:
    """Where rustup keeps its toolchains."""
    return Path(os.environ.get("RUSTUP_HOME") or Path.home() / ".rustup")


def _rustcs() -> Iterator[tuple[Path, str]]:
    if named := shutil.which(os.environ.get("RUSTC") or ""):
        yield Path(named), "named by $RUSTC"
    for toolchain in _rustup_toolchains():
        yield toolchain / "bin" / "rustc", f"rustup, {toolchain.name}"
    for folder in os.get_exec_path():
        names: list[str] = []
        with suppress(OSError):  # it is not there, or not for this user to look into
            names = [name for name in os.listdir(folder) if _NAME.fullmatch(name)]
        for name in sorted(names, key=lambda name: (name == "rustc", _numbers(name)), reverse=True):
            yield Path(folder, name), f"found in {folder}"


def _rustup_toolchains() -> list[Path]:
    folder = rustup_home() / "toolchains"
    active = os.environ.get("RUSTUP_TOOLCHAIN") or _rustup_default()
    found = sorted(folder.iterdir(), reverse=True) if os.path.isdir(folder) else []
    return sorted(found, key=lambda path: not (active and path.name.startswith(active)))


def _rustup_default() -> str | None:
    try:
        settings = tomllib.loads((rustup_home() / "settings.toml").read_text())
    except (OSError, tomllib.TOMLDecodeError):
        return None
    name = settings.get("default_toolchain")
    return name if isinstance(name, str) else None


def _is_rustup_proxy(rustc: Path) -> bool:
    """rustup's stand-ins are links to itself; which compiler they start depends on the folder they are run in."""
    rustup = rustc.with_name("rustup")
    return rustc.resolve().name.startswith("rustup") or (os.path.exists(rustup) and os.path.samefile(rustup, rustc))


def inspect(rustc: Path, origin: str) -> Compiler:
    """What is there of what this rustc needs; `origin` is for the user."""
    sysroot = _sysroot_of(rustc)
    target_sysroot = next(filter(has_target_library, (sysroot, private_sysroot(rustc))), None)
    return Compiler(
        rustc=rustc,
        origin=origin,
        sysroot=sysroot,
        cargo=_cargo_beside(rustc),
        target_sysroot=target_sysroot,
        linker=_linker(sysroot),
    )


def _sysroot_of(rustc: Path) -> Path:
    """By its usual place, which costs nothing; a compiler behind a wrapper script has to be asked."""
    usual = rustc.resolve().parent.parent
    if os.path.isdir(usual / "lib/rustlib"):
        return usual
    try:
        run = subprocess.run([rustc, "--print", "sysroot"], capture_output=True, text=True, timeout=20)
    except (OSError, subprocess.TimeoutExpired):
        return usual
    return Path(run.stdout.strip() or usual)


def _cargo_beside(rustc: Path) -> Path | None:
    """cargo with the same suffix (`rustc-1.89` has `cargo-1.89`), else the plain one in the same folder."""
    names = (rustc.name.replace("rustc", "cargo", 1), "cargo")
    beside = (rustc.with_name(name) for name in names)
    return next((cargo for cargo in beside if os.path.exists(cargo) and not _is_rustup_proxy(cargo)), None)


def _linker(sysroot: Path) -> Path | None:
    """The compiler's own, else the newest wasm-ld on the PATH: one older than the compiler may not read its objects."""
    own = next(sysroot.glob("lib/rustlib/*/bin/rust-lld"), None)
    if own is not None:
        return own
    folders = [Path(folder) for folder in os.get_exec_path()]
    suffixed = [path for folder in folders for path in folder.glob("wasm-ld-*") if _numbers(path.name)]
    plain = shutil.which("wasm-ld")
    newest = max(suffixed, key=lambda path: _numbers(path.name), default=None)
    return newest or (Path(plain) if plain else None)


def _numbers(name: str) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", name))


def complete(compiler: Compiler, version: str) -> Toolchain:
    """The toolchain of a compiler that has all parts."""
    assert compiler.has_all_parts
    assert compiler.cargo is not None
    flags = ["-C", "link-arg=--allow-undefined"]  # 1.96 and later no longer pass it for wasm; upstream's crate needs it
    origin = compiler.origin
    if compiler.target_sysroot != compiler.sysroot:
        flags = ["--sysroot", str(compiler.target_sysroot), *flags]
        origin += ", with a standard library built by the workbench"
    environment = {
        "RUSTC": str(compiler.rustc),
        LINKER: os.environ.get(LINKER) or str(compiler.linker),
        **_added_flags(flags),
    }
    return Toolchain(compiler.cargo, compiler.rustc, f"rustc {version}", origin, environment)


def _added_flags(flags: list[str]) -> dict[str, str]:
    """The flags behind the user's own, in the variable that cargo heeds.

    The Cargo book, "build.rustflags": it takes them from one source only, RUSTFLAGS before the target's own variable
    (which is joined with config files). Only CARGO_ENCODED_RUSTFLAGS, heeded first of all, can hold spaces.
    """
    plain = os.environ.get("RUSTFLAGS")
    encoded = os.environ.get("CARGO_ENCODED_RUSTFLAGS", None if plain is None else "\x1f".join(plain.split()))
    if encoded is not None or any(" " in flag for flag in flags):
        return {"CARGO_ENCODED_RUSTFLAGS": "\x1f".join([*filter(None, [encoded]), *flags])}
    return {_TARGET_FLAGS: " ".join([*os.environ.get(_TARGET_FLAGS, "").split(), *flags])}
