"""Which resources run for real follows the project, its settings and what the developer says, while all else runs."""

from __future__ import annotations

import sqlite3
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.session.playing import Play
from tests.session.test_outside import AWAY, DATABASE, DOOR, INSERT, LOG, PUSHER, files, opened
from tests.session.test_stepping import refused
from tests.session.workflows import write_with_resources
from workbench.config import OwnResource, Resources, Settings, settings_for
from workbench.project.targets import read
from workbench.records import Note
from workbench.session.commands import Jump, Run, SelfCheck, SetResource, StartWorkflow, StopWorkflow
from workbench.session.options import Options
from workbench.session.view import InstanceView


class Files:
    """A project's files, as a developer edits them while it runs."""

    def __init__(self, root: Path, play: Play) -> None:
        self.root, self.play = root, play

    def resources(self, *resources: Mapping[str, object]) -> None:
        write_with_resources(self.root, *resources)

    def settings(self, text: str) -> None:
        fresh = self.root / "settings.new"
        fresh.write_text(text)
        fresh.replace(self.root / "workbench.toml")

    def until(self, name: str, so: Callable[[InstanceView], bool]) -> None:
        self.play.until(lambda: so(self.play.instance(name)))
        self.play.settle()


@contextmanager
def watched(root: Path, *resources: Mapping[str, object], settings: str = "") -> Iterator[Files]:
    """A session that follows its files."""
    path = write_with_resources(root, *resources)
    (root / "workbench.toml").write_text(settings)
    options = Options(clock="virtual", watch=True, build=False, history=True, real=True)
    found = settings_for((path,))
    play = Play(read((path,), found), options, found)
    play.until(lambda: play.instance("a").status == "idle")
    try:
        yield Files(root, play)
    finally:
        play.session.close()


def log(filename: str | None) -> Mapping[str, object]:
    return {**LOG, "configurations": {} if filename is None else {"filename": filename}}


@pytest.mark.conformance("refused")
def test_a_refused_resource_runs_once_its_workflow_is_mended(tmp_path: Path) -> None:
    with watched(tmp_path, log(None)) as project:
        assert not project.play.instance("log").real
        [problem] = project.play.session.view().problems
        assert "filename" in str(problem.error)
        project.play.cast("a", "call log early")
        assert project.play.instance("a").status == "waiting", "a stand-in plays it, and the rest runs"
        project.resources(log("out.log"))
        project.until("log", lambda one: one.real)
        assert project.play.session.view().problems == ()
        project.play.until(lambda: project.play.said("a") == ["reply "])
        project.play.cast("a", "cast log late")
        assert project.play.do(SelfCheck()) is None
    assert (files(tmp_path) / "out.log").read_text() == "early\nlate\n"


def test_one_that_is_refused_only_now_is_a_stand_in_and_says_why(tmp_path: Path) -> None:
    with watched(tmp_path, log("out.log")) as project:
        project.resources(log("/etc/motd"))
        project.until("log", lambda one: not one.real)
        [problem] = project.play.session.view().problems
        assert "outside of the directories" in str(problem.error)


def test_what_the_settings_say_of_a_resource_counts_at_once(tmp_path: Path) -> None:
    with watched(tmp_path, log("out.log")) as project:
        project.settings('[resource.log]\nmode = "stand-in"\n')
        project.until("log", lambda one: not one.real)
        (tmp_path / "elsewhere").mkdir()
        project.settings('[resources]\ndirectories = ["elsewhere"]\n')
        project.until("log", lambda one: one.real)
        project.play.cast("a", "cast log there")
        project.play.until(lambda: (tmp_path / "elsewhere" / "out.log").exists())
        assert "elsewhere/out.log" in project.play.instance("log").health_words


