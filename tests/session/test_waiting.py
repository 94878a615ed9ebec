"""What waits can be held, let go, dropped, edited, doubled, delayed, sent elsewhere and put first; its record stays."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.session.playing import Play
from tests.session.test_stepping import refused, step, stepping, world
from workbench.records import Cast, Change, Sync
from workbench.session.commands import (
    Advance,
    Answer,
    Delay,
    Drop,
    DropBreakpoint,
    Duplicate,
    Edit,
    Hold,
    Kill,
    Move,
    Pause,
    Redirect,
    Release,
    Run,
    Send,
    SetBreakpoint,
    SetClock,
    Shuffle,
)


def synced(play: Play, instance: str | None = None) -> list[str]:
    return [one.state for one in play.records(Sync, instance)]


def run(play: Play) -> None:
    play.do(Run())
    play.settle()


def actions(play: Play) -> list[tuple[str, int]]:
    return [(one.action, one.event) for one in play.records(Change)]


# ---- in a mailbox


def test_edit_drop_and_move(tmp_path: Path) -> None:
    with world(tmp_path) as play:
        play.do(Pause())
        first, second, third = (play.post("a", f"sync {number}") for number in (1, 2, 3))
        play.do(Edit(second, b"sync two"))
        play.do(Drop(first))
        play.do(Move(third, before=second))
        assert [one.seq for one in stepping(play).queue] == [third, second]
        run(play)
        assert synced(play) == ["3", "two"]
        assert actions(play) == [("edited", second), ("dropped", first), ("moved", third)]
        assert "was handled already" in refused(play, Edit(second, b"late"))
        assert "no number" not in refused(play, Drop(first))


def test_moved_first_of_all_it_comes_before_what_others_have(tmp_path: Path) -> None:
    with world(tmp_path) as play:
        play.do(Pause())
        play.post("a", "sync a")
        last = play.post("c", "sync c")
        play.do(Move(last))
        step(play)
        assert synced(play) == ["c"]
        other = play.post("b", "sync b")
        waiting = play.post("c", "sync more")
        assert "does not wait in the mailbox" in refused(play, Move(other, before=waiting))


def test_a_double_is_a_message_of_its_own(tmp_path: Path) -> None:
    with world(tmp_path) as play:
        play.do(Pause())
        first = play.post("a", "sync 1")
        copy = play.do(Duplicate(first))
        run(play)
        assert synced(play) == ["1", "1"]
        record = play.session.journal.get(copy)  # type: ignore[arg-type]
        assert record is not None
        assert record.parent == first


def test_delayed_it_comes_later_and_redirected_elsewhere(tmp_path: Path) -> None:
    with world(tmp_path) as play:
        play.do(Pause())
        late, elsewhere = play.post("a", "sync late"), play.post("a", "sync elsewhere")
        play.do(Delay(late, 70))
        play.do(Redirect(elsewhere, "c"))
        assert [(one.seq, one.due_ms) for one in stepping(play).queue] == [(elsewhere, None), (late, 70)]
        run(play)
        assert (synced(play, "a"), synced(play, "c")) == (["late"], ["elsewhere"])
        assert play.session.view().t_ms == 70
        assert "nobody" in refused(play, Redirect(play.post("desk", "x"), "nobody"))


def test_a_call_sent_elsewhere_is_answered_from_there(tmp_path: Path) -> None:
    with world(tmp_path) as play:
        play.do(Pause())
        play.post("a", "call out reply yes")
        step(play)
        [call] = stepping(play).queue
        play.do(Redirect(call.seq, "desk"))
        assert play.instance("a").waits_on == "desk"
        play.do(Answer(call.seq, "reply", b"from the desk"))
        run(play)
        assert play.said("a") == ["reply from the desk"]


def test_a_call_by_hand_that_is_sent_elsewhere_still_comes_from_the_user(tmp_path: Path) -> None:
    with world(tmp_path) as play:
        call = play.post("desk", "src", call=True)
        play.until(lambda: bool(play.session.view().pending_calls))
        play.do(Redirect(call, "a"))
        play.settle()
        play.cast("a", "src")
        redirected, direct = play.said("a")
        assert redirected == direct


def test_what_is_being_handled_cannot_be_dropped(tmp_path: Path) -> None:
    with world(tmp_path) as play:
        event = play.cast("a", "call desk x")
        assert "being handled by a" in refused(play, Drop(event))


# ---- held back


def test_what_a_breakpoint_holds_does_not_arrive_and_the_rest_runs_on(tmp_path: Path) -> None:
    with world(tmp_path) as play:
        number = play.do(SetBreakpoint("kind:cast from:a to:b", hold=True))
        play.cast("a", "cast out sync held\nsync on")
        assert synced(play) == ["on"]
        [held] = stepping(play).queue
        assert (held.kind, held.what, held.target) == ("held", "cast", "b")
        assert stepping(play).mode == "running"
        assert stepping(play).breakpoints[0].hits == 1
        play.do(Edit(held.seq, b"sync edited"))
        play.do(Release(held.seq))
        play.settle()
        assert synced(play, "b") == ["edited"]
        play.do(DropBreakpoint(number))  # type: ignore[arg-type]
        play.cast("a", "cast out sync free")
        assert synced(play, "b") == ["edited", "free"]
        assert "not held" in refused(play, Release(held.seq))


def test_all_that_is_held_is_let_go_in_order(tmp_path: Path) -> None:
    with world(tmp_path) as play:
        play.do(SetBreakpoint("to:b", hold=True))
        for number in (1, 2, 3):
            play.cast("a", f"cast out sync {number}")
        assert stepping(play).queued == 3
        play.do(Release())
        play.settle()
        assert synced(play, "b") == ["1", "2", "3"]


def test_a_held_call_and_a_held_reply(tmp_path: Path) -> None:
    with world(tmp_path) as play:
        play.do(SetBreakpoint("kind:call,reply", hold=True))
        play.cast("a", "call out reply PONG")
        [call] = stepping(play).queue
        assert call.what == "call"
        play.do(Release(call.seq))
        play.settle()
        [reply] = stepping(play).queue
        assert (reply.what, reply.payload) == ("reply", b"PONG")
        assert play.instance("a").status == "waiting"
        play.do(Edit(reply.seq, b"other"))
        play.do(Release(reply.seq))
        play.settle()
        assert play.said("a") == ["reply other"]


def test_a_dropped_reply_can_still_be_given_by_hand(tmp_path: Path) -> None:
    with world(tmp_path) as play:
        play.do(SetBreakpoint("kind:reply", hold=True))
        play.cast("a", "call out reply PONG")
        [reply] = stepping(play).queue
        [call] = [one for one in play.session.journal.iterate() if one.kind == "call"]
        play.do(Drop(reply.seq))
        assert "call-unanswered" in play.notes()
        play.do(DropBreakpoint(1))
        play.do(Answer(call.seq, "err"))
        play.settle()
        assert play.instance("a").status == "idle"


def test_a_held_timer_fires_once_let_go(tmp_path: Path) -> None:
    with world(tmp_path) as play:
        play.do(SetBreakpoint("kind:timer", hold=True))
        play.cast("a", "delayed 50 out sync t")
        [held] = stepping(play).queue
        assert play.session.view().timers == 0
        play.do(Release(held.seq))
        play.settle()
        assert synced(play, "b") == ["t"]
        assert play.session.view().t_ms == 50


def test_held_by_hand(tmp_path: Path) -> None:
    with world(tmp_path) as play:
        play.do(Pause())
        event = play.post("a", "sync 1")
        play.do(Hold(event))
        run(play)
        assert synced(play) == []
        assert "already" in refused(play, Hold(event))
        play.do(Release())
        play.settle()
        assert synced(play) == ["1"]


def test_who_dies_while_its_reply_is_held_is_not_woken_by_it(tmp_path: Path) -> None:
    with world(tmp_path) as play:
        play.do(SetBreakpoint("kind:reply", hold=True))
        play.cast("a", "call out reply PONG")
        play.do(Kill("a"))
        play.do(Release())
        play.settle()
        assert play.instance("a").status == "killed"
        assert stepping(play).queue == ()


# ---- who waits for ever


def test_a_circle_of_calls_is_told_as_one(tmp_path: Path) -> None:
    with world(tmp_path) as play:
        play.cast("b", "call out noreply")  # its next call has another number than the first of a
        play.cast("a", "call out call back x")
        assert stepping(play).deadlocks == ("a circle of calls, where all wait for ever: a → b → a",)


def test_a_chain_that_ends_at_the_dead_is_told(tmp_path: Path) -> None:
    with world(tmp_path) as play:
        play.do(Kill("c"))
        play.cast("a", "call out call out x")
        [chain] = stepping(play).deadlocks
        assert chain == "a → b → c, which is killed: waits for ever"


# ---- time


def test_a_frozen_clock_moves_by_hand_only(tmp_path: Path) -> None:
    with world(tmp_path) as play:
        play.do(SetClock("frozen"))
        play.cast("a", "delayed 100 out sync 1\ndelayed 300 out sync 2")
        assert (play.session.view().t_ms, synced(play)) == (0, [])
        play.do(Advance())
        play.settle()
        assert (play.session.view().t_ms, synced(play)) == (100, ["1"])
        play.do(Advance(50))
        assert play.session.view().t_ms == 150
        play.do(Advance(500))
        play.settle()
        assert synced(play) == ["1", "2"]
        assert "no timer" in refused(play, Advance())
        assert "forward only" in refused(play, Advance(-1))


def test_timers_that_are_advanced_over_fire_each_at_its_time(tmp_path: Path) -> None:
    with world(tmp_path) as play:
        play.do(SetClock("frozen"))
        play.cast("a", "delayed 100 out sync 1\ndelayed 300 out sync 2")
        play.do(Advance(1000))
        play.settle()
        fired = [one.t for one in play.records(Cast) if one.alias == "out"]
        assert fired == [100, 300]


def test_advanced_while_messages_by_hand_wait_for_room(tmp_path: Path) -> None:
    with world(tmp_path, mailbox=4) as play:
        play.do(Pause())
        play.do(Send("a", b"sync x", repeat=9))
        play.do(Advance(10))
        assert (play.instance("a").mailbox, play.session.view().t_ms) == (4, 10)
        run(play)
        assert len(synced(play)) == 9


def test_advancing_stops_where_a_breakpoint_does(tmp_path: Path) -> None:
    with world(tmp_path) as play:
        play.do(SetClock("frozen"))
        play.cast("a", "delayed 100 out sync 1\ndelayed 300 out sync 2")
        play.do(SetBreakpoint("kind:cast to:b"))
        play.do(Advance(1000))
        play.settle()
        assert (play.session.view().t_ms, stepping(play).mode) == (100, "paused")


def test_a_scaled_clock_and_its_bounds(tmp_path: Path) -> None:
    with world(tmp_path) as play:
        play.do(SetClock("scaled", 1000))
        play.cast("a", "delayed 20000 out sync soon")
        play.settle()
        assert synced(play) == ["soon"]
        assert play.session.view().t_ms >= 20000
        assert "times as fast" in refused(play, SetClock("scaled", 5000))


@pytest.mark.conformance("1.5-order")
def test_equal_times_in_the_order_they_were_set_or_as_a_seed_says(tmp_path: Path) -> None:
    script = "\n".join(f"delayed 5 out sync {number}" for number in range(8))
    orders = []
    for number, seed in enumerate((None, 1, 1, 2)):
        root = tmp_path / str(number)
        root.mkdir()
        with world(root) as play:
            play.do(Shuffle(seed))
            play.cast("a", script)
            orders.append(synced(play, "b"))
    assert orders[0] == [str(number) for number in range(8)]
    assert orders[1] == orders[2] != orders[0]
    assert orders[3] not in (orders[0], orders[1])


def test_a_timer_moved_before_another(tmp_path: Path) -> None:
    with world(tmp_path) as play:
        play.do(SetClock("frozen"))
        play.cast("a", "delayed 5 out sync 1\ndelayed 5 out sync 2\ndelayed 9 out sync 3")
        first, _, third = (one.seq for one in stepping(play).queue)
        play.do(Move(third, before=first))
        play.do(Advance(5))
        play.settle()
        assert synced(play, "b") == ["3", "1", "2"]
