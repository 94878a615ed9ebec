"""What surprises on the platform happens here too, with a note (EDGELESS 1.2)."""

from __future__ import annotations

import pytest

from tests.session.conftest import Stage
from tests.session.playing import plan
from workbench.records import Call, Cast, Handled, Log, Note, Reply, Timer, Trap
from workbench.session.commands import Answer, Kill, StopInstance


@pytest.mark.conformance("F1")
def test_a_call_to_itself_fails_at_once_and_is_never_handled(stage: Stage) -> None:
    play = stage(plan("a"))
    play.cast("a", "call self log 3 handled")
    assert play.said("a") == ["err"]
    assert [(call.source, call.target) for call in play.records(Call)] == [("a", "a")]
    assert [reply.outcome for reply in play.records(Reply)] == ["err"]
    assert play.notes() == ["call-to-self"]


@pytest.mark.conformance("1.5-dead")
def test_whose_call_waits_at_an_instance_that_is_stopped_is_told(stage: Stage) -> None:
    play = stage(plan("a", out="b"), plan("b", out="desk"), stand_ins=("desk",))
    play.post("b", "call out hold")
    play.post("a", "call out log 3 late")
    play.until(lambda: play.instance("b").mailbox == 1)
    play.do(StopInstance("b"))
    play.settle()
    told = [note.message for note in play.records(Note) if (note.code, note.instance) == ("call-unanswered", "a")]
    assert told[-1:] == ["its call waits in the mailbox of b, which was stopped: it waits for ever"]


@pytest.mark.conformance("F5")
def test_a_cast_to_nowhere_is_lost_and_noted_once(stage: Stage) -> None:
    play = stage(plan("a"))
    play.cast("a", "cast nowhere x\ncast nowhere y\ncast elsewhere z\nlog 3 on")
    lost = play.records(Cast, "a")
    assert [(cast.alias, cast.target, cast.payload) for cast in lost] == [
        ("nowhere", None, b"x"),
        ("nowhere", None, b"y"),
        ("elsewhere", None, b"z"),
    ]
    assert play.notes() == ["unknown-alias"] * 2
    assert play.said("a") == ["on"]


@pytest.mark.conformance("F5")
def test_a_call_to_nowhere_traps(stage: Stage) -> None:
    play = stage(plan("a"))
    seq = play.cast("a", "call nowhere x\nlog 3 never")
    [trap] = play.records(Trap)
    assert (trap.callback, trap.parent) == ("handle_cast", seq)
    assert "nowhere" in trap.message
    assert play.notes() == ["unknown-alias"]
    assert play.said("a") == []
    assert play.instance("a").status == "trapped"
    assert play.records(Handled)[-1].outcome == "trap"


@pytest.mark.conformance("F5")
def test_a_delayed_cast_to_nowhere_traps_and_sets_no_timer(stage: Stage) -> None:
    play = stage(plan("a"))
    play.cast("a", "delayed 10 nowhere x")
    assert play.instance("a").status == "trapped"
    assert play.records(Timer) == []


@pytest.mark.conformance("F9")
def test_text_that_is_not_utf8_traps(stage: Stage) -> None:
    play = stage(plan("a", out="b"), plan("b"))
    play.cast("a", "log 3 before\nnonutf8 cast")
    assert play.notes() == ["non-utf8"]
    assert play.said("a") == ["before"]
    assert play.instance("a").status == "trapped"
    assert play.records(Cast, "a") == []


@pytest.mark.conformance("F5")
def test_a_raw_cast_to_nobody_is_lost(stage: Stage) -> None:
    play = stage(plan("a"))
    play.cast("a", "cast_raw nobody x\nlog 3 on")
    assert [(cast.target, cast.alias) for cast in play.records(Cast, "a")] == [(None, None)]
    assert play.said("a") == ["on"]


@pytest.mark.conformance("F3", "F5")
def test_a_raw_call_to_nobody_waits_for_ever(stage: Stage) -> None:
    play = stage(plan("a"))
    play.cast("a", "call_raw nobody x")
    assert play.instance("a").status == "waiting"
    assert "call-unanswered" in play.notes()


@pytest.mark.conformance("F4")
def test_a_trap_in_a_call_leaves_the_caller_waiting(stage: Stage) -> None:
    play = stage(plan("a", out="b"), plan("b"))
    play.cast("a", "call out panic no luck")
    assert play.instance("a").status == "waiting"
    assert play.instance("b").status == "trapped"
    assert play.records(Reply) == []
    assert "callee-trapped" in play.notes()


@pytest.mark.conformance("F3")
def test_a_call_to_the_dead_waits_for_ever(stage: Stage) -> None:
    play = stage(plan("a", out="b"), plan("b"))
    play.cast("b", "panic gone")
    play.cast("a", "call out reply x")
    assert play.instance("a").status == "waiting"
    assert play.notes() == ["panic-lost", "call-unanswered"]
    assert play.instance("b").mailbox == 1