def test_a_directory_of_files_to_push_can_be_another(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (files(tmp_path) / name).mkdir(parents=True)
        (files(tmp_path) / name / "file").write_text(f"info {name}")
    with watched(tmp_path, PUSHER, settings='[resource.pusher]\ndirectory = "one"\n') as project:
        project.play.until(lambda: "one" in project.play.said("a"))
        project.settings('[resource.pusher]\ndirectory = "two"\n')
        project.play.until(lambda: "two" in project.play.said("a"))


@pytest.mark.parametrize("leave", ['[resource.away]\nmode = "real"\n', '[resources]\nhosts = ["192.0.2.1:6379"]\n'])
def test_permission_is_given_and_taken_back_while_it_runs(tmp_path: Path, leave: str) -> None:
    with watched(tmp_path, AWAY) as project:
        assert not project.play.instance("away").real
        project.settings(leave)
        project.until("away", lambda one: one.real)
        project.settings("")
        project.until("away", lambda one: not one.real)
        assert project.play.session.view().problems == ()


def told(play: Play) -> tuple[Mapping[str, str], tuple[str, ...]]:
    """What the session has read of a project with one resource: its configuration, and the hosts of the settings."""
    [resource] = play.session.view().project.stand_ins
    return resource.configurations, play.session.view().project.resources.hosts


def test_what_was_asked_for_by_hand_stays_until_the_settings_say_otherwise(tmp_path: Path) -> None:
    with watched(tmp_path, log("out.log")) as project:
        project.play.do(SetResource("log", False))
        project.resources(log("other.log"))
        project.settings('[resources]\nhosts = ["example.org"]\n')
        project.play.until(lambda: told(project.play) == ({"filename": "other.log"}, ("example.org",)))
        project.play.settle()
        project.play.cast("a", "info still here")
        assert not project.play.instance("log").real
        project.settings('[resource.log]\nmode = "real"\n')
        project.until("log", lambda one: one.real)


def test_starting_a_workflow_anew_tries_again_what_was_refused(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "project").mkdir()
    inside = files(tmp_path / "project")
    inside.parent.mkdir()
    inside.symlink_to(tmp_path / "elsewhere")
    with opened(tmp_path / "project", LOG) as play:
        [problem] = play.session.view().problems
        assert "leads out of the project" in str(problem.error)
        inside.unlink()
        play.do(StartWorkflow(str(tmp_path / "project" / "workflow.json")))
        play.settle()
        assert play.instance("log").real
        assert play.session.view().problems == ()


# ---- stopped with its workflow


def test_a_stopped_workflows_resources_say_so_and_do_not_run(tmp_path: Path) -> None:
    path = str(tmp_path / "workflow.json")
    with opened(tmp_path, LOG, {**AWAY, "name": "played"}) as play:
        before = play.cast("a", "cast log one")
        play.do(StopWorkflow(path))
        play.settle()
        assert [(play.instance(name).real, play.instance(name).stopped) for name in ("log", "played")] == [
            (False, True), (False, True),
        ]  # fmt: skip
        assert "its workflow is stopped" in refused(play, SetResource("log", True))
        play.do(Jump(before))
        assert (play.instance("log").real, play.instance("log").stopped) == (True, False)
        play.do(Run())
        play.cast("a", "cast log two")
        assert play.instance("log").real, "it was not stopped yet"
        play.do(StopWorkflow(path))
        play.do(StartWorkflow(path))
        play.settle()
        assert (play.instance("log").real, play.instance("log").stopped) == (True, False)
        assert not play.instance("played").real
        assert play.do(SelfCheck()) is None


# ---- what may be configured


@pytest.mark.parametrize("filename", ["log[1].txt", "[x", "a℀b.log", "a:b//c", "%zz"])
def test_any_name_of_a_file_may_be_configured(tmp_path: Path, filename: str) -> None:
    allowed = Settings(resources=Resources(own={"log": OwnResource(real=True)}))
    (files(tmp_path) / filename).parent.mkdir(parents=True, exist_ok=True)
    with opened(tmp_path, log(filename), settings=allowed) as play:
        assert play.instance("log").real
        play.cast("a", "cast log x")
        play.do(SetResource("log", False))
        play.do(SetResource("log", True))
    assert (files(tmp_path) / filename).read_text() == "x\n"


@pytest.mark.parametrize("host", ["[2001:db8::1]", "192.0.2.1", "cache.example.org"])
def test_a_host_is_allowed_by_the_name_of_its_resource(tmp_path: Path, host: str) -> None:
    away = {**AWAY, "configurations": {"url": f"redis://{host}:6390/"}}
    with opened(tmp_path, away) as play:
        assert not play.instance("away").real
        play.do(SetResource("away", True))
        assert play.instance("away").real


def test_a_link_in_the_project_does_not_lead_its_files_out_of_it(tmp_path: Path) -> None:
    outside, root = tmp_path / "outside", tmp_path / "project"
    outside.mkdir()
    root.mkdir()
    (root / ".workbench").symlink_to(outside)
    with opened(root, LOG) as play:
        assert not play.instance("log").real
        assert "leads out of the project" in str(play.session.view().problems[0].error)
    assert not (outside / "files").exists()


def test_only_who_uses_files_needs_a_directory_for_them(tmp_path: Path) -> None:
    (tmp_path / ".workbench").mkdir()
    (tmp_path / ".workbench" / "files").write_text("in the way")
    web = {"name": "web", "class_type": "http-egress", "output_mapping": {}, "configurations": {}}
    with opened(tmp_path, web, LOG) as play:
        assert play.instance("web").real
        [problem] = play.session.view().problems
        assert str(problem.error).startswith("log does not run: ")


# ---- the workflow's id


def ids(root: Path) -> list[str]:
    with sqlite3.connect(files(root) / "state.db") as database:
        return [str(row[0]) for row in database.execute("SELECT id FROM WorkflowState ORDER BY rowid")]


@pytest.mark.conformance("workflow-id")
def test_each_workflow_and_each_start_has_an_id_of_its_own_the_same_in_each_session(tmp_path: Path) -> None:
    def run() -> list[str]:
        paths = [write_with_resources(tmp_path / name, {**DATABASE, "name": f"db-{name}"}) for name in ("one", "two")]
        settings = Settings(resources=Resources(directories=(files(tmp_path),)))
        files(tmp_path).mkdir(parents=True, exist_ok=True)
        (files(tmp_path) / "state.db").unlink(missing_ok=True)
        options = Options(clock="virtual", watch=False, build=False, history=True, real=True)
        play = Play(read(paths, settings), options, settings)
        try:
            play.settle()
            instances = [one.name for one in play.session.view().instances if one.status != "stand-in"]
            for _ in range(2):
                for name, database in zip(instances, ("db-one", "db-two"), strict=True):
                    play.cast(name, f"call {database} {INSERT}")
                play.do(StartWorkflow(str(paths[0])))
                play.settle()
        finally:
            play.session.close()
        return ids(tmp_path)

    first = run()
    assert len(set(first)) == 3, "two of the first workflow's starts, and the second's only one"
    assert run() == first


# ---- who asks from outside


@pytest.mark.conformance("F3")
def test_a_request_that_nobody_will_answer_is_noted(tmp_path: Path) -> None:
    with opened(tmp_path, DOOR, http_port=0) as play:
        play.cast("a", "panic")
        play.until(lambda: play.instance("door").health == "ready")
        address = play.instance("door").health_words
        with pytest.raises(OSError, match="timed out"):
            urllib.request.urlopen(address, timeout=1.0)
        notes = [note.message for note in play.records(Note, "door")]
        assert any("a call to a, which is trapped, waits for ever" in note for note in notes), notes


def test_a_resource_whose_class_is_known_no_more_is_a_stand_in(tmp_path: Path) -> None:
    with watched(tmp_path, LOG) as project:
        project.until("log", lambda one: one.real)
        project.resources({**LOG, "class_type": "file-lgo"})
        project.until("log", lambda one: one.class_type == "file-lgo")
        assert not project.play.instance("log").real
        project.resources(LOG)
        project.until("log", lambda one: one.real)
