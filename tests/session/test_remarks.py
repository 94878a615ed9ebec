"""What is remarked of the code of instances, once for each artifact."""

from __future__ import annotations

import pytest

from tests.session.conftest import Stage
from tests.session.playing import plan
from workbench.records import Note, Reply, Start, Trap
from workbench.session.commands import Jump, Restart, SelfCheck


@pytest.mark.conformance("F17")
def test_macros_that_never_get_a_logger_are_noted_when_their_function_starts(stage: Stage) -> None:
    play = stage(plan("a", function="dumb"), plan("b", function="dumb"))
    [note] = play.records(Note)
    assert (note.code, note.instance, note.parent) == ("logger-missing", "a", play.records(Start, "a")[0].seq)
    play.do(Restart("a"))
    play.settle()
    assert play.notes() == ["logger-missing"]


@pytest.mark.conformance("F17")
def test_macros_without_a_logger_are_noted_behind_the_first_event(stage: Stage) -> None:
    play = stage(plan("a", function="mute"))
    assert play.notes() == []
    seq = play.cast("a", "unheard")
    play.cast("a", "unheard")
    [note] = play.records(Note)
    assert (note.code, note.parent) == ("logger-missing", seq)


def test_a_logger_that_the_first_event_sets_is_in_time(stage: Stage) -> None:
    play = stage(plan("a", function="mute"))
    play.cast("a", "logger")
    play.cast("a", "heard")
    assert (play.said("a"), play.notes()) == (["heard"], [])


@pytest.mark.conformance("F17")
def test_the_trap_of_a_logger_that_is_set_twice_is_noted(stage: Stage) -> None:
    play = stage(plan("a", function="original"), plan("b", "twice", "original"))
    play.cast("a", "logger")
    assert [trap.callback for trap in play.records(Trap)] == ["handle_init", "handle_cast"]
    assert [(note.code, note.instance) for note in play.records(Note)] == [("logger-twice", "b"), ("logger-twice", "a")]


@pytest.mark.conformance("F17")
def test_a_logger_that_is_set_twice_in_the_workbenchs_own_crate_is_noted(stage: Stage) -> None:
    play = stage(plan("a", function="mute"))
    play.cast("a", "logger")
    assert play.notes() == []
    seq = play.cast("a", "logger")
    play.cast("a", "logger")
    assert [(note.code, note.parent) for note in play.records(Note)] == [("logger-twice", seq)]
    assert play.instance("a").status == "idle"


def test_other_traps_tell_nothing_of_a_logger(stage: Stage) -> None:
    play = stage(plan("a", function="original"))
    play.cast("a", "keep none")
    assert play.instance("a").status == "trapped"
    assert play.notes() == []


@pytest.mark.conformance("F7")
def test_replies_that_are_freed_before_they_are_read_are_noted_though_they_are_whole(stage: Stage) -> None:
    play = stage(plan("a", function="original"), plan("b", function="original"))
    first = play.call("a", "hello")
    play.call("a", "hello")
    play.call("b", "hello")
    assert [reply.payload for reply in play.records(Reply)] == [b"hello"] * 3
    assert [(note.code, note.parent) for note in play.records(Note)] == [("reply-after-free", first)]


def test_what_is_no_reply_tells_nothing_of_replies(stage: Stage) -> None:
    play = stage(plan("a", function="original"))
    play.call("a", "-")
    assert play.notes() == []
    play.call("a", "hello")
    assert play.notes() == ["reply-after-free"]


def test_the_first_reply_is_looked_at_in_the_middle_of_a_turn(stage: Stage) -> None:
    play = stage(plan("a", function="original"))
    sent = [play.post("a", text, call=text == "hello") for text in ("x", "x", "hello", "hello", "x")]
    play.settle()
    assert [(note.code, note.parent) for note in play.records(Note)] == [("reply-after-free", sent[2])]


@pytest.mark.conformance("F7")
def test_replies_that_are_kept_are_not_noted(stage: Stage) -> None:
    play = stage(plan("a"))
    play.call("a", "reply hello")
    play.call("a", "reply_bytes 100000")
    assert play.notes() == []


def test_state_that_is_synced_and_never_read_is_noted_when_its_function_starts(stage: Stage) -> None:
    play = stage(plan("a", function="writer"), plan("b", function="writer"))
    [note] = play.records(Note)
    assert (note.code, note.parent) == ("state-unread", play.records(Start, "a")[0].seq)


def test_functions_in_order_are_not_noted(stage: Stage) -> None:
    play = stage(plan("a"), plan("b", function="keeper", store="a"), plan("c", function="face"))
    play.cast("a", "info hello")
    play.call("a", "reply hello")
    play.call("b", "x")
    play.call("c", "x")
    assert play.notes() == []


def test_what_was_remarked_is_remarked_again_when_it_is_all_done_again(stage: Stage) -> None:
    named = [
        plan(name, function=function)
        for name, function in zip("abcd", ("original", "mute", "dumb", "writer"), strict=True)
    ]
    play = stage(*named, plan("e", function="original"), history=True)
    for name, text in (("a", "x"), ("b", "x"), ("a", "hello"), ("e", "hello"), ("b", "logger"), ("b", "heard")):
        play.post(name, text, call=text == "hello")
    play.settle()
    before = play.notes()
    assert sorted(before) == ["logger-missing", "logger-missing", "reply-after-free", "state-unread"]
    assert play.do(SelfCheck()) is None
    play.do(Jump(play.records(Start)[-1].seq))
    play.settle()
    assert play.notes() == before
