"""Time goes back and on again while resources are real: nothing goes out twice that was not asked for twice."""

from __future__ import annotations

import sqlite3
import threading
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from tests.session.test_outside import DATABASE, DOOR, INSERT, LOG, PUSHER, SELECT, files, opened
from tests.session.test_stepping import refused, stepping
from workbench.records import Call, Cast
from workbench.session.commands import (
    Answer,
    Edit,
    Jump,
    Pause,
    Rerun,
    Run,
    SelfCheck,
    SetClock,
    SetResource,
    Spawn,
    SwitchLine,
)

COUNT = "INSERT INTO WorkflowState (id, metadata) VALUES (hex(randomblob(8)), '{}')"


def rows(root: Path) -> int:
    with sqlite3.connect(files(root) / "state.db") as database:
        (count,) = database.execute("SELECT count(*) FROM WorkflowState").fetchone()
        return int(count)


# ---- going on from a moment between a call and its answer


def test_a_call_that_was_answered_is_answered_the_same_and_not_made_again(tmp_path: Path) -> None:
    with opened(tmp_path, DATABASE) as play:
        play.cast("a", f"call db {COUNT}")
        [call] = play.records(Call)
        said = play.said("a")
        play.do(Jump(call.seq))
        play.do(Run())
        play.settle()
        assert stepping(play).line == 2
        assert play.said("a") == said
        assert rows(tmp_path) == 1
        play.do(Jump(call.seq))
        play.do(Run())
        play.settle()
        play.do(SwitchLine(1))
        play.do(Run())
        play.cast("a", f"call db {COUNT}")
        assert rows(tmp_path) == 2
        assert play.do(SelfCheck()) is None


def test_a_call_that_is_under_way_is_answered_on_the_line_that_goes_on(tmp_path: Path) -> None:
    with opened(tmp_path, DATABASE) as play, sqlite3.connect(files(tmp_path) / "state.db") as other:
        play.cast("a", f"call db {COUNT}")
        other.execute("BEGIN IMMEDIATE")
        play.post("a", f"call db {COUNT}")
        play.until(lambda: len(play.records(Call)) == 2)
        play.do(Pause())
        call = play.records(Call)[-1]
        play.do(Jump(call.seq))
        play.do(Run())
        other.rollback()
        play.settle()
        assert len(play.said("a")) == 2
        assert rows(tmp_path) == 2


def test_a_call_that_waited_at_a_stand_in_then_goes_to_the_resource_that_runs_now(tmp_path: Path) -> None:
    with opened(tmp_path, DATABASE) as play:
        play.do(SetResource("db", False))
        play.cast("a", f"call db {INSERT}")
        [call] = play.records(Call)
        play.do(Answer(call.seq, "reply", b"by hand"))
        play.settle()
        play.do(SetResource("db", True))
        play.do(Jump(call.seq))
        play.do(Run())
        play.settle()
        assert play.said("a")[0].startswith("reply rows_affected: 1")


def test_what_is_refused_in_the_past_reaches_nobody_outside(tmp_path: Path) -> None:
    with opened(tmp_path, DATABASE) as play:
        play.do(SetResource("db", False))
        play.cast("a", f"call db {COUNT}")
        [call] = play.records(Call)
        play.do(Answer(call.seq, "err"))
        play.do(SetResource("db", True))
        play.do(Jump(call.seq))
        refused(play, Spawn("nobody"))
        play.do(Jump(None))
        play.settle()
        assert stepping(play).line == 1
    assert not (files(tmp_path) / "state.db").exists() or rows(tmp_path) == 0


def test_who_asked_from_outside_on_a_line_that_is_left_gets_an_answer(tmp_path: Path) -> None:
    with opened(tmp_path, DOOR, LOG, http_port=0) as play:
        first = play.cast("a", "info before")
        play.do(SetResource("log", False))
        play.until(lambda: play.instance("door").health == "ready")
        statuses: list[int] = []
        thread = threading.Thread(target=lambda: statuses.append(_status(play.instance("door").health_words)))
        play.do(Pause())
        thread.start()
        play.until(lambda: bool([one for one in play.records(Call) if one.source == "door"]))
        play.do(Jump(first))
        play.do(Run())
        thread.join(10.0)
        assert statuses == [404]


