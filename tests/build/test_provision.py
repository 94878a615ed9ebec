"""The ways to a compiler: what each would do on a given machine, and how it fails."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.build.bare_machine import BareMachine
from workbench.build import provision, toolchain
from workbench.errors import UserError


@pytest.fixture
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> BareMachine:
    return BareMachine(tmp_path, monkeypatch)


def _packages() -> str:
    plan = provision.apt_packages()
    assert plan is not None
    assert plan.root
    return plan.what.removeprefix("Install packages with apt: ")


def test_debian_13_gets_the_ready_made_library(bare: BareMachine) -> None:
    bare.apt(rustc="1.85.0+dfsg3-1", cargo="1.85.0", libstd_rust_dev_wasm32="1.85.0", lld="1:19.0-63")
    assert _packages() == "rustc cargo libstd-rust-dev-wasm32 lld gcc libc6-dev"


def test_debian_12_gets_its_newer_compiler_the_librarys_source_and_the_newest_linker(bare: BareMachine) -> None:
    old = {"rustc": "1.63.0+dfsg1-2", "cargo": "0.66.0", "libstd_rust_dev_wasm32": "1.63.0", "lld": "1:14.0-55.7"}
    web = {"rustc_web": "1.96.0+dfsg1-1", "cargo_web": "1.96.0+dfsg1-1", "rust_web_src": "1.96.0+dfsg1-1"}
    bare.apt(**old, **web, lld_19="1:19.1.7-3", lld_22="1:22.1.8-1", lldb_22="1:22.1.8-1")
    assert _packages() == "rustc-web cargo-web rust-web-src lld-22 gcc libc6-dev"


def test_ubuntu_gets_a_compiler_with_its_version_in_its_name(bare: BareMachine) -> None:
    old = {"rustc": "1.75.0+dfsg0ubuntu1", "cargo": "1.75.0", "libstd_rust_dev_wasm32": "1.75.0", "lld": "1:18.0-59"}
    versioned = {"rustc_1.80": "1.80.1", "cargo_1.80": "1.80.1", "libstd_rust_1.80_dev_wasm32": "1.80.1"}
    newer = {"rustc_1.89": "1.89.0", "cargo_1.89": "1.89.0", "libstd_rust_1.89_dev_wasm32": "1.89.0"}
    bare.apt(**old, **versioned, **newer)
    assert _packages() == "rustc-1.89 cargo-1.89 libstd-rust-1.89-dev-wasm32 lld gcc libc6-dev"


def test_where_all_packages_are_too_old_none_is_proposed(bare: BareMachine) -> None:
    bare.apt(rustc="1.63.0", cargo="0.66.0", libstd_rust_dev_wasm32="1.63.0", lld="1:14.0")
    assert provision.apt_packages() is None
    assert not any("apt-get" in command for command in provision.by_hand())


def test_a_machine_that_never_looked_up_its_packages_does_that_first(bare: BareMachine) -> None:
    bare.apt()
    assert provision.apt_packages() is None
    plan = provision.apt_lists()
    assert plan is not None
    assert "apt-get update" in plan.what


def test_a_compiler_without_a_linker_gets_just_that(bare: BareMachine) -> None:
    bare.link("cc", "sh")
    sysroot = bare.compiler()
    library = sysroot / "lib/rustlib" / toolchain.TARGET / "lib/libstd.rlib"
    library.parent.mkdir(parents=True)
    library.touch()
    (bare.bin / "wasm-ld").unlink()
    bare.apt(lld="1:14.0", lld_19="1:19.1")
    assert _packages() == "lld-19"


def test_rustup_adds_the_target_to_the_toolchain_that_is_new_enough(bare: BareMachine) -> None:
    bare.script("rustup", "exit 1")
    for name, version in (("old", "1.70.0"), ("stable", "1.95.0")):
        bare.script("rustc", f"echo 'rustc {version}'", bare.rustup_home / "toolchains" / name / "bin")
        bare.script("cargo", "exit 1", bare.rustup_home / "toolchains" / name / "bin")
        (bare.rustup_home / "toolchains" / name / "lib/rustlib").mkdir(parents=True)
    plan = provision.rustup_target()
    assert plan is not None
    assert not plan.root
    assert plan.what.endswith("rustup target add wasm32-unknown-unknown --toolchain stable")


def test_rustup_without_a_usable_toolchain_installs_one(bare: BareMachine) -> None:
    bare.script("rustup", "exit 1")
    plan = provision.rustup_target()
    assert plan is not None
    assert "toolchain install stable --profile minimal --target wasm32-unknown-unknown" in plan.what


def test_a_server_that_never_answers_is_given_up(bare: BareMachine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(provision, "RUSTUP_PATIENCE_S", 0.0)
    started = bare.bin.parent / "started"
    bare.script("rustup", f"echo $$ > {started}; exec sleep 600")
    plan = provision.rustup_target()
    assert plan is not None
    with pytest.raises(UserError, match="did not answer"):
        plan.act()
    assert not started.exists() or not Path("/proc", started.read_text().strip()).exists()


def test_a_library_that_does_not_compile_leaves_nothing_behind(bare: BareMachine) -> None:
    bare.compiler(source=True, cargo="exit 101")
    plan = provision.built_library()
    assert plan is not None
    with pytest.raises(UserError, match="cargo build"):
        plan.act()
    assert list(toolchain.private_sysroots().iterdir()) == []


def test_a_built_library_takes_its_place_and_outdated_ones_go(bare: BareMachine) -> None:
    made = f"$CARGO_TARGET_DIR/{toolchain.TARGET}/release/deps"
    rustc = bare.compiler(source=True, cargo=f"/bin/mkdir -p {made}; echo > {made}/libstd-1.rlib") / "bin/rustc"
    (toolchain.private_sysroots() / "of-a-compiler-long-gone").mkdir(parents=True)
    plan = provision.built_library()
    assert plan is not None
    plan.act()
    assert toolchain.missing() == ()
    assert list(toolchain.private_sysroots().iterdir()) == [toolchain.private_sysroot(rustc)]
    assert provision.built_library() is None


def test_a_full_disk_is_told_before_the_building_starts(bare: BareMachine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(provision, "LIBRARY_ROOM_BYTES", 10**18)
    bare.compiler(source=True)
    plan = provision.built_library()
    assert plan is not None
    with pytest.raises(UserError, match="MB are free"):
        plan.act()
