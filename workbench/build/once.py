"""One build of one function, from request to artifact: with cargo, or with the user's own command."""

from __future__ import annotations

import hashlib
import os
import shutil
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from msgspec.structs import replace

from workbench import places
from workbench.build import cargo, cargo_config, cleaning, depinfo, guest_crate, pinned, target_dir
from workbench.build.diagnostics import from_text
from workbench.build.events import Artifact, Failed, Finished, Progress
from workbench.build.leash import Leash
from workbench.build.toolchain import Toolchain
from workbench.errors import UserError, reason_of
from workbench.project.model import Function
from workbench.records import Diagnostic, Profile

_BEAT_S = 0.5
_KEPT_OUTPUT = 64 << 10


class BuildError(UserError):
    """A build that gave no artifact, and what the compiler said."""

    def __init__(self, error: UserError, diagnostics: tuple[Diagnostic, ...] = ()) -> None:
        super().__init__(error.message, path=error.path, line=error.line, column=error.column)
        self.diagnostics = diagnostics


def build_once(
    function: Function,
    profile: Profile,
    toolchain: Callable[[], Toolchain],
    shared_target: Path,
    *,
    progress: Callable[[Progress], None] = lambda event: None,
    changed_at: float | None = None,
    leash: Leash | None = None,
    anew: bool = False,
) -> Finished | Failed:
    """Build and wait for it. The caller may end it from another thread by letting the leash go.

    `shared_target` is the target directory of all functions, unless the user's cargo has one set; the artifact of a
    cargo build is put beside it, see `target_dir.artifact_path`. `toolchain` is asked only when cargo is needed.
    `anew`: compile its sources again even if cargo takes them for unchanged.
    """
    began = time.perf_counter()

    def duration_ms() -> float:
        return (time.perf_counter() - began) * 1000

    with leash or Leash() as held:
        try:
            if not os.path.isdir(function.directory):
                raise _gone(function)
            report = _reporter(function, progress)
            if function.command is not None:
                artifact, diagnostics = _with_command(function, function.command, profile, held, report)
            elif function.manifest is not None:
                artifact, diagnostics = _with_cargo(
                    function, function.manifest, profile, toolchain, shared_target, held, report, anew
                )
            else:
                raise UserError(f"{function.id} has no source to build it from, only its wasm.", path=function.wasm)
        except BuildError as error:
            reason = error if os.path.isdir(function.directory) else _gone(function)
            return Failed(function.id, reason, error.diagnostics, duration_ms(), changed_at)
        except UserError as error:
            return Failed(function.id, error, (), duration_ms(), changed_at)
        except OSError as error:
            reason = UserError(f"{function.id} cannot be built: {error}.")
            return Failed(function.id, reason, (), duration_ms(), changed_at)
    return Finished(function.id, artifact, diagnostics, duration_ms(), changed_at)


def _gone(function: Function) -> UserError:
    return UserError(f"{function.id} cannot be built: its directory is gone.", path=function.directory)


def _reporter(function: Function, progress: Callable[[Progress], None]) -> Callable[[str, int, int], None]:
    def report(crate: str, done: int, total: int) -> None:
        progress(Progress(function.id, crate, done, total))

    return report


