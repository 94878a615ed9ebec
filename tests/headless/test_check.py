"""`workbench check`: a line for each finding, how it ends, and codes explained."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.headless.program import workbench
from tests.headless.small import module
from tests.project import files
from tests.project.test_workflow import WORKFLOWS
from workbench import assets
from workbench.checks.check import check
from workbench.checks.rules.modules import looked_into
from workbench.config import Settings
from workbench.project.targets import read
from workbench.resources.registry import KINDS


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A function `a` with real wasm, two outputs, and a workflow that maps one of them."""
    files.function(tmp_path, "a", ("out", "err"))
    shutil.copy(assets.samples() / "ping" / "ping.wasm", tmp_path / "a" / "a.wasm")
    spec = files.specification("a", code="a/a.wasm", outputs=["out", "err"])
    files.workflow(tmp_path / "workflow.json", [files.part("a", {"out": "a"}, class_specification=spec)])
    return tmp_path


def test_findings_are_lines_by_file_and_place_and_hints_are_no_failure(folder: Path) -> None:
    ended = workbench("check", "workflow.json", cwd=folder)
    assert (ended.returncode, ended.stderr) == (0, "no errors, no warnings, 2 hints\n")
    lines = ended.stdout.splitlines()
    assert lines[0].startswith("workflow.json:11:6: hint: ")
    assert lines[0].endswith(" [unmapped-output]")
    assert lines[1].startswith("workflow.json:16:5: hint: a circle: a → a;")
    assert (folder / "workflow.json").read_text().splitlines()[15].strip() == '"out": "a"'


@pytest.mark.conformance("3-exit")
def test_an_error_is_status_1_with_a_sentence(folder: Path) -> None:
    path = folder / "workflow.json"
    path.write_text(path.read_text().replace('"out": "a"', '"out": "b"'))
    ended = workbench("check", ".", cwd=folder)
    assert (ended.returncode, ended.stderr) == (1, "workbench: 1 error, no warnings, 1 hint\n")
    assert 'workflow.json:16:5: error: "out" leads to "b", which this workflow does not have' in ended.stdout


def test_each_workflow_of_a_directory_is_looked_at(folder: Path) -> None:
    files.workflow(folder / "workflow-b.json", [files.part("b")])
    ended = workbench("check", ".", cwd=folder)
    assert ended.returncode == 1
    assert "workflow-b.json:10:5: error: the code of" in ended.stdout
    assert "workflow.json:16:5: hint: a circle" in ended.stdout
    assert "several-workflows" not in ended.stdout


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "a.wasm is empty"),
        (b"(module)", "WebAssembly text"),
        (b"\0asm\1\0\0\0", "does not export its memory"),
    ],
)
def test_code_that_no_node_would_run_is_an_error_where_it_is_named(folder: Path, content: bytes, words: str) -> None:
    (folder / "a" / "a.wasm").write_bytes(content)
    ended = workbench("check", "workflow.json", cwd=folder)
    assert ended.returncode == 1
    [line] = [line for line in ended.stdout.splitlines() if "[not-wasm]" in line]
    assert line.startswith("workflow.json:13:5: error: ")
    assert words in line


def test_a_name_that_no_file_can_have_is_told(folder: Path) -> None:
    (folder / "a" / "a.wasm").write_bytes(b"no wasm")
    spec = files.specification("b", code="\0.wasm")
    files.workflow(folder / "workflow.json", [files.part("b", class_specification=spec), files.part("a")])
    ended = workbench("check", "workflow.json", cwd=folder)
    assert ended.returncode == 1
    assert "cannot be the name of a file: \\x00.wasm; the platform: code file does not exist for 'b'" in ended.stdout


