"""Whatever a guest does, the session goes on, says what happened, and can end it."""

from __future__ import annotations

import pytest

from tests.session.conftest import Stage
from tests.session.playing import plan
from workbench.errors import UserError
from workbench.records import Handled, Log, Note, Trap
from workbench.session.commands import Kill, Restart, Send, StopInstance


@pytest.mark.conformance("F16")
def test_a_panic_gives_its_words_its_place_and_its_callback(stage: Stage) -> None:
    play = stage(plan("a"))
    seq = play.cast("a", "panic the end is near")
    [trap] = play.records(Trap)
    assert trap.panic is not None
    assert trap.panic.startswith("the end is near")
    assert (trap.callback, trap.parent) == ("handle_cast", seq)
    assert any((frame.file or "").endswith("lib.rs") and frame.line for frame in trap.frames)
    assert play.instance("a").last_trap == trap.seq


def test_the_words_of_one_panic_are_not_those_of_the_next_trap(stage: Stage) -> None:
    play = stage(plan("a"))
    play.cast("a", "panic first")
    play.do(Restart("a"))
    play.cast("a", "unreachable")
    assert [trap.panic is None for trap in play.records(Trap)] == [False, True]


@pytest.mark.parametrize("callback", ["handle_init", "handle_cast", "handle_call", "handle_stop"])
@pytest.mark.conformance("F13", "1.6-dies")
def test_a_trap_in_any_callback_ends_only_that_instance(stage: Stage, callback: str) -> None:
    init = {"handle_init": "panic x", "handle_stop": "stop: panic x"}.get(callback)
    play = stage(plan("a", init), plan("b"))
    if callback == "handle_stop":
        play.do(StopInstance("a"))
    elif callback != "handle_init":
        play.post("a", "panic x", call=callback == "handle_call")
    play.settle()
    assert [trap.callback for trap in play.records(Trap)] == [callback]
    assert play.instance("a").status == "trapped"
    play.cast("b", "log 3 alive")
    assert play.said("b") == ["alive"]


@pytest.mark.parametrize("callback", ["handle_init", "handle_cast", "handle_call", "handle_stop"])
@pytest.mark.conformance("F14")
def test_an_endless_loop_in_any_callback_hinders_nobody_and_can_be_killed(stage: Stage, callback: str) -> None:
    init = {"handle_init": "loop", "handle_stop": "stop: loop"}.get(callback)
    play = stage(plan("a", init), plan("b"), settle=callback != "handle_init")
    if callback == "handle_stop":
        play.do(StopInstance("a"))
    elif callback != "handle_init":
        play.post("a", "loop", call=callback == "handle_call")
    play.until(lambda: play.instance("a").callback == callback)
    play.post("b", "log 3 alive")
    play.until(lambda: play.said("b") == ["alive"])
    play.do(Kill("a"))
    play.settle()
    ended = play.records(Handled, "a")[-1]
    assert (ended.callback, ended.outcome, play.instance("a").status) == (callback, "killed", "killed")


def test_what_a_long_handler_did_is_visible_before_it_ends(stage: Stage) -> None:
    play = stage(plan("a", out="b"), plan("b"))
    play.post("a", "log 3 so far\ncast out log 3 heard\nloop")
    play.until(lambda: (play.said("a"), play.said("b")) == (["so far"], ["heard"]))
    play.until(lambda: play.instance("a").status == "running")
    play.do(Kill("a"))


@pytest.mark.conformance("F14")
def test_a_handler_that_runs_long_is_noted_once(stage: Stage) -> None:
    play = stage(plan("a"))
    seq = play.post("a", "loop")
    play.until(lambda: play.notes() != [])
    play.until(lambda: play.instance("a").busy_ms > 1500)
    [note] = play.records(Note)
    assert (note.code, note.instance, note.parent) == ("runaway", "a", seq)
    play.do(Kill("a"))


def test_a_limit_of_time_ends_a_handler(stage: Stage) -> None:
    play = stage(plan("a"), time_ms=100)
    play.cast("a", "loop")
    assert play.instance("a").status == "killed"
    assert "limit" in play.instance("a").detail
    assert play.records(Handled, "a")[-1].outcome == "killed"


