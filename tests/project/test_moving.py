"""What an earlier workbench left where cargo trips over it is taken to where it belongs."""

from __future__ import annotations

import os
from pathlib import Path

from tests.project import files
from workbench.config import Settings
from workbench.project.model import Project
from workbench.project.moving import take_along
from workbench.project.targets import read


def package_in_a_repository(tmp_path: Path) -> Project:
    directory = files.function(tmp_path / "top", "blink")
    (directory / "Cargo.toml").write_text('[package]\nname = "blink"\nversion = "0.1.0"\n')
    (tmp_path / "top" / ".git").mkdir()
    return read((directory,), Settings())


def left(project: Project, *names: str) -> None:
    for name in names:
        path = project.root / ".workbench" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)


def test_what_was_kept_in_a_package_moves_out_of_it(tmp_path: Path) -> None:
    project = package_in_a_repository(tmp_path)
    left(project, "state/blink.txt", "queries.toml", "target/debug/x", "artifacts/blink/dev.wasm")
    told = take_along(project)
    own = tmp_path / "top" / ".workbench"
    assert project.own_directory == own
    assert (own / "state/blink.txt").read_text() == "state/blink.txt"
    assert sorted(os.listdir(own)) == [".gitignore", "queries.toml", "state"]
    assert not (project.root / ".workbench").exists()
    assert told is not None
    assert "queries.toml, state" in told
    assert take_along(project) is None


def test_a_functions_own_messages_stay_with_it(tmp_path: Path) -> None:
    project = package_in_a_repository(tmp_path)
    left(project, "messages/hello.toml", "screen.json")
    take_along(project)
    assert os.listdir(project.root / ".workbench") == ["messages"]


def test_nothing_that_is_there_already_is_overwritten(tmp_path: Path) -> None:
    project = package_in_a_repository(tmp_path)
    left(project, "state/one.txt", "state/two.txt")
    (project.own_directory / "state").mkdir(parents=True)
    (project.own_directory / "state/one.txt").write_text("newer")
    told = take_along(project)
    assert (project.own_directory / "state/one.txt").read_text() == "newer"
    assert (project.own_directory / "state/two.txt").exists()
    assert (project.root / ".workbench/state/one.txt").exists()
    assert "what is there already stays" in (told or "")


def test_where_it_is_right_only_build_output_goes(tmp_path: Path) -> None:
    project = read((files.function(tmp_path, "blink", source=False),), Settings())
    left(project, "screen.json", "target/debug/x")
    assert take_along(project) is None
    assert os.listdir(project.own_directory) == ["screen.json"]
