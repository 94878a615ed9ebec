"""New code and the past: it waits in the present, or is put in at a moment, and what came from outside comes again."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

from tests.guests.build import wasm
from tests.session.playing import Play, plan
from tests.session.test_going_back import picture
from tests.session.test_lines import stateful
from tests.session.test_stepping import stepping
from tests.session.test_waiting import synced
from workbench.config import Settings
from workbench.project.model import Function, Project, StandInPlan
from workbench.records import Cast, Handled, Reload, Start
from workbench.session.commands import Answer, Jump, Pause, Rebuild, Rerun, Rule, Run, SelfCheck, Send, SwitchLine
from workbench.session.options import Options


@contextmanager
def exchangeable(root: Path, code: bytes, settings: Settings | None = None) -> Iterator[Play]:
    """One instance, `a`, of a function whose wasm can be exchanged, and a stand-in."""
    (root / "f.wasm").write_bytes(code)
    function = Function("f", root, None, None, root / "f.wasm")
    project = Project(root, (root,), {"f": function}, (plan("a", function="f", out="desk"),), (StandInPlan("desk"),))
    play = Play(project, Options(clock="virtual", watch=False, build=False, history=True), settings)
    play.settle()
    try:
        yield play
    finally:
        play.session.close()


def exchange(play: Play, root: Path, code: bytes) -> None:
    (root / "f.new").write_bytes(code)
    shutil.move(root / "f.new", root / "f.wasm")
    play.do(Rebuild())
    play.settle()


def test_a_reload_while_in_the_past_waits_in_the_present(tmp_path: Path) -> None:
    with exchangeable(tmp_path, stateful(1)) as play:
        play.cast("a", "x")
        mark = play.cast("a", "x")
        play.cast("a", "x")
        play.do(Jump(mark))
        exchange(play, tmp_path, stateful(2))
        play.until(lambda: stepping(play).past is not None and stepping(play).past.news == ("f",))  # type: ignore[union-attr]
        assert play.records(Reload) == []
        play.do(Run())
        play.settle()
        assert stepping(play).line == 2
        assert [one.outcome for one in play.records(Reload)] == ["swapped"]
        play.do(SwitchLine(1))
        play.do(Run())
        play.settle()
        assert [one.outcome for one in play.records(Reload)] == ["swapped"], "the old line takes it once it goes on"


def test_a_line_one_returns_to_takes_the_code_that_came_meanwhile(tmp_path: Path) -> None:
    with exchangeable(tmp_path, stateful(1)) as play:
        mark = play.cast("a", "x")
        play.cast("a", "x")
        play.do(Jump(mark))
        play.do(Run())
        play.settle()
        exchange(play, tmp_path, stateful(2))
        assert [one.outcome for one in play.records(Reload)] == ["swapped"]
        play.do(SwitchLine(1))
        play.do(Run())
        play.settle()
        assert [one.outcome for one in play.records(Reload)] == ["swapped"]
        assert play.do(SelfCheck()) is None


def test_the_same_events_run_through_the_new_code_from_the_beginning(tmp_path: Path) -> None:
    with exchangeable(tmp_path, stateful(1)) as play:
        for _ in range(3):
            play.cast("a", "x")
        play.do(Send("a", b"x", delay_ms=500))
        play.settle()
        assert synced(play) == ["1", "2", "3", "4"]
        exchange(play, tmp_path, stateful(2))
        play.do(Rerun())
        play.settle()
        assert synced(play) == ["2", "4", "6", "8"]
        assert len(play.records(Start)) == 1
        assert play.session.view().t_ms == 500
        assert [one.number for one in stepping(play).lines] == [1, 2]


def test_new_code_from_a_moment_on(tmp_path: Path) -> None:
    with exchangeable(tmp_path, stateful(1)) as play:
        play.cast("a", "x")
        play.cast("a", "x")
        mark = play.session.journal.end - 1
        play.cast("a", "x")
        exchange(play, tmp_path, stateful(2))
        play.do(Rerun(mark))
        play.settle()
        assert synced(play) == ["1", "2", "2"], "new code begins with the synced state, which this one does not read"
        assert len(play.records(Cast)) == 3


def test_answers_by_hand_are_given_again_to_the_call_that_waits(tmp_path: Path) -> None:
    with exchangeable(tmp_path, wasm("probe", "release").read_bytes()) as play:
        play.cast("a", "call out x")
        [call] = play.session.view().pending_calls
        play.do(Answer(call.seq, "reply", b"by hand"))
        play.settle()
        assert play.said("a") == ["reply by hand"]
        play.do(Rerun())
        play.settle()
        assert play.said("a") == ["reply by hand"]
        assert all(one.outcome == "ok" for one in play.records(Handled))


def test_run_again_twice_and_gone_back_in_it(tmp_path: Path) -> None:
    with exchangeable(tmp_path, wasm("probe", "release").read_bytes()) as play:
        play.cast("a", "call out x")
        [call] = play.session.view().pending_calls
        play.do(Answer(call.seq, "reply", b"by hand"))
        play.settle()
        play.do(Rule("out", "reply", b"by rule"))
        play.do(Send("a", b"call out y", delay_ms=5, repeat=3, every_ms=7))
        play.settle()
        said = play.said("a")
        assert len(said) == 4
        for number in (2, 3):
            play.do(Pause())
            play.do(Rerun())
            play.settle()
            assert (play.said("a"), stepping(play).line) == (said, number)
            assert play.do(SelfCheck()) is None
            end = picture(play)
            for seq in range(0, play.session.journal.end, 3):
                play.do(Jump(seq))
            play.do(Jump(None))
            assert picture(play) == end
        assert play.session.view().clock == "virtual"


def test_new_code_is_put_in_although_its_coming_is_further_back_than_is_kept(tmp_path: Path) -> None:
    settings = Settings()
    bounded = replace(settings, journal=replace(settings.journal, records=2048))
    with exchangeable(tmp_path, stateful(1), bounded) as play:
        play.do(Send("a", b"x", repeat=3000))
        play.settle()
        assert (stepping(play).horizon or 0) > 0
        assert play.do(SelfCheck()) is None
        exchange(play, tmp_path, stateful(2))
        play.do(Rerun())
        play.settle()
        states = [int(one) for one in synced(play)]
        assert all(later == (earlier + 2) % 10 for earlier, later in pairwise(states[-500:]))
