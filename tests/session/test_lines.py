"""Lines: going on from the past leaves the old line as it was; new code can be put in at any moment of it."""

from __future__ import annotations

from pathlib import Path

import pytest
import wasmtime

from tests.session.playing import Play, plan
from tests.session.test_going_back import picture
from tests.session.test_stepping import refused, step, stepping, world
from tests.session.test_waiting import synced
from workbench.errors import UserError
from workbench.project.model import Function, Project
from workbench.records import Log, Sync
from workbench.session.commands import (
    Advance,
    Edit,
    Jump,
    Kill,
    Pause,
    Redirect,
    Run,
    SelfCheck,
    Send,
    SetBreakpoint,
    SetClock,
    Step,
    StepBack,
    SwitchLine,
    Until,
)
from workbench.session.options import Options


def back(play: Play, events: int = 1) -> None:
    play.do(StepBack(events))


def told(play: Play) -> list[object]:
    """The journal without how long things took."""
    return [
        (one.kind, one.seq, one.t, one.instance, one.parent, getattr(one, "payload", None), getattr(one, "state", None))
        for one in play.session.journal.iterate()
    ]


def test_back_and_forth_by_single_events(tmp_path: Path) -> None:
    with world(tmp_path, history=True) as play:
        for number in range(4):
            play.cast("a", f"sync {number}\ncall out reply {number}")
        present = picture(play)
        moments = []
        for _ in range(9):
            back(play)
            moments.append(picture(play))
            play.do(Step())
            back(play)
            assert picture(play) == moments[-1]
        assert len({str(moment) for moment in moments}) == 9
        while stepping(play).past is not None:
            play.do(Step())
        assert picture(play) == present


def test_going_on_from_the_past_is_a_line_of_its_own_and_the_old_one_is_kept(tmp_path: Path) -> None:
    with world(tmp_path, history=True) as play:
        play.cast("a", "sync one")
        event = play.cast("b", "sync two")
        old = told(play)
        end = picture(play)
        play.do(Jump(event))
        assert play.instance("b").mailbox == 1
        play.do(Edit(event, b"sync other"))
        play.do(Run())
        play.settle()
        assert synced(play) == ["one", "other"]
        assert [(one.number, one.parent, one.forked_at) for one in stepping(play).lines] == [
            (1, None, None),
            (2, 1, event),
        ]
        play.do(SwitchLine(1))
        assert told(play) == old
        assert picture(play) == end
        play.do(Run())
        play.cast("c", "sync goes on")
        assert synced(play) == ["one", "two", "goes on"]
        play.do(SwitchLine(2))
        assert synced(play) == ["one", "other"]
        assert "no line 9" in refused(play, SwitchLine(9))


def test_what_is_to_be_held_back_is_so_on_a_line_one_returns_to(tmp_path: Path) -> None:
    with world(tmp_path, history=True) as play:
        event = play.cast("a", "sync one")
        play.cast("b", "sync two")
        play.do(Jump(event))
        play.do(Run())
        play.settle()
        play.do(SetBreakpoint("to:c", hold=True))
        play.do(SwitchLine(1))
        play.do(Run())
        play.cast("c", "sync never")
        assert synced(play) == ["one", "two"]
        assert [one.kind for one in stepping(play).queue] == ["held"]


def test_before_the_panic_edit_the_message_and_go_on(tmp_path: Path) -> None:
    with world(tmp_path, history=True) as play:
        play.cast("a", "sync fine")
        fatal = play.cast("a", "panic oh")
        assert play.instance("a").status == "trapped"
        back(play)
        assert play.instance("a").status == "idle"
        play.do(Edit(fatal, b"sync mended"))
        step(play)
        assert (play.instance("a").status, synced(play)) == ("idle", ["fine", "mended"])


@pytest.mark.parametrize("command", [Send("a", b"sync x"), Kill("a"), Step(instance="b")])
def test_whatever_is_done_in_the_past_goes_on_from_there(tmp_path: Path, command: object) -> None:
    with world(tmp_path, history=True) as play:
        play.do(Pause())
        play.post("b", "sync 1")
        end = play.post("desk", "mark")
        play.do(Run())
        play.settle()
        play.do(Jump(end))
        play.do(command)  # type: ignore[arg-type]
        assert stepping(play).line == 2
        assert stepping(play).past is None


