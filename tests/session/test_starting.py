"""Who starts when: a workflow's instances in the file's order, once all its code is there; single functions at once."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.guests.build import wasm
from tests.project import files
from tests.session.playing import Play, plan
from tests.session.workflows import write_workflow
from workbench.config import settings_for
from workbench.errors import UserError
from workbench.project.targets import read
from workbench.records import Cast, Start, Stop
from workbench.session.commands import (
    Jump,
    Pause,
    Rerun,
    Restart,
    Run,
    SelfCheck,
    StartWorkflow,
    StopInstance,
    StopWorkflow,
)
from workbench.session.session import Options

NAMES = ("last", "first", "middle")
"""In the file's order, which is neither that of letters nor of code."""

FRONTS = pytest.mark.parametrize("watch", [False, True], ids=["run", "screen"])


def workflow(directory: Path, name: str = "workflow.json", names: tuple[str, ...] = NAMES, **init: str) -> Path:
    """A workflow of probes, each with code of its own."""
    path = directory / name
    write_workflow(path, [plan(each, init.get(each), function=each) for each in names], code="{function}.wasm")
    return path


def put(directory: Path, *names: str) -> None:
    """The code of these."""
    for each in names:
        shutil.copyfile(wasm("probe"), directory / f"{each}.new")
        (directory / f"{each}.new").replace(directory / f"{each}.wasm")


def begun(play: Play) -> list[str]:
    """Whose lives began, in order."""
    return [str(start.instance) for start in play.records(Start)]


Opening = Callable[..., Play]


@pytest.fixture
def opening(opened: list[Play]) -> Opening:
    """Opens targets."""

    def open_play(*targets: Path, watch: bool = True, history: bool = False, real: bool = False) -> Play:
        settings = settings_for(targets)
        opened.append(Play(read(targets, settings), Options(watch=watch, history=history, real=real), settings))
        return opened[-1]

    return open_play


@FRONTS
@pytest.mark.conformance("3-order")
def test_a_workflow_starts_in_the_order_of_its_file(tmp_path: Path, opening: Opening, watch: bool) -> None:
    put(tmp_path, *NAMES)
    play = opening(workflow(tmp_path), watch=watch)
    play.settle()
    assert begun(play) == list(NAMES)


@pytest.mark.conformance("3-order")
def test_nobody_of_a_workflow_starts_before_all_code_is_there(tmp_path: Path, opening: Opening) -> None:
    """On the screen, where code comes when it comes."""
    put(tmp_path, "first", "middle")
    gate = slow(tmp_path, "last")
    play = opening(workflow(tmp_path))
    play.until(lambda: builds(play).get("middle") == "prebuilt")
    assert begun(play) == []
    assert {one.status for one in play.session.view().instances} == {"loading"}
    gate.touch()
    play.until(lambda: len(begun(play)) == len(NAMES))
    assert begun(play) == list(NAMES)


@FRONTS
@pytest.mark.conformance("3-order")
def test_resources_start_after_the_functions_of_their_workflow(tmp_path: Path, opening: Opening, watch: bool) -> None:
    gate = slow(tmp_path, "last")
    pushed = tmp_path / ".workbench" / "files" / "pushed"
    pushed.mkdir(parents=True)
    (pushed / "one").write_text("log 3 pushed")
    pusher = files.resource("pusher", "file-pusher", **{"period-ms": "1"})
    with (tmp_path / "workbench.toml").open("a") as settings:
        settings.write('[resource.pusher]\ndirectory = "pushed"\n')
    last = files.part("last", class_specification=files.specification("last", code="last.wasm"))
    path = files.workflow(tmp_path / "workflow.json", [last], [{**pusher, "output_mapping": {"out": "last"}}])
    play = opening(path, watch=watch, real=True)
    play.until(lambda: builds(play).get("last") == "building")
    assert (play.instance("pusher").real, play.instance("pusher").health) == (False, "starting")
    assert play.records(Cast) == []
    gate.touch()
    play.until(lambda: "pushed" in play.said("last"))
    assert play.records(Start)[0].seq < play.records(Cast)[0].seq
    play.do(StopWorkflow(str(path)))
    play.until(lambda: not play.instance("pusher").real)
    play.do(StartWorkflow(str(path)))
    play.until(lambda: play.instance("pusher").real)


def test_a_resource_that_is_to_be_played_after_all_waits_for_nobody(tmp_path: Path, opening: Opening) -> None:
    gate = slow(tmp_path, "last")
    last = files.part("last", class_specification=files.specification("last", code="last.wasm"))
    log = files.resource("log", filename="out.log")
    play = opening(files.workflow(tmp_path / "workflow.json", [last], [log]), real=True)
    play.until(lambda: play.instance("log").health == "starting")
    with (tmp_path / "workbench.toml").open("a") as settings:
        settings.write('[resource.log]\nmode = "stand-in"\n')
    play.until(lambda: play.instance("log").health is None)
    gate.touch()
    play.until(lambda: begun(play) == ["last"])
    play.settle()
    assert not play.instance("log").real


def test_a_workflow_runs_again_from_its_beginning(tmp_path: Path, opening: Opening) -> None:
    put(tmp_path, *NAMES)
    play = opening(workflow(tmp_path), history=True)
    play.settle()
    play.do(Rerun())
    play.settle()
    assert begun(play) == list(NAMES)
    assert {one.status for one in play.session.view().instances} == {"idle"}


def test_a_workflow_started_anew_has_nothing_of_what_was_sent_to_it_before(tmp_path: Path, opening: Opening) -> None:
    put(tmp_path, *NAMES)
    path = workflow(tmp_path, first="delayed 1 self log 3 of the old life")
    play = opening(path)
    play.settle()
    play.do(StopWorkflow(str(path)))
    play.until(lambda: play.instance("first").status == "stopped")
    play.post("first", "log 3 sent meanwhile")
    play.until(lambda: play.instance("first").mailbox == 1)
    play.do(StartWorkflow(str(path)))
    play.settle()
    assert play.instance("first").mailbox == 0
    assert "sent meanwhile" not in play.said("first")