def test_code_is_looked_into_also_where_the_workflow_is_refused(folder: Path) -> None:
    (folder / "a" / "a.wasm").write_bytes(b"")
    nameless = files.part("", class_specification=files.specification("b", code="b.wasm"))
    files.workflow(folder / "workflow.json", [nameless, files.part("a")])
    ended = workbench("check", "workflow.json", cwd=folder)
    assert ended.returncode == 1
    assert "[empty-name]" in ended.stdout
    assert "workflow.json:22:5: error: a.wasm is empty; build the function again [not-wasm]" in ended.stdout


def test_a_lone_module_is_told_at_its_file(folder: Path) -> None:
    (folder / "lone.wasm").write_bytes(b"no wasm")
    ended = workbench("check", "lone.wasm", cwd=folder)
    assert ended.returncode == 1
    assert ended.stdout.startswith("lone.wasm: error: lone.wasm is not a WebAssembly module")


def test_pipes_hold_nothing_up(folder: Path) -> None:
    (folder / "a" / "a.wasm").unlink()
    (folder / "a" / "function.json").unlink()
    os.mkfifo(folder / "a" / "a.wasm")
    os.mkfifo(folder / "a" / "function.json")
    ended = workbench("check", "workflow.json", "a", cwd=folder)
    assert ended.returncode == 1
    assert "a/function.json: error: this is a pipe, not a file [unreadable]" in ended.stdout
    assert "is not regular" in ended.stdout


def test_a_broken_settings_file_is_an_error_among_the_others(folder: Path) -> None:
    (folder / "workbench.toml").write_text("[limits]\nmemry = '1MiB'\nmailbox = 0\n")
    ended = workbench("check", "workflow.json", cwd=folder)
    assert ended.returncode == 1
    assert "workbench.toml:2:1: error: " in ended.stdout
    assert "workbench.toml:3:1: error: " in ended.stdout
    assert "[settings]" in ended.stdout
    assert "[unmapped-output]" in ended.stdout


def test_a_broken_function_json_is_an_error_with_its_line(folder: Path) -> None:
    (folder / "a" / "function.json").write_text('{"id": "a",\n "outputs": 3}')
    ended = workbench("check", "a", cwd=folder)
    assert ended.returncode == 1
    assert 'a/function.json:2:2: error: "outputs" must be a list, not a whole number [wrong-shape]' in ended.stdout
    assert 'a/function.json:1:1: error: the key "version" is missing [wrong-shape]' in ended.stdout


@pytest.mark.parametrize("target", ["nowhere.json", "a/Cargo.toml", "empty"])
def test_a_wrong_target_is_status_2(folder: Path, target: str) -> None:
    (folder / "empty").mkdir()
    ended = workbench("check", target, cwd=folder)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr.startswith("workbench: ")
    assert ended.stderr.count("\n") == 1


def _large(folder: Path) -> Path:
    """A workflow of 22 functions as they are written for the platform: most of their outputs lead nowhere."""
    parts = []
    for number in range(22):
        outputs = [f"out-{output}" for output in range(79 if number == 0 else 3)]
        files.function(folder, f"stage{number}", tuple(outputs))
        spec = files.specification(
            f"stage{number}", code=f"stage{number}/stage{number}.wasm", outputs=outputs, version="0.2"
        )
        further = {"max_instances": "1", "comment": "mine"}
        following = {"out-0": f"stage{number + 1}" if number < 21 else "log"}
        parts.append(files.part(f"stage{number}", following, class_specification=spec, annotations=further))
    log = files.resource("log", filename="a.log", **{"add-timestamp": "false"})
    return files.workflow(folder / "workflow.json", parts, [log])


def test_a_single_line_that_hints_share_is_counted_as_one(tmp_path: Path) -> None:
    spec = files.specification("stage", code="stage.wasm", outputs=["a", "b"])
    (tmp_path / "stage.wasm").write_bytes(module())
    files.workflow(tmp_path / "workflow.json", [files.part("stage", class_specification=spec)])
    ended = workbench("check", "workflow.json", cwd=tmp_path)
    assert ended.stderr == "no errors, no warnings, 2 hints in 1 line; --all shows each\n", ended.stdout