def test_a_circle_of_calls_is_named(stage: Stage) -> None:
    play = stage(plan("a", out="b", other="c"), plan("b", out="c"), plan("c", out="a"))
    play.cast("a", "call other noreply\ncall out call out call out reply x")
    assert [play.instance(name).status for name in "abc"] == ["waiting"] * 3
    [note] = [note for note in play.records(Note) if note.code == "call-cycle"]
    assert all(name in note.message for name in "abc")


def test_a_chain_of_calls_that_ends_is_no_circle(stage: Stage) -> None:
    play = stage(plan("a", out="b"), plan("b", out="c"), plan("c"))
    play.cast("a", "call out call out reply x")
    assert play.said("b") == ["reply x"]
    assert play.notes() == []


@pytest.mark.conformance("1.4-levels")
def test_a_log_level_the_platform_does_not_know_is_an_error(stage: Stage) -> None:
    play = stage(plan("a"))
    play.cast("a", "log 9 odd\nlog 0 odd\nlog 9 odd\nlog 5 fine")
    assert [log.level for log in play.records(Log, "a")] == ["error", "error", "error", "trace"]
    assert play.notes() == ["unknown-log-level"] * 2


@pytest.mark.conformance("F9")
def test_a_reply_that_is_no_text_is_passed_on_with_a_note(stage: Stage) -> None:
    play = stage(plan("a"))
    play.call("a", "reply_nonutf8")
    assert [reply.payload for reply in play.records(Reply)] == [b"ok\xff\xfe"]
    assert play.notes() == ["non-utf8"]


@pytest.mark.conformance("1.5-stop-in-call")
def test_stopping_a_caller_makes_its_call_an_error_and_its_handler_ends(stage: Stage) -> None:
    play = stage(plan("a", "stop: log 3 stopping", out="desk"), stand_ins=("desk",))
    seq = play.cast("a", "call out x\nlog 3 went on")
    play.do(StopInstance("a"))
    play.settle()
    assert play.said("a") == ["err", "went on", "stopping"]
    assert play.instance("a").status == "stopped"
    outcomes = {handled.callback: handled.outcome for handled in play.records(Handled, "a")}
    assert (outcomes["handle_cast"], outcomes["handle_stop"]) == ("ok", "ok")
    assert [handled.event for handled in play.records(Handled, "a")][1] == seq


@pytest.mark.conformance("1.5-late")
def test_a_reply_that_comes_too_late_is_dropped(stage: Stage) -> None:
    play = stage(plan("a", out="b"), plan("b", out="desk"), stand_ins=("desk",))
    play.cast("a", "call out call out x\nreply late")
    play.do(StopInstance("a"))
    play.settle()
    [pending] = play.session.view().pending_calls
    play.do(Answer(pending.seq, "reply", b"x"))
    play.settle()
    assert play.said("a") == ["err"]
    assert play.instance("b").status == "idle"


@pytest.mark.conformance("1.5-dead")
def test_events_for_the_dead_stay_visible(stage: Stage) -> None:
    play = stage(plan("a"))
    play.cast("a", "panic over")
    play.cast("a", "log 3 unheard")
    view = play.instance("a")
    assert (view.status, view.mailbox, play.said("a")[1:]) == ("trapped", 1, [])


def test_calls_that_wait_with_the_dying_are_noted_for_their_callers(stage: Stage) -> None:
    play = stage(plan("a", out="c"), plan("b", out="c"), plan("c"))
    play.post("c", "loop")
    play.post("a", "call out log 3 x")
    play.post("b", "call out log 3 x")
    play.until(lambda: play.instance("c").mailbox == 2)
    play.do(Kill("c"))
    play.settle()
    noted = {(note.code, note.instance) for note in play.records(Note)}
    assert {("call-unanswered", "a"), ("call-unanswered", "b")} <= noted


@pytest.mark.conformance("F2")
def test_calls_whose_numbers_the_platform_would_confuse_are_noted(stage: Stage) -> None:
    play = stage(plan("a", out="desk"), plan("b", out="a"), stand_ins=("desk",))
    play.cast("a", "call out first")
    play.cast("b", "call out log 3 x")
    [note] = play.records(Note)
    assert (note.code, note.instance) == ("call-unanswered", "b")
    assert "call number 1" in note.message


def test_calls_with_different_numbers_are_not_confused(stage: Stage) -> None:
    play = stage(plan("a", out="desk"), plan("b", out="a", other="c"), plan("c"), stand_ins=("desk",))
    play.cast("a", "call out first")
    play.cast("b", "call other reply x\ncall out log 3 x")
    assert play.notes() == []


def test_bytes_sent_by_hand_arrive_and_are_noted(stage: Stage) -> None:
    play = stage(plan("a", out="desk"), stand_ins=("desk",))
    play.cast("a", "call out x")
    call = play.session.view().pending_calls[0].seq
    play.do(Answer(call, "reply", b"\xff"))
    play.cast("a", b"\xfe")
    notes = [(note.code, note.parent) for note in play.records(Note) if note.code != "panic-lost"]
    assert notes == [("non-utf8", None)] * 2
