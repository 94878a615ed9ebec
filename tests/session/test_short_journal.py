"""What waits knows all about itself, also once the journal has dropped the record it was sent with."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.session.playing import Play, plan, project
from workbench.config import Settings
from workbench.config.settings import JournalBounds
from workbench.records import Change, Note
from workbench.session.commands import Answer, Drop, Duplicate, Edit, Hold, Pause, Redirect, Run, SetBreakpoint
from workbench.session.options import Options
from workbench.session.view import Queued

KEPT = 64


@contextmanager
def short(root: Path, **options: bool) -> Iterator[Play]:
    """Two probes, `a` with the output `out` to `b`, and a journal that has dropped what was before `fill`."""
    plans = (plan("a", out="b", desk="desk"), plan("b"))
    play = Play(
        project(root, *plans, stand_ins=("desk",)),
        Options(clock="virtual", watch=False, build=False, **options),  # type: ignore[arg-type]
        Settings(journal=JournalBounds(records=KEPT)),
    )
    try:
        play.settle()
        yield play
    finally:
        play.session.close()


def fill(play: Play) -> None:
    """Let the journal drop all there is: messages to nobody who handles them now."""
    for _ in range(2 * KEPT):
        play.post("desk", "x")


def waiting(play: Play, seq: int) -> Queued:
    return next(one for one in play.session.view().stepping.queue if one.seq == seq)


def held_from_a(play: Play) -> int:
    """The number of a cast of `a` that waits in the mailbox of `b`, and that the journal has dropped."""
    play.do(SetBreakpoint("kind:cast from:a", hold=True))
    play.cast("a", "cast out log 3 hello")
    [held] = play.session.view().stepping.queue
    play.do(Pause())
    fill(play)
    assert play.session.journal.get(held.seq) is None
    return held.seq


def test_a_breakpoint_before_an_event_stops_though_its_record_is_gone(tmp_path: Path) -> None:
    with short(tmp_path) as play:
        play.do(Pause())
        seq = play.post("b", "log 3 hello")
        fill(play)
        assert play.session.journal.get(seq) is None
        play.do(SetBreakpoint("to:b hello", at="begins"))
        play.do(Run())
        play.until(lambda: play.session.view().stepping.mode == "paused")
        assert play.session.view().stepping.at == seq
        assert play.said("b") == []


@pytest.mark.parametrize("query", ["to:b", "goodbye"])
def test_a_breakpoint_before_an_event_sees_what_it_says_and_where_it_goes_now(tmp_path: Path, query: str) -> None:
    with short(tmp_path) as play:
        play.do(Pause())
        seq = play.post("a", "log 3 hello")
        play.do(Edit(seq, b"log 3 goodbye"))
        play.do(Redirect(seq, "b"))
        play.do(SetBreakpoint(query, at="begins"))
        play.do(Run())
        play.until(lambda: play.session.view().stepping.mode == "paused")
        assert play.session.view().stepping.at == seq


def test_what_waits_keeps_its_output_and_whose_it_is(tmp_path: Path) -> None:
    with short(tmp_path) as play:
        seq = held_from_a(play)
        assert waiting(play, seq).alias == "out"
        play.do(Redirect(seq, "a"))
        play.do(Redirect(seq, "b"))
        assert waiting(play, seq).alias == "out"
        copy = play.do(Duplicate(seq))
        assert isinstance(copy, int)
        assert waiting(play, copy).alias == "out"
        play.do(Drop(seq))
        change = play.records(Change)[-1]
        assert (change.event, change.action, change.instance, change.reason) == (seq, "dropped", "b", None)


def test_a_message_in_a_mailbox_is_held_by_its_output(tmp_path: Path) -> None:
    with short(tmp_path) as play:
        play.do(SetBreakpoint("kind:cast from:a", at="written"))
        play.post("a", "cast out log 3 hello")
        play.until(lambda: play.session.view().stepping.mode == "paused")
        at = play.session.view().stepping.at
        assert at is not None
        fill(play)
        assert play.session.journal.get(at) is None
        play.do(Hold(at))
        assert (waiting(play, at).kind, waiting(play, at).alias) == ("held", "out")
        assert play.records(Change)[-1].instance == "b"


def test_a_breakpoint_on_how_long_a_call_took_knows_when_it_was_made(tmp_path: Path) -> None:
    with short(tmp_path) as play:
        play.cast("a", "call desk x\ndelayed 500 self log 3 x")
        [call] = play.session.view().pending_calls
        play.do(SetBreakpoint("kind:reply duration<1h"))
        fill(play)
        assert play.session.journal.get(call.seq) is None
        play.do(Answer(call.seq, "reply", b"yes"))
        play.until(lambda: play.session.view().stepping.mode == "paused")


def test_notes_are_remembered_in_bounds(tmp_path: Path) -> None:
    with short(tmp_path) as play:
        for begin in range(0, 3000, 500):
            play.cast("a", "\n".join(f"cast {'n' * 500}{number} x" for number in range(begin, begin + 500)))
        noted = play.session._travel.live.world.actors["a"].noted._keys
        assert len(noted) <= 1000
        assert all(len(key) <= 200 for _, key in noted)
        assert play.records(Note)
