"""Casts, calls and timers between instances, and what the journal says of them."""

from __future__ import annotations

import time

import pytest
from wasmtime import Memory, Store

from tests.session.conftest import Stage
from tests.session.playing import plan
from workbench.host import capi
from workbench.records import USER, Call, Cast, Handled, Log, Reply, Start, Sync, Timer, Trap
from workbench.session.commands import Kill, Restart, Send, StopInstance


@pytest.mark.conformance("1.8-telemetry")
def test_a_start_is_written_before_what_init_does_and_is_its_parent(stage: Stage) -> None:
    play = stage(plan("a", "log 3 awake\nsync s1"))
    [start] = play.records(Start)
    assert (start.function, start.init_payload, start.state) == ("probe", "log 3 awake\nsync s1", None)
    assert [log.parent for log in play.records(Log, "a")] == [start.seq]
    assert [(sync.state, sync.parent) for sync in play.records(Sync, "a")] == [("s1", start.seq)]
    [handled] = play.records(Handled)
    assert (handled.event, handled.callback, handled.outcome) == (start.seq, "handle_init", "ok")


def test_a_cast_by_hand_comes_from_the_user_and_has_no_parent(stage: Stage) -> None:
    play = stage(plan("a"))
    seq = play.cast("a", "log 3 hello")
    [cast] = play.records(Cast)
    assert (cast.seq, cast.source, cast.target, cast.alias, cast.payload) == (seq, USER, "a", None, b"log 3 hello")
    assert cast.parent is None
    assert [(log.message, log.parent) for log in play.records(Log, "a")] == [("hello", seq)]


@pytest.mark.conformance("1.5-metadata")
def test_what_a_handler_sends_has_the_handled_event_as_its_parent(stage: Stage) -> None:
    play = stage(plan("a", out="b"), plan("b"))
    seq = play.cast("a", "cast out log 3 got it")
    _, relayed = play.records(Cast)
    assert (relayed.source, relayed.target, relayed.alias, relayed.parent) == ("a", "b", "out", seq)
    assert [(log.message, log.parent) for log in play.records(Log, "b")] == [("got it", relayed.seq)]


@pytest.mark.conformance("1.5-mailbox")
def test_a_mailbox_is_first_in_first_out(stage: Stage) -> None:
    play = stage(plan("a"))
    for number in range(20):
        play.post("a", f"log 3 {number}")
    play.settle()
    assert play.said("a") == [str(number) for number in range(20)]


def test_ready_instances_take_turns_of_sixteen_events_at_most(stage: Stage) -> None:
    play = stage(plan("boss", left="l", right="r"), plan("l"), plan("r"))
    play.cast("boss", "\n".join(["cast left log 3 x"] * 40 + ["cast right log 3 x"] * 40))
    turns = [record.instance for record in play.records(Handled, None) if record.callback == "handle_cast"]
    assert turns == ["boss", *["l"] * 16, *["r"] * 16, *["l"] * 16, *["r"] * 16, *["l"] * 8, *["r"] * 8]


def test_events_that_wait_together_are_handled_one_after_the_other(stage: Stage) -> None:
    play = stage(plan("a", out="b"), plan("b"))
    play.cast("a", "\n".join(f"cast out log 3 {number}" for number in range(50)))
    handled = [record for record in play.records(Handled, "b") if record.callback == "handle_cast"]
    logs = play.records(Log, "b")
    assert [record.event for record in handled] == [record.parent for record in logs]
    assert all(log.seq < record.seq for log, record in zip(logs, handled, strict=True))
    assert all(record.seq < log.seq for log, record in zip(logs[1:], handled, strict=False))


def test_large_and_small_events_that_wait_together_arrive_whole(stage: Stage) -> None:
    play = stage(plan("a", out="b"), plan("b"))
    sizes = [10, 100_000, 10, 200_000, 70_000, 70_000, 0, 300_000, 5]
    for size in sizes:
        play.post("b", "log 3 " + "x" * size)
    play.settle()
    assert [len(said) for said in play.said("b")] == sizes


def test_a_trap_leaves_what_waits_behind_it_in_the_mailbox(stage: Stage) -> None:
    play = stage(plan("a", out="b"), plan("b"))
    play.cast("a", "\n".join(["cast out log 3 x"] * 5 + ["cast out panic boo"] + ["cast out log 3 y"] * 5))
    assert [log for log in play.said("b") if log in "xy"] == ["x"] * 5
    assert (play.instance("b").status, play.instance("b").mailbox) == ("trapped", 5)
    [trap] = play.records(Trap)
    assert trap.parent == play.records(Handled, "b")[-1].event


