"""Scripts that go back: what they show and expect then, and of which line of history trace and sums are."""

from __future__ import annotations

import shutil
from pathlib import Path

from tests.headless.playing import SAMPLES, VIRTUAL, Play, logs
from workbench import trace
from workbench.records import Trap


def test_before_a_trap_a_message_is_changed_and_all_goes_well(play: Play, tmp_path: Path) -> None:
    file = tmp_path / "t.jsonl"
    text = "cast risky=panic\nexpect status risky trapped\nback\nedit {to:risky panic}=x\nrun"
    ended = play.well("risky", text, "--trace", str(file))
    assert "traps 0" in ended.stderr
    assert "you asked for it" in ended.stdout
    for records in (list(trace.read(file)), play.trace("risky", text)):
        assert [record.seq for record in records] == list(range(len(records)))
        assert not any(isinstance(record, Trap) for record in records)
        assert logs(records)[-1] == "'x' is harmless"
        assert records[-1].kind == "handled"


def test_a_jump_shows_a_moment_and_the_present_is_there_again(play: Play) -> None:
    play.well(
        "counter",
        """
        cast counter=1
        cast counter=2
        cast counter=3
        jump {kind:sync .count=3}
        expect state counter {.count=3}
        expect 0 {kind:sync .count=6}
        expect waits 0 {to:counter 2}
        back 1
        expect state counter {.count=1}
        jump present
        expect state counter {.count=6}
        check
        """,
    )


def test_lines_of_history_are_kept_and_the_trace_is_of_the_one_at_the_end(play: Play) -> None:
    text = "cast counter=1\ncast counter=2\nback\nedit {to:counter 2}=20\nrun\nexpect state counter {.count=21}\n"
    assert logs(play.trace("counter", text))[2:] == ["count is 21", "stopped at 21"]
    text += "line 1\nexpect state counter {.count=3}\nrun"
    assert logs(play.trace("counter", text))[2:] == ["count is 3", "stopped at 3"]


def test_a_trace_that_cannot_begin_at_the_beginning_says_so(play: Play, tmp_path: Path) -> None:
    shutil.copytree(SAMPLES / "counter", tmp_path / "counter", ignore=shutil.ignore_patterns("target"))
    (tmp_path / "counter" / "workbench.toml").write_text("[journal]\nrecords = 2048\n")
    text = "cast counter=1\n" * 1500 + "back\njump present"
    ended = play.well(str(tmp_path / "counter"), text, "--trace", "-")
    first = trace.decode(ended.stdout.splitlines()[0].encode()).seq
    assert first > 0
    assert f"the trace begins with #{first}: " in ended.stderr


def test_another_line_of_history_is_announced_and_told_from_where_it_left(play: Play) -> None:
    ended = play.well("counter", "cast counter=1\ncast counter=2\nback\ndrop {to:counter}\nline 1\npause")
    lines = [line for line in ended.stdout.splitlines() if line.startswith("line ")]
    assert lines == ["line 2 of history, from after #7 on", "line 1 of history again"]
    assert ended.stdout.count("count is 1") == 1


def test_a_rerun_sends_again_what_came_from_outside(play: Play) -> None:
    records = play.trace(
        "ticker",
        "advance 2.5s\ncast ticker=x\nrun until 3.5s\nrerun\nexpect paused\nexpect clock 3.5s",
        *VIRTUAL,
    )
    assert logs(records)[:-1] == ["beat 1", "beat 2", "not a beat: x", "beat 3"]
