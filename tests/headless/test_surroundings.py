"""The program in odd surroundings: streams that are closed, a directory that is gone, encodings that lack letters."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.headless.program import PATIENCE_S, PROGRAM, ROOT, workbench
from tests.headless.small import module
from tests.project import files


def shell(command: str, cwd: Path, **environment: str) -> subprocess.CompletedProcess[bytes]:
    """Run a line of a shell, in which `$W` is the program."""
    program = f'{sys.executable} -c "{PROGRAM}"'
    return subprocess.run(
        ["bash", "-c", command.replace("$W", program)],
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
        capture_output=True,
        timeout=PATIENCE_S,
        stdin=subprocess.DEVNULL,
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A function, alone in a directory."""
    (tmp_path / "a.wasm").write_bytes(module())
    return tmp_path


@pytest.mark.parametrize("closed", ["2>&-", ">&-", ">&- 2>&- <&-"])
def test_closed_streams_change_nothing_and_nothing_is_written_into_files(folder: Path, closed: str) -> None:
    ended = shell(f"$W run a.wasm --cast a=x --trace t.jsonl --state-dir kept {closed}", folder)
    assert ended.returncode == 0, ended.stderr
    lines = (folder / "t.jsonl").read_bytes().splitlines()
    assert lines
    assert all(line.startswith(b"{") and line.endswith(b"}") for line in lines)
    assert shell(f"$W check nowhere {closed}", folder).returncode == 2


COMMANDS = ["check a.wasm workflow.json", "check --explain", "doctor", "new made", "run a.wasm --cast a=x --trace -"]


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="has no device that is always full")
@pytest.mark.parametrize("command", [*COMMANDS, "--help", "run --help", "--version", "clean"])
def test_an_output_that_cannot_be_written_is_told_in_a_sentence(folder: Path, command: str) -> None:
    files.workflow(folder / "workflow.json", [files.part("b", outputs=["lost"])])
    ended = shell(f"$W {command} >/dev/full", folder, WORKBENCH_CACHE=str(folder / "cache"))
    said = b"workbench: standard output did not get everything, it could not be written: No space left on device\n"
    assert (ended.returncode, ended.stderr.count(said)) == (1, 1)
    assert b"has a fault" not in ended.stderr


@pytest.mark.parametrize("command", COMMANDS)
def test_a_reader_who_has_had_enough_changes_no_status(folder: Path, command: str) -> None:
    files.workflow(folder / "workflow.json", [files.part("b", outputs=["lost"])])
    status = shell(f"$W {command}", folder).returncode
    (folder / "made").is_dir() and (folder / "made").rename(folder / "before")
    ended = shell(f"$W {command} | true; exit ${{PIPESTATUS[0]}}", folder)
    assert ended.returncode == status, ended.stderr
    assert b"could not be written" not in ended.stderr


@pytest.mark.parametrize(
    "environment",
    [{"PYTHONIOENCODING": "ascii"}, {"LC_ALL": "C"}],
)
def test_letters_that_an_encoding_lacks_are_escaped(folder: Path, environment: dict[str, str]) -> None:
    (folder / "wörkflow").mkdir()
    files.workflow(folder / "wörkflow" / "workflow.json", [files.part("ä")])
    for command, status in (("check wörkflow", 1), ("run wörkflow", 1), ("check nöwhere", 2), ("check --explain", 0)):
        ended = shell(f"$W {command}", folder, **environment)
        assert ended.returncode == status, ended.stderr
        assert b"Traceback" not in ended.stderr
        assert b"has a fault" not in ended.stderr
    assert shell("$W run a.wasm --cast a=hé→", folder, **environment).returncode == 0


def test_names_that_the_system_cannot_spell_are_told(folder: Path) -> None:
    files.workflow(folder / "workflow.json", [files.part("ä")])
    ascii_only = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    ended = shell("$W check workflow.json", folder, **ascii_only)
    assert (ended.returncode, ended.stderr.count(b"\n")) == (2, 1)
    assert b"set LC_ALL=C.UTF-8" in ended.stderr
    assert shell("$W run a.wasm --call a=h\xc3\xa9", folder, **ascii_only).returncode == 0


@pytest.mark.parametrize("command", ["run .", "build .", "check .", "new x", "doctor", "."])
def test_a_working_directory_that_is_gone_is_told(folder: Path, command: str) -> None:
    ended = shell(f"mkdir gone && cd gone && rmdir ../gone && $W {command}", folder)
    assert ended.returncode == 2
    assert ended.stderr.startswith(b"workbench: the working directory is not there any more")
    assert ended.stderr.count(b"\n") == 1


@pytest.mark.parametrize("command", ["run", "build", "check"])
@pytest.mark.parametrize(
    ("target", "words"),
    [
        ("nowhere", "there is no such file or directory"),
        ("a.wasm/b", "there is no such file or directory"),
        ("empty", "no function is in this directory"),
        ("text", "this is something else"),
        ("loop", "it cannot be read: Too many levels of symbolic links"),
        ("dangling", "this is a link to nothing"),
        ("pipe", "this is no regular file"),
        ("x" * 300, "it cannot be read: File name too long"),
    ],
)
def test_an_odd_target_is_told_in_one_sentence(folder: Path, command: str, target: str, words: str) -> None:
    (folder / "empty").mkdir()
    (folder / "text").touch()
    (folder / "loop").symlink_to("loop")
    (folder / "dangling").symlink_to("nothing")
    os.mkfifo(folder / "pipe")
    ended = workbench(command, target, cwd=folder)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr.startswith("workbench: ")
    assert words in ended.stderr
    assert ended.stderr.count("\n") == 1


@pytest.mark.parametrize("command", ["run", "check"])
def test_what_is_further_down_is_named_with_the_command_that_opens_it(tmp_path: Path, command: str) -> None:
    for name in ("ping", "pong"):
        (tmp_path / "examples" / name).mkdir(parents=True)
        files.workflow(tmp_path / "examples" / name / "workflow.json", [])
    files.function(tmp_path / "more" / "functions", "a")
    ended = workbench(command, ".", cwd=tmp_path)
    assert ended.returncode == 2
    assert "open one of those below: examples/ping, examples/pong, more/functions; as in workbench " in ended.stderr
    assert ended.stderr.endswith(f" {tmp_path / 'examples' / 'ping'}\n")


def test_run_names_the_workflows_of_a_directory_and_how_to_choose(tmp_path: Path) -> None:
    for name in ("workflow-a.json", "workflow-b.json"):
        files.workflow(tmp_path / name, [])
    ended = workbench("run", ".", cwd=tmp_path)
    assert ended.returncode == 2
    assert "there are 2 workflows here (workflow-a.json, workflow-b.json): name one" in ended.stderr
    assert ended.stderr.endswith(f"as in workbench run {tmp_path / 'workflow-a.json'}\n")
