"""The toolchain a directory asks for, as plain cargo there would run it: rustup's, by file, override or variable."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tomllib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from workbench.build import toolchain
from workbench.build.cargo_config import cargo_home
from workbench.build.manifests import table
from workbench.build.toolchain import TARGET, Compiler, Toolchain
from workbench.errors import UserError

FILES = ("rust-toolchain", "rust-toolchain.toml")
"""In rustup's order (the rustup book, "Overrides")."""

_PATIENCE_S = 20.0


@dataclass(frozen=True)
class Pin:
    """What asks for a toolchain: `by`, for sentences, and the file, if it is one, with the time of its last change.

    `wanted` is the name or path it asks for, None where the file does not say or cannot be read.
    """

    by: str
    wanted: str | None
    file: Path | None = None
    changed: int = 0


class ToolchainUnusable(UserError):
    """The toolchain that is asked for cannot build functions; the sentence says what to do.

    `command` are the arguments that have rustup do it, where it can.
    """

    def __init__(self, message: str, path: Path | None, command: tuple[str, ...]) -> None:
        super().__init__(message, path=path)
        self.command = command


def rustup() -> Path | None:
    """rustup itself, where it is installed."""
    found = shutil.which("rustup") or shutil.which(cargo_home() / "bin" / "rustup")
    return None if found is None else Path(found)


def pin_of(directory: Path) -> Pin | None:
    """What asks for a toolchain in `directory`: the variable, else the nearest override or file."""
    if named := os.environ.get("RUSTUP_TOOLCHAIN"):
        return Pin("RUSTUP_TOOLCHAIN", named)
    overrides = _overrides()
    here = Path(os.path.realpath(directory))
    for each in (here, *here.parents):
        if (override := overrides.get(str(each))) is not None:
            return Pin(f"rustup's override for {each}", override)
        for name in FILES:
            if os.path.isfile(each / name):
                return Pin(name, _wanted(each / name), each / name, (each / name).stat().st_mtime_ns)
    return None


def is_pinned(directory: Path) -> bool:
    """Whether a toolchain is asked for in `directory`, and heeded: rustup is there, and `RUSTC` names no other."""
    return not os.environ.get("RUSTC") and pin_of(directory) is not None and rustup() is not None


def toolchain_for(directory: Path) -> Toolchain | None:
    """The toolchain that is asked for in `directory`; None when it `is_pinned` to none.

    Never downloads anything. Takes some 30 ms at first. Raises `ToolchainUnusable`.
    """
    program, pin = rustup(), pin_of(directory)
    if program is None or pin is None or os.environ.get("RUSTC"):
        return None
    found = _resolved(program, directory, pin)
    if not os.path.exists(found.cargo):  # it was removed meanwhile
        _resolved.cache_clear()
        found = _resolved(program, directory, pin)
    return found


def unheeded(directory: Path, version: str) -> str | None:
    """What a file there asks for in vain, as there is no rustup, when the compiler has another `version`."""
    pin = pin_of(directory)
    if rustup() is not None or pin is None or pin.file is None or pin.wanted in (None, "stable"):
        return None
    assert pin.wanted is not None
    number = version.removeprefix("rustc ")
    if number == pin.wanted or number.startswith(f"{pin.wanted}."):
        return None
    return (
        f"{pin.by} asks for {pin.wanted}, which takes rustup; without it this is built with {version}, "
        "as plain cargo would here"
    )


@lru_cache(maxsize=256)
def _resolved(program: Path, directory: Path, pin: Pin) -> Toolchain:
    rustc = _which(program, "rustc", directory, pin)
    name = rustc.parent.parent.name
    compiler = toolchain.inspect(rustc, f"rustup, {name}, asked for by {pin.by}")
    if compiler.target_sysroot is None:
        ours = compiler.sysroot.parent == toolchain.rustup_home() / "toolchains"
        command = ("target", "add", TARGET, "--toolchain", name) if ours else ()
        raise _unusable(pin, f"has no standard library for {TARGET}", "add it to that toolchain", command)
    if compiler.cargo is None:
        cargo = _which(program, "cargo", directory, pin)
        compiler = Compiler(rustc, compiler.origin, compiler.sysroot, cargo, compiler.target_sysroot, compiler.linker)
    if compiler.linker is None:
        raise _unusable(pin, "has no linker for wasm, and there is none on the PATH", "install lld")
    return toolchain.complete(compiler, toolchain.version_said(rustc) or "of unknown version")


def _which(program: Path, name: str, directory: Path, pin: Pin) -> Path:
    """Ask rustup, which alone knows all its rules."""
    environment = {**os.environ, "RUSTUP_AUTO_INSTALL": "0", "RUST_BACKTRACE": "0"}
    try:
        run = subprocess.run(
            [program, "which", name], cwd=directory, env=environment, capture_output=True, timeout=_PATIENCE_S,
            stdin=subprocess.DEVNULL, text=True, errors="replace",
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired) as error:
        raise _unusable(pin, f"cannot be asked for: {error}", "see `rustup show`") from error
    if run.returncode == 0 and run.stdout.strip():
        return Path(run.stdout.strip())
    said = next((line for line in run.stderr.splitlines() if line.startswith("error: ")), "").removeprefix("error: ")
    if "not installed" in said:
        missing = re.search(r"'([^']+)'", said)
        named = pin.wanted or (missing[1] if missing else "NAME")
        command = ("toolchain", "install", named, "--target", TARGET)
        raise _unusable(pin, "is not installed", "", command)
    raise _unusable(pin, f"cannot be used ({said or 'rustup does not say why'})", "see `rustup show`")


def _unusable(pin: Pin, what: str, remedy: str, command: tuple[str, ...] = ()) -> ToolchainUnusable:
    wanted = f" {pin.wanted}" if pin.wanted else ""
    remedy = f"get it with `rustup {' '.join(command)}`" if command else remedy
    return ToolchainUnusable(f"the toolchain{wanted}, which {pin.by} asks for, {what}; {remedy}", pin.file, command)


def _wanted(file: Path) -> str | None:
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return None
    try:
        content = table(tomllib.loads(text), "toolchain")
    except ValueError:
        lines = text.split()  # the old form of `rust-toolchain`: the name alone
        return lines[0] if file.name == FILES[0] and len(lines) == 1 else None
    said = content.get("channel") or content.get("path")
    return said if isinstance(said, str) else None


def _overrides() -> dict[str, str]:
    try:
        settings = tomllib.loads((toolchain.rustup_home() / "settings.toml").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return {place: name for place, name in table(settings, "overrides").items() if isinstance(name, str)}
