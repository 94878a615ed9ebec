"""Kept state on a disk that is slow: whoever does not need it goes on, and the end comes."""

from __future__ import annotations

import os
import time
from dataclasses import replace
from pathlib import Path

from tests.session.conftest import PREBUILT
from tests.session.playing import DEADLINE_S, Play, plan, project
from workbench.session.commands import Jump, Rerun, SelfCheck
from workbench.session.session import KEEPING_S, Options

WATCHING = replace(PREBUILT, watch=True)
"""Workflows start each by itself."""


def opened_with(tmp_path: Path, opened: list[Play], options: Options = WATCHING) -> Play:
    given = project(tmp_path, plan("slow", "given"), replace(plan("other"), workflow=Path("other.json")))
    play = Play(given, replace(options, state_directory=tmp_path))
    opened.append(play)
    return play


def test_while_a_state_is_being_read_others_handle_events(tmp_path: Path, opened: list[Play]) -> None:
    os.mkfifo(tmp_path / "slow.state")
    play = opened_with(tmp_path, opened)
    play.until(lambda: play.instance("other").status == "idle")
    play.post("other", "log 3 hello")
    play.until(lambda: play.said("other") == ["hello"])
    assert play.instance("slow").status == "loading"
    assert play.instance("slow").detail == "the state it left is being read"
    assert not play.session.wait_idle(0.01)
    with (tmp_path / "slow.state").open("w") as pipe:
        pipe.write("at last")
    play.settle()
    assert play.said("slow") == ["payload=given state=at last"]


def test_a_state_that_never_comes_does_not_hold_up_the_end(tmp_path: Path, opened: list[Play]) -> None:
    os.mkfifo(tmp_path / "slow.state")
    play = opened_with(tmp_path, opened)
    play.until(lambda: play.instance("other").status == "idle")
    began = time.monotonic()
    play.session.close()
    assert time.monotonic() - began < DEADLINE_S / 2


def test_while_a_state_is_being_written_events_go_on_and_the_end_says_what_is_lost(
    tmp_path: Path, opened: list[Play]
) -> None:
    os.mkfifo(tmp_path / f"slow.state.{os.getpid()}.new")
    play = opened_with(tmp_path, opened)
    play.settle()
    play.cast("slow", "sync one")
    play.cast("slow", "log 3 on")
    play.cast("other", "sync two")
    play.until((tmp_path / "other.state").exists)
    assert play.said("slow")[-1] == "on"
    began = time.monotonic()
    play.session.close()
    assert time.monotonic() - began < KEEPING_S + DEADLINE_S / 2
    [problem] = play.session.view().problems
    assert str(problem.error).startswith(f"{tmp_path / 'slow.state'}: the state is not written yet")


def test_an_instance_goes_back_to_the_state_that_was_read(tmp_path: Path, opened: list[Play]) -> None:
    (tmp_path / "slow.state").write_text("first")
    play = opened_with(tmp_path, opened, replace(PREBUILT, history=True))
    play.settle()
    play.cast("slow", "sync second")
    assert play.do(SelfCheck()) is None
    play.do(Jump(play.session.view().stepping.horizon))
    play.do(Jump(None))
    play.do(Rerun())
    play.settle()
    assert play.said("slow") == ["payload=given state=first"]
