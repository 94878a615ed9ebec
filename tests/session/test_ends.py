"""Every message has one end: it was handled, dropped with a record, lost as on the platform, or it waits."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.session.conftest import Stage
from tests.session.laws import Laws
from tests.session.playing import Play, plan, project
from tests.session.test_properties import DESK, init, session, whole
from tests.session.test_random_play import Act, act, acts
from workbench.config import Settings
from workbench.config.settings import JournalBounds
from workbench.errors import UserError
from workbench.records import Call, Cast, Change, Handled, Log, Note, Sync, Timer
from workbench.session.commands import Delay, Hold, Kill, Pause, Restart, Run, Send, SetBreakpoint
from workbench.session.options import Options
from workbench.session.timers import seq_of


def waiting(play: Play) -> set[int]:
    """The numbers of what waits for an instance, also once the session is closed."""
    world = play.session._travel.live.world
    mailboxes = {event.seq for instance in world.instances() for event in instance.mailbox}
    timers = {seq for _, due in world.timers.in_order() if (seq := seq_of(due)) is not None}
    held = {one.seq for one in world.held.values() if one.what != "reply"}
    return mailboxes | timers | held


@settings(deadline=None, max_examples=30)
@given(
    st.tuples(init, init, init).map(list),
    acts,
    st.sampled_from((1, 2, 5)),
    st.sampled_from((300, 1000, 100_000)),
)
def test_each_message_has_one_end(
    init_payloads: list[str | None], acts: list[Act], mailbox: int, mailbox_bytes: int
) -> None:
    with session(init_payloads, mailbox=mailbox, mailbox_bytes=mailbox_bytes) as play:
        for what in acts:
            act(play, what)
    records = whole(play)
    ends = Laws(records).ends(frozenset({DESK}))
    sent = [one for one in records if isinstance(one, Cast | Call | Timer)]
    left = {one.seq for one in sent if one.seq not in ends}
    to_stand_ins = {one.seq for one in sent if ends.get(one.seq) == "handled" and one.seq in waiting(play)}
    assert left == waiting(play) - to_stand_ins
    counts = Counter(ends.values())
    assert len(sent) == counts["handled"] + counts["dropped"] + counts["lost"] + len(left)


def drops(play: Play) -> list[tuple[int, str | None, str | None]]:
    return [(one.event, one.instance, one.reason) for one in play.records(Change) if one.action == "dropped"]


def test_what_a_full_mailbox_refuses_is_written_down_and_counted_over_restarts(stage: Stage) -> None:
    play = stage(plan("a", out="b"), plan("b"), mailbox=2)
    play.do(Kill("b"))
    play.cast("a", "cast out x\ncast out y\ncast out z\ncast out w")
    casts = play.records(Cast)[1:]
    assert drops(play) == [(casts[2].seq, "b", "limit"), (casts[3].seq, "b", "limit")]
    assert play.instance("b").dropped == 2
    play.do(Restart("b"))
    play.settle()
    assert play.instance("b").dropped == 2


@pytest.mark.parametrize("kind", ["cast", "delayed"])
def test_big_messages_to_itself_are_bounded_by_bytes(stage: Stage, kind: str) -> None:
    play = stage(plan("a", out="a"), mailbox_bytes=10_000_000)
    play.cast("a", f"big {kind} 1000000\n" * 40)
    sent: list[Cast] | list[Timer] = play.records(Cast) if kind == "cast" else play.records(Timer)
    messages = [one for one in sent if len(one.payload) == 1_000_000]
    assert len(messages) == 40
    gone = {event for event, _, reason in drops(play) if reason == "limit"}
    assert gone == {one.seq for one in messages[9:]}
    assert len([one for one in play.records(Note, "a") if one.code == "runaway"]) == 1


def test_a_message_larger_than_the_mailbox_comes_when_it_is_the_only_one(stage: Stage) -> None:
    play = stage(plan("a"), mailbox_bytes=1000)
    play.cast("a", "log 3 x\n" * 500)
    assert len(play.said("a")) == 500


def test_what_is_held_and_calls_at_a_stand_in_are_bounded_by_bytes(stage: Stage) -> None:
    play = stage(plan("a"), stand_ins=("desk",), mailbox_bytes=5_000_000)
    for _ in range(8):
        play.call("desk", b"x" * 1_000_000)
    assert len(play.session.view().pending_calls) == 4
    assert [reason for _, _, reason in drops(play)] == ["limit"] * 4
    play.do(SetBreakpoint("to:a", hold=True))
    for _ in range(8):
        play.cast("a", "log 3 " + "x" * 1_000_000)
    assert [name for _, name, _ in drops(play)] == ["desk"] * 4 + ["a"] * 4


def test_what_is_sent_by_hand_again_and_again_waits_for_room_in_bytes(stage: Stage) -> None:
    play = stage(plan("a"), mailbox_bytes=5_000_000)
    play.do(Send("a", b"log 3 " + b"x" * 1_000_000, repeat=30))
    play.settle()
    assert drops(play) == []
    assert len(play.said("a")) == 30


def test_a_message_whose_target_is_gone_when_its_time_comes_is_written_down(stage: Stage) -> None:
    play = stage(plan("a", out="b"), plan("b"), paused=False)
    play.do(Kill("b"))
    seq = play.cast("b", "log 3 late")
    play.do(Hold(seq))
    assert play.session.view().stepping.queue[0].alias is None
    play.session._engine.post(lambda: play.session._travel.live.world.remove("b"))
    play.do(Delay(seq, 5))
    play.settle()
    assert drops(play) == [(seq, "b", "gone")]
    assert not [one for one in play.records(Handled) if one.event == seq]


def test_what_waits_to_be_sent_by_hand_is_bounded_by_bytes(stage: Stage) -> None:
    play = stage(plan("a"), mailbox_bytes=5_000_000)
    play.do(Pause())
    sent = [play.session.submit(Send("a", b"log 3 " + b"x" * 1_000_000)) for _ in range(4)]
    for future in sent:
        future.result(20)
    for number in range(4, 20):
        future = play.session.submit(Send("a", b"log 3 " + b"x" * 1_000_000))
        play.session.wait_idle(20)
        if number >= 8:
            with pytest.raises(UserError, match="wait to be sent already"):
                future.result(20)
    play.do(Run())
    play.settle()
    assert len(play.said("a")) == 8
    assert drops(play) == []


def test_a_log_line_too_long_for_the_journal_is_cut_with_a_note(tmp_path: Path) -> None:
    bounds = Settings(journal=JournalBounds(bytes=4 << 20))
    given = project(tmp_path, plan("a", out="b"), plan("b"))
    play = Play(given, Options(clock="virtual", watch=False, build=False), bounds)
    try:
        play.settle()
        play.cast("a", "big log 3000000\nbig sync 3000000")
        [said] = play.said("a")
        assert said.endswith("x... [cut here: 3,000,000 bytes in all]")
        [sync] = play.records(Sync, "a")
        assert sync.state.endswith("x... [cut here: 3,000,000 characters in all]")
        assert play.instance("a").synced == "x" * 3_000_000
        notes = {note.parent: note.code for note in play.records(Note) if note.code == "too-long"}
        assert notes == {sync.seq: "too-long", play.records(Log, "a")[0].seq: "too-long"}
        seq = play.cast("b", "log 3 hello\n" + "\n" * 3_000_000)
        assert play.said("b") == ["hello"]
        cast = play.session.journal.get(seq)
        assert isinstance(cast, Cast)
        assert b"[cut here: 3,000,012 bytes in all]" in cast.payload
        assert play.session.journal.bytes <= 4 << 20
    finally:
        play.session.close()
