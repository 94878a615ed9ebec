"""`workbench check` and `workbench run` agree: what keeps a project from running is told alike, with one status."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.headless.program import workbench
from tests.headless.small import module
from tests.project import files


def _code(content: bytes | None) -> Callable[[Path], list[str]]:
    """A workflow of two functions, of which one is sound and the other has this code."""

    def made(folder: Path) -> list[str]:
        (folder / "fine.wasm").write_bytes(module())
        if content is not None:
            (folder / "web.wasm").write_bytes(content)
        parts = [
            files.part(name, class_specification=files.specification(name, code=f"{name}.wasm"))
            for name in ("web", "fine")
        ]
        files.workflow(folder / "workflow.json", parts)
        return ["workflow.json"]

    return made


def _functions(*parts: object, resources: list[object] | None = None, toml: str = "") -> Callable[[Path], list[str]]:
    """A workflow of these, with code for `fine`."""

    def made(folder: Path) -> list[str]:
        (folder / "fine.wasm").write_bytes(module())
        files.workflow(folder / "workflow.json", list(parts), resources)
        if toml:
            (folder / "workbench.toml").write_text(toml)
        return ["workflow.json"]

    return made


def _alone(content: bytes) -> Callable[[Path], list[str]]:
    def made(folder: Path) -> list[str]:
        (folder / "web.wasm").write_bytes(content)
        return ["web.wasm"]

    return made


def _function_json(text: str) -> Callable[[Path], list[str]]:
    def made(folder: Path) -> list[str]:
        (folder / "a").mkdir()
        (folder / "a" / "function.json").write_text(text)
        return ["a"]

    return made


FINE = files.part("fine", class_specification=files.specification("fine", code="fine.wasm"))
DDA = {
    "dda_url": "http://127.0.0.1:1",
    "dda_com_subscription_mapping": '[{"t": 1}]',
    "dda_com_publication_mapping": "[]",
}

BROKEN = {
    "an unknown import": (_code(module('(import "env" "abort" (func))')), 1),
    "no memory": (_code(module(memory="")), 1),
    "truncated": (_code(module()[:60]), 1),
    "empty": (_code(b""), 1),
    "a start function that traps": (_code(module("(func $s unreachable) (start $s)")), 1),
    "data beyond its memory": (_code(module('(data (i32.const 65535) "abc")')), 1),
    "more memory than it may have": (_code(module(memory='(memory (export "memory") 65536)')), 1),
    "no code": (_code(None), 1),
    "code that is a directory": (_functions({**FINE, "class_specification": files.specification("a", code=".")}), 1),
    "a lone file that is text": (_alone(b"(module)"), 1),
    "a wrong shape": (_functions({**FINE, "annotations": 3, "name": 7}), 2),
    "mappings to nowhere": (_functions({**FINE, "output_mapping": {"a": "x", "b": "y"}}), 2),
    "a workflow that is no JSON": (lambda folder: _text(folder / "workflow.json", '{"functions": [,]}'), 1),
    "a function.json that lacks keys": (_function_json('{"id": "a"}'), 3),
    "a function without source": (_function_json(json.dumps(files.specification("a"))), 1),
    "bad settings": (_functions(FINE, toml="[limits]\nmemry = '1MiB'\nmailbox = 0\n"), 2),
    "settings that are no TOML": (_functions(FINE, toml="[limits\n"), 1),
    "resources without what they need": (
        _functions(
            FINE,
            resources=[
                files.resource("bus", "dda", **DDA),
                files.resource("store", "redis", key="a"),
                files.resource("log"),
            ],
        ),
        6,
    ),
    "a requirement that no node meets": (
        _functions(FINE, resources=[files.resource("log", filename="a", resource_match_all="x")]),
        1,
    ),
    "files that are not allowed": (
        _functions(
            FINE, resources=[files.resource("log", filename="/etc/a"), files.resource("other", filename="../b")]
        ),
        2,
    ),
    "a directory that is not there": (_functions(FINE, resources=[files.resource("log", filename="a/b/c")]), 1),
}  # fmt: skip


def _text(path: Path, text: str) -> list[str]:
    path.write_text(text)
    return [path.name]


def told(output: str) -> list[str]:
    """The errors in what was printed."""
    return [line for line in output.splitlines() if re.search(r": error: .*\[[a-z-]+\]$", line)]


@pytest.mark.parametrize("kind", BROKEN)
def test_all_errors_are_told_alike_with_the_same_status(kind: str, tmp_path: Path) -> None:
    make, number = BROKEN[kind]
    targets = make(tmp_path)
    checked, ran = workbench("check", *targets, cwd=tmp_path), workbench("run", *targets, cwd=tmp_path)
    assert len(told(checked.stdout)) == number, checked.stdout
    assert told(ran.stderr) == told(checked.stdout)
    assert (checked.returncode, ran.returncode, ran.stdout) == (1, 1, "")
    assert ran.stderr.splitlines()[-1].startswith(f"workbench: {number} error")


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        ("resources without what they need", 1),  # the platform would refuse them, whoever plays them here
        ("a requirement that no node meets", 1),
        ("files that are not allowed", 0),  # only this machine would not allow it, and nothing is asked of it
    ],
)
def test_stand_ins_mend_only_what_is_not_allowed_here(kind: str, status: int, tmp_path: Path) -> None:
    targets = BROKEN[kind][0](tmp_path)
    ended = workbench("run", *targets, "--stand-ins", "--clock", "virtual", cwd=tmp_path)
    assert ended.returncode == status
    assert bool(told(ended.stderr)) is bool(status)


@pytest.mark.parametrize("target", ["nowhere", "nowhere.wasm", "text.md", "empty"])
def test_wrong_targets_are_refused_alike(target: str, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "text.md").touch()
    checked, ran = workbench("check", target, cwd=tmp_path), workbench("run", target, cwd=tmp_path)
    assert (ran.returncode, ran.stderr, ran.stdout) == (checked.returncode, checked.stderr, "") == (2, ran.stderr, "")
    assert ran.stderr.count("\n") == 1


def test_modules_that_are_built_before_they_run_are_not_looked_at(tmp_path: Path) -> None:
    folder = files.function(tmp_path, "a")
    (tmp_path / "fresh").write_bytes(module())
    (tmp_path / "workbench.toml").write_text('[function.a]\ncommand = ["cp", "../fresh", "a.wasm"]\n')
    (folder / "a.wasm").write_bytes(b"")
    assert workbench("check", "a", cwd=tmp_path).returncode == 1
    assert workbench("run", "a", "--no-build", cwd=tmp_path).returncode == 1
    ended = workbench("run", "a", cwd=tmp_path)
    assert ended.returncode == 0, ended.stderr


@pytest.mark.parametrize(
    ("fresh", "words"),
    [
        (b"(module)", "workbench: a cannot run: a.wasm "),
        (module("(func $s unreachable) (start $s)"), "workbench: a trapped in handle_init: in its start function"),
    ],
    ids=["text", "a start function that traps"],
)
def test_code_that_was_built_and_cannot_run_is_status_1(fresh: bytes, words: str, tmp_path: Path) -> None:
    files.function(tmp_path, "a")
    files.function(tmp_path, "b")
    (tmp_path / "a.fresh").write_bytes(fresh)
    (tmp_path / "b.fresh").write_bytes(module())
    commands = "".join(f'[function.{name}]\ncommand = ["cp", "../{name}.fresh", "{name}.wasm"]\n' for name in "ab")
    (tmp_path / "workbench.toml").write_text(commands)
    ended = workbench("run", "a", "b", cwd=tmp_path)
    assert ended.returncode == 1
    assert words in ended.stderr