def test_a_call_among_events_that_wait_together_lets_others_go_first(stage: Stage) -> None:
    play = stage(plan("a", out="b"), plan("b", next="c"), plan("c"))
    play.cast("a", "cast out log 3 1\ncast out log 3 2\ncast out call next reply two\ncast out log 3 3")
    assert play.said("b") == ["1", "2", "reply two", "3"]


def test_what_waits_behind_an_endless_loop_is_seen_and_survives_it(stage: Stage) -> None:
    play = stage(plan("a", out="b"), plan("b"))
    play.post("a", "cast out log 3 1\ncast out loop\ncast out log 3 2\ncast out log 3 3")
    play.until(lambda: play.instance("b").mailbox == 2 and play.instance("b").status == "running")
    play.do(Kill("b"))
    play.do(Restart("b"))
    play.settle()
    assert play.said("b") == ["1", "2", "3"]


def test_a_call_is_answered_and_the_caller_goes_on(stage: Stage) -> None:
    play = stage(plan("a", out="b"), plan("b"))
    play.cast("a", "call out reply pong")
    [call] = play.records(Call)
    assert (call.source, call.target, call.alias, call.payload) == ("a", "b", "out", b"reply pong")
    [reply] = play.records(Reply)
    assert (reply.call, reply.outcome, reply.payload, reply.parent) == (call.seq, "reply", b"pong", call.seq)
    assert play.said("a") == ["reply pong"]


def test_a_reply_stands_before_the_end_of_the_handling_that_made_it(stage: Stage) -> None:
    play = stage(plan("a"))
    seq = play.call("a", "reply x")
    [reply] = play.records(Reply)
    [handled] = [one for one in play.records(Handled) if one.event == seq]
    assert seq < reply.seq < handled.seq
    assert handled.callback == "handle_call"


def test_a_call_without_an_answer_and_one_with_an_error_say_so(stage: Stage) -> None:
    play = stage(plan("a", out="b"), plan("b"))
    play.cast("a", "call out noreply\ncall out err")
    assert [(reply.outcome, reply.payload) for reply in play.records(Reply)] == [("noreply", None), ("err", None)]
    assert play.said("a") == ["noreply", "err"]


def test_an_empty_reply_is_a_reply(stage: Stage) -> None:
    play = stage(plan("a"))
    play.call("a", "reply_bytes 0")
    assert [(reply.outcome, reply.payload) for reply in play.records(Reply)] == [("reply", b"")]


def test_while_a_caller_waits_its_mailbox_waits_too(stage: Stage) -> None:
    play = stage(plan("a", out="desk"), stand_ins=("desk",))
    play.cast("a", "call out question")
    play.cast("a", "log 3 later")
    view = play.instance("a")
    assert (view.status, view.waits_on, view.mailbox) == ("waiting", "desk", 1)
    assert [(event.payload, event.source) for event in view.next_events] == [(b"log 3 later", USER)]
    assert play.said("a") == []


def test_a_delayed_cast_is_written_when_set_and_when_it_fires(stage: Stage) -> None:
    play = stage(plan("a", out="b"), plan("b"))
    seq = play.cast("a", "delayed 500 out log 3 now")
    [timer] = play.records(Timer)
    assert (timer.parent, timer.source, timer.target, timer.alias, timer.delay_ms) == (seq, "a", "b", "out", 500)
    fired = play.records(Cast)[-1]
    assert (fired.parent, fired.source, fired.target, fired.t - timer.t) == (timer.seq, "a", "b", 500)
    assert play.said("b") == ["now"]


@pytest.mark.conformance("1.5-order")
def test_timers_that_are_due_at_once_fire_in_the_order_they_were_set(stage: Stage) -> None:
    play = stage(plan("a"))
    play.cast("a", "\n".join(f"delayed {delay} self log 3 {delay}-{n}" for n in range(3) for delay in (20, 10, 0)))
    assert play.said("a") == ["0-0", "0-1", "0-2", "10-0", "10-1", "10-2", "20-0", "20-1", "20-2"]