@pytest.mark.parametrize("command", [Send("nobody", b"x"), Step(instance="c"), Run(Until(t_ms=0)), Edit(0, b"")])
def test_what_is_refused_in_the_past_leaves_it_as_it_is(tmp_path: Path, command: object) -> None:
    with world(tmp_path, history=True) as play:
        mark = play.cast("a", "sync 1")
        play.cast("a", "sync 2")
        end = picture(play)
        play.do(Jump(mark))
        there = picture(play)
        refused(play, command)
        assert picture(play) == there
        assert ([one.number for one in stepping(play).lines], stepping(play).line) == ([1], 1)
        play.do(Jump(None))
        assert picture(play) == end
        play.do(Run())
        play.cast("a", "count")


def test_the_state_that_is_kept_is_that_of_the_line_one_goes_on(tmp_path: Path) -> None:
    with world(tmp_path, history=True, state_directory=tmp_path / "states") as play:
        event = play.cast("a", "sync old")
        play.do(Jump(event))
        play.do(Edit(event, b"sync new"))
        play.do(Run())
        play.settle()
    assert (tmp_path / "states" / "a.state").read_text() == "new"


def test_who_sent_what_is_not_sent_any_more_hears_of_it(tmp_path: Path) -> None:
    with world(tmp_path, history=True) as play:
        mark = play.cast("a", "sync 1")
        play.cast("b", "sync 2")
        play.do(SetClock("frozen"))
        late = play.session.submit(Send("a", b"sync 3", delay_ms=50))
        later = play.session.submit(Send("desk", b"mark"))
        assert later.result(5) is not None
        play.do(StepBack())
        play.do(Jump(mark))
        play.do(Send("b", b"sync 4"))
        with pytest.raises(UserError, match="not sent"):
            late.result(5)
        play.do(Pause())
        lasting = play.session.submit(Send("a", b"sync 5", delay_ms=50))
        end = play.post("desk", "mark")
        play.post("desk", "mark")
        play.do(Jump(end))
        play.do(Run())
        play.do(Advance())
        assert isinstance(lasting.result(5), int)


def test_looking_at_the_past_changes_nothing(tmp_path: Path) -> None:
    with world(tmp_path, history=True) as play:
        for number in range(5):
            play.cast("a", f"sync {number}\ndelayed 10 out sync later")
        before, records = picture(play), told(play)
        for seq in range(0, play.session.journal.end, 3):
            play.do(Jump(seq))
        play.do(Jump(None))
        assert (picture(play), told(play)) == (before, records)
        play.do(Run())
        play.cast("a", "count")
        assert play.do(SelfCheck()) is None


def test_every_record_can_be_jumped_to_also_in_the_middle_of_a_handler(tmp_path: Path) -> None:
    with world(tmp_path, history=True) as play:
        event = play.post("a", "log 3 x\nsync 1\ncast out sync b\ncall out reply r\nlog 3 y\nsync 2")
        play.settle()
        for seq in range(event, play.session.journal.end - 1):
            play.do(Jump(seq))
            world_ = play.session._travel.shown
            assert seq <= world_.journal.end - 1 <= seq + 1, "a reply and the end of its handling come together"
            for name in ("a", "b"):
                shown = [
                    one.state for one in world_.journal.iterate() if isinstance(one, Sync) and one.instance == name
                ]
                state = world_.world.actors[name].state  # type: ignore[union-attr]
                assert state == (shown[-1] if shown else None)


def test_beyond_what_is_kept_there_is_no_going_back(tmp_path: Path) -> None:
    with world(tmp_path, history=True) as play:
        assert "this is the beginning" in refused(play, StepBack(50))
        assert "there is no #9999 yet" in refused(play, Jump(9999))
        play.cast("a", "sync 1")
    with world(tmp_path) as play:
        assert "not kept" in refused(play, StepBack())


def test_timers_and_held_messages_are_as_they_were(tmp_path: Path) -> None:
    with world(tmp_path, history=True) as play:
        play.do(SetClock("frozen"))
        play.do(SetBreakpoint("to:b", hold=True))
        play.cast("a", "delayed 100 self sync t\ncast out x")
        mark = play.post("desk", "mark")
        play.settle()
        before = picture(play)
        play.cast("a", "delayed 5 self sync u\ncast out y")
        play.do(Jump(mark))
        assert picture(play) == before
        assert [one.kind for one in stepping(play).queue] == ["timer", "held"]


