"""Watching real directories: what counts as a change, and what comes and goes."""

from __future__ import annotations

import os
import queue
import shutil
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.build.crates import DEADLINE_S
from workbench.build.watcher import Watcher

NOBODY = 65534


class Seen:
    """What a watcher reported."""

    def __init__(self, *roots: Path) -> None:
        self._reports: queue.Queue[tuple[frozenset[Path], float]] = queue.Queue()
        self.watcher = Watcher(roots, lambda files, when: self._reports.put((files, when)))

    def next(self) -> tuple[frozenset[Path], float]:
        return self._reports.get(timeout=DEADLINE_S)

    def until(self, path: Path) -> set[Path]:
        """Everything reported up to a change of `path`."""
        found: set[Path] = set()
        while path not in found:
            found |= self.next()[0]
        return found


@contextmanager
def nobody() -> Iterator[Path]:
    """A directory of a user whom permissions hold up, as whom all is done meanwhile, should that be root so far."""
    with tempfile.TemporaryDirectory() as home:
        user = os.geteuid()
        os.chown(home, user or NOBODY, -1)
        os.seteuid(user or NOBODY)
        try:
            yield Path(home)
        finally:
            os.seteuid(user)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "root"
    (root / "src").mkdir(parents=True)
    (root / "src/lib.rs").write_text("one")
    return root


@pytest.fixture
def seen(root: Path) -> Iterator[Seen]:
    seen = Seen(root)
    yield seen
    seen.watcher.close()


def test_a_changed_file_is_reported_with_the_time_it_was_written(root: Path, seen: Seen) -> None:
    (root / "src/.lib.rs.swp").write_text("two")
    (root / "src/.lib.rs.swp").rename(root / "src/lib.rs")
    files, when = seen.next()
    assert files == {root / "src/lib.rs"}
    assert when == (root / "src/lib.rs").stat().st_mtime


def test_a_file_moved_into_place_with_an_old_time_changed_now(root: Path, seen: Seen, tmp_path: Path) -> None:
    old = tmp_path / "old.rs"
    old.write_text("two")
    os.utime(old, (1e9, 1e9))
    before = time.time()
    old.rename(root / "src/lib.rs")
    assert seen.next()[1] >= before


def test_new_removed_and_renamed_files_are_reported(root: Path, seen: Seen) -> None:
    (root / "src/a.rs").write_text("a")
    assert seen.until(root / "src/a.rs") == {root / "src/a.rs"}
    (root / "src/a.rs").rename(root / "src/b.rs")
    assert seen.until(root / "src/b.rs") | {root / "src/a.rs"} == {root / "src/a.rs", root / "src/b.rs"}
    (root / "src/b.rs").unlink()
    assert root / "src/b.rs" in seen.until(root / "src/b.rs")


def test_a_touch_and_a_save_of_the_same_content_are_no_change(root: Path, seen: Seen) -> None:
    (root / "src/lib.rs").touch()
    os.replace(shutil.copy(root / "src/lib.rs", root / "src/.lib.rs.swp"), root / "src/lib.rs")
    (root / "end").write_text("")
    assert seen.until(root / "end") == {root / "end"}


def test_build_output_and_editors_temporary_files_are_no_change(root: Path, seen: Seen) -> None:
    for name in ("target", ".git", ".workbench"):
        (root / name).mkdir()
        (root / name / "file").write_text("x")
    for name in ("4913", "lib.rs~", ".#lib.rs", "#lib.rs#", ".lib.rs.swp"):
        (root / "src" / name).write_text("x")
    (root / "end").write_text("")
    assert seen.until(root / "end") == {root / "end"}


def test_files_in_new_directories_are_reported(root: Path, seen: Seen) -> None:
    (root / "deep/deeper").mkdir(parents=True)
    (root / "deep/deeper/file").write_text("x")
    seen.until(root / "deep/deeper/file")
    (root / "deep/deeper/file").write_text("y")
    assert seen.until(root / "deep/deeper/file") == {root / "deep/deeper/file"}


