"""How functions stop: one after another, as on the platform, whose accidents are had in strict mode."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from time import monotonic

import pytest

from tests.guests.build import wasm
from tests.session.conftest import Stage
from tests.session.playing import Play, plan
from tests.session.workflows import write_workflow
from workbench.config import Settings
from workbench.project.model import InstancePlan
from workbench.project.targets import read
from workbench.records import Call, Cast, Handled, Note, Reply, Start, Stop, Trap
from workbench.session.commands import (
    Kill,
    SelfCheck,
    StartWorkflow,
    StopInstance,
    StopWorkflow,
)
from workbench.session.session import Options


def open_workflow(directory: Path, opened: list[Play], *plans: InstancePlan, **options: object) -> tuple[Play, str]:
    """A workflow of probes, running, and its path."""
    path = directory / "workflow.json"
    write_workflow(path, plans, code=str(wasm("probe")))
    given = Options(watch=False, build=False, history=True, **options)  # type: ignore[arg-type]
    opened.append(Play(read((path,), Settings()), given))
    opened[-1].settle()
    return opened[-1], str(path)


def lives(play: Play) -> Iterator[tuple[str, str]]:
    """Who began to stop and who had stopped, in order."""
    stops = {stop.seq: str(stop.instance) for stop in play.records(Stop)}
    for record in play.session.journal.iterate():
        if isinstance(record, Stop):
            yield str(record.instance), "stops"
        elif isinstance(record, Handled) and record.event in stops:
            yield str(record.instance), "has stopped"


IN_TURN = [("a", "stops"), ("a", "has stopped"), ("b", "stops"), ("b", "has stopped")]


@pytest.mark.conformance("1.5-stop-order")
def test_functions_stop_one_after_another_and_the_later_get_what_the_earlier_send(
    tmp_path: Path, opened: list[Play]
) -> None:
    a = plan("a", "stop: cast out log 3 goodbye\nstop: log 3 done", out="b")
    b = plan("b", "stop: cast out log 3 too late", out="a")
    play, path = open_workflow(tmp_path, opened, a, b)
    play.do(StopWorkflow(path))
    play.settle()
    assert list(lives(play)) == IN_TURN
    assert play.said("b") == ["goodbye"]
    assert play.said("a") == ["done"]
    assert play.instance("a").mailbox == 1
    play.do(SelfCheck())


def test_a_session_that_closes_stops_its_functions_so_too(stage: Stage) -> None:
    play = stage(plan("a", "stop: cast out log 3 goodbye", out="b"), plan("b"))
    play.session.close()
    assert list(lives(play)) == IN_TURN
    assert play.said("b") == ["goodbye"]


def test_a_workflow_that_starts_anew_stops_its_functions_so_too(tmp_path: Path, opened: list[Play]) -> None:
    a = plan("a", "stop: cast out log 3 goodbye", out="b")
    play, path = open_workflow(tmp_path, opened, a, plan("b", "stop: log 3 over"))
    play.do(StartWorkflow(path))
    play.settle()
    assert list(lives(play)) == IN_TURN
    assert play.said("b") == ["goodbye", "over"]
    assert len(play.records(Start)) == 4
    play.do(SelfCheck())


def test_a_seed_decides_who_stops_first(tmp_path: Path, opened: list[Play]) -> None:
    orders = set()
    for seed in range(6):
        plans = [plan(name, "stop: log 3 over") for name in ("a", "b", "c")]
        play, path = open_workflow(tmp_path, opened, *plans, shuffle=seed)
        play.do(StopWorkflow(path))
        play.settle()
        orders.add(tuple(stop.instance for stop in play.records(Stop)))
    assert len(orders) > 1


@pytest.mark.conformance("F14")
def test_those_behind_one_that_never_ends_go_on_until_it_is_killed(tmp_path: Path, opened: list[Play]) -> None:
    play, path = open_workflow(tmp_path, opened, plan("a"), plan("b", "stop: log 3 over"))
    play.post("a", "loop")
    play.until(lambda: play.instance("a").status == "running")
    play.do(StopWorkflow(path))
    play.post("b", "log 3 still here")
    play.until(lambda: play.said("b") == ["still here"])
    assert play.records(Stop) == []
    play.do(Kill("a"))
    play.settle()
    assert play.said("b") == ["still here", "over"]
    assert play.instance("b").status == "stopped"


def test_one_that_never_ends_does_not_keep_the_others_from_stopping_when_the_session_closes(stage: Stage) -> None:
    play = stage(plan("a"), plan("b", "stop: log 3 over"))
    play.post("a", "loop")
    play.until(lambda: play.instance("a").status == "running")
    began = monotonic()
    play.session.close()
    assert play.said("b") == ["over"]
    assert monotonic() - began < 20
    [killed] = [handled for handled in play.records(Handled, "a") if handled.outcome == "killed"]
    assert killed.reason == "closed"


@pytest.mark.conformance("1.5-call-in-stop")
def test_the_first_call_of_one_that_stops_fails_and_arrives_and_the_next_is_answered(stage: Stage) -> None:
    play = stage(plan("a", "stop: call out log 3 heard\nstop: call out reply x", out="b"), plan("b"))
    play.do(StopInstance("a"))
    play.settle()
    assert play.said("a") == ["err", "reply x"]
    assert play.said("b") == ["heard"]
    assert [note.code for note in play.records(Note)] == ["call-in-stop"]
    assert [reply.outcome for reply in play.records(Reply)] == ["err", "reply"]


@pytest.mark.conformance("1.5-call-in-stop")
def test_in_strict_mode_that_call_is_lost(stage: Stage) -> None:
    play = stage(plan("a", "stop: call out log 3 heard\nstop: call out reply x", out="b"), plan("b"), strict=True)
    play.do(StopInstance("a"))
    play.settle()
    assert play.said("a") == ["err", "reply x"]
    assert play.said("b") == []
    assert len(play.records(Call)) == 2


@pytest.mark.conformance("1.5-stop-in-call")
def test_a_call_that_a_stop_breaks_off_is_the_one_that_fails(stage: Stage) -> None:
    play = stage(plan("a", "stop: call other reply x", out="desk", other="b"), plan("b"), stand_ins=("desk",))
    play.cast("a", "call out anybody")
    play.do(StopInstance("a"))
    play.settle()
    assert play.said("a") == ["err", "reply x"]
    assert "call-in-stop" not in play.notes()


@pytest.mark.conformance("1.5-gone")
@pytest.mark.parametrize("strict", [False, True])
def test_what_is_sent_to_one_that_has_stopped_waits_or_in_strict_mode_leads_nowhere(
    tmp_path: Path, opened: list[Play], strict: bool
) -> None:
    b = "stop: cast out log 3 late\nstop: call out first\nstop: cast out log 3 later"
    play, path = open_workflow(tmp_path, opened, plan("a"), plan("b", b, out="a"), strict=strict)
    play.do(StopWorkflow(path))
    play.until(lambda: play.instance("b").status in ("stopped", "trapped"))
    assert bool(play.records(Trap, "b")) is strict
    assert [cast.target for cast in play.records(Cast, "b")] == ([None] if strict else ["a", "a"])


@pytest.mark.conformance("F2")
def test_first_calls_that_meet_each_other_give_one_side_an_error_at_once(stage: Stage) -> None:
    play = stage(plan("a", out="b"), plan("b", out="a"))
    play.cast("a", "call out call out reply x")
    assert play.said("a") == ["err"]
    assert play.instance("a").status == "idle"
    assert play.instance("b").status == "waiting"
    [note] = [note for note in play.records(Note) if note.code == "call-cycle"]
    assert note.instance == "b"
    play.do(StopInstance("b"))
    play.settle()
    assert play.said("b") == ["err"]


@pytest.mark.conformance("F2")
def test_calls_of_different_numbers_that_meet_each_other_wait_for_ever(stage: Stage) -> None:
    play = stage(plan("a", out="b", other="c"), plan("b", out="a"), plan("c"))
    play.cast("a", "call other noreply\ncall out call out reply x")
    assert [play.instance(name).status for name in "ab"] == ["waiting", "waiting"]


@pytest.mark.conformance("F2")
def test_in_strict_mode_any_call_of_the_same_number_breaks_off_the_one_it_meets(stage: Stage) -> None:
    play = stage(plan("a", out="desk"), plan("b", out="a"), stand_ins=("desk",), strict=True)
    play.cast("a", "call out first")
    play.cast("b", "call out log 3 x")
    assert play.said("a") == ["err"]
    assert play.instance("b").status == "waiting"
    assert play.notes() == ["call-unanswered"]
