"""Reading a project again: what is new comes, what is gone goes, what is broken stays as it was."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.project import files
from workbench.config import Settings
from workbench.project.model import Project
from workbench.project.targets import read, refresh


def _open(*targets: Path) -> Project:
    return read(targets, Settings())


def _again(project: Project) -> Project:
    return refresh(project, Settings())


def _errors(project: Project) -> list[str]:
    return [str(problem.error) for problem in project.problems if problem.severity == "error"]


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    for name in ("a", "b"):
        files.function(tmp_path, name, ("out",))
    return tmp_path


def test_nothing_changed_is_the_same_project(directory: Path) -> None:
    project = _open(directory)
    assert _again(project) == project


def test_new_functions_appear_and_removed_ones_go(directory: Path) -> None:
    project = _open(directory)
    files.function(directory, "c")
    shutil.rmtree(directory / "a")
    assert list(_again(project).functions) == ["b", "c"]


def test_a_changed_function_json_is_taken_up(directory: Path) -> None:
    project = _open(directory)
    (directory / "a" / "function.json").write_text(json.dumps(files.specification("a", outputs=["out", "more"])))
    assert list(_again(project).instances[0].links) == ["out", "more"]


def test_a_workflow_that_comes_to_lead_nowhere_keeps_its_last_meaning_until_it_is_mended(directory: Path) -> None:
    def written(target: str) -> None:
        files.workflow(directory / "workflow.json", [files.part("a", {"out": target}), files.part("b")])

    written("b")
    project = _open(directory)
    written("bee")
    broken = _again(_again(project))
    assert broken.instances == project.instances
    assert [error.partition(": ")[2] for error in _errors(broken)] == [
        '"out" leads to "bee", which this workflow does not have (the platform: Invalid workflow '
        "creation request); known here: a, b"
    ]
    written("a")
    assert _again(broken).instances[0].links == {"out": "a"}


def test_a_broken_function_json_keeps_its_last_meaning_until_it_is_mended(directory: Path) -> None:
    project = _open(directory)
    whole = (directory / "a" / "function.json").read_text()
    (directory / "a" / "function.json").write_text('{\n"id": a}')
    broken = _again(_again(project))
    assert broken.functions == project.functions
    assert broken.instances == project.instances
    [error] = _errors(broken)
    assert error.startswith(f"{directory}/a/function.json:2:7: is not JSON")
    (directory / "a" / "function.json").write_text(whole)
    assert _again(broken) == project


def test_a_broken_workflow_keeps_its_last_meaning(directory: Path) -> None:
    path = files.workflow(directory / "workflow.json", [files.part("a", {"out": "b"}), files.part("b")])
    project = _open(path)
    path.write_text("{}")
    broken = _again(project)
    assert broken.instances == project.instances
    missing = [f'{path}:1:1: the key "{key}" is missing' for key in ("functions", "resources", "annotations")]
    assert _errors(broken) == missing


def test_a_file_broken_from_the_start_comes_alive_when_mended(directory: Path) -> None:
    (directory / "a" / "function.json").write_text("{")
    project = _open(directory)
    assert list(project.functions) == ["b"]
    (directory / "a" / "function.json").write_text(json.dumps(files.specification("a")))
    mended = _again(project)
    assert list(mended.functions) == ["a", "b"]
    assert mended.problems == ()


@pytest.mark.parametrize("target", ["", "a", "workflow.json"])
def test_a_target_that_vanishes_stays_as_it_was_and_is_a_problem(directory: Path, target: str) -> None:
    project_directory = directory / "project"
    project_directory.mkdir()
    for name in ("a", "b"):
        shutil.move(directory / name, project_directory / name)
    files.workflow(project_directory / "workflow.json", [files.part("a"), files.part("b")])
    project = _open(project_directory / target)
    shutil.rmtree(project_directory)
    gone = _again(project)
    assert [i.name for i in gone.instances] == [i.name for i in project.instances]
    assert any("no such file" in error for error in _errors(gone))
    assert _again(gone).instances == gone.instances


def test_a_directory_whose_last_function_went_is_empty_and_says_so(directory: Path) -> None:
    project = _open(directory)
    shutil.rmtree(directory / "a")
    shutil.rmtree(directory / "b")
    empty = _again(project)
    assert not empty.functions
    assert "no function is in this directory" in _errors(empty)[0]