def _with_cargo(
    function: Function,
    manifest: Path,
    profile: Profile,
    find: Callable[[], Toolchain],
    shared_target: Path,
    leash: Leash,
    progress: Callable[[str, int, int], None],
    anew: bool,
) -> tuple[Artifact, tuple[Diagnostic, ...]]:
    if not os.path.isfile(manifest):
        raise UserError(f"{function.id} cannot be built: its Cargo.toml is gone.", path=manifest)
    if not _is_text(manifest) or not _is_text(shared_target):
        raise UserError(f"{function.id} cannot be built: cargo takes no path that is not UTF-8.", path=manifest)
    toolchain = pinned.toolchain_for(function.directory) or find()
    if not os.path.isfile(toolchain.cargo):
        raise UserError(f"{function.id} cannot be built: {toolchain.cargo} is gone. `workbench doctor` tells more.")
    said = cargo_config.target_directory(function.directory)
    target = shared_target if said is None else said / places.APPLICATION
    with ExitStack() as held:
        try:
            cleaning.tidy(shared_target.parent, target)
            held.enter_context(cleaning.in_use(shared_target.parent))
            directory = target_dir.choose(target, manifest)
        except OSError as error:
            elsewhere = f"{places.CACHE_VARIABLE}=DIR puts it elsewhere"
            reason = f"{function.id} cannot be built: build output cannot be written ({reason_of(error)}); {elsewhere}"
            raise UserError(reason, path=Path(error.filename or target)) from error
        if anew:
            target_dir.forget_all(directory, manifest)
        run = cargo.build(function, manifest, profile, toolchain, directory, leash, progress)
        if not run.success:
            raise _failure(function, manifest, run.diagnostics)
        if run.wasm is None:
            reason = f'{function.id} gives no wasm: its Cargo.toml needs `crate-type = ["cdylib"]` under `[lib]`.'
            raise BuildError(UserError(reason, path=manifest), run.diagnostics)
        sources = depinfo.sources(run.wasm, directory)
        content = run.wasm.read_bytes()
        path = target_dir.artifact_path(shared_target, function.id, function.directory, profile)
        target_dir.put_artifact(path, content)
    unheeded = pinned.unheeded(function.directory, toolchain.version)
    warnings = () if unheeded is None else (Diagnostic("warning", unheeded, rendered=f"warning: {unheeded}"),)
    return Artifact(function.id, profile, path, _digest(content), sources, run.fresh), (*warnings, *run.diagnostics)


def _is_text(path: Path) -> bool:
    try:
        str(path).encode()
    except UnicodeEncodeError:
        return False
    return True


def _failure(function: Function, manifest: Path, diagnostics: tuple[Diagnostic, ...]) -> BuildError:
    """What cargo has against it, with the sentence that helps where the guest crate is what is missing."""
    error = _error_of(function, diagnostics)
    advice = guest_crate.advice(manifest, diagnostics)
    if advice is None:
        return BuildError(error, diagnostics)
    told = UserError(f"{error.message}; {advice}", path=error.path, line=error.line, column=error.column)
    at = next(number for number, each in enumerate(diagnostics) if each.level == "error")
    first = replace(diagnostics[at], rendered=f"{diagnostics[at].rendered.rstrip()}\n\nhelp: {advice}\n")
    return BuildError(told, (*diagnostics[:at], first, *diagnostics[at + 1 :]))


def _error_of(function: Function, diagnostics: tuple[Diagnostic, ...]) -> UserError:
    """The sentence: the first error, its place, and how many more there are."""
    errors = [diagnostic for diagnostic in diagnostics if diagnostic.level == "error"]
    first, more = errors[0], len(errors) - 1
    rest = f" (and {more} more error{'s' if more > 1 else ''})" if more else ""
    message = f"{function.id} does not build: {first.message}{rest}"
    path = function.directory / first.file if first.file else None
    return UserError(message, path=path, line=first.line, column=first.column)


def _with_command(
    function: Function,
    command: tuple[str, ...],
    profile: Profile,
    leash: Leash,
    progress: Callable[[str, int, int], None],
) -> tuple[Artifact, tuple[Diagnostic, ...]]:
    """Run the user's command in the function's directory, with `WORKBENCH_PROFILE` saying what for.

    How far it is nobody knows; that it goes on is reported at its beginning and every `_BEAT_S`.
    """
    if shutil.which(os.path.join(function.directory, command[0]) if "/" in command[0] else command[0]) is None:
        raise UserError(f"{function.id} cannot be built: its build command `{command[0]}` is not on this machine.")
    environment = {**os.environ, "WORKBENCH_PROFILE": profile}
    output = b""
    name = os.path.basename(command[0])
    progress(name, 0, 0)
    for _, chunk in leash.run(command, function.directory, environment, _BEAT_S):
        output = (output + chunk)[-_KEPT_OUTPUT:]
        progress(name, 0, 0)
    if leash.exit_status != 0:
        text = output.decode("utf-8", "replace").strip()
        ended = f"`{' '.join(command)}` ended with status {leash.exit_status}"
        diagnostic = from_text(text or ended, function.directory)
        raise BuildError(UserError(f"{function.id} does not build: {ended}."), (diagnostic,))
    if not os.path.isfile(function.wasm):
        reason = f"{function.id} does not build: `{' '.join(command)}` went well but did not make this file."
        raise UserError(reason, path=function.wasm)
    return Artifact(function.id, profile, function.wasm, _digest(function.wasm.read_bytes()), frozenset()), ()


def _digest(content: bytes) -> str:
    return hashlib.blake2b(content, digest_size=16).hexdigest()