def test_hints_that_repeat_one_cause_share_a_line(tmp_path: Path) -> None:
    _large(tmp_path)
    ended = workbench("check", "workflow.json", cwd=tmp_path)
    assert (ended.returncode, ended.stderr) == (0, "no errors, 1 warning, 208 hints in 9 lines; --all shows each\n")
    told = [line for line in ended.stdout.splitlines() if line.endswith("[unmapped-output]")]
    assert told[0].endswith('calls end the function … and 77 more outputs of "stage0" [unmapped-output]')
    assert told[1].endswith('… and 1 more output of "stage1" [unmapped-output]')
    assert told[3:] == ["hint: 38 more of this kind elsewhere [unmapped-output]"]
    assert (
        ended.stdout.count("[version-differs]") == ended.stdout.count("… and 21 more functions [version-differs]") == 1
    )
    each = workbench("check", "workflow.json", "--all", cwd=tmp_path)
    assert (each.stdout.count("\n"), each.stderr) == (209, "no errors, 1 warning, 208 hints\n")


def test_quiet_leaves_hints_out_and_counts_them(tmp_path: Path) -> None:
    _large(tmp_path)
    ended = workbench("check", "workflow.json", "--quiet", cwd=tmp_path)
    assert ended.returncode == 0
    assert ended.stderr == "no errors, 1 warning, 208 hints\n"
    assert [line.rpartition("[")[2] for line in ended.stdout.splitlines()] == ["switched-on]"]


def test_one_cause_in_several_files_is_told_once(tmp_path: Path) -> None:
    _large(tmp_path)
    shutil.copy(tmp_path / "workflow.json", tmp_path / "workflow-2.json")
    ended = workbench("check", ".", cwd=tmp_path)
    assert "… and 43 more functions, also in 1 other file [version-differs]" in ended.stdout


def test_nothing_to_check_is_status_2(folder: Path) -> None:
    assert workbench("check", cwd=folder).returncode == 2
    assert workbench("check", "--explain", "cycle", "workflow.json", cwd=folder).returncode == 2


def test_samples_have_nothing_wrong() -> None:
    ended = workbench("check", str(assets.samples()))
    assert (ended.returncode, ended.stdout) == (0, "")


@pytest.mark.parametrize("code", ["unmapped-output", "call-cycle"])
def test_a_code_is_explained(code: str) -> None:
    ended = workbench("check", "--explain", code)
    assert ended.returncode == 0
    assert ended.stdout.startswith(f"{code} (")
    assert all(part in ended.stdout for part in ("\nPlatform: ", "\nWorkbench: ", "\nTo do: "))


def test_a_code_that_is_not_there_meets_its_nearest() -> None:
    ended = workbench("check", "--explain", "call-cycel")
    assert (ended.returncode, ended.stderr) == (
        2,
        'workbench: there is no code "call-cycel"; did you mean "call-cycle"?\n',
    )


def test_all_codes_are_listed() -> None:
    ended = workbench("check", "--explain")
    assert ended.returncode == 0
    assert {"unreadable", "runaway"} <= {line.split()[0] for line in ended.stdout.splitlines()}


_ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@settings(deadline=None)
@given(WORKFLOWS | _ANYTHING)
def test_any_json_gives_findings_or_none(content: object) -> None:
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "workflow.json"
        path.write_text(json.dumps(content))
        project = read([path], Settings())
        for problem in [*check(project, KINDS), *looked_into(project)]:
            assert problem.code is not None
            assert problem.error.message


@settings(deadline=None)
@given(st.binary())
def test_any_bytes_give_findings_or_none(content: bytes) -> None:
    with tempfile.TemporaryDirectory() as directory:
        (Path(directory) / "function.json").write_bytes(content)
        assert all(problem.code for problem in check(read([Path(directory)], Settings()), KINDS))
