"""What keeps a function from being built is found before it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.build.bare_machine import BareMachine
from tests.project import files
from workbench.checks.rules import building
from workbench.config import Settings
from workbench.project.model import Problem
from workbench.project.targets import read

PACKAGE = '[package]\nname = "own"\nversion = "0.1.0"\n[dependencies]\nedgeless_function = '


def found(tmp_path: Path, how: str, toolchain: str = "") -> list[Problem]:
    directory = files.function(tmp_path, "own")
    (directory / "Cargo.toml").write_text(f"{PACKAGE}{how}\n")
    if toolchain:
        (directory / "rust-toolchain").write_text(toolchain)
    return list(building.found_in(read((directory,), Settings())))


def test_a_guest_crate_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    [problem] = found(tmp_path, '{ path = "../gone" }')
    assert (problem.severity, problem.code) == ("error", "guest-crate")
    assert problem.error.path == tmp_path / "own" / "Cargo.toml"
    assert "The workbench ships that crate" in problem.error.message


def test_one_that_is_yet_to_be_fetched_is_a_hint(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CARGO_HOME", str(tmp_path / "cargo"))
    [problem] = found(tmp_path, '{ git = "https://example.org/edgeless.git" }')
    assert (problem.severity, problem.code) == ("hint", "guest-crate")


def test_one_that_was_fetched_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CARGO_HOME", str(tmp_path / "cargo"))
    (tmp_path / "cargo/git/checkouts/edgeless-0123").mkdir(parents=True)
    assert found(tmp_path, '{ git = "https://example.org/edgeless.git" }') == []


def test_a_toolchain_that_is_missing_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bare = BareMachine(tmp_path / "machine", monkeypatch)
    bare.script("rustup", "echo \"error: toolchain '1.70.0-x' is not installed\" >&2; exit 1")
    [problem] = found(tmp_path, '"1"', "1.70.0\n")
    assert (problem.severity, problem.code) == ("error", "toolchain")
    assert "`rustup toolchain install 1.70.0" in problem.error.message


def test_without_rustup_a_toolchain_that_nobody_heeds_is_a_warning(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bare = BareMachine(tmp_path / "machine", monkeypatch)
    library = bare.compiler("1.96.0") / "lib/rustlib/wasm32-unknown-unknown/lib"
    library.mkdir(parents=True)
    (library / "libstd-1.rlib").write_text("")
    [problem] = found(tmp_path, '"1"', "1.70.0\n")
    assert (problem.severity, problem.code) == ("warning", "toolchain")
    assert "asks for 1.70.0, which takes rustup" in problem.error.message
