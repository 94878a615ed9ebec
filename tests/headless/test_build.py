"""`workbench build`: wasm where the platform looks for it, what the compiler says, and how it ends."""

from __future__ import annotations

import fcntl
import io
import json
import os
import shutil
import signal
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.build.crates import crate
from tests.headless.program import ROOT, running, runs, wait_until, workbench
from workbench import assets
from workbench.build import toolchain
from workbench.headless import build
from workbench.host.engine import Host


@pytest.fixture
def samples(tmp_path: Path) -> Path:
    """Two samples of our own: `ping`, and `pong`, without their wasm."""
    for name in (assets.GUEST_CRATE, "ping", "pong"):
        shutil.copytree(assets.samples() / name, tmp_path / name, ignore=shutil.ignore_patterns("*.wasm", "target"))
    return tmp_path


def test_every_function_gets_its_wasm_beside_its_function_json(samples: Path) -> None:
    ended = workbench("build", ".", cwd=samples)
    assert (ended.returncode, ended.stdout) == (0, ""), ended.stderr
    assert "built ping (release," in ended.stderr
    host = Host()
    for name in ("ping", "pong"):
        host.load((samples / name / f"{name}.wasm").read_bytes(), name)
    host.close()
    assert [path.name for path in (samples / "ping").iterdir() if path.name.startswith(".")] == []


def test_a_function_that_does_not_compile_leaves_its_wasm_and_the_others_alone(samples: Path) -> None:
    (samples / "ping" / "ping.wasm").write_bytes(b"old")
    source = samples / "ping" / "src" / "lib.rs"
    source.write_text(source.read_text() + '\nfn broken() -> u8 { "\x1b[2Jtext" }\n')
    ended = workbench("build", ".", "--profile", "dev", cwd=samples)
    assert ended.returncode == 1
    assert "mismatched types" in ended.stderr
    assert "src/lib.rs" in ended.stderr
    assert "\x1b" not in ended.stderr
    assert (samples / "ping" / "ping.wasm").read_bytes() == b"old"
    assert (samples / "pong" / "pong.wasm").exists()
    assert ended.stderr.splitlines()[-1].startswith("workbench: ")


def test_without_a_function_there_is_nothing_to_build(tmp_path: Path) -> None:
    ended = workbench("build", ".", cwd=tmp_path)
    assert ended.returncode == 2
    assert ended.stderr.count("\n") == 1


def test_wasm_alone_has_nothing_to_build_it_from(tmp_path: Path) -> None:
    shutil.copy(assets.samples() / "ping" / "ping.wasm", tmp_path / "lone.wasm")
    ended = workbench("build", "lone.wasm", cwd=tmp_path)
    assert ended.returncode == 1
    assert ended.stderr.count("\n") == 1
    assert "lone has no source to build it from" in ended.stderr


def test_what_is_built_but_is_no_function_is_said(samples: Path) -> None:
    (samples / "workbench.toml").write_text('[function.ping]\ncommand = ["sh", "-c", "echo no wasm > ping.wasm"]\n')
    ended = workbench("build", ".", cwd=samples)
    assert ended.returncode == 1
    assert "ping is built but cannot run: ping.wasm is not a WebAssembly module" in ended.stderr
    assert (samples / "pong" / "pong.wasm").exists()


def test_an_interrupted_build_leaves_nothing_running(samples: Path) -> None:
    (samples / "workbench.toml").write_text('[function.ping]\ncommand = ["sh", "-c", "echo $$ > began; sleep 600"]\n')
    began = samples / "ping" / "began"
    with running("build", "ping", cwd=samples) as program:
        wait_until(lambda: began.exists() and began.read_text() != "")
        program.send_signal(signal.SIGINT)
        _, said = program.communicate()
    assert program.returncode == 130
    assert said == "workbench: interrupted\n"
    assert not runs(int(began.read_text()))


def test_a_place_that_cannot_be_written_is_said(samples: Path) -> None:
    (samples / "pong" / "pong.wasm").mkdir()
    ended = workbench("build", "pong", cwd=samples)
    assert ended.returncode == 1
    assert ended.stderr.splitlines()[-1].endswith("pong.wasm: the wasm cannot be written: Is a directory")


