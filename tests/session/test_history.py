"""History: what it keeps is bounded, and checkpoints are made whatever instances do."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest

from tests.session.playing import Play, plan, project
from tests.session.test_going_back import picture
from tests.session.test_lines import TABLE_CHANGES, stateful
from tests.session.test_stepping import refused, stepping, world
from workbench.project.model import Function, Project
from workbench.session import history
from workbench.session.commands import Jump, Kill, Restart, Run, SelfCheck, Send, StepBack
from workbench.session.history import History
from workbench.session.inputs import Deed, Entry
from workbench.session.options import Options


def kept(play: Play) -> History:
    found = play.session._travel.present.history
    assert found is not None
    return found


def test_who_waits_in_its_handle_init_keeps_nobody_from_going_back(tmp_path: Path) -> None:
    plans = (plan("a", "call desk x", desk="desk"), plan("b"))
    play = Play(
        project(tmp_path, *plans, stand_ins=("desk",)),
        Options(clock="virtual", watch=False, build=False, history=True),
    )
    try:
        play.settle()
        play.do(Send("b", b"sync x", repeat=3000))
        play.settle()
        assert kept(play).end - kept(play).checkpoints[-1].index < 2 * history.EVERY_INPUTS
        before = picture(play)
        play.do(StepBack())
        play.do(Jump(None))
        assert picture(play) == before
        assert play.do(SelfCheck()) is None
    finally:
        play.session.close()


def test_a_handler_that_never_ends_fills_no_memory(tmp_path: Path) -> None:
    with world(tmp_path, history=True) as play:
        play.post("a", "loop")
        play.until(lambda: play.instance("a").busy_ms > 100)
        entries = kept(play).end
        play.until(lambda: play.instance("a").busy_ms > 300)
        assert kept(play).end <= entries + 1
        play.until(lambda: play.notes() == ["runaway"])
        play.do(Kill("a"))
        play.cast("b", "sync b")
        assert play.do(SelfCheck()) is None


def test_without_a_checkpoint_for_long_nothing_is_kept_until_there_is_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(history, "MAX_FED", 600)
    monkeypatch.setattr(history, "MAX_ENTRIES_APART", 100)
    (tmp_path / "keeper.wasm").write_bytes(stateful(table=TABLE_CHANGES))
    function = Function("keeper", tmp_path, None, None, tmp_path / "keeper.wasm")
    project = Project(tmp_path, (tmp_path,), {"keeper": function}, (plan("k", function="keeper"),), ())
    play = Play(project, Options(clock="virtual", watch=False, build=False, history=True))
    try:
        play.settle()
        play.do(Send("k", b"x", repeat=500))
        play.settle()
        play.do(StepBack())
        play.do(Jump(None))
        play.do(Run())
        for _ in range(12):
            play.do(Send("k", b"x", repeat=1000))
            play.settle()
        assert len(kept(play).entries) < 400
        assert (stepping(play).horizon, stepping(play).checkpoint_bytes) == (None, 0)
        assert "does not come to rest" in stepping(play).horizon_why
        assert "does not come to rest" in refused(play, StepBack())
        play.do(Restart("k"))
        play.do(Run())
        play.until(lambda: stepping(play).horizon is not None)
        play.cast("k", "x")
        play.do(StepBack())
        assert stepping(play).past is not None
    finally:
        play.session.close()


def test_pages_that_only_a_later_checkpoint_holds_are_counted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history, "EVERY_S", 0)
    monkeypatch.setattr(history, "FED_S", 0)
    with world(tmp_path, history=True) as play:
        for number in range(12):
            play.cast("a", f"alloc 1\nspin 6\nsync {number}")
        full = kept(play)
        pages = {
            id(page)
            for checkpoint in full.checkpoints
            for being in checkpoint.instances().values()
            if being.snapshot is not None
            for page in being.snapshot.pages
        }
        assert 0.8 < 4096 * len(pages) / full.bytes <= 1
        while len(full.checkpoints) > 2:
            full._drop(1)
        assert full.bytes > 10 << 20


def test_a_guest_that_is_slow_to_be_fed_again_gets_all_of_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(history, "FED_S", 60.0)
    with world(tmp_path, history=True) as play:
        for number in range(40):
            play.post("a", f"sync {number}\nspin 1")
        play.cast("a", "count")
        mark, before = play.session.journal.end - 1, picture(play)
        play.cast("a", "count")
        play.do(Jump(mark))
        assert picture(play) == before


def test_payloads_in_the_history_and_its_checkpoints_are_bounded_by_bytes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(history, "MAX_ENTRY_BYTES", 20_000_000)
    monkeypatch.setattr(history, "MAX_BYTES", 40_000_000)
    with world(tmp_path, history=True) as play:
        most = 0
        for number in range(60):
            play.cast("b", f"log 3 {number} " + "x" * 1_000_000)
            most = max(most, sum(map(sent_bytes, kept(play).entries)))
        assert 5_000_000 < most <= 20_000_000
        assert kept(play).checkpoints
        before = picture(play)
        play.do(StepBack())
        play.do(Jump(None))
        assert picture(play) == before
        assert play.do(SelfCheck()) is None


def test_a_checkpoint_weighs_what_waits(tmp_path: Path) -> None:
    with world(tmp_path, history=True) as play:
        play.do(Kill("b"))
        for _ in range(20):
            play.cast("b", "x" * 100_000)
        found = kept(play)
        play.do(Send("a", b"sync x", repeat=16 * history.EVERY_INPUTS))  # so that there is a checkpoint for sure
        play.settle()
        assert sum(one.cost(before) for before, one in pairwise([None, *found.checkpoints]) if one) > 1_000_000
        assert found.checkpoints[-1].cost(found.checkpoints[-1]) < 100_000


def sent_bytes(entry: Entry) -> int:
    what = entry.input
    return len(what.command.payload) if isinstance(what, Deed) and isinstance(what.command, Send) else 0