def _status(address: str) -> int:
    try:
        with urllib.request.urlopen(address, timeout=10.0) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


# ---- going on from a moment before things were done outside


def test_what_was_done_outside_is_not_done_again_while_the_same_is_sent(tmp_path: Path) -> None:
    with opened(tmp_path, LOG, DATABASE) as play:
        first = play.cast("a", "delayed 10 self cast log one")
        play.cast("a", f"delayed 30 self call db {COUNT}")
        play.cast("a", "delayed 50 self cast log two")
        play.settle()
        said = play.said("a")
        for _ in range(2):
            play.do(Jump(first))
            play.post("a", f"delayed 30 self call db {COUNT}")
            play.do(Run())
            play.settle()
            assert play.said("a") == said
            assert play.notes() == ["resource", "resource"]
        assert [cast.payload for cast in play.records(Cast) if cast.target == "log"] == [b"one"]
        assert play.do(SelfCheck()) is None
    assert (files(tmp_path) / "out.log").read_text().split() == ["one", "two"]
    assert rows(tmp_path) == 1


def test_once_something_else_is_sent_all_is_done(tmp_path: Path) -> None:
    with opened(tmp_path, LOG) as play:
        play.cast("a", "delayed 10 self cast log one")
        last = play.cast("a", "delayed 30 self cast log two")
        play.settle()
        play.do(Jump(last))
        play.post("a", "delayed 20 self cast log between")
        play.do(Run())
        play.settle()
    assert (files(tmp_path) / "out.log").read_text().split() == ["one", "two", "between", "two"]


def test_what_went_to_a_stand_in_then_is_done_now_that_it_is_real(tmp_path: Path) -> None:
    with opened(tmp_path, LOG) as play:
        play.do(SetResource("log", False))
        first = play.cast("a", "delayed 10 self cast log one")
        play.settle()
        play.do(SetResource("log", True))
        play.cast("a", "cast log two")
        play.do(Jump(first))
        play.do(SetResource("log", True))
        play.do(Run())
        play.settle()
    assert (files(tmp_path) / "out.log").read_text().split() == ["two", "one"]


# ---- again, through the newest code


@pytest.mark.conformance("outside")
def test_a_rerun_does_nothing_outside_and_answers_what_was_answered(tmp_path: Path) -> None:
    with opened(tmp_path, DATABASE, LOG) as play:
        play.cast("a", f"cast log one\ncall db {COUNT}\ncast log two")
        play.cast("a", f"call db {COUNT}")
        play.cast("a", "call log three")
        said = play.said("a")
        assert len(said) == 3
        for _ in range(2):
            play.do(Rerun())
            play.settle()
            assert play.said("a") == said
            assert play.instance("db").real
            assert play.instance("log").real
            assert play.do(SelfCheck()) is None
        assert rows(tmp_path) == 2
        play.cast("a", f"cast log four\ncall db {COUNT}")
        assert rows(tmp_path) == 3
    assert (files(tmp_path) / "out.log").read_text().split() == ["one", "two", "three", "four"]


def test_a_call_that_was_not_made_then_waits_for_the_developer(tmp_path: Path) -> None:
    with opened(tmp_path, DATABASE, LOG) as play:
        play.do(Pause())
        seq = play.post("a", f"call db {COUNT}")
        play.do(Edit(seq, b"cast log other"))
        play.do(Run())
        play.settle()
        play.do(Rerun())  # edits belong to their line
        play.settle()
        [call] = play.session.view().pending_calls
        assert (call.target, play.instance("db").real) == ("db", False)
        assert play.instance("log").real
        assert not (files(tmp_path) / "state.db").exists()
        play.do(SetResource("db", True))
        play.settle()
        assert play.said("a")[0].startswith("reply rows_affected: 1")
        assert play.do(SelfCheck()) is None
    assert (files(tmp_path) / "out.log").read_text().split() == ["other"]


