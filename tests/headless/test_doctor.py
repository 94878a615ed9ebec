"""`workbench doctor`: its report, its manners before it acts, and how it stops."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.build.bare_machine import BareMachine
from tests.headless.program import running, runs
from workbench.headless import doctor


@pytest.fixture
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> BareMachine:
    return BareMachine(tmp_path, monkeypatch)


@pytest.fixture
def nobody_to_ask(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with open(os.devnull) as nothing:
        monkeypatch.setattr(sys, "stdin", nothing)
        yield


def test_a_machine_that_can_build_functions_is_told_so(capsys: pytest.CaptureFixture[str]) -> None:
    assert doctor.run(fix=False, yes=False) == 0
    out, err = capsys.readouterr()
    assert "a trial function was built for wasm32-unknown-unknown" in out
    assert err == ""


def test_mending_a_machine_that_lacks_nothing_does_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    assert doctor.run(fix=True, yes=False) == 0
    assert "next" not in capsys.readouterr().out


def test_what_is_missing_is_named_with_the_command_that_gets_it(
    bare: BareMachine, capsys: pytest.CaptureFixture[str]
) -> None:
    assert doctor.run(fix=False, yes=False) == 1
    out, err = capsys.readouterr()
    assert "missing  a Rust compiler, 1.85 or newer" in out
    assert "missing  a C compiler (cc)" in out
    assert err.count("\n") == 1
    assert "`workbench doctor --fix` gets what is missing" in err


def test_a_complete_toolchain_without_a_c_compiler_is_not_enough(
    bare: BareMachine, capsys: pytest.CaptureFixture[str]
) -> None:
    library = bare.compiler() / "lib/rustlib/wasm32-unknown-unknown/lib/libstd.rlib"
    library.parent.mkdir(parents=True)
    library.touch()
    assert doctor.run(fix=False, yes=False) == 1
    assert "Functions cannot be built here without a C compiler" in capsys.readouterr().err


def test_a_compiler_that_cannot_build_after_all_is_found_out(
    bare: BareMachine, capsys: pytest.CaptureFixture[str]
) -> None:
    library = bare.compiler(cargo="echo 'broken in its own way' >&2; exit 101") / "lib/rustlib"
    (library / "wasm32-unknown-unknown/lib").mkdir(parents=True)
    (library / "wasm32-unknown-unknown/lib/libstd.rlib").touch()
    bare.link("cc", "sh")
    assert doctor.run(fix=False, yes=False) == 1
    out, err = capsys.readouterr()
    assert "broken in its own way" in out
    assert "A trial function does not build" in err


@pytest.mark.usefixtures("nobody_to_ask")
def test_root_is_not_used_unasked(bare: BareMachine, capfd: pytest.CaptureFixture[str]) -> None:
    bare.apt(rustc="1.85.0", cargo="1.85.0", libstd_rust_dev_wasm32="1.85.0", lld="1:19.0")
    bare.script("apt-get", "echo it ran")
    bare.script("sudo", "echo it ran")
    assert doctor.run(fix=True, yes=False) == 1
    out, err = capfd.readouterr()
    assert "next     Install packages with apt: rustc cargo libstd-rust-dev-wasm32 lld" in out
    assert "--yes allows it" in out
    assert "it ran" not in out
    assert "by hand  apt-get install rustc cargo libstd-rust-dev-wasm32 lld" in out
    assert "stands above" in err


@pytest.mark.usefixtures("nobody_to_ask")
def test_yes_answers_the_question(bare: BareMachine, capfd: pytest.CaptureFixture[str]) -> None:
    bare.apt(rustc="1.85.0", cargo="1.85.0", libstd_rust_dev_wasm32="1.85.0", lld="1:19.0")
    bare.script("apt-get", 'echo "apt-get $*"')
    bare.script("sudo", 'exec "$@"')
    doctor.run(fix=True, yes=True)
    assert "apt-get install -y -q --no-install-recommends rustc cargo" in capfd.readouterr().out


def test_a_way_that_fails_leads_on_to_the_next(bare: BareMachine, capfd: pytest.CaptureFixture[str]) -> None:
    bare.script("rustup", "echo no server; exit 1")
    bare.compiler(source=True, cargo="echo no build; exit 101")
    assert doctor.run(fix=True, yes=False) == 1
    out = capfd.readouterr().out
    assert out.index("no server") < out.index("no build")
    assert out.count("no build") == 1
    assert "by hand  rustup target add wasm32-unknown-unknown" in out


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_stopping_it_leaves_no_process_and_no_half_built_library(bare: BareMachine, ending: signal.Signals) -> None:
    fifo = bare.bin.parent / "fifo"
    os.mkfifo(fifo)
    bare.compiler(source=True, cargo=f"echo $$ > {fifo}; exec sleep 600")
    with running("doctor", "--fix") as program:
        cargo = int(fifo.read_text())  # waits until it builds
        program.send_signal(ending)
        _, err = program.communicate()
    assert program.returncode == 1
    assert err.startswith("workbench doctor: Stopped.")
    assert err.count("\n") == 1
    assert not runs(cargo)
    assert list((bare.cache / "edgeless-workbench/sysroots").iterdir()) == []


def test_a_toolchain_that_a_directory_asks_for_is_got_from_rustup(
    bare: BareMachine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    got = tmp_path / "got"
    bare.compiler(cargo="exit 0")
    bare.script("rustup", f'[ "$1" = which ] || {{ echo "$@" >> {got}; exit 0; }}\n'
                f"echo \"error: toolchain '1.70.0-x' is not installed\" >&2; exit 1")  # fmt: skip
    (tmp_path / "rust-toolchain").write_text("1.70.0\n")
    monkeypatch.chdir(tmp_path)
    assert doctor.run(fix=True, yes=True) == 1
    assert got.read_text().splitlines()[-1] == "toolchain install 1.70.0 --target wasm32-unknown-unknown"
    assert "1.70.0, which rust-toolchain asks for, is not installed" in capsys.readouterr().err