def test_a_handler_cut_into_slices_comes_out_the_same_again(tmp_path: Path) -> None:
    with world(tmp_path, history=True) as play:
        busy = "log 3 begin\nspin 4\nlog 3 middle\nspin 4\ncast out sync done"
        for _ in range(3):
            play.post("a", busy)
            play.post("b", "sync between")
        play.settle()
        assert play.said("a").count("middle") == 3, "the probe knows how to spin"
        assert play.do(SelfCheck()) is None
        for seq in range(6, play.session.journal.end, 5):
            play.do(Jump(seq))


def test_an_endless_handler_can_be_left_and_returned_to(tmp_path: Path) -> None:
    with world(tmp_path, history=True) as play:
        mark = play.cast("desk", "before")
        play.post("a", "log 3 begins\nloop")
        play.until(lambda: play.said("a") == ["begins"])
        play.do(Jump(mark))
        assert play.instance("a").status == "idle"
        play.do(Jump(None))
        assert play.instance("a").status == "running"
        play.do(Kill("a"))
        play.do(Jump(mark))
        play.do(Jump(None))
        assert play.instance("a").status == "killed"


_STATEFUL = """(module
  (import "env" "telemetry_log_asm" (func $log (param i32 i32 i32 i32 i32)))
  (import "env" "sync_asm" (func $sync (param i32 i32)))
  (memory (export "memory") 1)
  (global $count (mut i32) (i32.const 48))
  (table $table 2 funcref)
  (elem declare func $one)
  (data (i32.const 100) "0")
  (func $one)
  (func (export "edgeless_mem_alloc") (param i32) (result i32) (i32.const 1024))
  (func (export "edgeless_mem_free") (param i32 i32))
  (func (export "edgeless_mem_clear"))
  (func (export "handle_init_asm") (param i32 i32 i32 i32))
  (func (export "handle_stop_asm"))
  (func (export "handle_call_asm") (param i32 i32 i32 i32 i32 i32) (result i32) (i32.const 0))
  (func (export "handle_cast_asm") (param i32 i32 i32 i32)
    (global.set $count (i32.add (i32.const 48)
      (i32.rem_u (i32.add (i32.sub (global.get $count) (i32.const 48)) (i32.const BY)) (i32.const 10))))
    TABLE
    (i32.store8 (i32.const 100) (global.get $count))
    (call $sync (i32.const 100) (i32.const 1))))
"""

TABLE_CHANGES = "(table.set $table (i32.const 0) (ref.func $one))"


def stateful(by: int = 1, table: str = "") -> bytes:
    """A function that syncs how many casts it had, `by` at a time, modulo ten; the count is in a global."""
    return bytes(wasmtime.wat2wasm(_STATEFUL.replace("BY", str(by)).replace("TABLE", table)))


@pytest.mark.parametrize("table", ["", TABLE_CHANGES])
def test_globals_and_tables_are_as_they_were(tmp_path: Path, table: str) -> None:
    (tmp_path / "keeper.wasm").write_bytes(stateful(table=table))
    function = Function("keeper", tmp_path, None, None, tmp_path / "keeper.wasm")
    project = Project(tmp_path, (tmp_path,), {"keeper": function}, (plan("k", function="keeper"),), ())
    play = Play(project, Options(clock="virtual", watch=False, build=False, history=True))
    try:
        play.settle()
        for _ in range(6):
            play.cast("k", "x")
        assert synced(play)[-1] == "6"
        back(play, 3)
        play.cast("k", "y")
        play.do(Run())
        play.settle()
        assert synced(play)[-1] == "5"
        assert play.do(SelfCheck()) is None
    finally:
        play.session.close()


def test_a_step_back_over_a_message_that_was_redirected_goes_to_where_it_began(tmp_path: Path) -> None:
    with world(tmp_path, history=True) as play:
        play.do(Pause())
        seq = play.post("a", "log 3 one\nlog 3 two")
        play.do(Redirect(seq, "b"))
        play.do(Run())
        play.settle()
        assert play.said("b") == ["one", "two"]
        back(play)
        past = play.session.view().stepping.past
        assert past is not None
        assert past.seq < play.records(Log, "b")[0].seq
