"""What a command and a timer cost when much waits: about the same as when little does. Ratios within one run."""

from __future__ import annotations

import statistics
import time
from pathlib import Path

import pytest

from tests.session.conftest import PREBUILT, Stage
from tests.session.playing import Play, plan, project
from workbench.config.settings import Limits, Settings
from workbench.records import Cast, Reply
from workbench.session.actors import Event
from workbench.session.commands import Answer, Send
from workbench.session.timers import Late, Timers, seq_of

FEW, MANY = 1_000, 40_000
MARGIN = 8
"""What costs in proportion to what waits costs 40 times as much."""


@pytest.fixture
def roomy(tmp_path: Path, opened: list[Play]) -> Play:
    """A session whose mailboxes have room."""
    given = project(tmp_path, plan("a"), stand_ins=("desk",))
    play = Play(given, PREBUILT, Settings(limits=Limits(mailbox=10 * MANY)))
    opened.append(play)
    play.settle()
    return play


def ms_of(play: Play, command: Send | Answer, times: int = 30) -> float:
    """What a command takes, in the middle of many."""
    took = []
    for _ in range(times):
        began = time.perf_counter()
        play.do(command)
        took.append((time.perf_counter() - began) * 1000)
    return statistics.median(took)


def calls_waiting(play: Play, count: int) -> None:
    play.do(Send("desk", b"", call=True, repeat=count))
    play.until(lambda: play.instance("desk").mailbox == count, 60)


def test_a_command_costs_the_same_however_many_calls_wait(roomy: Play) -> None:
    calls_waiting(roomy, FEW)
    few = ms_of(roomy, Send("desk", b"x"))
    roomy.do(Send("desk", b"", call=True, repeat=MANY - FEW))
    roomy.until(lambda: roomy.instance("desk").mailbox == MANY, 60)
    assert ms_of(roomy, Send("desk", b"x")) < MARGIN * few
    view = roomy.session.view()
    assert view.stepping.queued == MANY
    assert len(view.pending_calls) == 100
    assert [call.seq for call in view.pending_calls] == sorted(call.seq for call in view.pending_calls)


def test_a_timer_costs_about_the_same_however_many_are_set(stage: Stage) -> None:
    play = stage(plan("a"))

    def us_each(count: int) -> float:
        script = "delayed 5 self\n" * 1000
        began = time.perf_counter()
        for _ in range(count // 1000):
            play.post("a", script)
        play.settle()
        return (time.perf_counter() - began) / count

    few = us_each(2 * FEW)
    assert us_each(MANY) < MARGIN * few


def test_calls_beyond_the_limit_of_a_stand_in_are_refused_with_a_note(tmp_path: Path, opened: list[Play]) -> None:
    given = project(tmp_path, plan("a"), stand_ins=("desk",))
    play = Play(given, PREBUILT, Settings(limits=Limits(mailbox=3)))
    opened.append(play)
    play.settle()
    seqs = [play.post("desk", b"", call=True) for _ in range(5)]
    desk = play.instance("desk")
    assert (desk.mailbox, desk.dropped) == (3, 2)
    assert "3 to answer" in desk.detail
    assert "2 calls were too many" in desk.detail
    refused = {reply.call: reply.outcome for reply in play.records(Reply)}
    assert refused == dict.fromkeys(seqs[3:], "err")
    assert play.notes().count("runaway") == 1
    play.do(Answer(seqs[0], "reply", b"yes"))
    again = play.post("desk", b"", call=True)
    assert again in [call.seq for call in play.session.view().pending_calls]


def late(seq: int) -> Late:
    cast = Cast(seq, 0.0, None, None, "user", "a", None, b"")
    return Late(Event(seq, False, "user", bytes(32), b"", cast), "a", None)


def test_timers_come_in_order_whatever_is_taken_away_moved_or_set_between() -> None:
    timers = Timers()
    for seq in range(100):
        timers.set(float(seq * 7 % 10), late(seq))
    for seq in range(0, 100, 3):
        assert timers.take(seq) == (float(seq * 7 % 10), late(seq))
        assert timers.take(seq) is None
    timers.put_first(50, before=None)
    timers.put_first(52, before=77)
    shown = [seq_of(what) for _, what in timers.in_order()]
    assert shown[0] == 50
    assert shown.index(52) == shown.index(77) - 1
    assert len(shown) == len(timers) == 66
    copy = timers.copy()
    fired = []
    while (due := timers.pop_due(100.0)) is not None:
        fired.append(seq_of(due))
    assert fired == shown
    assert timers.next_ms is None
    assert [seq_of(what) for _, what in copy.in_order()] == shown
    copy.drop(lambda what: True)
    assert len(copy) == 0
    assert copy.next_ms is None
