"""`workbench doctor`: what this machine lacks for building functions, and, with --fix, getting it."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from workbench.build import pinned, provision, toolchain
from workbench.build.provision import Plan
from workbench.build.toolchain import TARGET, Part, Toolchain, ToolchainMissing
from workbench.errors import UserError

_TRIAL = {
    "Cargo.toml": '[package]\nname = "trial"\nversion = "0.1.0"\nedition = "2024"\n'
    '[lib]\ncrate-type = ["cdylib"]\n[workspace]\n',
    "build.rs": "fn main() {}\n",
    "src/lib.rs": 'unsafe extern "C" {\n    fn of_the_host(length: usize);\n}\n'
    '#[unsafe(no_mangle)]\npub extern "C" fn trial(n: usize) {\n'
    '    let text = format!("{n}");\n    unsafe { of_the_host(text.len()) }\n}\n',
}


def run(*, fix: bool, yes: bool) -> int:
    """0 if functions can be built (with `fix`: afterwards), else 1 and one sentence on standard error.

    `yes` answers every question. What needs root is never done unasked.
    """
    try:
        if fix:
            _mend(yes)
        return _examine(fix)
    except UserError as error:
        return _fail(str(error))
    except KeyboardInterrupt:
        return _fail("Stopped. What was finished stays; `workbench doctor --fix` goes on from there.")


def _examine(after_mending: bool) -> int:
    """Says what is there and what is missing. Raises UserError if a build does not work although nothing is."""
    _line("ok", f"Python {platform.python_version()}")
    try:
        found = pinned.toolchain_for(Path.cwd()) or toolchain.find()
    except ToolchainMissing:
        for compiler in toolchain.compilers():
            _line("lacking", f"{compiler.rustc} ({compiler.origin}): {_named(toolchain.lacks(compiler))}")
    else:
        _line("ok", f"{found.version}: {found.rustc} ({found.origin})")
        if unheeded := pinned.unheeded(Path.cwd(), found.version):
            _line("note", unheeded)
        _line("ok", f"cargo: {found.cargo}")
        _line("ok", f"linker for wasm: {found.environment[toolchain.LINKER]}")
        if not provision.needed():
            _line("ok", f"C compiler: {shutil.which('cc')}")
            _try_a_build(found)
            _line("ok", f"a trial function was built for {TARGET}")
            return 0
    return _report_missing(provision.needed(), after_mending)


def _report_missing(parts: Sequence[Part], after_mending: bool) -> int:
    for part in parts:
        _line("missing", part.value)
    remedy = "`workbench doctor --fix` gets what is missing."
    if after_mending:
        remedy = "What can still be done by hand stands above."
        for command in provision.by_hand():
            _line("by hand", command)
    return _fail(f"Functions cannot be built here without {_named(parts)}. {remedy}")


def _try_a_build(found: Toolchain) -> None:
    """The proof: a crate with a build script and an undeclared import goes through compiler and both linkers."""
    with tempfile.TemporaryDirectory(prefix="workbench-doctor-") as folder:
        for name, text in _TRIAL.items():
            path = Path(folder, name)
            path.parent.mkdir(exist_ok=True)
            path.write_text(text)
        trial = subprocess.run(
            [found.cargo, "build", "--offline", "--quiet", "--target", TARGET],
            cwd=folder,
            env={**os.environ, **found.environment, "CARGO_TARGET_DIR": str(Path(folder, "target"))},
            capture_output=True,
            text=True,
            check=False,
        )
    if trial.returncode != 0:
        print(trial.stderr.strip())
        raise UserError("A trial function does not build with this compiler; what it says is above.")


def _mend(yes: bool) -> None:
    """Goes the ways in their order until nothing is missing; none is gone twice if it led nowhere."""
    failed: set[str] = set()
    ways = ((way, provision.needed) for way in provision.WAYS)
    for way, is_needed in (*ways, (provision.pinned_toolchain, lambda: True)):
        plan = way() if is_needed() else None
        if plan is not None and plan.what not in failed and _may(plan, yes):
            try:
                plan.act()
            except UserError as error:
                failed.add(plan.what)
                _line("failed", str(error))


def _may(plan: Plan, yes: bool) -> bool:
    _line("next", plan.what)
    if not plan.root or yes:
        return True
    if not provision.can_be_root():
        _line("skipped", "it takes an administrator, and there is no sudo here")
        return False
    if not sys.stdin.isatty():
        _line("skipped", "it takes root, and nobody can be asked here: --yes allows it")
        return False
    print("         It takes root. Do it? [y/N] ", end="", flush=True)
    return sys.stdin.readline().strip().lower() in {"y", "yes"}


def _named(parts: Sequence[Part]) -> str:
    return ", and ".join(part.value for part in parts)


def _line(status: str, text: str) -> None:
    print(f"{status:8} {text}".rstrip(), flush=True)


def _fail(sentence: str) -> int:
    print(f"workbench doctor: {sentence}", file=sys.stderr)
    return 1