def git(directory: Path, *arguments: str) -> str:
    command = ["git", "-C", str(directory), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def test_members_that_a_workspace_names_by_a_pattern_build_and_nothing_is_left_there(tmp_path: Path) -> None:
    group = tmp_path / "functions" / "group"
    for name in ("alpha", "beta"):
        member = crate(group / name)
        assert member.manifest is not None
        member.manifest.write_text(member.manifest.read_text().partition("[workspace]")[0])
        (member.directory / "build.rs").write_text("fn main() {}\n")
        (member.directory / "function.json").write_text(
            json.dumps({"id": name, "function_type": "RUST_WASM", "version": "0.1", "outputs": []})
        )
    (tmp_path / "Cargo.toml").write_text('[workspace]\nresolver = "3"\nmembers = ["functions/group/*"]\n')
    (tmp_path / ".gitignore").write_text("target/\nCargo.lock\n")
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", ".")
    workbench("run", str(group), "--until", "1ms")
    ended = workbench("build", str(group))
    assert all(f"built {name} (release" in ended.stderr for name in ("alpha", "beta")), ended.stderr
    assert git(tmp_path, "status", "--porcelain", "-uall").split("?? ")[1:] == [
        "functions/group/alpha/alpha.wasm\n",
        "functions/group/beta/beta.wasm\n",
    ]
    found = toolchain.find()
    subprocess.run([found.cargo, "check"], cwd=tmp_path, env={**os.environ, "RUSTC": str(found.rustc)}, check=True)


def test_what_an_earlier_version_left_in_a_package_is_moved_and_told(samples: Path) -> None:
    (samples / ".git").mkdir()
    kept = samples / "ping" / ".workbench" / "state" / "ping"
    kept.parent.mkdir(parents=True)
    kept.write_text("5")
    ended = workbench("build", "ping", "--profile", "dev", cwd=samples)
    assert f"moved state from {samples}/ping/.workbench to {samples}/.workbench" in ended.stderr
    assert (samples / ".workbench" / "state" / "ping").read_text() == "5"
    assert not (samples / "ping" / ".workbench").exists()


def test_the_guest_crate_is_put_there_on_demand(samples: Path) -> None:
    shutil.rmtree(samples / assets.GUEST_CRATE)
    ended = workbench("build", "ping", "--profile", "dev", cwd=samples)
    assert ended.returncode == 1
    assert "`workbench build ping --guest-crate`" in ended.stderr
    ended = workbench("build", "ping", "--profile", "dev", "--guest-crate", cwd=samples)
    assert ended.returncode == 0, ended.stderr
    assert f"{samples}/ping/Cargo.toml:" in ended.stderr
    assert (samples / assets.GUEST_CRATE / "Cargo.toml").exists()


def test_build_output_is_removed_on_demand(samples: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORKBENCH_CACHE", str(samples / "cache"))
    workbench("build", "ping", "--profile", "dev", cwd=samples)
    assert list((samples / "cache").rglob("ping.wasm"))
    ended = workbench("clean", cwd=samples)
    assert ended.returncode == 0, ended.stderr
    assert f"of build output from {samples}/cache/build." in ended.stdout
    assert not list((samples / "cache").rglob("ping.wasm"))


def test_waiting_for_another_build_is_said_once_where_there_is_no_terminal(
    samples: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WORKBENCH_CACHE", str(samples / "cache"))
    monkeypatch.setattr("workbench.headless.said.PATIENCE_S", 0.1)
    told = io.StringIO()
    monkeypatch.setattr("sys.stderr", told)
    assert build.run([samples / "ping"], "dev") == 0
    source = samples / "ping" / "src" / "lib.rs"
    source.write_text(source.read_text() + "\n// changed\n")
    [held] = (samples / "cache").glob("build/target/wasm32-unknown-unknown/debug/.cargo-lock")
    with held.open("r+") as lock, ThreadPoolExecutor(1) as pool:
        fcntl.flock(lock, fcntl.LOCK_EX)
        ended = pool.submit(build.run, [samples / "ping"], "dev")
        try:
            wait_until(lambda: "waiting" in told.getvalue())
            assert not ended.done()
        finally:
            fcntl.flock(lock, fcntl.LOCK_UN)
        assert ended.result() == 0
    assert told.getvalue().count("ping: waiting for another build: Blocking waiting for file lock") == 1


def test_make_clean_leaves_build_output_of_other_projects_alone(tmp_path: Path) -> None:
    shutil.copy(ROOT / "Makefile", tmp_path)
    called = tmp_path / "called"
    program = tmp_path / ".venv" / "bin" / "workbench"
    program.parent.mkdir(parents=True)
    program.write_text(f"#!/bin/sh\ntouch {called}\n")
    program.chmod(0o755)
    subprocess.run(["make", "clean"], cwd=tmp_path, check=True, capture_output=True)
    assert not called.exists()
    assert not program.exists()
