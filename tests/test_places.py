"""Where the workbench writes: never where cargo or git would trip over it."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from workbench import places
from workbench.home import home_of

PACKAGE = '[package]\nname = "some"\nversion = "0.1.0"\n'


def written(directory: Path, manifest: str = "") -> Path:
    directory.mkdir(parents=True, exist_ok=True)
    if manifest:
        (directory / "Cargo.toml").write_text(manifest)
    return directory


def repository(directory: Path, manifest: str = "") -> Path:
    (written(directory, manifest) / ".git").mkdir()
    return directory


def test_a_directory_that_is_no_package_is_its_own_home(tmp_path: Path) -> None:
    assert home_of(tmp_path) == tmp_path
    assert home_of(repository(tmp_path)) == tmp_path


def test_of_a_package_it_is_above_in_the_same_repository(tmp_path: Path) -> None:
    top = repository(tmp_path / "top")
    assert home_of(written(top / "functions/some", PACKAGE)) == top / "functions"
    assert home_of(written(top / "functions/some/src")) == top / "functions"


@pytest.mark.parametrize(
    ("members", "home"),
    [
        ("functions/group/*", "top/functions"),
        ("./functions/*/*/", "top/functions"),
        ("functions/*", "top/functions/group"),
        ("functions/**", "top"),
        ("shared", "top/functions/group"),
    ],
)
def test_it_is_out_of_reach_of_a_workspaces_members(tmp_path: Path, members: str, home: str) -> None:
    top = repository(tmp_path / "top", f'[workspace]\nmembers = ["{members}"]\n')
    assert home_of(written(top / "functions/group")) == tmp_path / home


def test_what_a_workspace_excludes_is_out_of_its_reach(tmp_path: Path) -> None:
    manifest = '[workspace]\nmembers = ["*"]\nexclude = [".workbench"]\n'
    assert home_of(repository(tmp_path / "top", manifest)) == tmp_path / "top"


@pytest.mark.parametrize("manifest", [PACKAGE, PACKAGE + "[workspace]\n", '[workspace]\nmembers = ["*"]\n', "[broken"])
def test_where_there_is_no_place_it_is_in_the_users_data(tmp_path: Path, manifest: str) -> None:
    one, other = (home_of(repository(tmp_path / name / "crate", manifest)) for name in ("one", "other"))
    assert one.parent == other.parent == places.projects_directory()
    assert one != other
    assert one.name.startswith("crate-")


def test_without_a_repository_it_stays_within_the_workspace(tmp_path: Path) -> None:
    lone = written(tmp_path / "lone", PACKAGE)
    assert home_of(lone).parent == places.projects_directory()
    top = written(tmp_path / "top", '[workspace]\nmembers = ["functions/*"]\n')
    assert home_of(written(top / "functions")) == top


def test_git_ignores_it_but_for_saved_messages(tmp_path: Path) -> None:
    git = ["git", "-C", str(tmp_path)]
    subprocess.run([*git, "init", "-q"], check=True)
    for name in ("state", "messages"):
        places.make_directory(tmp_path / ".workbench" / name)
        (tmp_path / ".workbench" / name / "one.toml").write_text("")
    status = subprocess.run([*git, "status", "--porcelain", "-uall"], check=True, capture_output=True, text=True)
    assert status.stdout == "?? .workbench/messages/one.toml\n"


def test_what_the_workbench_writes_is_known_by_its_path(tmp_path: Path) -> None:
    for own in (tmp_path / ".workbench/state/a", tmp_path / ".workbench-x1", places.build_directory() / "debug"):
        assert places.is_own(own)
    assert not places.is_own(tmp_path / "src/workbench.rs")


def test_the_cache_can_be_elsewhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv(places.CACHE_VARIABLE, str(tmp_path))
    assert places.build_directory().is_relative_to(tmp_path)
    monkeypatch.delenv(places.CACHE_VARIABLE)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    assert places.build_directory().is_relative_to(tmp_path / "xdg")