@pytest.mark.conformance("1.5-delay-0")
def test_a_delayed_cast_with_no_delay_comes_after_what_already_waits(stage: Stage) -> None:
    play = stage(plan("a"))
    play.cast("a", "delayed 0 self log 3 second\ncast self log 3 first")
    assert play.said("a") == ["first", "second"]


@pytest.mark.conformance("1.5-delayed-after-stop")
def test_a_delayed_cast_fires_after_its_setter_was_stopped(stage: Stage) -> None:
    play = stage(plan("a", out="b"), plan("b"), clock="real")
    play.post("a", "delayed 300 out log 3 still")
    play.until(lambda: len(play.records(Timer)) == 1)
    play.do(StopInstance("a"))
    play.settle()
    assert play.instance("a").status == "stopped"
    assert play.said("b") == ["still"]


def test_virtual_time_goes_no_further_than_it_is_told(stage: Stage) -> None:
    play = stage(plan("a", "delayed 100 self log 3 early\ndelayed 900 self log 3 late"), until_ms=500)
    assert play.said("a") == ["early"]
    assert play.session.view().t_ms == 500


@pytest.mark.conformance("1.5-self")
def test_self_leads_back_and_a_cast_in_init_is_delivered_after_it(stage: Stage) -> None:
    play = stage(plan("a", "cast self log 3 second\nlog 3 first"))
    assert play.said("a") == ["first", "second"]


def test_an_answer_goes_to_the_sender_by_its_id(stage: Stage) -> None:
    play = stage(plan("a", out="b"), plan("b"))
    play.cast("a", "cast out cast_raw src log 3 back")
    assert play.said("a") == ["back"]
    raw = play.records(Cast)[-1]
    assert (raw.source, raw.target, raw.alias) == ("b", "a", None)


@pytest.mark.conformance("1.4-ids")
def test_ids_are_uuids_and_what_the_guest_is_told(stage: Stage) -> None:
    play = stage(plan("a"))
    play.cast("a", "slf")
    instance_id = play.records(Start)[0].instance_id
    assert play.said("a") == [f"{instance_id.node_id}/{instance_id.function_id}".replace("-", "")]


def test_a_send_by_hand_may_come_from_another(stage: Stage) -> None:
    play = stage(plan("a"), plan("b"))
    play.post("a", "cast_raw src log 3 to you", source="b")
    play.settle()
    assert play.said("b") == ["to you"]
    assert play.records(Cast)[0].source == "b"


def test_a_send_is_repeated_with_pauses_after_a_delay(stage: Stage) -> None:
    play = stage(plan("a"))
    before = play.session.view().t_ms
    first = play.do(Send("a", b"count", delay_ms=100, repeat=3, every_ms=50))
    play.settle()
    casts = play.records(Cast)
    assert [cast.t - before for cast in casts] == [100, 150, 200]
    assert first == casts[0].seq
    assert play.said("a") == ["1", "2", "3"]


def test_payloads_of_no_bytes_and_of_many_arrive(stage: Stage) -> None:
    play = stage(plan("a", out="sink"), stand_ins=("sink",))
    play.cast("a", b"")
    play.cast("a", "big cast 5000000")
    assert play.records(Cast)[-1].payload == b"x" * 5_000_000


@pytest.mark.conformance("1.1-statics")
def test_the_same_function_can_run_more_than_once(stage: Stage) -> None:
    play = stage(plan("a"), plan("b"))
    play.cast("a", "count")
    play.cast("a", "count")
    play.cast("b", "count")
    assert (play.said("a"), play.said("b")) == (["1", "2"], ["1"])


def test_handing_over_and_taking_a_large_payload_is_no_time_in_the_guest(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    play = stage(plan("a", out="b"), plan("b"))
    take, give = capi.memory_bytes, capi.memory_view

    def take_slowly(store: Store, memory: Memory, at: int, length: int) -> bytes:
        time.sleep(1 if length > 100_000 else 0)
        return take(store, memory, at, length)

    def give_slowly(store: Store, memory: Memory) -> memoryview:
        time.sleep(1)
        return give(store, memory)

    monkeypatch.setattr(capi, "memory_bytes", take_slowly)
    taken = play.cast("a", "big cast 200000")
    monkeypatch.setattr(capi, "memory_view", give_slowly)
    given = play.cast("a", "log 3 " + "x" * 200_000)
    took = {one.event: one.duration_us for one in play.records(Handled)}
    assert 0 < took[taken] < 500_000
    assert 0 < took[given] < 500_000
