"""Text made to take long is read in linear time, wherever it comes from: payloads, files, compilers, scripts."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from workbench.build.diagnostics import from_text
from workbench.errors import UserError
from workbench.headless.script.reader import Fault, Reader
from workbench.project.json import read_json
from workbench.tui import json_area
from workbench.tui.panes import inspector  # noqa: F401  # the panes and the ways to look at payloads need each other
from workbench.tui.payloads import best_viewer, json_parts
from workbench.tui.text import compiler_text, preview, visible_lines

LENGTH = 200_000
BOUND_S = 20
"""Of CPU time; what is linear takes under a second, what is quadratic minutes."""


@contextmanager
def bounded() -> Iterator[None]:
    begin = time.thread_time()
    yield
    assert time.thread_time() - begin < BOUND_S


def repeated(piece: str) -> str:
    return piece * (LENGTH // len(piece))


ESCAPES = ("\x1b]", "\x1b]8;;", "\x1b[", "\x1b", "\x1b[1;")
PIECES = (*ESCAPES, '"', '\\"', "\\", "[", "{", '{"a":', "--> a:1", "error[", " ", "\n", "/")
READERS: dict[str, Callable[[str], object]] = {
    "compiler_text": compiler_text,
    "visible_lines": visible_lines,
    "preview": lambda text: preview(text, 80),
    "json_parts": lambda text: sum(1 for _ in json_parts(text)),
    "viewers": lambda text: best_viewer(text.encode()).lines(text.encode(), 80),
    "json_area": lambda text: sum(1 for _ in json_area._TOKEN.finditer(text)),
    "diagnostics": lambda text: from_text(text, Path("/project")),
}


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("piece", PIECES)
def test_untrusted_text_is_read_in_linear_time(reader: str, piece: str) -> None:
    for text in (repeated(piece), "error: " + repeated(piece), '"' + repeated(piece)):
        with bounded():
            READERS[reader](text)


@pytest.mark.parametrize("content", ['{"a": NaN, "b": "%s', '["%s"]', "%s", '{"a": [%s'])
@pytest.mark.parametrize("piece", ["[", '\\"', "\\", '{"a":1,"a":2},', "1,"])
def test_json_files_are_read_in_linear_time(tmp_path: Path, content: str, piece: str) -> None:
    path = tmp_path / "workflow.json"
    path.write_text(content.replace("%s", repeated(piece)))
    with bounded(), suppress(UserError):
        sum(1 for _ in read_json(path).repeated())


def test_keys_that_stand_twice_are_found_in_linear_time_on_one_line_and_on_many(tmp_path: Path) -> None:
    path = tmp_path / "workflow.json"
    for end in ("", "\n"):
        objects = repeated('{"a":1,"a":2},' + end)
        path.write_text(f"[{objects}0]")
        with bounded():
            places = [place for _, place in read_json(path).repeated()]
        assert places[:2] == ([(1, 9), (1, 23)] if not end else [(1, 9), (2, 8)])


@pytest.mark.parametrize("sort", ["QUERY", "PATH", "PAYLOAD", "TIME", "NUMBER", "SCALE", "INSTANCE", "OUTCOME"])
@pytest.mark.parametrize("piece", ['"', '\\"', "\\", "/", ".a", '."a', "1", "(", " ", "a="])
def test_scripts_are_read_in_linear_time(tmp_path: Path, sort: str, piece: str) -> None:
    for head in ("", '"', "/", "."):
        with bounded(), suppress(Fault, UserError):
            Reader(head + repeated(piece), tmp_path).read(sort)
