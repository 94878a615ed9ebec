"""Stepping: the world stands still, one thing happens at a time, and what stops it says so."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.session.playing import Play, plan, project
from workbench.errors import UserError
from workbench.records import Handled, Sync
from workbench.session.commands import (
    Drop,
    Kill,
    Pause,
    Run,
    SetBreakpoint,
    Step,
    Until,
)
from workbench.session.options import Options
from workbench.session.view import SteppingView


@contextmanager
def world(root: Path, **options: object) -> Iterator[Play]:
    """Three probes: `a` knows `b` and itself as `me`, `b` knows `c` and the stand-in `desk`; virtual time."""
    plans = (
        plan("a", out="b", desk="desk"),
        plan("b", out="c", back="a", desk="desk"),
        plan("c", out="desk", back="a"),
    )
    play = Play(
        project(root, *plans, stand_ins=("desk",)),
        Options(clock="virtual", watch=False, build=False, **options),  # type: ignore[arg-type]
    )
    play.settle()
    try:
        yield play
    finally:
        play.session.close()


def stepping(play: Play) -> SteppingView:
    return play.session.view().stepping


def step(play: Play, command: Step | None = None) -> None:
    """One step, and all that it does."""
    play.do(command or Step())
    play.settle()


def handled(play: Play, instance: str) -> int:
    return play.instance(instance).handled


def refused(play: Play, command: object) -> str:
    with pytest.raises(UserError) as error:
        play.do(command)  # type: ignore[arg-type]
    return str(error.value)


# ---- pause and step


def test_while_paused_messages_queue_up_and_nothing_happens(tmp_path: Path) -> None:
    with world(tmp_path) as play:
        play.do(Pause())
        assert stepping(play).at == play.session.journal.end - 1
        first, second = play.post("a", "sync 1"), play.post("b", "sync 2")
        play.settle()
        assert stepping(play).mode == "paused"
        assert play.records(Sync) == []
        assert [one.seq for one in stepping(play).queue] == [first, second]
        play.do(Run())
        play.settle()
        assert [one.state for one in play.records(Sync)] == ["1", "2"]


def test_a_step_lets_exactly_the_next_event_be_handled(tmp_path: Path) -> None:
    with world(tmp_path, history=True) as play:
        play.do(Pause())
        play.post("a", "cast out sync b")
        play.post("a", "sync a")
        before = play.session.view().events
        for count in (1, 2, 3):
            step(play)
            assert play.session.view().events == before + count
            assert stepping(play).mode == "paused"
        assert "nothing waits" in refused(play, Step())


def test_a_step_that_is_refused_leaves_the_world_running(tmp_path: Path) -> None:
    with world(tmp_path) as play:
        play.settle()
        for command in (Step(), Step("over"), Step("out"), Step(instance="a")):
            assert "nothing waits" in refused(play, command)
            assert stepping(play).mode == "running"


def test_a_session_may_begin_paused(tmp_path: Path) -> None:
    with world(tmp_path, paused=True) as play:
        play.until(lambda: play.instance("a").status != "loading")
        assert play.session.view().events == 0
        step(play)
        assert play.session.view().events == 1


def test_the_developer_chooses_which_of_two_messages_comes_first(tmp_path: Path) -> None:
    with world(tmp_path) as play:
        play.do(Pause())
        play.post("a", "sync first")
        second = play.post("a", "sync second")
        step(play, Step(event=second))
        step(play)
        assert [one.state for one in play.records(Sync, "a")] == ["second", "first"]


def test_the_next_event_of_a_chosen_instance(tmp_path: Path) -> None:
    with world(tmp_path) as play:
        play.do(Pause())
        play.post("a", "sync a")
        play.post("b", "sync b")
        step(play, Step(instance="b"))
        assert [one.instance for one in play.records(Sync)] == ["b"]
        assert "b has an empty mailbox" in refused(play, Step(instance="b")).replace("it has", "b has")
        assert "nobody" in refused(play, Step(instance="nobody"))


def test_into_over_and_out_of_a_call(tmp_path: Path) -> None:
    with world(tmp_path) as play:
        play.do(Pause())
        event = play.post("a", "call out call out reply deep")
        step(play)
        assert play.instance("a").waits_on == "b"
        step(play)
        assert play.instance("b").waits_on == "c"
        step(play, Step("out"))  # out of c's handler, which is the next
        assert play.instance("b").waits_on is None
        assert play.instance("a").waits_on == "b"
        step(play, Step("over"))
        step(play, Step("over"))
        assert play.records(Handled, "a")[-1].event == event

        again = play.post("a", "call out call out reply deep")
        step(play, Step("over"))
        assert play.records(Handled, "a")[-1].event == again


def test_over_a_call_nobody_answers_says_so(tmp_path: Path) -> None:
    with world(tmp_path) as play:
        play.do(Pause())
        play.post("a", "call desk x")
        step(play, Step("over"))
        assert stepping(play).mode == "paused"
        assert "did not come" in stepping(play).why


def test_a_step_jumps_to_the_next_timer_when_nothing_else_waits(tmp_path: Path) -> None:
    with world(tmp_path) as play:
        play.do(Pause())
        play.post("a", "delayed 250 out sync later")
        step(play)
        assert play.session.view().t_ms == 0
        step(play)
        assert play.session.view().t_ms == 250
        assert [one.state for one in play.records(Sync, "b")] == ["later"]


def test_timers_of_one_time_come_together_as_when_nobody_steps(tmp_path: Path) -> None:
    with world(tmp_path) as play:
        play.do(Pause())
        play.post("a", "delayed 5 out cast out sync first\ndelayed 5 back sync second")
        play.post("b", "delayed 5 back cast out log 3 x")
        step(play)
        step(play)
        step(play)
        assert play.session.view().timers == 0


def test_a_timer_can_be_stepped_before_its_time(tmp_path: Path) -> None:
    with world(tmp_path) as play:
        play.do(Pause())
        play.post("a", "delayed 1000 out sync late\ndelayed 10 out sync early")
        step(play)
        [late] = [one for one in stepping(play).queue if one.payload == b"sync late"]
        step(play, Step(event=late.seq))
        assert [one.state for one in play.records(Sync, "b")] == ["late"]
        assert play.session.view().t_ms == 0


def test_an_event_of_somebody_busy_cannot_be_stepped(tmp_path: Path) -> None:
    with world(tmp_path) as play:
        play.do(Pause())
        play.post("a", "call desk x")
        step(play)
        waiting = play.post("a", "sync 1")
        assert "still handles" in refused(play, Step(event=waiting))
        play.do(Kill("a"))
        assert "which is killed" in refused(play, Step(event=waiting))


def test_an_endless_handler_is_paused_between_slices(tmp_path: Path) -> None:
    with world(tmp_path) as play:
        play.post("a", "loop")
        play.until(lambda: play.instance("a").status == "running")
        play.do(Pause())
        play.settle()
        assert play.instance("a").callback == "handle_cast"
        play.do(Kill("a"))
        assert play.instance("a").status == "killed"


def test_who_lost_all_that_waited_handles_what_comes_later(tmp_path: Path) -> None:
    with world(tmp_path) as play:
        play.do(Pause())
        play.do(Drop(play.post("a", "sync 1")))
        assert "nothing waits" in refused(play, Step())
        play.post("a", "sync 2")
        step(play)
        assert [one.state for one in play.records(Sync)] == ["2"]


def test_a_timer_that_comes_to_a_stand_in_is_a_step(tmp_path: Path) -> None:
    with world(tmp_path) as play:
        play.do(Pause())
        play.post("a", "delayed 5 desk x\ndelayed 9 desk y")
        step(play)
        step(play)
        assert (play.session.view().t_ms, play.session.view().timers) == (5, 1)
        [last] = stepping(play).queue
        step(play, Step(event=last.seq))
        assert (stepping(play).mode, stepping(play).queue) == ("paused", ())


def test_run_ends_a_step_that_does_not_end(tmp_path: Path) -> None:
    with world(tmp_path) as play:
        play.do(Pause())
        play.post("a", "loop")
        play.do(Step())
        play.do(Run())
        play.post("b", "sync b")
        play.until(lambda: handled(play, "b") == 2)
        assert stepping(play).mode == "running"
        play.do(Kill("a"))


def test_who_dies_in_its_step_ends_it(tmp_path: Path) -> None:
    with world(tmp_path) as play:
        play.do(Pause())
        play.post("a", "loop")
        play.do(Step("over"))
        play.do(Kill("a"))
        play.settle()
        assert (stepping(play).mode, play.instance("a").status) == ("paused", "killed")


def test_paused_in_a_handler_the_next_step_goes_on_in_it(tmp_path: Path) -> None:
    with world(tmp_path) as play:
        play.do(SetBreakpoint("kind:sync"))
        play.do(Pause())
        play.post("a", "sync 1\nlog 3 behind")
        play.post("b", "log 3 b")
        step(play)
        step(play)
        assert (play.said("a"), play.said("b")) == (["behind"], [])


# ---- run until


@pytest.mark.parametrize(
    ("until", "why"),
    [
        (Until("kind:sync"), "kind:sync"),
        (Until("level:warn+"), "level:warn+"),
        (Until("kind:trap"), "kind:trap"),
        (Until("kind:note"), "kind:note"),
        (Until("to:c", at="begins"), "to:c"),
        (Until(idle=True), "nothing is left to do"),
        (Until(t_ms=400), "the time has come"),
    ],
)
def test_run_until(tmp_path: Path, until: Until, why: str) -> None:
    with world(tmp_path) as play:
        play.do(Pause())
        play.post("a", "sync 1")
        play.post("a", "log 2 careful")
        play.post("a", "cast nowhere x")
        play.post("a", "cast out cast out log 3 end")
        play.post("a", "delayed 500 out panic oh")
        play.do(Run(until))
        play.settle()
        assert stepping(play).mode == "paused"
        assert why in stepping(play).why
        at = stepping(play).at
        if until.query is not None:
            assert at is not None
            if until.at == "written":
                behind = [one.kind for one in play.session.journal.iterate(at + 1)]
                assert behind == (["note", "handled"] if why == "kind:trap" else []), "nothing comes about behind it"
            else:
                assert not any(one.event == at for one in play.records(Handled))
        assert play.session.view().t_ms == (
            400 if until.t_ms else 500 if why in ("kind:trap", "nothing is left to do") else 0
        )


def test_run_until_a_query_that_cannot_be_read_shows_where(tmp_path: Path) -> None:
    with world(tmp_path) as play:
        play.do(Pause())
        assert "column" in refused(play, Run(Until("kind:(")))
        assert stepping(play).mode == "paused"
