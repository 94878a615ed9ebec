"""Watching real directories: what counts as a change, and what comes and goes."""

from __future__ import annotations

import os
import queue
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.build.crates import DEADLINE_S, wait_until
from workbench.build.survey import MOST_LINKED, Survey
from workbench.build.watcher import FLOOD, Watcher
from workbench.threads import ThreadDied

NOBODY = 65534


class Seen:
    """What a watcher reported."""

    def __init__(self, *roots: Path, poll: bool = False) -> None:
        self._reports: queue.Queue[Mapping[Path, float]] = queue.Queue()
        self.watcher = Watcher(roots, self._reports.put, poll=poll)

    def next(self) -> Mapping[Path, float]:
        return self._reports.get(timeout=DEADLINE_S)

    def until(self, path: Path) -> set[Path]:
        """Everything reported up to a change of `path`."""
        found: set[Path] = set()
        while path not in found:
            found |= self.next().keys()
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
    assert seen.next() == {root / "src/lib.rs": (root / "src/lib.rs").stat().st_ctime}


def test_a_file_moved_into_place_with_an_old_time_changed_now(root: Path, seen: Seen, tmp_path: Path) -> None:
    old = tmp_path / "old.rs"
    old.write_text("two")
    os.utime(old, (1e9, 1e9))
    before = time.time()
    old.rename(root / "src/lib.rs")
    assert seen.next()[root / "src/lib.rs"] >= before - 0.01


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
    (root / "Cargo.toml").write_text("")
    seen.until(root / "Cargo.toml")
    (root / "src/output~").mkdir()
    (root / "src/output~/CACHEDIR.TAG").write_text("x")
    (root / "src/output~").rename(root / "src/output")
    (root / "src/output/file").write_text("x")
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


def test_what_was_changed_before_it_was_watched_is_reported_where_that_counts(seen: Seen, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / "old").write_text("x")
    since = (other / "old").stat().st_ctime + 0.001
    wait_until(lambda: (other / "new").write_text("x") == 1 and (other / "new").stat().st_ctime >= since)
    seen.watcher.watch([other], since=since)
    assert seen.next().keys() == {other / "new"}


