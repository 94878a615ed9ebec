"""docs/abi.md says what the contract is, and the functions beside it, in other languages, keep it."""

from __future__ import annotations

import re
import shutil
import sys
from pathlib import Path

import pytest

from tests.headless.program import ROOT, workbench
from workbench import places
from workbench.host import contract
from workbench.host.contract import Signature

PAGE = (ROOT / "docs" / "abi.md").read_text()


def told(heading: str) -> dict[str, Signature]:
    """The signatures in the table below a heading."""
    part = PAGE.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| `(\w+)` \|([^|]*)\|([^|]*)\|", part, re.MULTILINE)
    return {name: (types(parameters), types(results)) for name, parameters, results in rows}


def types(cell: str) -> tuple[str, ...]:
    return tuple(re.findall(r"\bi(?:32|64)\b", cell))


def test_the_page_has_all_imports_and_exports_with_their_types() -> None:
    assert told("Imports") == contract.IMPORTS
    assert told("Exports") == contract.EXPORTS


@pytest.fixture
def functions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The functions of the page, and a `zig` on the PATH."""
    zig = tmp_path / "bin" / "zig"
    zig.parent.mkdir()
    zig.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m ziglang "$@"\n')
    zig.chmod(0o755)
    monkeypatch.setenv("PATH", str(zig.parent), prepend=":")
    monkeypatch.setenv("ZIG_GLOBAL_CACHE_DIR", str(places.cache_directory() / "zig"))
    return Path(shutil.copytree(ROOT / "docs" / "abi", tmp_path / "abi", ignore=shutil.ignore_patterns("*.wasm")))


LANGUAGES = ["c", "zig", "assemblyscript"]


def need(language: str) -> None:
    if language == "assemblyscript" and shutil.which("asc") is None:
        pytest.skip("AssemblyScript's compiler asc is not on this machine")


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_casts_calls_syncs_and_logs(functions: Path, language: str) -> None:
    need(language)
    name = f"in_{language}"
    sends = ["--cast", f"{name}=hello", "--call", f"{name}=", "--call", f"{name}=ask"]
    ended = workbench(
        "run", name, "--state", f"{name}=41", *sends, "--reply", "peer=pong", "--state-dir", "kept", cwd=functions
    )
    assert ended.returncode == 0, ended.stderr
    for line in (f"info  {name}: hello", "cast to out: hello", "replied 42", "call to peer: ask", "replied pong"):
        assert line in ended.stdout
    [kept] = (functions / "kept").iterdir()
    assert kept.read_text() == "42"
    assert "notes 0" in ended.stderr


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_can_travel(functions: Path, language: str) -> None:
    need(language)
    name = f"in_{language}"
    built = workbench("build", name, cwd=functions)
    assert built.returncode == 0, built.stderr
    checked = workbench("check", name, cwd=functions)
    assert (checked.returncode, checked.stdout) == (0, "")
    assert (functions / name / f"{name}.wasm").stat().st_size < 50_000


@pytest.mark.parametrize(
    ("source", "line", "trap"),
    [
        ("in_c/counter.c", "    count++;\n", "__builtin_trap();"),
        ("in_zig/counter.zig", "    count += 1;\n", "@trap();"),
    ],
)
def test_a_trap_names_its_line(functions: Path, source: str, line: str, trap: str) -> None:
    path = functions / source
    before, _, after = path.read_text().partition(line)
    path.write_text(f"{before}    if (length == 4) {trap}\n{line}{after}")
    name = path.parent.name
    ended = workbench("run", name, "--cast", f"{name}=boom", cwd=functions)
    assert f"{path}:{before.count(chr(10)) + 1}:" in ended.stdout, ended.stdout + ended.stderr


def test_a_reply_of_any_size_is_passed_on(functions: Path) -> None:
    (functions / "reply.txt").write_text("x" * 200_000)
    for name in ("in_c", "in_zig"):
        sends = ["--call", f"{name}=ask"] * 5
        ended = workbench("run", name, *sends, "--reply", "peer=@reply.txt", cwd=functions)
        assert ended.returncode == 0, ended.stderr
        assert ended.stdout.count("replied xxx") == 5
