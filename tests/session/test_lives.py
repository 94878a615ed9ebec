"""Starting, stopping, restarting, spawning and closing; state from one life to the next."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from wasmtime import wat2wasm

from tests.guests.build import wasm
from tests.session.conftest import PREBUILT, Stage
from tests.session.playing import Play, plan, project
from tests.session.test_reload import TRAPS_IN_INIT
from workbench.config import Settings
from workbench.errors import UserError
from workbench.project.model import Function, InstancePlan, Project
from workbench.project.targets import read
from workbench.records import Handled, Note, Start, Stop
from workbench.session.commands import Pause, Rebuild, Restart, Run, Spawn, StopInstance
from workbench.session.session import Options


def test_a_stop_runs_handle_stop_with_the_stop_as_its_event(stage: Stage) -> None:
    play = stage(plan("a", "stop: log 3 bye"))
    play.do(StopInstance("a"))
    play.settle()
    [stop] = play.records(Stop)
    assert play.said("a") == ["bye"]
    last = play.records(Handled)[-1]
    assert (last.event, last.callback, play.instance("a").status) == (stop.seq, "handle_stop", "stopped")


@pytest.mark.conformance("F10")
def test_a_restart_is_fresh_and_says_what_it_drops(stage: Stage) -> None:
    play = stage(plan("a"))
    play.cast("a", "sync kept\ncount")
    play.do(Restart("a"))
    play.cast("a", "given\ncount")
    assert play.said("a")[1:] == ["payload=- state=-", "1"]
    assert [note.code for note in play.records(Note)] == ["state-not-kept"]
    assert play.records(Start)[1].state is None


def test_a_restart_of_what_never_synced_needs_no_note(stage: Stage) -> None:
    play = stage(plan("a"))
    play.do(Restart("a"))
    play.settle()
    assert play.notes() == []


def test_a_restart_may_be_given_state_and_init_payload(stage: Stage) -> None:
    play = stage(plan("a", "log 3 first"))
    play.do(Restart("a", state="edited", init_payload="log 3 second"))
    play.cast("a", "given")
    assert play.said("a") == ["first", "second", "payload=log 3 second state=edited"]
    assert play.notes() == []


def test_a_restart_keeps_name_and_id(stage: Stage) -> None:
    play = stage(plan("a"))
    play.do(Restart("a"))
    play.settle()
    first, second = play.records(Start)
    assert first.instance_id == second.instance_id
    assert second.instance == "a"


@pytest.mark.conformance("1.5-stop")
def test_a_stopped_instance_keeps_what_comes_until_it_starts_again(stage: Stage) -> None:
    play = stage(plan("a"))
    play.do(StopInstance("a"))
    play.cast("a", "log 3 waited")
    assert (play.said("a"), play.instance("a").mailbox) == ([], 1)
    play.do(Restart("a"))
    play.settle()
    assert play.said("a") == ["waited"]


def test_a_trapped_instance_starts_again_by_hand(stage: Stage) -> None:
    play = stage(plan("a"))
    play.cast("a", "panic over")
    play.do(Restart("a"))
    play.cast("a", "log 3 back")
    assert play.instance("a").status == "idle"
    assert play.said("a")[-1] == "back"


def test_one_more_instance_is_linked_as_the_first(stage: Stage) -> None:
    play = stage(plan("probe", out="b"), plan("b"))
    name = play.do(Spawn("probe", init_payload="cast out log 3 hello"))
    play.settle()
    assert name == "probe-2"
    assert play.said("b") == ["hello"]
    assert play.instance("probe-2").instance_id != play.instance("probe").instance_id


def test_one_more_instance_may_be_named_and_given_state(stage: Stage) -> None:
    play = stage(plan("probe"))
    assert play.do(Spawn("probe", name="other", state="s")) == "other"
    play.cast("other", "given")
    assert play.said("other") == ["payload=- state=s"]
    with pytest.raises(UserError, match="taken"):
        play.do(Spawn("probe", name="other"))


def test_states_and_init_payloads_from_the_command_line_are_handed_over(stage: Stage) -> None:
    play = stage(plan("a", "x"), states={"a": "from here"}, init_payloads={"a": "given"})
    assert play.said("a") == ["payload=given state=from here"]


@pytest.mark.conformance("1.7-state")
def test_kept_state_is_there_in_the_next_session(stage: Stage, tmp_path: Path) -> None:
    directory = tmp_path / "deep" / "state"
    first = stage(plan("a"), state_directory=directory)
    first.cast("a", "sync one\nsync two")
    first.session.close()
    second = stage(plan("a", "given"), state_directory=directory)
    assert second.said("a") == ["payload=given state=two"]


@pytest.mark.conformance("F10")
def test_state_is_not_kept_from_session_to_session_unless_asked(stage: Stage) -> None:
    stage(plan("a")).cast("a", "sync one")
    assert stage(plan("a", "given")).said("a") == ["payload=given state=-"]


def test_what_is_synced_in_handle_stop_is_kept_too(stage: Stage, tmp_path: Path) -> None:
    first = stage(plan("a", "stop: sync last"), state_directory=tmp_path)
    first.session.close()
    assert stage(plan("a", "given"), state_directory=tmp_path).said("a") == ["payload=given state=last"]


def test_a_state_that_could_not_be_kept_is_kept_once_it_can(stage: Stage, tmp_path: Path) -> None:
    directory = tmp_path / "state"
    directory.write_text("in the way")
    first = stage(plan("a"), state_directory=directory)
    first.cast("a", "sync late")
    first.until(lambda: bool(first.session.view().problems))
    directory.unlink()
    first.until(lambda: not first.session.view().problems)
    first.session.close()
    assert stage(plan("a", "given"), state_directory=directory).said("a") == ["payload=given state=late"]


def test_a_link_in_the_place_of_a_state_is_not_followed(stage: Stage, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.write_text("not a state")
    directory = tmp_path / "state"
    directory.mkdir()
    (directory / "a.state").symlink_to(outside)
    (directory / f"a.state.{os.getpid()}.new").symlink_to(outside)
    play = stage(plan("a", "given"), state_directory=directory)
    assert play.said("a") == ["payload=given state=-"]
    play.cast("a", "sync one")
    play.until(lambda: any("cannot be kept" in str(problem.error) for problem in play.session.view().problems))
    play.session.close()
    assert outside.read_text() == "not a state"


def test_a_state_directory_that_cannot_be_is_a_problem_not_a_crash(stage: Stage, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    play = stage(plan("a"), state_directory=tmp_path / "file" / "state")
    play.cast("a", "sync one")
    play.until(lambda: play.session.view().problems != ())
    play.cast("a", "log 3 on")
    assert play.said("a") == ["on"]


def test_closing_stops_everything_in_good_order(stage: Stage) -> None:
    play = stage(plan("a", "stop: log 3 bye"), plan("b", "stop: log 3 bye"))
    play.session.close()
    assert (play.said("a"), play.said("b")) == (["bye"], ["bye"])
    play.session.close()


def test_closing_ends_a_wait_for_a_reply(stage: Stage) -> None:
    play = stage(plan("a", "stop: log 3 bye", out="desk"), stand_ins=("desk",))
    play.cast("a", "call out x")
    play.session.close()
    assert play.said("a") == ["err", "bye"]


def test_closing_ends_a_handle_stop_that_does_not_end(stage: Stage) -> None:
    play = stage(plan("a", "stop: log 3 begun\nstop: loop"))
    play.session.close()
    assert play.said("a") == ["begun"]
    assert play.records(Handled)[-1].outcome == "killed"


@pytest.mark.conformance("F13", "1.6-bad-code")
def test_wasm_that_is_none_fails_in_words_and_hinders_nobody(tmp_path: Path, opened: list[Play]) -> None:
    (tmp_path / "bad.wasm").write_bytes(b"no wasm at all")
    good = project(tmp_path, plan("a"))
    functions = {**good.functions, "bad": Function("bad", tmp_path, None, None, tmp_path / "bad.wasm")}
    whole = Project(tmp_path, (tmp_path,), functions, (*good.instances, InstancePlan("bad", "bad")))
    play = Play(whole, Options(clock="virtual", watch=False, build=False))
    opened.append(play)
    play.cast("a", "log 3 alive")
    assert play.said("a") == ["alive"]
    assert play.instance("bad").status == "failed"
    assert "bad.wasm" in play.instance("bad").detail


@pytest.mark.conformance("F12")
def test_an_import_the_platform_lacks_is_noted(tmp_path: Path, opened: list[Play]) -> None:
    function = '(module (import "wasi_snapshot_preview1" "fd_write" (func)))'
    (tmp_path / "it.wasm").write_bytes(wat2wasm(function))
    play = Play(read((tmp_path / "it.wasm",), Settings()), PREBUILT)
    opened.append(play)
    play.settle()
    [note] = play.records(Note)
    assert (note.code, note.instance) == ("unsupported-import", "it")
    assert "wasi_snapshot_preview1.fd_write" in note.message


def test_a_stop_behind_a_reload_that_fails_leaves_nothing_to_wait_for(tmp_path: Path) -> None:
    code = tmp_path / "f.wasm"
    code.write_bytes(wasm("probe", "release").read_bytes())
    function = Function("f", tmp_path, None, None, code)
    project = Project(tmp_path, (tmp_path,), {"f": function}, (plan("a", function="f"),), ())
    play = Play(project, Options(clock="virtual", watch=False, build=False))
    try:
        play.settle()
        play.do(Pause())
        code.write_bytes(bytes(wat2wasm(TRAPS_IN_INIT)))
        play.do(Rebuild())
        play.until(lambda: not play.session._code.busy)
        play.do(StopInstance("a"))
        play.do(Run())
        play.settle()
        assert play.instance("a").status == "stopped"
    finally:
        play.session.close()


def test_who_asked_for_what_is_never_done_hears_of_it_at_the_end(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    play = stage(plan("a"))
    with monkeypatch.context() as patched:
        patched.setattr(play.session._engine, "post", lambda job: None)
        asked = play.session.submit(Pause())
    play.session.close()
    with pytest.raises(UserError, match="closed"):
        asked.result(1)


def test_of_many_that_do_not_end_only_those_that_had_their_time_are_blamed(tmp_path: Path) -> None:
    plans = [plan(f"a{number}", "stop: loop" if number == 0 else None) for number in range(300)]
    play = Play(project(tmp_path, *plans), PREBUILT)
    play.settle()
    play.session.close()
    ends = [record for record in play.records(Handled) if record.callback == "handle_stop"]
    assert len(ends) == 300
    assert [(record.instance, record.reason) for record in ends if record.outcome != "ok"] == [("a0", "limit")]
