"""Which build output is shared, whose it is, and what is removed of it."""

from __future__ import annotations

import os
import shutil
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.build.crates import crate, helper
from workbench.build import cleaning, target_dir


@pytest.fixture
def shared(tmp_path: Path) -> Path:
    return tmp_path / "cache" / "build" / "target"


def manifest(directory: Path, name: str | None = None) -> Path:
    function = crate(directory, name=name)
    assert function.manifest is not None
    return function.manifest


def filled(directory: Path, size: int = 1000) -> Path:
    directory.mkdir(parents=True, exist_ok=True)
    (directory / "output").write_bytes(b"x" * size)
    return directory


def aged(directory: Path, days: float) -> None:
    then = time.time() - days * 86_400
    for path in (directory / "claims").iterdir():
        os.utime(path, (then, then))


def tidied(shared: Path) -> None:
    (shared.parent / ".tidied").unlink(missing_ok=True)
    cleaning.tidy(shared.parent, shared)


def test_a_second_checkout_is_built_apart_but_in_one_place(shared: Path, tmp_path: Path) -> None:
    first = [manifest(tmp_path / "first" / name) for name in ("one", "two")]
    second = [manifest(tmp_path / "second" / name) for name in ("one", "two")]
    assert {target_dir.choose(shared, each) for each in first} == {shared}
    [apart] = {target_dir.choose(shared, each) for each in second}
    assert apart != shared


def test_dependencies_of_a_workspace_have_owners_too(shared: Path, tmp_path: Path) -> None:
    for top in (tmp_path / "first", tmp_path / "second"):
        helper(top / "common")
        (top / "Cargo.toml").write_text(
            '[workspace]\nmembers = ["own"]\n[workspace.dependencies]\ncommon = { path = "common" }\n'
        )
        own = manifest(top / "own", name=top.name)
        own.write_text(own.read_text().replace("[workspace]", "[dependencies]\ncommon = { workspace = true }"))
    assert target_dir.choose(shared, tmp_path / "first/own/Cargo.toml") == shared
    assert target_dir.choose(shared, tmp_path / "second/own/Cargo.toml") != shared


def test_artifacts_of_functions_with_the_same_id_are_two(shared: Path, tmp_path: Path) -> None:
    paths = {target_dir.artifact_path(shared, "same", tmp_path / name, "dev") for name in ("one", "two")}
    assert len(paths) == 2


def test_what_is_used_stays(shared: Path, tmp_path: Path) -> None:
    filled(target_dir.choose(shared, manifest(tmp_path / "used")))
    tidied(shared)
    assert (shared / "output").exists()


def test_what_nothing_was_built_in_for_a_month_goes(shared: Path, tmp_path: Path) -> None:
    filled(target_dir.choose(shared, manifest(tmp_path / "first/old")))
    apart = filled(target_dir.choose(shared, manifest(tmp_path / "second/old")))
    aged(shared, 31)
    tidied(shared)
    assert not (shared / "output").exists()
    assert (apart / "output").exists()


def test_what_was_built_of_packages_that_are_gone_goes(shared: Path, tmp_path: Path) -> None:
    filled(target_dir.choose(shared, manifest(tmp_path / "first/same")))
    apart = filled(target_dir.choose(shared, manifest(tmp_path / "second/same")))
    shutil.rmtree(tmp_path / "second")
    tidied(shared)
    assert not apart.exists()
    assert (shared / "output").exists()


def test_beyond_the_bound_the_oldest_goes_first(shared: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    filled(target_dir.choose(shared, manifest(tmp_path / "first/same")), 100_000)
    apart = filled(target_dir.choose(shared, manifest(tmp_path / "second/same")), 100_000)
    aged(shared, 1)
    monkeypatch.setattr(cleaning, "MOST_BYTES", 150_000)
    tidied(shared)
    assert not (shared / "output").exists()
    assert (apart / "output").exists()


def test_it_is_looked_after_once_a_day(shared: Path, tmp_path: Path) -> None:
    filled(target_dir.choose(shared, manifest(tmp_path / "old")))
    tidied(shared)
    aged(shared, 31)
    cleaning.tidy(shared.parent, shared)
    assert (shared / "output").exists()


def test_nothing_is_removed_while_a_workbench_builds(shared: Path, tmp_path: Path) -> None:
    filled(target_dir.choose(shared, manifest(tmp_path / "old")))
    aged(shared, 31)
    with cleaning.in_use(shared.parent):
        tidied(shared)
        assert cleaning.remove_all(shared.parent) is None
        assert (shared / "output").exists()
    assert (cleaning.remove_all(shared.parent) or 0) >= 1000
    assert not shared.exists()


def test_artifacts_that_several_workbenches_write_at_once_are_whole(tmp_path: Path) -> None:
    path = target_dir.artifact_path(tmp_path / "target", "f", tmp_path / "f", "dev")

    def write(letter: int) -> None:
        for _ in range(100):
            target_dir.put_artifact(path, bytes([letter]) * 10_000)

    with ThreadPoolExecutor(4) as writers:
        list(writers.map(write, b"abcd"))
    assert len(set(path.read_bytes())) == 1
    assert [each.name for each in path.parent.iterdir()] == ["dev.wasm"]