def test_a_rerun_knows_when_a_resource_was_played_and_when_it_was_real(tmp_path: Path) -> None:
    with opened(tmp_path, DATABASE) as play:
        play.do(SetResource("db", False))
        play.cast("a", "call db by hand")
        [call] = play.session.view().pending_calls
        play.do(Answer(call.seq, "reply", b"played"))
        play.settle()
        play.do(SetResource("db", True))
        play.cast("a", f"call db {COUNT}")
        said = play.said("a")
        play.do(Rerun())
        play.settle()
        assert play.said("a") == said
        assert play.instance("db").real
        play.do(SetResource("db", False))
        play.do(Rerun())
        play.settle()
        assert (play.said("a"), play.instance("db").real) == (said, False), "in the end it is what it is now"
    assert rows(tmp_path) == 1


def test_a_rerun_from_a_moment_answers_the_call_that_waited_then(tmp_path: Path) -> None:
    with opened(tmp_path, DATABASE) as play:
        play.cast("a", f"call db {COUNT}")
        [call] = play.records(Call)
        play.cast("a", f"call db {SELECT}")
        said = play.said("a")
        play.do(Rerun(call.seq))
        play.settle()
        assert play.said("a") == said
        assert rows(tmp_path) == 1


def test_what_came_from_outside_comes_again(tmp_path: Path) -> None:
    (files(tmp_path) / "pushed").mkdir(parents=True)
    (files(tmp_path) / "pushed" / "one").write_text("info pushed")
    with opened(tmp_path, PUSHER, {**DOOR, "configurations": {"async": "true"}}, LOG, http_port=0) as play:
        play.do(SetClock("real"))
        play.until(lambda: play.said("a").count("pushed") > 2)
        play.do(SetResource("pusher", False))
        address = play.instance("door").health_words
        request = urllib.request.Request(address, data=b"info asked\ncast log once", method="POST")
        with urllib.request.urlopen(request, timeout=10.0) as answer:
            assert answer.status == 200
        play.until(lambda: "asked" in play.said("a"))
        play.settle()
        said = play.said("a")
        play.do(Rerun())
        play.until(lambda: play.said("a") == said)
        play.settle()
        assert [cast.source for cast in play.records(Cast) if cast.source == "door"] == ["door"]
        assert play.instance("door").real
        assert play.do(SelfCheck()) is None
    assert (files(tmp_path) / "out.log").read_text().split() == ["once"]


def test_timers_since_the_last_event_are_not_for_the_outside_again(tmp_path: Path) -> None:
    with opened(tmp_path, LOG) as play:
        play.cast("a", "delayed 500 self cast log late")
        play.settle()
        t_ms = play.session.view().t_ms
        play.do(Rerun())
        play.settle()
        assert play.session.view().t_ms == t_ms
        assert len([cast for cast in play.records(Cast) if cast.target == "log"]) == 1
    assert (files(tmp_path) / "out.log").read_text().split() == ["late"]


def test_what_comes_while_all_comes_again_comes_after_it(tmp_path: Path) -> None:
    (files(tmp_path) / "pushed").mkdir(parents=True)
    (files(tmp_path) / "pushed" / "one").write_text("info pushed")
    with opened(tmp_path, PUSHER) as play:
        play.do(SetClock("real"))
        play.until(lambda: play.said("a").count("pushed") > 5)
        play.do(Pause())
        before = len(play.said("a"))
        play.do(Rerun())
        play.until(lambda: len(play.said("a")) > before + 5)
        play.do(SetResource("pusher", False))
        play.settle()
        assert play.do(SelfCheck()) is None
        assert stepping(play).line == 2