def test_waiting_for_a_reply_does_not_count_towards_the_limit(stage: Stage) -> None:
    play = stage(plan("a", out="b"), plan("b", out="desk"), stand_ins=("desk",), time_ms=50, clock="real")
    play.cast("a", "call out reply x")
    play.post("b", "call out x")
    play.until(lambda: play.session.view().t_ms > play.records(Handled)[-1].t + 150)
    assert play.instance("b").status == "waiting"


@pytest.mark.conformance("1.1-limits")
def test_a_matrix_as_large_as_those_of_the_platforms_own_examples_fits(stage: Stage) -> None:
    play = stage(plan("a"))
    play.cast("a", "alloc 400\nlog 3 fits")
    assert [log.message for log in play.records(Log)] == ["fits"]


def test_a_limit_of_memory_ends_a_hog(stage: Stage) -> None:
    play = stage(plan("a"), plan("b"), memory_bytes=32 << 20)
    play.cast("a", "hog")
    assert play.instance("a").status == "trapped"
    assert "memory" in play.records(Trap)[0].message
    assert play.instance("b").memory_bytes > 0


@pytest.mark.conformance("1.1-limits", "1.5-mailbox")
def test_a_full_mailbox_refuses_what_comes_and_says_so(stage: Stage) -> None:
    play = stage(plan("a", out="b"), plan("b"), mailbox=5)
    play.cast("a", "burst 0")
    play.cast("b", "panic over")
    for _ in range(8):
        play.cast("b", "log 3 x")
    assert (play.instance("b").mailbox, play.instance("b").dropped) == (5, 3)
    assert "3 events" in play.instance("b").detail
    assert [(note.code, note.instance) for note in play.records(Note)] == [("panic-lost", "b"), ("runaway", "b")]


def test_a_killed_instance_keeps_its_mailbox_and_a_restart_works_it_off(stage: Stage) -> None:
    play = stage(plan("a"))
    play.post("a", "loop")
    play.post("a", "log 3 patient")
    play.until(lambda: (play.instance("a").status, play.instance("a").mailbox) == ("running", 1))
    play.do(Kill("a"))
    play.settle()
    assert play.instance("a").mailbox == 1
    play.do(Restart("a"))
    play.settle()
    assert play.said("a") == ["patient"]


def test_a_waiting_instance_can_be_killed(stage: Stage) -> None:
    play = stage(plan("a", out="desk"), stand_ins=("desk",))
    play.cast("a", "call out x")
    play.do(Kill("a"))
    play.settle()
    assert play.instance("a").status == "killed"
    assert play.session.view().pending_calls == ()


@pytest.mark.parametrize(
    "command",
    [Send("nobody", b""), Kill("nobody"), Kill("desk"), Restart("nobody"), Send("a", b"", source="nobody")],
    ids=repr,
)
def test_what_makes_no_sense_is_said_to_who_asked(stage: Stage, command: Send | Kill | Restart) -> None:
    play = stage(plan("a"), stand_ins=("desk",))
    with pytest.raises(UserError):
        play.do(command)
    play.cast("a", "log 3 unharmed")
    assert play.said("a") == ["unharmed"]


def test_a_loop_can_be_killed_after_it_was_asked_to_stop(stage: Stage) -> None:
    play = stage(plan("a"), plan("b"))
    play.post("a", "loop")
    play.until(lambda: play.instance("a").status == "running")
    play.do(StopInstance("a"))
    play.do(StopInstance("a"))
    play.do(Kill("a"))
    play.settle()
    play.cast("b", "log 3 alive")
    assert (play.instance("a").status, play.said("b")) == ("killed", ["alive"])


def test_an_instance_may_trap_when_it_was_asked_to_stop(stage: Stage) -> None:
    play = stage(plan("a", out="desk"), plan("b"), stand_ins=("desk",))
    play.cast("a", "call out x\npanic now")
    play.do(StopInstance("a"))
    play.settle()
    play.cast("b", "log 3 alive")
    assert (play.instance("a").status, play.said("b")) == ("trapped", ["alive"])


def test_a_session_closes_over_an_endless_loop(stage: Stage) -> None:
    play = stage(plan("a"), plan("b", "stop: log 3 bye"))
    play.post("a", "loop")
    play.until(lambda: play.instance("a").status == "running")
    play.session.close()
    assert play.said("b") == ["bye"]
    assert play.records(Handled, "a")[-1].outcome == "killed"
