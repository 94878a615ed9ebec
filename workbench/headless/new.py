"""`workbench new`: a function directory that builds and runs at once, with its first test message."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import tempfile
from collections.abc import Collection
from pathlib import Path

from workbench import assets, places
from workbench.build import guest_crate
from workbench.errors import UserError, reason_of
from workbench.home import workspace_taking
from workbench.project.functions import MANIFEST, SPEC
from workbench.project.messages import DIRECTORY, Message, save_message

STARTER = Path(__file__).parent / "starter" / "lib.rs"

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,63}")

# Names a crate cannot have or that mean another crate to it: Rust's keywords, its own crates, our dependencies.
_TAKEN = {
    *("alloc", "core", "proc_macro", "std", "test", "log", assets.GUEST_CRATE, "user", "target"),
    *("abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "crate", "do", "dyn", "else"),
    *("enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl", "in", "let", "loop", "macro", "match"),
    *("mod", "move", "mut", "override", "priv", "pub", "ref", "return", "self", "static", "struct", "super", "trait"),
    *("true", "try", "type", "typeof", "unsafe", "unsized", "use", "virtual", "where", "while", "yield"),
}

_CARGO_TOML = """\
[package]
name = "{name}"
version = "0.1.0"
edition = "2024"
publish = false
{workspace}
[lib]
crate-type = ["cdylib"]

[dependencies]
edgeless_function = {{ path = "{crate}" }}
log = "0.4"
{profile}"""

_OWN_WORKSPACE = """
# Each function is its own workspace, as the platform's own command line expects.
[workspace]
"""

_OWN_PROFILE = """
# Small rather than fast: the code travels with the workflow.
[profile.release]
lto = true
opt-level = "z"
panic = "abort"
codegen-units = 1
strip = true
"""

_GITIGNORE = "target/\n"


def run(name: str, directory: Path, commands: Collection[str] = ()) -> int:
    """Make the function `name` in `directory` and say what comes next. Raises `UserError`, leaving nothing behind.

    `commands` are the words that are commands where a target can be named, too.
    """
    path, copied = make_function(name, directory)
    shown = _typed(path, commands)
    print(f"Made {shown}. Its code is in {shown}/src/lib.rs.")
    if copied is not None:
        print(f"Made {_typed(copied, commands)}, too: the guest crate, for this function and any made here later.")
    print(f"To open it:                  workbench {shown}")
    print(f"To try it without a screen:  workbench run {shown} --cast {name}=hello")
    return 0


def _typed(path: Path, commands: Collection[str]) -> str:
    """How one names `path` to the workbench in a shell, from here."""
    shown = str(path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path)
    return shlex.quote(f"./{shown}" if shown in commands or shown.startswith("-") else shown)


def make_function(name: str, directory: Path) -> tuple[Path, Path | None]:
    """Make the function `name` in `directory`: its path, and that of the guest crate if it had to be copied there.

    Raises `UserError`, leaving nothing behind.
    """
    _check(name)
    path = Path(os.path.realpath(directory)) / name
    if os.path.lexists(path):
        raise UserError("this exists already; choose another name, or remove it", path=path)
    try:
        with tempfile.TemporaryDirectory(prefix=places.SCRATCH, dir=path.parent) as scratch:
            return path, _make(Path(scratch), name, path)
    except OSError as error:
        raise UserError(f'"{name}" cannot be made here: {reason_of(error)}', path=directory) from None


def _make(scratch: Path, name: str, path: Path) -> Path | None:
    """Write everything in `scratch`, then move it into place. Where the guest crate was copied to, if it was."""
    crate, copied = guest_crate.near(path.parent), None
    if crate is None:
        crate = copied = path.parent / assets.GUEST_CRATE
        if os.path.lexists(crate):
            raise UserError("this is not the guest crate, which a new function needs here; move it away", path=crate)
        guest_crate.copy_to(scratch / crate.name)
    is_member = workspace_taking(path) is not None
    _write_function(scratch / name, name, os.path.relpath(crate, path), is_member)
    if copied is not None:
        (scratch / copied.name).rename(copied)
    try:
        (scratch / name).rename(path)
    except BaseException:
        if copied is not None:
            shutil.rmtree(copied)
        raise
    return copied


def _write_function(path: Path, name: str, crate: str, is_member: bool) -> None:
    """Write all files of the function. `is_member`: a workspace takes it for one, so it can be none of its own."""
    spec = {
        "id": name,
        "function_type": "RUST_WASM",
        "version": "0.1",
        "code": f"{name}.wasm",
        "outputs": ["out"],
    }
    (path / "src").mkdir(parents=True)
    (path / SPEC).write_text(json.dumps(spec, indent=2) + "\n", encoding="utf-8")
    workspace, profile = ("", "") if is_member else (_OWN_WORKSPACE, _OWN_PROFILE)
    manifest = _CARGO_TOML.format(
        name=_crate_name(name), crate=Path(crate).as_posix(), workspace=workspace, profile=profile
    )
    (path / MANIFEST).write_text(manifest, encoding="utf-8")
    (path / "src" / "lib.rs").write_text(STARTER.read_text(encoding="utf-8"), encoding="utf-8")
    (path / ".gitignore").write_text(_GITIGNORE, encoding="utf-8")
    save_message(Message(name="hello", target=name, payload=b"hello"), path / DIRECTORY)


def _crate_name(name: str) -> str:
    """The crate of the function `name`: without capitals, which the compiler warns of."""
    return name.lower()


def _check(name: str) -> None:
    if not _NAME.fullmatch(name):
        raise UserError(
            f'"{name}" cannot name a function; use letters, digits, "-" and "_", beginning with a letter, 64 at most'
        )
    if _crate_name(name).replace("-", "_") in _TAKEN:
        raise UserError(f'"{name}" cannot name a function: it means something else to Rust or to the workbench')
