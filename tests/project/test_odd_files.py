"""Files that are not what their names say: one sentence for each, with its place, whatever reads them."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.project import files
from workbench.config import Settings
from workbench.config.settings import faults_in
from workbench.errors import UserError
from workbench.headless.script.load import load
from workbench.project.messages import read_message
from workbench.project.model import Problem
from workbench.project.targets import read

FUNCTION = json.dumps(files.specification("a", outputs=["out"]), indent=1)
WORKFLOW = '{"functions": [],\n "resources": [],\n "annotations": {}}'
SETTINGS = '[limits]\nmemory = "1MiB"\n'
MESSAGE = 'name = "a"\ntarget = "b"\n'


def _function(path: Path) -> list[UserError]:
    (path.parent / "Cargo.toml").touch()
    return [problem.error for problem in problems(path.parent)]


def problems(target: Path) -> list[Problem]:
    return list(read([target], Settings()).problems)


def _workflow(path: Path) -> list[UserError]:
    try:
        return [problem.error for problem in problems(path)]
    except UserError as error:  # no target
        return [error]


def _raised(reading: Callable[[Path], object]) -> Callable[[Path], list[UserError]]:
    def told(path: Path) -> list[UserError]:
        try:
            reading(path)
        except UserError as error:
            return [error]
        return []

    return told


KINDS: dict[str, tuple[str, Callable[[Path], list[UserError]]]] = {
    "function.json": (FUNCTION, _function),
    "workflow.json": (WORKFLOW, _workflow),
    "workbench.toml": (SETTINGS, faults_in),
    "message.toml": (MESSAGE, _raised(read_message)),
    "steps.txt": ("pause\n", _raised(lambda path: load(str(path)))),
}
JSON = [name for name in KINDS if name.endswith(".json")]
TOML = [name for name in KINDS if name.endswith(".toml")]


def told(name: str, path: Path) -> str:
    """What is told of it, in one line."""
    [error] = KINDS[name][1](path)
    assert "\n" not in str(error)
    return str(error)


@pytest.mark.parametrize("name", KINDS)
def test_a_byte_order_mark_is_passed_over(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_text("\ufeff" + KINDS[name][0], encoding="utf-8")
    if name in JSON:
        assert (
            told(name, path)
            == f"{path}:1:1: begins with a byte order mark, which the platform's reader refuses; save it without"
        )
        [problem] = problems(path.parent if name == "function.json" else path)
        assert (problem.severity, problem.code) == ("warning", "byte-order-mark")
    else:
        assert KINDS[name][1](path) == []


@pytest.mark.parametrize("name", KINDS)
def test_what_is_no_utf_8_is_told_with_its_line(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(b"\n\n\xff" + KINDS[name][0].encode())
    assert told(name, path).startswith(f"{path}:3:")


@pytest.mark.parametrize("name", JSON + TOML)
def test_a_directory_a_pipe_a_socket_and_a_loop_are_told(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.mkdir()
    assert "directory" in told(name, path)
    path.rmdir()
    os.mkfifo(path)
    assert any(words in told(name, path) for words in ("this is a pipe, not a file", "this is no regular file"))
    path.unlink()
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(path))
        assert any(words in told(name, path) for words in ("this is a socket, not a file", "this is no regular file"))
    path.unlink()
    path.symlink_to(path)
    assert "cannot be read: Too many levels of symbolic links" in told(name, path)
    path.unlink()
    path.symlink_to("/dev/zero")
    assert any(words in told(name, path) for words in ("this is a device, not a file", "this is no regular file"))


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
@pytest.mark.parametrize("name", KINDS)
def test_what_may_not_be_read_is_told(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_text(KINDS[name][0])
    path.chmod(0)
    assert "cannot be read: Permission denied" in told(name, path)


@pytest.mark.parametrize("name", JSON)
def test_json_that_is_nested_too_deep_is_told_with_its_line(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_text(f'{{"annotations":\n {"[" * 100_000}{"]" * 100_000}}}')
    assert told(name, path) == f"{path}:2:129: is nested too deeply"


@pytest.mark.parametrize("name", TOML)
def test_toml_that_is_nested_too_deep_is_told_with_its_line(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_text(f"{KINDS[name][0]}key = {'[' * 100_000}{']' * 100_000}\n")
    assert told(name, path).startswith(f"{path}:3:")
    assert told(name, path).endswith(": is nested too deeply")


@pytest.mark.parametrize("name", JSON + TOML)
def test_a_number_that_is_too_long_is_told_with_its_line(name: str, tmp_path: Path) -> None:
    path, number = tmp_path / name, "9" * 5000
    path.write_text(f'{{"a":\n{number}}}' if name in JSON else f"a = 1\nb = {number}\n")
    assert told(name, path).startswith(f"{path}:2:")
    assert told(name, path).endswith(": has a number with too many digits")


@pytest.mark.parametrize("name", JSON + TOML)
def test_half_a_surrogate_pair_is_told(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_text('{"a":\n"\\ud800"}' if name in JSON else 'a = 1\nb = "\\ud800"\n')
    assert told(name, path).startswith(f"{path}:2:")


@pytest.mark.parametrize("name", JSON + TOML)
def test_a_key_that_stands_twice_is_told(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    if name in JSON:
        path.write_text(KINDS[name][0].rstrip()[:-1] + f",\n{KINDS[name][0].lstrip()[1:]}")
        assert any("stands here once more" in str(error) for error in KINDS[name][1](path))
    else:
        path.write_text(f"{KINDS[name][0]}x = 1\nx = 2\n")
        assert told(name, path).startswith(f"{path}:4:")


def test_a_name_with_nul_in_it_is_told(tmp_path: Path) -> None:
    path = tmp_path / "function.json"
    path.write_text(json.dumps(files.specification("a\0b")))
    assert "cannot be the name of a file" in str(_function(path)[0])
