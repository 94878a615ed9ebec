"""The ways to get what building functions needs: rustup, Debian's packages, a standard library built here."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from workbench.build import pinned, toolchain
from workbench.build.pinned import ToolchainUnusable
from workbench.build.toolchain import MINIMUM, TARGET, Compiler, Part
from workbench.errors import UserError, reason_of
from workbench.signals import heard

RUSTUP_PATIENCE_S = 15.0  # for its server's first byte
LIBRARY_ROOM_BYTES = 500_000_000  # the copied source, what cargo makes of it, and the result take 260 MB


@dataclass(frozen=True)
class Plan:
    """What one way would do here and now: said before it is done. `act` raises UserError where it fails."""

    what: str
    act: Callable[[], None]
    root: bool = False


Way = Callable[[], Plan | None]  # None: this way has nothing to do, or does not exist here


def needed() -> tuple[Part, ...]:
    """Everything that building functions lacks on this machine."""
    return toolchain.missing() if toolchain.has_host_linker() else (*toolchain.missing(), Part.HOST_LINKER)


def rustup_target() -> Plan | None:
    """For who has rustup: the library for the compiler that is there, or a compiler with it."""
    rustup = shutil.which("rustup") or shutil.which(Path.home() / ".cargo/bin/rustup")
    if rustup is None or not _lacks_compiler_or_library():
        return None
    theirs = (c for c in toolchain.compilers() if c.sysroot.parent == toolchain.rustup_home() / "toolchains")
    usable = next((c.sysroot.name for c in theirs if Part.COMPILER not in toolchain.lacks(c)), None)
    if usable is not None:
        command = [rustup, "target", "add", TARGET, "--toolchain", usable]
    else:
        command = [rustup, "toolchain", "install", "stable", "--profile", "minimal", "--target", TARGET]
    return Plan(f"Ask rustup for it: {_shown(command)}", lambda: _run_rustup(command))


def pinned_toolchain() -> Plan | None:
    """What this directory asks rustup for, by a file, an override or a variable."""
    program = pinned.rustup()
    try:
        pinned.toolchain_for(Path.cwd())
    except ToolchainUnusable as error:
        if program is not None and error.command:
            command = [str(program), *error.command]
            return Plan(f"Ask rustup for what this directory wants: {_shown(command)}", lambda: _run_rustup(command))
    return None


def apt_lists() -> Plan | None:
    """A fresh machine knows no packages at all; without their names nothing can be proposed."""
    if not _has_apt() or not needed() or _apt_packages() is not None:
        return None
    command = _as_root(["apt-get", "update", "-q"])
    return Plan(f"Let apt look up which packages there are: {_shown(command)}", lambda: _run(command), root=True)


def apt_packages() -> Plan | None:
    """Everything that apt knows, is not installed and gives what is needed."""
    packages = [name for name in _apt_packages() or () if not _is_installed(name)] if _has_apt() else []
    if not packages or not needed():
        return None
    settings = ["env", "DEBIAN_FRONTEND=noninteractive"]
    update = _as_root(["apt-get", "update", "-q"])
    install = _as_root([*settings, "apt-get", "install", "-y", "-q", "--no-install-recommends", *packages])

    def act() -> None:
        with contextlib.suppress(UserError):  # one broken source among many; the install tells whether it matters
            _run(update)
        _run(install)

    return Plan(f"Install packages with apt: {' '.join(packages)}", act, root=True)


def built_library() -> Plan | None:
    """For a compiler that comes with the library's source, as Debian 12's `rust-web-src`: about 40 s on two cores."""
    if not _lacks_compiler_or_library():
        return None
    for compiler in toolchain.compilers():
        if Part.COMPILER not in toolchain.lacks(compiler) and (_source(compiler) / "Cargo.toml").exists():
            place = toolchain.private_sysroot(compiler.rustc)
            what = f"Build the standard library for {TARGET} from the source in {_source(compiler)} into {place}"
            return Plan(f"{what} (a minute or two, once)", partial(_build_library, compiler, place))
    return None


# What needs neither root nor a download comes before what does; each way is asked again after the ones before it.
WAYS: tuple[Way, ...] = (rustup_target, built_library, apt_lists, apt_packages, built_library)


def by_hand() -> tuple[str, ...]:
    """What the user can still do: commands of the package managers that are here, and of rustup."""
    apt = _apt_packages() if _has_apt() else None
    hints = {
        "apt-get": apt and f"apt-get install {' '.join(apt)}",
        "dnf": "dnf install rust cargo rust-std-static-wasm32-unknown-unknown lld gcc",
        "pacman": "pacman -S rust rust-wasm lld gcc",
        "apk": "apk add rust cargo rust-wasm lld gcc musl-dev",
    }
    here = tuple(hint for tool, hint in hints.items() if hint and shutil.which(tool))
    if not _lacks_compiler_or_library():
        return here
    return (
        *here,
        f"rustup target add {TARGET}" + ("" if shutil.which("rustup") else ", with https://rustup.rs installed"),
    )


def can_be_root() -> bool:
    """Whether a plan that needs it can be carried out; sudo may still ask for a password."""
    return os.geteuid() == 0 or shutil.which("sudo") is not None


def _lacks_compiler_or_library() -> bool:
    return bool({Part.COMPILER, Part.LIBRARY} & set(toolchain.missing()))


# rustup


def _run_rustup(command: Sequence[str]) -> None:
    """rustup waits for minutes on a server that does not answer, so it is ended if nothing has arrived by then."""
    downloads = toolchain.rustup_home() / "downloads"
    before = _bytes_in(downloads)
    deadline = time.monotonic() + RUSTUP_PATIENCE_S
    with _running(command, environment={**os.environ, "RUST_BACKTRACE": "0"}, own_group=True) as process:
        while process.poll() is None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(0.25)
            if _bytes_in(downloads) != before:
                break
            if time.monotonic() > deadline:
                raise UserError(f"rustup's server did not answer within {RUSTUP_PATIENCE_S:.0f} s.")
        if process.wait() != 0:
            raise UserError("rustup could not get it; its own words are above.")


def _bytes_in(folder: Path) -> int:
    """Of the files in a folder that another process is writing to."""
    total = 0
    for path in folder.glob("*"):
        with contextlib.suppress(FileNotFoundError):
            total += path.stat().st_size
    return total


# apt


def _has_apt() -> bool:
    return shutil.which("apt-get") is not None and shutil.which("apt-cache") is not None


def _apt_packages() -> list[str] | None:
    """Those that give everything needed, as far as apt knows; None if it knows of no compiler that is new enough."""
    wanted = needed()
    packages: list[str] = []
    if Part.COMPILER in wanted or Part.LIBRARY in wanted:
        compiler = _compiler_packages()
        if compiler is None:
            return None
        packages += [*compiler, *_newest_linker_package()]
    elif Part.LINKER in wanted:
        packages += _newest_linker_package()
    return [*packages, "gcc", "libc6-dev"] if Part.HOST_LINKER in wanted else packages


def _compiler_packages() -> list[str] | None:
    """Debian 13: the plain ones. Debian 12: those with `-web`. Ubuntu: plain, or with a version such as `-1.89`.

    The library ready-made where it is packaged, else its source.
    """
    versions = _apt_versions("rustc")
    suffixes = [name.removeprefix("rustc") for name in versions if re.fullmatch(r"rustc(-web|-\d+\.\d+)?", name)]
    new_enough = [suffix for suffix in suffixes if versions[f"rustc{suffix}"] >= MINIMUM]
    known = {**_apt_versions("libstd-rust"), **_apt_versions("rust-"), **_apt_versions("cargo")}
    libraries = ("libstd-rust{}-dev-wasm32", "rust{}-src")
    for library in libraries:
        for suffix in sorted(new_enough, key=lambda suffix: (suffix != "", versions[f"rustc{suffix}"])):
            packages = [f"cargo{suffix}", library.format(suffix)]
            if all(package in known for package in packages):
                return [f"rustc{suffix}", *packages]
    return None


def _newest_linker_package() -> list[str]:
    names = [name for name in _apt_versions("lld") if re.fullmatch(r"lld(-\d+)?", name)]
    return [max(names, key=lambda name: int(name.removeprefix("lld").removeprefix("-") or 0))] if names else []


def _apt_versions(prefix: str) -> dict[str, tuple[int, int]]:
    """The packages so named, with the first two numbers of the version that would be installed."""
    names = _output(["apt-cache", "pkgnames", prefix]).split()
    policy = _output(["apt-cache", "policy", *names]) if names else ""
    found = re.findall(r"^(\S+):\n(?:  .*\n)*?  Candidate: (?:\d+:)?(\d+)\.(\d+)", policy, re.MULTILINE)
    return {name: (int(major), int(minor)) for name, major, minor in found}


def _is_installed(package: str) -> bool:
    return "Status: install ok installed" in _output(["dpkg-query", "-s", package])


def _output(command: Sequence[str]) -> str:
    environment = {**os.environ, "LC_ALL": "C"}
    return subprocess.run(command, capture_output=True, text=True, env=environment, check=False).stdout


def _as_root(command: Sequence[str]) -> list[str]:
    return list(command) if os.geteuid() == 0 else ["sudo", *command]


# The standard library, built here


def _source(compiler: Compiler) -> Path:
    return compiler.sysroot / "lib/rustlib/src/rust/library"


def _build_library(compiler: Compiler, place: Path) -> None:
    """All or nothing: built beside its place and moved there when done."""
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        free = shutil.disk_usage(place.parent).free
        if free < LIBRARY_ROOM_BYTES:
            raise UserError(
                f"Building the standard library takes {LIBRARY_ROOM_BYTES // 10**6} MB in {place.parent}, "
                f"where only {free // 10**6} MB are free."
            )
        with tempfile.TemporaryDirectory(prefix="building-", dir=place.parent) as folder:
            _compile_library(compiler, Path(folder))
            built = Path(folder, "sysroot", "lib", "rustlib", TARGET, "lib")
            built.mkdir(parents=True)
            for library in Path(folder, "target", TARGET, "release", "deps").glob("*.rlib"):
                shutil.move(library, built)
            if not toolchain.has_target_library(place):
                shutil.rmtree(place, ignore_errors=True)
                Path(folder, "sysroot").rename(place)
    except OSError as error:
        raise UserError(f"The standard library could not be built in {place.parent}: {reason_of(error)}.") from error
    _forget_outdated(place.parent)


def _compile_library(compiler: Compiler, folder: Path) -> None:
    library = folder / "library"
    shutil.copytree(_source(compiler), library, symlinks=True)
    command = [
        *(str(compiler.cargo), "build", "-Zavoid-dev-deps", "--release", "--target", TARGET),
        *("-p", "sysroot", "--no-default-features", "--features", "panic-unwind"),
    ]
    if (library / "vendor").is_dir():  # else, as before Rust 1.86, cargo fetches the few crates that it names
        vendored = f'source.vendored.directory="{library / "vendor"}"'
        command += ["--offline", "--config", 'source.crates-io.replace-with="vendored"', "--config", vendored]
    flags = ["-Zforce-unstable-if-unmarked", "-Cembed-bitcode=yes", *_remapped(library)]
    theirs = ("RUST", "CARGO_BUILD_", "CARGO_ENCODED_", "CARGO_PROFILE_", "CARGO_TARGET_")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(theirs)} | {
        "CARGO_HOME": str(folder / "cargo"),
        "CARGO_TARGET_DIR": str(folder / "target"),
        "CARGO_ENCODED_RUSTFLAGS": "\x1f".join(flags),
        "RUSTC": str(compiler.rustc),
        "RUSTC_BOOTSTRAP": "1",
    }
    _run(command, environment=environment, folder=library, own_group=True)


def _remapped(library: Path) -> Iterable[str]:
    """Source places as in Rust's own builds, such as `/rustc/.../library/core/src/option.rs`.

    Panics and backtraces then tell them from a function's own files, and no path of this machine gets into a function.
    """
    public = "/rustc/workbench/library"
    yield f"--remap-path-prefix={library}={public}"
    for crate in sorted(path.parent.name for path in library.glob("*/Cargo.toml")):
        yield f"--remap-path-prefix={crate}={public}/{crate}"


def _forget_outdated(sysroots: Path) -> None:
    used = {toolchain.private_sysroot(compiler.rustc) for compiler in toolchain.compilers()}
    for path in sysroots.iterdir():
        if path not in used and not path.name.startswith("building-"):
            shutil.rmtree(path, ignore_errors=True)


# Commands that the user sees at work; all this on the main thread, where signals arrive


def _run(
    command: Sequence[str],
    *,
    environment: Mapping[str, str] | None = None,
    folder: Path | None = None,
    own_group: bool = False,
) -> None:
    """Raises UserError if it fails."""
    with _running(command, environment=environment, folder=folder, own_group=own_group) as process:
        status = process.wait()
    if status != 0:
        raise UserError(f"This failed, and its own words are above: {_shown(command)}")


@contextlib.contextmanager
def _running(
    command: Sequence[str],
    *,
    environment: Mapping[str, str] | None = None,
    folder: Path | None = None,
    own_group: bool = False,
) -> Iterator[subprocess.Popen[bytes]]:
    """A command with the terminal for its output; whatever leaves the block, Ctrl-C included, leaves no process behind.

    With `own_group` its children are ended with it; what may have to ask for a password cannot have one.
    """
    process: subprocess.Popen[bytes] | None = None
    try:
        with _signals_held():  # between its start and our knowing it, nobody could end it
            try:
                process = subprocess.Popen(command, env=environment, cwd=folder, start_new_session=own_group)
            except OSError as error:
                raise UserError(f"{command[0]} could not be started: {reason_of(error)}.") from error
        yield process
    finally:
        if process is not None:
            _end(process, own_group)


@contextlib.contextmanager
def _signals_held() -> Iterator[None]:
    """What would interrupt the block takes effect right after it."""
    held: list[int] = []
    try:
        with heard(lambda number, _: held.append(number)):
            yield
    finally:
        for number in held:
            signal.raise_signal(number)


def _end(process: subprocess.Popen[bytes], own_group: bool) -> None:
    for ending in (signal.SIGTERM, signal.SIGKILL):
        if process.poll() is not None:
            return
        if own_group:
            os.killpg(process.pid, ending)
        with contextlib.suppress(subprocess.TimeoutExpired):  # one in our group got the terminal's Ctrl-C itself
            process.wait(5)


def _shown(command: Sequence[str]) -> str:
    return " ".join(command)
