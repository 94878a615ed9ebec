"""What the user's environment and cargo's configuration say about builds holds, as for plain cargo."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.build.crates import LIBRARY, crate
from workbench.build import toolchain
from workbench.build.events import Failed, Finished
from workbench.build.once import build_once
from workbench.project.model import Function
from workbench.records import Profile

FLAGGED = LIBRARY.replace("42", "if cfg!(flag) { 1 } else { 42 }")
REFUSING = """#!/bin/sh
case "$*" in *incremental=*) echo 'error: incremental compilation is prohibited' >&2; exit 1;; esac
test "$CARGO_INCREMENTAL" = 1 && { echo 'error: unset CARGO_INCREMENTAL' >&2; exit 1; }
exec "$@"
"""

Built = Callable[..., Finished]


@pytest.fixture
def built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Built:
    """Builds with these variables set; a target directory of its own, as what was built before must not count."""

    def build(function: Function, profile: Profile = "dev", **variables: str) -> Finished:
        with monkeypatch.context() as patch:
            for name, value in variables.items():
                patch.setenv(name, value)
            ended = build_once(function, profile, toolchain.find, tmp_path / "cache" / "target")
        assert not isinstance(ended, Failed), ended
        return ended

    return build


def configured(function: Function, text: str) -> None:
    (function.directory / ".cargo").mkdir(exist_ok=True)
    (function.directory / ".cargo/config.toml").write_text(text)


def wrapper(tmp_path: Path) -> str:
    path = tmp_path / "refusing"
    path.write_text(REFUSING)
    path.chmod(0o755)
    return str(path)


@pytest.mark.parametrize("name", ["RUSTC_WRAPPER", "RUSTC_WORKSPACE_WRAPPER", "CARGO_BUILD_RUSTC_WRAPPER"])
def test_a_wrapper_that_refuses_incremental_builds_is_served(built: Built, tmp_path: Path, name: str) -> None:
    built(crate(tmp_path / "wrapped"), **{name: wrapper(tmp_path)})


def test_a_wrapper_in_the_configuration_is_served(built: Built, tmp_path: Path) -> None:
    function = crate(tmp_path / "wrapped")
    configured(function, f'[build]\nrustc-wrapper = "{wrapper(tmp_path)}"\n')
    built(function)


def test_whether_to_build_incrementally_is_the_users_to_say(built: Built, tmp_path: Path) -> None:
    function = crate(tmp_path / "whole")
    built(function, CARGO_INCREMENTAL="0")
    assert not list((tmp_path / "cache/target").glob("*/debug/incremental/*"))
    built(function)
    assert list((tmp_path / "cache/target").glob("*/debug/incremental/*"))


def test_profiles_of_the_environment_hold(built: Built, tmp_path: Path) -> None:
    function = crate(tmp_path / "profiled")
    plain, full, stripped = (
        built(function, **variables).artifact.path.read_bytes()
        for variables in ({}, {"CARGO_PROFILE_DEV_DEBUG": "full"}, {"CARGO_PROFILE_DEV_STRIP": "debuginfo"})
    )
    assert b".debug_line" in plain
    assert len(full) > len(plain)
    assert b".debug_line" not in stripped


@pytest.mark.parametrize("profile", ["dev", "release"])
@pytest.mark.parametrize(
    ("name", "flags"),
    [
        ("RUSTFLAGS", "--cfg flag"),
        ("CARGO_ENCODED_RUSTFLAGS", "--cfg\x1fflag"),
        ("CARGO_BUILD_RUSTFLAGS", "--cfg flag"),
        ("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS", "--cfg flag"),
    ],
)
def test_flags_of_the_environment_hold(built: Built, tmp_path: Path, name: str, flags: str, profile: Profile) -> None:
    function = crate(tmp_path / "flagged", source=FLAGGED)
    plain = built(function, profile).artifact.digest
    assert built(function, profile, **{name: flags}).artifact.digest != plain


@pytest.mark.parametrize("name", ["CARGO_TARGET_DIR", "CARGO_BUILD_TARGET_DIR"])
def test_build_output_goes_where_the_environment_says(built: Built, tmp_path: Path, name: str) -> None:
    artifact = built(crate(tmp_path / "placed"), **{name: str(tmp_path / "mine")}).artifact
    assert list((tmp_path / "mine").rglob("placed.wasm"))
    assert not (tmp_path / "cache/target").exists()
    assert artifact.path.is_relative_to(tmp_path / "cache")


def test_build_output_goes_where_the_configuration_says(built: Built, tmp_path: Path) -> None:
    function = crate(tmp_path / "placed")
    configured(function, '[build]\ntarget-dir = "../mine"\n')
    built(function)
    assert list((tmp_path / "mine").rglob("placed.wasm"))


def test_another_target_of_the_users_is_none_of_a_functions(built: Built, tmp_path: Path) -> None:
    function = crate(tmp_path / "aimed")
    configured(function, '[build]\ntarget = "x86_64-unknown-linux-gnu"\n')
    assert built(function).artifact.path.read_bytes().startswith(b"\0asm")
    assert built(function, CARGO_BUILD_TARGET="x86_64-unknown-linux-gnu").artifact.path.read_bytes()


def test_a_linker_of_the_users_is_taken(built: Built, tmp_path: Path) -> None:
    found = toolchain.find()
    linker = tmp_path / "linking" / "rust-lld"
    linker.parent.mkdir()
    linker.write_text(f'#!/bin/sh\necho >> {tmp_path}/linked\nexec {found.environment[toolchain.LINKER]} "$@"\n')
    linker.chmod(0o755)
    by_configuration, by_variable = crate(tmp_path / "one"), crate(tmp_path / "two")
    configured(by_configuration, f'[target.{toolchain.TARGET}]\nlinker = "{linker}"\n')
    built(by_configuration)
    assert (tmp_path / "linked").read_text() == "\n"
    built(by_variable, **{toolchain.LINKER: str(linker)})
    assert (tmp_path / "linked").read_text() == "\n\n"
