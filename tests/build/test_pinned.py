"""A toolchain that a directory asks for: it is the one that builds, or the sentence says how to get it."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from tests.build.bare_machine import BareMachine
from tests.build.crates import crate
from workbench.build import pinned, toolchain
from workbench.build.events import Failed, Finished
from workbench.build.once import build_once
from workbench.build.toolchain import TARGET, Toolchain

MISSING = "error: toolchain '1.70.0-x86_64-unknown-linux-gnu' is not installed"


@pytest.fixture
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> BareMachine:
    return BareMachine(tmp_path / "machine", monkeypatch)


@pytest.fixture
def asking(tmp_path: Path) -> Path:
    """A directory that asks for Rust 1.70.0."""
    directory = tmp_path / "asking"
    directory.mkdir()
    (directory / "rust-toolchain.toml").write_text('[toolchain]\nchannel = "1.70.0"\n')
    return directory


def installed(bare: BareMachine, name: str, *, library: bool = True) -> Path:
    """A toolchain of rustup's that only tells its version; gives its rustc."""
    sysroot = bare.rustup_home / "toolchains" / name
    (sysroot / "lib/rustlib/host/bin").mkdir(parents=True)
    bare.script("rust-lld", "exit 1", sysroot / "lib/rustlib/host/bin")
    bare.script("cargo", "exit 1", sysroot / "bin")
    if library:
        (sysroot / "lib/rustlib" / TARGET / "lib").mkdir(parents=True)
        (sysroot / "lib/rustlib" / TARGET / "lib/libstd-1.rlib").write_text("")
    return bare.script("rustc", "echo 'rustc 1.70.0 (of a day)'", sysroot / "bin")


def test_nothing_is_asked_for_where_nothing_says_so(bare: BareMachine, tmp_path: Path) -> None:
    bare.script("rustup", "exit 1")
    assert pinned.toolchain_for(tmp_path) is None


def test_the_one_that_is_asked_for_is_taken_however_old_it_is(bare: BareMachine, asking: Path) -> None:
    rustc = installed(bare, "1.70.0-host")
    bare.script("rustup", f'test "$RUSTUP_AUTO_INSTALL" = 0 && echo {rustc}')
    found = pinned.toolchain_for(asking)
    assert found is not None
    assert (found.rustc, found.version) == (rustc, "rustc 1.70.0")
    assert found.origin == "rustup, 1.70.0-host, asked for by rust-toolchain.toml"


def test_one_that_is_missing_is_told_with_the_command_that_gets_it(bare: BareMachine, asking: Path) -> None:
    bare.script("rustup", f'echo "{MISSING}" >&2; exit 1')
    with pytest.raises(pinned.ToolchainUnusable) as raised:
        pinned.toolchain_for(asking)
    assert raised.value.path == asking / "rust-toolchain.toml"
    assert f"`rustup toolchain install 1.70.0 --target {TARGET}`" in str(raised.value)


def test_one_without_the_library_for_wasm_is_told_with_the_command_that_gets_it(
    bare: BareMachine, asking: Path
) -> None:
    bare.script("rustup", f"echo {installed(bare, '1.70.0-host', library=False)}")
    with pytest.raises(pinned.ToolchainUnusable) as raised:
        pinned.toolchain_for(asking)
    assert f"`rustup target add {TARGET} --toolchain 1.70.0-host`" in str(raised.value)


def test_what_rustup_has_against_it_is_told_in_its_words(bare: BareMachine, asking: Path) -> None:
    bare.script("rustup", "echo 'error: could not parse override file' >&2; exit 1")
    with pytest.raises(pinned.ToolchainUnusable, match="could not parse override file"):
        pinned.toolchain_for(asking)


def test_one_that_was_removed_is_asked_for_again(bare: BareMachine, asking: Path) -> None:
    rustc = installed(bare, "1.70.0-host")
    bare.script("rustup", f'test -e {rustc} && echo {rustc} || {{ echo "{MISSING}" >&2; exit 1; }}')
    pinned.toolchain_for(asking)
    shutil.rmtree(rustc.parent)
    with pytest.raises(pinned.ToolchainUnusable, match="is not installed"):
        pinned.toolchain_for(asking)


