"""Small crates without dependencies, and looking at processes."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

from workbench.project.model import Function

DEADLINE_S = 60.0

LIBRARY = '#[unsafe(no_mangle)]\npub extern "C" fn answer() -> i32 {\n    42\n}\n'
LOOPING_BUILD_SCRIPT = """
fn main() {
    std::fs::write("build.pid", std::process::id().to_string()).unwrap();
    loop { std::thread::sleep(std::time::Duration::from_millis(50)); }
}
"""


def crate(directory: Path, *, source: str = LIBRARY, name: str | None = None, more: str = "") -> Function:
    """A function in `directory`, named after it; `more` is added to its Cargo.toml."""
    name = name or directory.name
    (directory / "src").mkdir(parents=True)
    (directory / "src/lib.rs").write_text(source)
    manifest = directory / "Cargo.toml"
    manifest.write_text(
        f'[package]\nname = "{name}"\nversion = "0.1.0"\nedition = "2024"\n'
        f'[lib]\ncrate-type = ["cdylib"]\n[workspace]\n[profile.release]\nstrip = true\n{more}'
    )
    return Function(directory.name, directory, None, manifest, directory / f"{directory.name}.wasm")


def helper(directory: Path, *, source: str = "pub fn help() -> i32 { 1 }\n") -> str:
    """A library crate to depend on; returns the `[dependencies]` for it."""
    (directory / "src").mkdir(parents=True)
    (directory / "src/lib.rs").write_text(source)
    (directory / "Cargo.toml").write_text(
        f'[package]\nname = "{directory.name}"\nversion = "0.1.0"\nedition = "2024"\n'
    )
    return f'[dependencies]\n{directory.name} = {{ path = "{directory}" }}\n'


def answering(number: int) -> str:
    return LIBRARY.replace("42", str(number))


def scripted(directory: Path, script: str, *, wasm: str = "made.wasm") -> Function:
    """A function that a shell script builds."""
    directory.mkdir(parents=True)
    return Function(directory.name, directory, None, None, directory / wasm, command=("sh", "-c", script))


def wait_until(condition: Callable[[], bool]) -> None:
    """Raises TimeoutError."""
    end = time.monotonic() + DEADLINE_S
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError("it did not come to pass")
        time.sleep(0.005)


def group_written_to(pid_file: Path) -> int:
    """The process group of the process that writes its number there."""
    wait_until(lambda: pid_file.exists() and pid_file.read_text().strip() != "")
    return os.getpgid(int(pid_file.read_text()))


def alive(group: int) -> list[str]:
    """The names of a process group's processes that still run."""
    found = []
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            name, _, rest = status.read_text().partition("(")[2].rpartition(")")
        except (FileNotFoundError, ProcessLookupError):
            continue
        state, _, its_group = rest.split()[:3]
        if int(its_group) == group and state != "Z":
            found.append(name)
    return found