def test_a_change_while_the_watches_are_renewed_is_not_lost(root: Path, seen: Seen, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    for number in range(20):
        seen.watcher.watch([root, other] if number % 2 else [root])
        (root / "src/lib.rs").write_text(str(number))
        seen.until(root / "src/lib.rs")


def test_a_folder_of_sources_may_be_called_target(root: Path, seen: Seen) -> None:
    (root / "src/target").mkdir()
    (root / "src/target/mod.rs").write_text("x")
    seen.until(root / "src/target/mod.rs")


def repoint(link: Path, target: Path | str) -> None:
    """As `ln -sfn` does."""
    link.with_name("fresh~").symlink_to(target)
    link.with_name("fresh~").rename(link)


@pytest.mark.parametrize("poll", [False, True])
def test_a_file_behind_links_changes_with_each_of_them_and_with_what_it_leads_to(tmp_path: Path, poll: bool) -> None:
    for name in ("a", "b", "c"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "lib.rs").write_text(name)
    (tmp_path / "hop").symlink_to("a")
    (tmp_path / "root").mkdir()
    source = tmp_path / "root/lib.rs"
    source.symlink_to("../hop/lib.rs")
    seen = Seen(tmp_path / "root", poll=poll)
    (tmp_path / "a/lib.rs").write_text("edited in place")
    seen.until(source)
    repoint(tmp_path / "hop", "b")
    seen.until(source)
    (tmp_path / "b/fresh").write_text("saved by a rename")
    (tmp_path / "b/fresh").rename(tmp_path / "b/lib.rs")
    seen.until(source)
    repoint(source, tmp_path / "c/lib.rs")
    seen.until(source)
    (tmp_path / "c/lib.rs").write_text("edited in place")
    seen.until(source)
    (tmp_path / "c").rename(tmp_path / "gone")
    seen.until(source)
    (tmp_path / "c").mkdir()
    (tmp_path / "c/lib.rs").write_text("back")
    seen.until(source)
    (tmp_path / "root/fresh~").write_text("a regular file from now on")
    (tmp_path / "root/fresh~").rename(source)
    seen.until(source)
    source.write_text("edited in place")
    seen.until(source)
    seen.watcher.close()


@pytest.mark.parametrize("name", ["workflow.json", "function.json", "workbench.toml"])
def test_a_single_file_that_is_a_link_is_followed(tmp_path: Path, name: str) -> None:
    (tmp_path / "one").write_text("1")
    (tmp_path / "two").write_text("2")
    link = tmp_path / name
    link.symlink_to("one")
    seen = Seen(link)
    (tmp_path / "one").write_text("edited")
    assert seen.until(link) == {link}
    repoint(link, "two")
    assert seen.until(link) == {link}
    (tmp_path / "two").write_text("edited")
    assert seen.until(link) == {link}
    seen.watcher.close()


def test_a_linked_directory_of_modules_is_followed_wherever_it_is_pointed(root: Path, tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name / "deep").mkdir(parents=True)
        (tmp_path / name / "mod.rs").write_text(name)
    (root / "src/parts").symlink_to("../../one")
    seen = Seen(root)
    (tmp_path / "one/mod.rs").write_text("edited")
    assert seen.until(root / "src/parts/mod.rs") == {root / "src/parts/mod.rs"}
    (tmp_path / "one/deep/new.rs").write_text("new")
    seen.until(root / "src/parts/deep/new.rs")
    repoint(root / "src/parts", "../../two")
    seen.until(root / "src/parts/mod.rs")
    (tmp_path / "two/mod.rs").write_text("edited")
    assert seen.until(root / "src/parts/mod.rs") == {root / "src/parts/mod.rs"}
    seen.watcher.close()


def test_links_in_a_circle_and_links_far_up_do_no_harm(root: Path) -> None:
    (root / "loop").symlink_to(root)
    (root / "itself").symlink_to("itself")
    (root / "everything").symlink_to("/")
    seen = Seen(root)
    (root / "src/lib.rs").write_text("two")
    assert seen.until(root / "src/lib.rs") == {root / "src/lib.rs"}
    seen.watcher.close()


def test_a_linked_tree_is_entered_so_far_and_no_further(root: Path, tmp_path: Path) -> None:
    for number in range(MOST_LINKED + 100):
        (tmp_path / "large" / str(number)).mkdir(parents=True)
    (root / "large").symlink_to(tmp_path / "large")
    survey = Survey([root])
    assert MOST_LINKED <= len(survey.directories) < MOST_LINKED + 50


def test_another_directory_in_its_place_is_watched(root: Path, tmp_path: Path) -> None:
    shutil.copytree(root, tmp_path / "other")
    seen = Seen(root)
    root.rename(tmp_path / "away")
    seen.until(root / "src/lib.rs")
    (tmp_path / "other").rename(root)
    seen.until(root / "src/lib.rs")
    (root / "src/lib.rs").write_text("two")
    assert seen.until(root / "src/lib.rs") == {root / "src/lib.rs"}
    seen.watcher.close()


def test_a_project_that_is_moved_with_all_around_it_and_back_is_still_watched(tmp_path: Path) -> None:
    source = tmp_path / "home/work/project/src/lib.rs"
    source.parent.mkdir(parents=True)
    source.write_text("one")
    seen = Seen(tmp_path / "home/work/project")
    shutil.copytree(tmp_path / "home", tmp_path / "copy")
    (tmp_path / "home").rename(tmp_path / "away")
    seen.until(source)
    (tmp_path / "copy").rename(tmp_path / "home")
    seen.until(source)
    source.write_text("two")
    assert seen.until(source) == {source}
    seen.watcher.close()


def test_a_flood_of_changes_is_reported_to_the_last(root: Path, seen: Seen) -> None:
    files = {root / "src" / f"{number}.rs" for number in range(3 * FLOOD)}
    for file in files:
        file.write_text("x")
    found: set[Path] = set()
    while not found >= files:
        found |= seen.next().keys()


def test_a_file_whose_name_is_no_text_does_no_harm(root: Path, seen: Seen) -> None:
    Path(os.fsdecode(os.fsencode(root) + b"/src/\xff.rs")).write_text("x")
    (root / "src/lib.rs").write_text("two")
    seen.until(root / "src/lib.rs")
    (root / "src/lib.rs").write_text("three")
    seen.until(root / "src/lib.rs")


def test_without_notifications_two_saves_within_a_second_are_both_seen(root: Path) -> None:
    seen = Seen(root, poll=True)
    for text in ("two", "six", "ten"):
        (root / "src/lib.rs").write_text(text)
        assert seen.until(root / "src/lib.rs") == {root / "src/lib.rs"}
    (root / "src/new/deep").mkdir(parents=True)
    (root / "src/new/deep/mod.rs").write_text("x")
    seen.until(root / "src/new/deep/mod.rs")
    seen.watcher.close()


@pytest.mark.parametrize(("value", "forced"), [("1", True), ("true", True), ("false", False), ("", False)])
def test_the_environment_may_ask_for_polling(
    root: Path, monkeypatch: pytest.MonkeyPatch, value: str, forced: bool
) -> None:
    monkeypatch.setenv("WATCHFILES_FORCE_POLLING", value)
    seen = Seen(root)
    (root / "src/lib.rs").write_text("two")
    seen.until(root / "src/lib.rs")
    assert seen.watcher.polls is forced
    seen.watcher.close()


LIMITED = """
import pathlib, queue, sys, time
from workbench.build.survey import MOST_LINKED, Survey
from workbench.build.watcher import FLOOD, Watcher
root, reports = pathlib.Path(sys.argv[1]), queue.Queue()
watcher = Watcher([root], reports.put)
(root / "src/lib.rs").write_text("two")
assert root / "src/lib.rs" in reports.get(timeout=60)
while watcher.problem is None:
    time.sleep(0.005)
print(watcher.problem)
watcher.close()
"""


@pytest.mark.parametrize(
    ("limit", "key"),
    [("max_inotify_watches", "max_user_watches=524288"), ("max_inotify_instances", "max_user_instances=1024")],
)
def test_at_the_limit_of_notifications_files_are_looked_at_and_the_limit_is_named(
    root: Path, limit: str, key: str
) -> None:
    (root / "a/b/c/d/e/f").mkdir(parents=True)
    allowed = 3 if limit == "max_inotify_watches" else 0
    script = f'echo {allowed} > /proc/sys/user/{limit} || exit 77; exec "$@"'
    command = ["unshare", "--user", "--map-root-user", "sh", "-c", script, "sh"]
    found = subprocess.run(
        [*command, sys.executable, "-c", LIMITED, str(root)], capture_output=True, text=True, timeout=120, check=False
    )
    if found.returncode in (1, 77) and "Traceback" not in found.stderr:
        pytest.skip("user namespaces are not for this user")
    assert found.returncode == 0, found.stderr
    assert f"sudo sysctl fs.inotify.{key}" in found.stdout
    assert len(found.stdout.splitlines()) == 1


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


def test_a_watcher_that_dies_is_heard_of(tmp_path: Path) -> None:
    deaths: queue.Queue[ThreadDied] = queue.Queue()

    def fail(files: Mapping[Path, float]) -> None:
        raise ZeroDivisionError("no luck")

    watcher = Watcher([tmp_path], fail, died=deaths.put)
    (tmp_path / "lib.rs").write_text("new")
    assert isinstance(deaths.get(timeout=DEADLINE_S).__cause__, ZeroDivisionError)
    watcher.close()