def test_a_directory_that_vanishes_and_comes_back_is_still_watched(root: Path, seen: Seen) -> None:
    shutil.rmtree(root)
    assert root / "src/lib.rs" in seen.until(root / "src/lib.rs")
    (root / "src").mkdir(parents=True)
    (root / "src/lib.rs").write_text("back")
    seen.until(root / "src/lib.rs")
    (root / "src/lib.rs").write_text("back again")
    seen.until(root / "src/lib.rs")


def test_a_directory_that_is_not_there_yet_is_awaited(tmp_path: Path) -> None:
    seen = Seen(tmp_path / "some/where")
    (tmp_path / "some/where").mkdir(parents=True)
    (tmp_path / "some/where/file").write_text("x")
    seen.until(tmp_path / "some/where/file")
    seen.watcher.close()


def test_a_single_file_is_watched_without_its_neighbours(root: Path) -> None:
    seen = Seen(root / "workbench.toml")
    (root / "other").write_text("x")
    (root / "workbench.toml").write_text("x")
    assert seen.until(root / "workbench.toml") == {root / "workbench.toml"}
    seen.watcher.close()


def test_what_is_watched_can_change_and_the_old_is_left(root: Path, seen: Seen, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / "there before").write_text("x")
    seen.watcher.watch([other])
    (root / "src/lib.rs").write_text("two")
    (other / "file").write_text("x")
    assert seen.until(other / "file") == {other / "file"}


def test_a_change_while_the_watches_are_renewed_is_not_lost(root: Path, seen: Seen, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    for number in range(20):
        seen.watcher.watch([root, other] if number % 2 else [root])
        (root / "src/lib.rs").write_text(str(number))
        seen.until(root / "src/lib.rs")


def test_links_are_not_followed_and_loops_do_no_harm(root: Path, tmp_path: Path) -> None:
    (root / "loop").symlink_to(root)
    outside = tmp_path / "outside"
    outside.mkdir()
    (root / "outside").symlink_to(outside)
    seen = Seen(root)
    (outside / "file").write_text("x")
    (root / "src/lib.rs").write_text("two")
    assert seen.until(root / "src/lib.rs") == {root / "src/lib.rs"}
    seen.watcher.close()


def test_a_pipe_among_the_sources_is_not_opened(root: Path) -> None:
    os.mkfifo(root / "pipe")
    seen = Seen(root)
    (root / "src/lib.rs").write_text("two")
    assert seen.until(root / "src/lib.rs") == {root / "src/lib.rs"}
    seen.watcher.close()


def test_a_name_that_no_file_can_have_does_no_harm(root: Path) -> None:
    seen = Seen(root, root / ("x" * 300))
    (root / "a.rs").write_text("a")
    assert seen.until(root / "a.rs") == {root / "a.rs"}
    seen.watcher.close()


@pytest.mark.parametrize("closed", ["", "root", "root/src"])
def test_a_directory_one_may_not_enter_for_a_while_is_still_watched(closed: str) -> None:
    with nobody() as home:
        root = home / "root"
        (root / "src").mkdir(parents=True)
        (root / "src/lib.rs").write_text("1")
        seen = Seen(root)
        (home / closed).chmod(0)
        assert seen.until(root / "src/lib.rs") == {root / "src/lib.rs"}
        (home / closed).chmod(0o700)
        assert seen.until(root / "src/lib.rs") == {root / "src/lib.rs"}
        (root / "src/lib.rs").write_text("2")
        assert seen.until(root / "src/lib.rs") == {root / "src/lib.rs"}
        seen.watcher.close()


def test_nothing_to_watch_is_no_error(root: Path) -> None:
    seen = Seen()
    seen.watcher.watch([root])
    (root / "src/lib.rs").write_text("two")
    seen.until(root / "src/lib.rs")
    seen.watcher.close()


def test_closing_ends_its_thread(root: Path) -> None:
    seen = Seen(root)
    seen.watcher.close()
    assert "watcher" not in {thread.name for thread in threading.enumerate()}
