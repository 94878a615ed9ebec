"""The project changes while it runs: functions come and go, links move, broken files leave the old in force."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.guests.build import wasm
from tests.project import files
from tests.session.playing import Play
from tests.session.workflows import write_workflow
from workbench.config import Settings
from workbench.project.model import InstancePlan
from workbench.project.targets import read
from workbench.records import Reload, Start, Stop
from workbench.session.session import Options


class Folder:
    """A directory of prebuilt functions, and a session on it."""

    def __init__(self, root: Path, opened: list[Play]) -> None:
        self.root = root / "project"
        self.root.mkdir()
        self.opened = opened

    def add(self, name: str, *outputs: str) -> None:
        directory = self.root / name
        fresh = self.root.parent / f"{name}.coming"
        fresh.mkdir()
        shutil.copy(wasm("probe"), fresh / f"{name}.wasm")
        self.write_spec(fresh / "function.json", name, outputs)
        fresh.rename(directory)

    @staticmethod
    def write_spec(path: Path, name: str, outputs: tuple[str, ...]) -> None:
        path.write_text(json.dumps(files.specification(name, outputs=outputs)))

    def link(self, **mappings: dict[str, str]) -> None:
        self.plan(*(InstancePlan(name, name, mapping) for name, mapping in mappings.items()))

    def plan(self, *plans: InstancePlan) -> None:
        write_workflow(self.root / "workflow.json", plans, code="{function}/{function}.wasm")

    def open(self) -> Play:
        play = Play(read((self.root,), Settings()), Options(build=False))
        self.opened.append(play)
        play.settle()
        return play


@pytest.fixture
def folder(tmp_path: Path, opened: list[Play]) -> Folder:
    return Folder(tmp_path, opened)


def names(play: Play) -> set[str]:
    return {one.name for one in play.session.view().instances}


def test_a_function_that_appears_is_started(folder: Folder) -> None:
    folder.add("a")
    play = folder.open()
    folder.add("b")
    play.until(lambda: len(play.records(Start, "b")) == 1)
    play.cast("b", "log 3 here")
    assert play.said("b") == ["here"]
    assert len(play.records(Start, "a")) == 1


def test_a_function_that_vanishes_is_stopped(folder: Folder) -> None:
    folder.add("a")
    folder.add("b")
    folder.link(a={"out": "b"}, b={})
    play = folder.open()
    folder.link(a={})
    shutil.rmtree(folder.root / "b")
    play.until(lambda: "b" not in names(play))
    assert len(play.records(Stop, "b")) == 1
    assert play.instance("a").status == "idle"


@pytest.mark.conformance("1.5-patch")
def test_a_changed_workflow_moves_links_without_a_restart(folder: Folder) -> None:
    for name in "abc":
        folder.add(name)
    folder.link(a={"out": "b"}, b={}, c={})
    play = folder.open()
    folder.link(a={"out": "c"}, b={}, c={})
    play.until(lambda: play.instance("a").links == {"out": "c"})
    play.cast("a", "cast out log 3 here")
    assert (play.said("b"), play.said("c")) == ([], ["here"])
    assert len(play.records(Start)) == 3


def test_a_changed_init_payload_is_handed_over_with_the_state(folder: Folder) -> None:
    folder.add("a")
    folder.plan(InstancePlan("a", "a", {}, "sync s1"))
    play = folder.open()
    folder.plan(InstancePlan("a", "a", {}, "log 3 other"))
    play.until(lambda: play.records(Reload) != [])
    play.cast("a", "given")
    assert play.said("a") == ["other", "payload=log 3 other state=s1"]


def test_a_new_output_gets_its_stand_in(folder: Folder) -> None:
    folder.add("a")
    play = folder.open()
    folder.write_spec(folder.root / "a" / "function.json", "a", ("desk",))
    play.until(lambda: "desk" in names(play))
    play.cast("a", "call desk question")
    assert [call.target for call in play.session.view().pending_calls] == ["desk"]


def test_a_broken_file_leaves_the_old_in_force_and_is_named(folder: Folder) -> None:
    folder.add("a")
    folder.add("b")
    folder.link(a={"out": "b"}, b={})
    play = folder.open()
    sound = (folder.root / "workflow.json").read_text()
    (folder.root / "workflow.json").write_text('{"functions": [\n oops')
    play.until(lambda: play.session.view().problems != ())
    [problem] = play.session.view().problems
    assert (problem.error.path, problem.error.line) == (folder.root / "workflow.json", 2)
    play.cast("a", "cast out log 3 still linked")
    assert play.said("b") == ["still linked"]
    (folder.root / "workflow.json").write_text(sound)
    play.until(lambda: play.session.view().problems == ())


def test_a_broken_settings_file_leaves_the_old_in_force_and_is_named(folder: Folder) -> None:
    folder.add("a")
    (folder.root / "workbench.toml").write_text("")
    play = Play(read((folder.root,), Settings(path=folder.root / "workbench.toml")), Options(build=False))
    folder.opened.append(play)
    play.settle()
    (folder.root / "workbench.toml").write_text('profle = "dev"\n')
    play.until(lambda: play.session.view().problems != ())
    assert play.session.view().problems[0].error.path == folder.root / "workbench.toml"
    play.cast("a", "log 3 on")
    assert play.said("a") == ["on"]


def test_changed_limits_hold_for_handlers_that_run_already(folder: Folder) -> None:
    folder.add("a")
    play = folder.open()
    play.post("a", "loop")
    play.until(lambda: play.instance("a").status == "running")
    (folder.root / "workbench.toml").write_text('[limits]\ntime = "50ms"\nmailbox = 3\n')
    play.until(lambda: play.instance("a").status == "killed")
    assert "longer than the limit of 0.05 s" in play.instance("a").detail
    for _ in range(5):
        play.post("a", "x")
    assert play.instance("a").mailbox == 3