def test_single_functions_and_other_workflows_start_at_once(tmp_path: Path, opening: Opening) -> None:
    put(tmp_path, "first", "alone", "other")
    gate = slow(tmp_path, "last")
    play = opening(workflow(tmp_path), workflow(tmp_path, "workflow-2.json", ("other",)), tmp_path / "alone.wasm")
    play.until(lambda: set(begun(play)) == {"other", "alone"})
    assert len(begun(play)) == 2
    gate.touch()
    play.until(lambda: len(begun(play)) == 4)
    assert begun(play)[2:] == ["last", "first"]
    assert play.instance("middle").status == "failed"  # there is no code of it, which holds nobody up


def test_code_that_is_not_to_be_had_any_more_holds_nobody_up(tmp_path: Path, opening: Opening) -> None:
    put(tmp_path, "first", "middle")
    slow(tmp_path, "last")
    path = workflow(tmp_path)
    play = opening(path)
    workflow(tmp_path, names=("middle", "first"))
    play.until(lambda: len(begun(play)) == 2)
    assert begun(play) == ["first", "middle"]


@FRONTS
@pytest.mark.conformance("3-order")
def test_a_workflow_that_is_started_anew_ends_as_a_whole_and_begins_in_order(
    tmp_path: Path, opening: Opening, watch: bool
) -> None:
    """Also while one of it is still busy."""
    put(tmp_path, *NAMES)
    play = opening(path := workflow(tmp_path), watch=watch)
    play.settle()
    play.post("last", "spin 1")
    play.do(StartWorkflow(str(path)))
    play.settle()
    kinds = [(type(each).__name__, each.instance) for each in (*play.records(Stop), *play.records(Start)[3:])]
    assert {name for kind, name in kinds if kind == "Stop"} == set(NAMES)
    assert begun(play)[3:] == list(NAMES)
    assert max(stop.seq for stop in play.records(Stop)) < min(start.seq for start in play.records(Start)[3:])
    assert {one.status for one in play.session.view().instances} == {"idle"}


def test_a_workflow_that_is_started_anew_while_it_ends_runs_in_the_end(tmp_path: Path, opening: Opening) -> None:
    put(tmp_path, *NAMES)
    play = opening(path := workflow(tmp_path))
    play.settle()
    play.post("last", "spin 1")
    play.do(StartWorkflow(str(path)))
    play.do(StartWorkflow(str(path)))
    play.settle()
    assert {one.status for one in play.session.view().instances} == {"idle"}
    assert begun(play)[-3:] == list(NAMES)


def test_a_stopped_workflow_starts_in_order_and_so_does_who_was_alone(tmp_path: Path, opening: Opening) -> None:
    put(tmp_path, *NAMES)
    play = opening(path := workflow(tmp_path))
    play.settle()
    play.do(StopWorkflow(str(path)))
    play.settle()
    play.do(Restart("middle"))
    play.settle()
    play.do(StartWorkflow(str(path)))
    play.settle()
    assert begun(play)[3:] == ["middle", *NAMES]


@pytest.mark.conformance("3-rollback")
def test_a_workflow_with_a_function_that_has_no_code_is_refused_as_a_whole(tmp_path: Path, opening: Opening) -> None:
    put(tmp_path, "first", "last")
    play = opening(path := workflow(tmp_path))
    play.settle()
    before = begun(play)
    with pytest.raises(
        UserError, match=r"workflow\.json is not started: middle has no code.*the platform would refuse"
    ):
        play.do(StartWorkflow(str(path)))
    assert begun(play) == before
    put(tmp_path, "middle")
    play.until(lambda: play.instance("middle").status == "idle")
    play.do(StartWorkflow(str(path)))
    play.settle()
    assert begun(play)[-3:] == list(NAMES)


def test_who_was_stopped_while_all_were_held_stays_so(tmp_path: Path, opening: Opening) -> None:
    put(tmp_path, "first", "middle")
    gate = slow(tmp_path, "last")
    play = opening(path := workflow(tmp_path))
    play.do(StopInstance("first"))
    gate.touch()
    play.until(lambda: len(begun(play)) == 2)
    assert begun(play) == ["last", "middle"]
    play.do(StartWorkflow(str(path)))
    play.settle()
    assert begun(play)[2:] == list(NAMES)


def test_going_back_to_before_the_start_finds_everybody_held(tmp_path: Path, opening: Opening) -> None:
    put(tmp_path, *NAMES)
    play = opening(path := workflow(tmp_path), history=True)
    play.settle()
    play.do(StartWorkflow(str(path)))
    play.settle()
    assert play.do(SelfCheck()) is None
    play.do(Pause())
    play.do(Jump(0))
    play.do(Run())
    play.until(lambda: len(begun(play)) >= 3)
    assert begun(play)[:3] == list(NAMES)


def builds(play: Play) -> dict[str, str]:
    return {build.function: build.state for build in play.session.view().builds}


def slow(directory: Path, name: str) -> Path:
    """A function whose build, a command of its own, is not done before there is a file: the path of that."""
    (directory / name).mkdir()
    (directory / name / "function.json").write_text(json.dumps(files.specification(name)))
    with (directory / "workbench.toml").open("a") as settings:
        build = f"until [ -e gate ]; do sleep 0.01; done; cp {wasm('probe')} {name}.wasm"
        settings.write(f"[function.{name}]\ncommand = ['sh', '-c', {json.dumps(build)}]\n")
    return directory / name / "gate"
