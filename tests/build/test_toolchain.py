"""Finding a compiler: every place one can be, what is missing, and that what is found builds a function."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.build.bare_machine import BareMachine
from workbench.build import toolchain
from workbench.build.toolchain import TARGET, Part, Toolchain, ToolchainMissing

_LINKER = "CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER"


@dataclass(frozen=True)
class Real:
    toolchain: Toolchain
    built_library: Path  # where the workbench's own build of the standard library is, if it was needed


@pytest.fixture(scope="module")
def real() -> Real:
    found = toolchain.find()
    return Real(found, toolchain.private_sysroot(found.rustc))


@pytest.fixture
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> BareMachine:
    return BareMachine(tmp_path / "machine", monkeypatch)


def _build_a_function(found: Toolchain, folder: Path) -> subprocess.CompletedProcess[str]:
    (folder / "src").mkdir(parents=True)
    (folder / "Cargo.toml").write_text(
        '[package]\nname = "small"\nversion = "0.1.0"\nedition = "2024"\n[lib]\ncrate-type = ["cdylib"]\n[workspace]\n'
    )
    (folder / "src/lib.rs").write_text(
        'unsafe extern "C" {\n    fn undeclared_host_function(length: usize);\n}\n'
        "#[cfg(mine)]\n#[unsafe(no_mangle)]\npub static WITH_MY_FLAGS: u8 = 1;\n"
        '#[unsafe(no_mangle)]\npub extern "C" fn say(n: u32) {\n'
        "    unsafe { undeclared_host_function(n.to_string().len()) }\n}\n"
    )
    return subprocess.run(
        [found.cargo, "build", "--offline", "--target", TARGET],
        cwd=folder,
        env={**os.environ, **found.environment, "CARGO_TARGET_DIR": str(folder / "target")},
        capture_output=True,
        text=True,
        check=False,
    )


def _wasm(folder: Path) -> bytes:
    return (folder / "target" / TARGET / "debug/small.wasm").read_bytes()


def test_what_is_found_builds_a_function_that_leaves_its_host_functions_undeclared(real: Real, tmp_path: Path) -> None:
    built = _build_a_function(real.toolchain, tmp_path)
    assert built.returncode == 0, built.stderr
    assert b"undeclared_host_function" in _wasm(tmp_path)


@pytest.mark.parametrize(("name", "flags"), [("RUSTFLAGS", "--cfg mine"), ("CARGO_ENCODED_RUSTFLAGS", "--cfg\x1fmine")])
def test_the_users_own_compiler_flags_stay_in_force(
    name: str, flags: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, flags)
    built = _build_a_function(toolchain.find(), tmp_path)
    assert built.returncode == 0, built.stderr
    assert b"WITH_MY_FLAGS" in _wasm(tmp_path)


def test_a_cache_folder_with_a_space_in_its_name_works(
    real: Real, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not real.built_library.exists():
        pytest.skip("the compiler of this machine has its own standard library for wasm")
    monkeypatch.setenv("WORKBENCH_CACHE", str(tmp_path / "my cache"))
    elsewhere = toolchain.private_sysroot(real.toolchain.rustc)
    elsewhere.parent.mkdir(parents=True)
    elsewhere.symlink_to(real.built_library)
    built = _build_a_function(toolchain.find(), tmp_path / "small")
    assert built.returncode == 0, built.stderr


def test_without_any_compiler_the_sentence_says_what_is_missing_and_what_to_do(bare: BareMachine) -> None:
    with pytest.raises(ToolchainMissing) as raised:
        toolchain.find()
    assert "a Rust compiler, 1.85 or newer" in str(raised.value)
    assert "`workbench doctor --fix`" in str(raised.value)


def test_a_compiler_too_old_counts_as_none(bare: BareMachine) -> None:
    bare.compiler("1.63.0")
    assert Part.COMPILER in toolchain.missing()


def test_a_nightly_compiler_counts(bare: BareMachine) -> None:
    bare.compiler("1.97.0-nightly")
    assert toolchain.missing() == (Part.LIBRARY,)


def test_a_compiler_that_does_not_run_counts_as_none(bare: BareMachine) -> None:
    bare.compiler()
    bare.script("rustc", "exit 127", bare.bin.parent / "rust/bin")
    assert Part.COMPILER in toolchain.missing()


def test_the_compiler_that_lacks_least_is_the_one_reported(bare: BareMachine) -> None:
    old = bare.script("rustc", "echo 'rustc 1.63.0'", bare.rustup_home / "toolchains/stable/bin")
    bare.compiler()
    assert [compiler.rustc for compiler in toolchain.compilers()] == [old, bare.bin / "rustc"]
    assert toolchain.missing() == (Part.LIBRARY,)


def test_a_toolchain_of_rustup_is_found_though_it_is_not_the_default(real: Real, bare: BareMachine) -> None:
    folder = bare.rustup_home / "toolchains"
    folder.mkdir(parents=True)
    (folder / "linked").symlink_to(real.toolchain.rustc.resolve().parent.parent)
    bare.script("rustc", "echo 'rustc 1.96.0'", folder / "stable-x/bin")
    (bare.rustup_home / "settings.toml").write_text('default_toolchain = "stable-x"\n')
    _lend(real, bare)
    assert [compiler.origin for compiler in toolchain.compilers()] == ["rustup, stable-x", "rustup, linked"]
    assert toolchain.find().origin.startswith("rustup, linked")


def test_a_compiler_with_its_version_in_its_name_is_found_with_its_cargo(real: Real, bare: BareMachine) -> None:
    bare.link("rustc-1.96", real.toolchain.rustc)
    cargo = bare.link("cargo-1.96", real.toolchain.cargo)
    _lend(real, bare)
    assert toolchain.find().cargo == cargo


def _lend(real: Real, bare: BareMachine) -> None:
    """The real compiler's linker, and the standard library that was built for it, if one was."""
    linker = Path(real.toolchain.environment[_LINKER])
    bare.link(linker.name, linker)
    if real.built_library.exists():
        place = toolchain.private_sysroot(real.toolchain.rustc)
        place.parent.mkdir(parents=True)
        place.symlink_to(real.built_library)


def test_rustups_stand_ins_are_not_taken_for_compilers(bare: BareMachine) -> None:
    bare.script("rustup", "exit 1")
    bare.link("rustc", "rustup")
    bare.link("cargo", "rustup")
    assert list(toolchain.compilers()) == []


def test_the_newest_linker_is_taken(bare: BareMachine) -> None:
    bare.compiler()
    for version in (9, 22, 14):
        bare.script(f"wasm-ld-{version}", "exit 1")
    (compiler,) = toolchain.compilers()
    assert compiler.linker == bare.bin / "wasm-ld-22"


def test_the_compilers_own_linker_is_preferred(bare: BareMachine) -> None:
    own = bare.script("rust-lld", "exit 1", bare.compiler() / "lib/rustlib/x86_64-unknown-linux-gnu/bin")
    (compiler,) = toolchain.compilers()
    assert compiler.linker == own


def test_a_library_built_for_a_compiler_is_not_used_for_the_one_that_replaces_it(bare: BareMachine) -> None:
    rustc = bare.compiler() / "bin/rustc"
    before = toolchain.private_sysroot(rustc)
    shutil.copy(bare.script("newer", "echo 'rustc 1.97.0 (of another day)'"), rustc)
    assert toolchain.private_sysroot(rustc) != before
