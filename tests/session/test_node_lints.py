"""What would hurt a platform's node as a whole, as notes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.headless.small import module
from tests.session.conftest import PREBUILT, Stage
from tests.session.playing import Play, plan, project
from workbench.project.model import Function
from workbench.records import Note
from workbench.session.node_lints import LARGE


def told(play: Play, code: str) -> list[tuple[str | None, str]]:
    return [(note.instance, note.message) for note in play.records(Note) if note.code == code]


@pytest.mark.parametrize(("functions", "surely"), [(2, False), (LARGE, True)])
def test_the_race_of_handle_init_is_told_with_the_size_of_the_workflow(
    stage: Stage, functions: int, surely: bool
) -> None:
    quiet = [plan(f"b{number}") for number in range(functions - 1)]
    play = stage(plan("a", "cast out log 3 x", out="b0"), *quiet)
    [(instance, message)] = told(play, "init-race")
    assert instance == "a"
    assert ("14 of 15 starts" in message) is surely


def test_a_trap_before_any_stop_is_not_noted_when_the_workflow_stops(stage: Stage) -> None:
    play = stage(plan("a"), plan("b"))
    play.cast("a", "panic over")
    play.session.close()
    assert told(play, "stop-after-trap") == []


@pytest.mark.conformance("1.6-stop-after-trap")
def test_a_trap_among_the_stops_of_others_is_noted(stage: Stage) -> None:
    play = stage(plan("a", "stop: log 3 bye"), plan("b", desk="desk"), stand_ins=("desk",))
    play.cast("b", "call desk x\npanic then")  # its call is answered with an error when it is to stop
    play.session.close()
    assert play.said("a") == ["bye"]
    [(instance, message)] = told(play, "stop-after-trap")
    assert instance == "b"
    assert message.startswith("it trapped while others of its workflow stopped")


@pytest.mark.parametrize(
    "content", [module('(import "env" "abort" (func))'), module("(func $s unreachable) (start $s)")]
)
def test_the_stop_of_one_whose_start_makes_the_node_panic_is_noted(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "bad.wasm").write_bytes(content)
    bad = Function("bad", tmp_path, None, None, tmp_path / "bad.wasm")
    given = project(tmp_path, plan("a"))
    plans = (*given.instances, plan("x", function="bad"))
    play = Play(replace(given, instances=plans, functions={**given.functions, "bad": bad}), PREBUILT)
    play.settle()
    assert told(play, "stop-after-trap") == []
    play.session.close()
    [(instance, message)] = told(play, "stop-after-trap")
    assert instance == "x"
    assert message.startswith("its start makes the platform's node panic")
