"""Breakpoints: what pauses the world, where exactly, and what never does."""

from __future__ import annotations

from pathlib import Path

from tests.session.test_stepping import refused, step, stepping, world
from workbench.records import Handled, Sync
from workbench.session.commands import DropBreakpoint, Pause, Restart, Run, SelfCheck, SetBreakpoint, StopInstance


def test_a_breakpoint_pauses_right_behind_the_record_in_the_middle_of_a_handler(tmp_path: Path) -> None:
    with world(tmp_path) as play:
        number = play.do(SetBreakpoint("kind:sync"))
        play.post("a", "log 3 before\nsync 1\nlog 3 after\nsync 2")
        play.settle()
        assert play.said("a") == ["before"]
        assert stepping(play).at == play.session.journal.end - 1
        assert f"breakpoint {number}" in stepping(play).why
        play.do(Run())
        play.settle()
        assert play.said("a") == ["before", "after"]
        play.do(DropBreakpoint(1))
        play.do(Run())
        play.settle()
        assert stepping(play).mode == "running"
        assert play.instance("a").status == "idle"


def test_a_breakpoint_before_an_event_begins(tmp_path: Path) -> None:
    with world(tmp_path) as play:
        play.do(SetBreakpoint("to:b", at="begins"))
        play.post("a", "cast out sync 1\ncast out sync 2")
        play.settle()
        assert play.instance("b").mailbox == 2
        play.do(Run())
        play.settle()
        assert [one.state for one in play.records(Sync, "b")] == ["1"]
        play.do(Run())
        play.settle()
        assert [one.state for one in play.records(Sync, "b")] == ["1", "2"]


def test_a_breakpoint_on_a_changed_field(tmp_path: Path) -> None:
    with world(tmp_path) as play:
        play.do(SetBreakpoint("instance:a", field=".count"))
        for state in ('{"count":1,"x":1}', '{"count":1,"x":2}', '{"count":2,"x":2}'):
            play.post("a", f"sync {state}")
        play.settle()
        play.do(Run())
        play.settle()
        assert [one.state for one in play.records(Sync)][-1] == '{"count":2,"x":2}'
        assert stepping(play).breakpoints[0].hits == 2
        assert "no field" in refused(play, SetBreakpoint("", field="count"))
        assert "cannot be held back" in refused(play, SetBreakpoint("", field=".count", hold=True))


def test_hits_to_skip_and_breakpoints_that_are_off(tmp_path: Path) -> None:
    with world(tmp_path) as play:
        play.do(SetBreakpoint("kind:sync", skip=2))
        play.do(SetBreakpoint("kind:log", on=False))
        play.post("a", "log 3 x\nsync 1\nsync 2\nsync 3\nsync 4")
        play.settle()
        assert [one.state for one in play.records(Sync)] == ["1", "2", "3"]
        play.do(SetBreakpoint("kind:sync", on=False, number=1))
        play.do(Run())
        play.settle()
        assert [one.on for one in stepping(play).breakpoints] == [False, False]
        assert len(play.records(Sync)) == 4
        assert "no breakpoint 7" in refused(play, DropBreakpoint(7))
        assert "column" in refused(play, SetBreakpoint("kind:("))


def test_what_may_not_begin_keeps_its_place(tmp_path: Path) -> None:
    with world(tmp_path, history=True) as play:
        play.do(Pause())
        play.do(SetBreakpoint("to:a", at="begins"))
        first, second = play.post("a", "sync a"), play.post("b", "sync b")
        play.do(Run())
        play.settle()
        assert [one.seq for one in stepping(play).queue] == [first, second]
        step(play)
        assert [one.state for one in play.records(Sync)] == ["a"]
        assert play.do(SelfCheck()) is None


def test_a_breakpoint_before_an_instance_starts_or_stops(tmp_path: Path) -> None:
    with world(tmp_path) as play:
        play.do(SetBreakpoint("kind:start,stop", at="begins"))
        play.do(Restart("a", init_payload="log 3 begins\nstop: log 3 ends"))
        play.settle()
        assert (play.instance("a").callback, stepping(play).mode) == ("handle_stop", "paused")
        assert not any(one.callback == "handle_stop" for one in play.records(Handled))
        play.do(Run())
        play.settle()
        assert (play.instance("a").callback, play.said("a")) == ("handle_init", [])
        play.do(Run())
        play.settle()
        play.do(StopInstance("a"))
        play.settle()
        assert play.said("a") == ["begins"]
        play.do(Run())
        play.settle()
        assert play.said("a") == ["begins", "ends"]


def test_nothing_comes_behind_what_paused_it_a_death_neither(tmp_path: Path) -> None:
    with world(tmp_path, history=True) as play:
        play.do(SetBreakpoint("kind:sync"))
        play.post("a", "sync 1\nunreachable")
        play.settle()
        assert stepping(play).at == play.session.journal.end - 1
        step(play)
        assert play.instance("a").status == "trapped"
        assert play.do(SelfCheck()) is None


def test_closing_is_not_held_up_by_what_would_pause(tmp_path: Path) -> None:
    with world(tmp_path) as play:
        play.do(Restart("a", init_payload="stop: log 3 ends"))
        play.settle()
        play.do(SetBreakpoint("kind:stop"))
        play.do(SetBreakpoint("", at="begins"))
    assert play.said("a") == ["ends"]