@pytest.mark.parametrize(
    ("name", "text", "wanted"),
    [
        ("rust-toolchain", "1.70.0\n", "1.70.0"),
        ("rust-toolchain", '[toolchain]\nchannel = "nightly"\n', "nightly"),
        ("rust-toolchain.toml", '[toolchain]\npath = "/opt/rust"\n', "/opt/rust"),
        ("rust-toolchain.toml", '[toolchain]\ntargets = ["wasm32-unknown-unknown"]\n', None),
        ("rust-toolchain.toml", "[broken", None),
    ],
)
def test_each_form_of_the_file_is_read(
    bare: BareMachine, tmp_path: Path, name: str, text: str, wanted: str | None
) -> None:
    (tmp_path / name).write_text(text)
    (tmp_path / "below").mkdir()
    pin = pinned.pin_of(tmp_path / "below")
    assert pin is not None
    assert (pin.file, pin.wanted) == (tmp_path / name, wanted)


def test_the_variable_comes_before_an_override_and_that_before_a_file(
    bare: BareMachine, asking: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bare.rustup_home.mkdir(parents=True)
    (bare.rustup_home / "settings.toml").write_text(f"[overrides]\n\"{os.path.realpath(asking)}\" = 'beta'\n")
    by_override = pinned.pin_of(asking)
    monkeypatch.setenv("RUSTUP_TOOLCHAIN", "nightly")
    by_variable = pinned.pin_of(asking)
    assert by_override is not None
    assert by_variable is not None
    assert (by_override.wanted, by_variable.wanted) == ("beta", "nightly")


def test_a_compiler_named_by_the_user_is_the_one(
    bare: BareMachine, asking: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bare.script("rustup", "exit 1")
    monkeypatch.setenv("RUSTC", "rustc")
    assert pinned.toolchain_for(asking) is None


@pytest.mark.parametrize(("version", "told"), [("rustc 1.70.0", False), ("rustc 1.7.0", True), ("rustc 1.96.0", True)])
def test_without_rustup_what_is_asked_for_in_vain_is_told(
    bare: BareMachine, asking: Path, version: str, told: bool
) -> None:
    assert pinned.toolchain_for(asking) is None
    unheeded = pinned.unheeded(asking, version)
    assert (unheeded is not None) is told
    assert not told or f"asks for 1.70.0, which takes rustup; without it this is built with {version}" in str(unheeded)


def test_a_build_takes_the_pinned_toolchain_or_fails_with_the_sentence(
    tmp_path: Path, compiler: Toolchain, shared_target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    function = crate(tmp_path / "pinned")
    (function.directory / "rust-toolchain.toml").write_text('[toolchain]\nchannel = "1.70.0"\n')
    answer = tmp_path / "answer"
    answer.write_text(f"echo {compiler.rustc}")
    program = tmp_path / "bin" / "rustup"
    program.parent.mkdir()
    program.write_text(f"#!/bin/sh\n. {answer}\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}{os.pathsep}{os.environ['PATH']}")

    def find() -> Toolchain:
        raise AssertionError("another toolchain was looked for")

    assert isinstance(build_once(function, "dev", find, shared_target), Finished)
    os.utime(function.directory / "rust-toolchain.toml", (1, 1))
    answer.write_text(f'echo "{MISSING}" >&2; exit 1')
    ended = build_once(function, "dev", find, shared_target)
    assert isinstance(ended, Failed)
    assert "`rustup toolchain install 1.70.0" in str(ended.error)


def test_the_real_rustup_is_understood(asking: Path) -> None:
    if pinned.rustup() is None:
        pytest.skip("there is no rustup on this machine")
    (asking / "rust-toolchain.toml").write_text('[toolchain]\nchannel = "1.0.0"\n')
    with pytest.raises(pinned.ToolchainUnusable, match=r"1\.0\.0.* is not installed"):
        pinned.toolchain_for(asking)
    installed_here = sorted((toolchain.rustup_home() / "toolchains").glob("*/lib/rustlib/wasm32-unknown-unknown"))
    if installed_here:
        sysroot = installed_here[0].parents[2]
        (asking / "rust-toolchain.toml").write_text(f'[toolchain]\npath = "{sysroot}"\n')
        found = pinned.toolchain_for(asking)
        assert found is not None
        assert os.path.samefile(found.rustc, sysroot / "bin/rustc")
