"""Real resources: what goes out goes out once, what comes in comes as events, and both can be played by hand."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.session.playing import Play
from tests.session.test_stepping import refused, stepping
from tests.session.workflows import write_with_resources
from workbench.config import OwnResource, Resources, Settings
from workbench.project.targets import read
from workbench.records import Call, Cast, Change, Note, Reply, Start
from workbench.resources import worker
from workbench.session.commands import (
    Answer,
    Fault,
    Jump,
    Restart,
    Rule,
    Run,
    SelfCheck,
    SetClock,
    SetResource,
    SetStrict,
    StartWorkflow,
    StopWorkflow,
)
from workbench.session.options import Options

DATABASE = {"name": "db", "class_type": "sqlx", "output_mapping": {}, "configurations": {"url": "sqlite://state.db"}}
LOG = {"name": "log", "class_type": "file-log", "output_mapping": {}, "configurations": {"filename": "out.log"}}
AWAY = {"name": "away", "class_type": "redis", "output_mapping": {}, "configurations": {"url": "redis://192.0.2.1/"}}
DOOR = {"name": "door", "class_type": "http-ingress", "output_mapping": {"new_request": "a"}, "configurations": {}}
PUSHER = {
    "name": "pusher", "class_type": "file-pusher", "output_mapping": {"out": "a"},
    "configurations": {"period-ms": "20"},
}  # fmt: skip
INSERT = "INSERT INTO WorkflowState (id, metadata) VALUES ($1, '{\"n\": 1}')"
SELECT = "SELECT id, metadata FROM WorkflowState WHERE id = $1"


@contextmanager
def opened(
    root: Path, *resources: Mapping[str, object], settings: Settings | None = None, **more: object
) -> Iterator[Play]:
    """A probe `a` in a workflow with resources, each reached by an output of its name."""
    path = write_with_resources(root, *resources)
    settings = settings or Settings()
    options = Options(clock="virtual", watch=False, build=False, history=True, real=True, **more)  # type: ignore[arg-type]
    play = Play(read((path,), settings), options, settings)
    play.settle()
    try:
        yield play
    finally:
        play.session.close()


def files(root: Path) -> Path:
    return root / ".workbench" / "files"


def test_a_file_log_writes_a_real_file(tmp_path: Path) -> None:
    with opened(tmp_path, LOG) as play:
        assert play.instance("log").real
        play.cast("a", "cast log hello\ncast log world")
    assert (files(tmp_path) / "out.log").read_text() == "hello\nworld\n"


def test_a_line_that_is_lost_is_written_down_and_comes_about_again(tmp_path: Path) -> None:
    with opened(tmp_path, LOG, settings=Settings(resources=Resources(largest_file=5))) as play:
        play.cast("a", "cast log one")
        play.cast("a", "cast log two")
        [lost] = play.records(Cast, "a")[-1:]
        play.until(lambda: bool(play.records(Change)))
        [change] = play.records(Change)
        assert (change.event, change.instance, change.action, change.reason) == (
            lost.seq,
            "log",
            "dropped",
            "unwritten",
        )
        play.do(Jump(change.seq - 1))
        assert play.do(SelfCheck()) is None
        play.do(Jump(None))
        play.do(Run())
    assert (files(tmp_path) / "out.log").read_text() == "one\n"


def test_a_call_to_a_database_is_answered_by_it(tmp_path: Path) -> None:
    with opened(tmp_path, DATABASE) as play:
        play.cast("a", f"call db {INSERT}")
        play.cast("a", f"call db {SELECT}")
        said = play.said("a")
        assert said[0].startswith("reply rows_affected: 1")
        assert '"n": 1' in said[1] or '{"n":1}' in said[1].replace(" ", "")
        assert all(reply.instance == "db" for reply in play.records(Reply))
        assert play.do(SelfCheck()) is None


def test_going_back_and_on_again_asks_the_outside_only_for_what_is_new(tmp_path: Path) -> None:
    with opened(tmp_path, LOG) as play:
        first = play.cast("a", "cast log one")
        play.cast("a", "cast log two")
        for seq in range(first, play.session.journal.end - 1):
            play.do(Jump(seq))
        assert play.do(SelfCheck()) is None
        play.do(Jump(None))
        play.do(Run())
        play.cast("a", "cast log three")
        play.do(Jump(first))
        play.do(Run())
        play.settle()
        play.cast("a", "cast log four")
    assert (files(tmp_path) / "out.log").read_text().split() == ["one", "two", "three", "four"]


@pytest.mark.conformance("outside")
def test_what_would_leave_the_machine_is_a_stand_in_until_it_is_allowed_by_name(tmp_path: Path) -> None:
    with opened(tmp_path, AWAY) as play:
        assert not play.instance("away").real
        play.cast("a", "call away x")
        [call] = play.session.view().pending_calls
        play.do(Answer(call.seq, "reply", b"by hand"))
        play.settle()
        assert play.said("a") == ["reply by hand"]
    allowed = Settings(resources=Resources(own={"away": OwnResource(real=True)}))
    with opened(tmp_path, AWAY, settings=allowed) as play:
        assert play.instance("away").real


def test_a_local_resource_can_be_played_by_hand_and_run_again(tmp_path: Path) -> None:
    with opened(tmp_path, LOG) as play:
        play.do(SetResource("log", False))
        play.cast("a", "cast log unseen")
        assert not play.instance("log").real
        play.do(SetResource("log", True))
        play.cast("a", "cast log seen")
        assert "stand-in" in refused(play, SetResource("a", True))
        assert "no instance" in refused(play, SetResource("zebra", True))
    assert (files(tmp_path) / "out.log").read_text() == "seen\n"


@pytest.mark.conformance("refused")
def test_a_resource_the_platform_refuses_is_told_with_its_reason(tmp_path: Path) -> None:
    broken = {**LOG, "configurations": {}}
    with opened(tmp_path, broken) as play:
        [problem] = play.session.view().problems
        assert "filename" in str(problem.error)
        assert not play.instance("log").real


def test_what_comes_from_outside_comes_as_events(tmp_path: Path) -> None:
    (files(tmp_path) / "pushed").mkdir(parents=True)
    (files(tmp_path) / "pushed" / "one").write_text("sync pushed")
    with opened(tmp_path, PUSHER) as play:
        play.do(SetClock("real"))
        play.until(lambda: any(cast.source == "pusher" and cast.target == "a" for cast in play.records(Cast)))
        play.until(lambda: play.instance("a").last_sync is not None)
        play.do(SetResource("pusher", False))
        assert play.do(SelfCheck()) is None


# ---- what can be ordered to go wrong at a stand-in


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Play]:
    with opened(tmp_path, {**LOG, "name": "desk"}) as play:
        play.do(SetResource("desk", False))
        yield play


def test_calls_fail_as_often_as_was_ordered(desk: Play) -> None:
    desk.do(Rule("desk", "reply", b"fine"))
    desk.do(Fault("desk", "error", times=2))
    for _ in range(3):
        desk.cast("a", "call desk x")
    assert desk.said("a") == ["err", "err", "reply fine"]
    assert desk.instance("desk").fault is None


def test_silence_and_loss(desk: Play) -> None:
    desk.do(Fault("desk", "silence"))
    desk.cast("a", "call desk x")
    assert desk.instance("a").status == "waiting"
    assert desk.session.view().pending_calls == ()
    [call] = desk.records(Call)
    desk.do(Answer(call.seq, "err"))
    desk.settle()
    assert desk.said("a") == ["err"]


def test_messages_come_late_or_twice(desk: Play) -> None:
    desk.do(Rule("desk", "reply", b"fine"))
    desk.do(Fault("desk", "delay", delay_ms=250, times=1))
    desk.cast("a", "call desk x")
    assert (desk.said("a"), desk.session.view().t_ms) == (["reply fine"], 250)
    desk.do(Fault("desk", "double", times=1))
    desk.cast("a", "cast desk y")
    first, second = (cast for cast in desk.records(Cast) if cast.target == "desk")
    assert second.parent == first.seq
    assert desk.do(SelfCheck()) is None


@pytest.mark.conformance("F11")
def test_outputs_used_in_handle_init_are_noted_and_lost_in_strict_mode(tmp_path: Path) -> None:
    with opened(tmp_path, {**LOG, "name": "desk"}, init_payloads={"a": "cast desk early"}) as play:
        assert [note.code for note in play.records(Note)] == ["init-race"]
        assert [cast.target for cast in play.records(Cast)] == ["desk"]
    with opened(tmp_path, {**LOG, "name": "desk"}, init_payloads={"a": "cast desk early"}, strict=True) as play:
        assert [cast.target for cast in play.records(Cast)] == [None]
        play.cast("a", "cast desk later")
        assert [cast.target for cast in play.records(Cast)][-1] == "desk"
        assert stepping(play).mode == "running"


@pytest.mark.conformance("F11")
def test_a_session_that_becomes_strict_is_so_to_who_starts_from_then_on_and_in_its_past(tmp_path: Path) -> None:
    with opened(tmp_path, {**LOG, "name": "desk"}, init_payloads={"a": "cast desk early"}) as play:
        for on in (True, False):
            play.do(SetStrict(on))
            play.do(Restart("a"))
            play.settle()
            assert stepping(play).strict is on
        assert [cast.target for cast in play.records(Cast)] == ["desk", None, "desk"]
        assert play.do(SelfCheck()) is None


def test_a_workflow_is_stopped_with_its_resources_and_started_anew(tmp_path: Path) -> None:
    with opened(tmp_path, LOG) as play:
        path = str(tmp_path / "workflow.json")
        play.cast("a", "sync kept\ncast log one")
        play.do(StopWorkflow(path))
        play.settle()
        assert play.instance("a").status == "stopped"
        play.cast("a", "cast log lost")
        play.do(StartWorkflow(path))
        play.settle()
        play.cast("a", "given\ncast log two")
        assert play.instance("a").status == "idle"
        assert play.records(Start, "a")[-1].state is None, "fresh, as on the platform"
        assert play.instance("log").real
        assert "no workflow" in refused(play, StopWorkflow("elsewhere.json"))
        assert play.do(SelfCheck()) is None
    assert (files(tmp_path) / "out.log").read_text().split() == ["one", "two"]


def test_the_workflows_id_is_told_and_is_another_at_each_start(tmp_path: Path) -> None:
    with opened(tmp_path, DATABASE) as play:
        seen = []
        for _ in range(2):
            play.do(StartWorkflow(str(tmp_path / "workflow.json")))
            play.settle()
            play.cast("a", f"call db {INSERT}\ncall db {SELECT}")
            seen.append(play.instance("db").workflow_id)
            assert play.instance("a").workflow_id == seen[-1]
            assert f'"id":"{seen[-1]}"' in play.said("a")[-1], "what a resource itself knows it by"
        assert len({"", *seen}) == 3


def test_the_world_goes_on_while_a_busy_resource_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "PATIENCE_S", 4.0)
    endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) AS id FROM n"
    with opened(tmp_path, DATABASE, LOG) as play:
        play.post("a", f"cast db {endless}")
        play.do(SetResource("db", False))
        play.post("a", "cast log on")
        assert not play.instance("db").real
        assert any(thread.name == "end of a resource" for thread in threading.enumerate())
        play.settle()
    assert (files(tmp_path) / "out.log").read_text() == "on\n"
    assert not any(thread.name == "end of a resource" for thread in threading.enumerate())


def test_a_call_that_waits_at_a_stand_in_is_handed_over_when_it_becomes_real(tmp_path: Path) -> None:
    with opened(tmp_path, DATABASE) as play:
        play.do(SetResource("db", False))
        play.cast("a", f"call db {INSERT}")
        assert play.instance("a").status == "waiting"
        play.do(SetResource("db", True))
        play.settle()
        assert play.said("a")[0].startswith("reply rows_affected: 1")


def test_a_class_that_answers_no_call_does_not_keep_the_session_from_coming_to_rest(tmp_path: Path) -> None:
    with opened(tmp_path, {**PUSHER, "output_mapping": {}}) as play:
        play.cast("a", "call pusher x")
        assert play.instance("a").status == "waiting"
        assert any("answers no call" in note.message for note in play.records(Note))


def test_a_resource_tells_what_it_reaches_from_the_projects_root_on(tmp_path: Path) -> None:
    with opened(tmp_path, LOG, DATABASE) as play:
        play.cast("a", f"call db {INSERT}")
        told = [play.instance(name).health_words for name in ("log", "db")]
    assert all(str(tmp_path) not in words for words in told), told
    assert any(".workbench/files" in words for words in told), told
