"""Outputs that nothing declares, of functions opened by themselves: stand-ins from their first use on."""

from __future__ import annotations

from tests.session.conftest import Stage
from tests.session.playing import Play, alone, plan
from workbench.records import Call, Cast, Reply, Timer, Trap
from workbench.session.commands import Answer, Jump, Rule, Run, SelfCheck
from workbench.session.undeclared import MOST_MADE


def stand_ins(play: Play) -> list[str]:
    return [one.name for one in play.session.view().instances if one.status == "stand-in"]


def test_an_output_that_nothing_declares_is_a_stand_in_from_its_first_use(stage: Stage) -> None:
    play = stage(alone("a"))
    assert stand_ins(play) == []
    play.cast("a", "cast there x\ncast there y\ndelayed 5 later z\ncall asked q\nlog 3 on")
    assert [(cast.alias, cast.target) for cast in play.records(Cast, "a")][:2] == [("there", "there")] * 2
    assert [(timer.alias, timer.target) for timer in play.records(Timer)] == [("later", "later")]
    assert stand_ins(play) == ["there", "later", "asked"]
    assert play.notes() == ["undeclared-output"] * 3
    [call] = play.session.view().pending_calls
    play.do(Answer(call.seq, "reply", b"yes"))
    play.settle()
    assert play.said("a") == ["reply yes", "on"]
    assert play.records(Trap) == []
    assert play.instance("a").links == {"there": "there", "later": "later", "asked": "asked"}


def test_functions_that_share_an_output_share_its_stand_in(stage: Stage) -> None:
    play = stage(alone("a"), alone("b"), alone("c", known="known"), stand_ins=("known",))
    for name in "ab":
        play.cast(name, "cast out x\ncast known y")
    assert [cast.target for cast in play.records(Cast) if cast.instance is not None] == ["out", "known"] * 2
    assert stand_ins(play) == ["known", "out"]


def test_the_stand_in_gives_way_to_instances_of_its_name(stage: Stage) -> None:
    play = stage(alone("a"), alone("b"))
    play.cast("a", "cast b x\ncast user y\ncast self log 3 me")
    targets = [cast.target for cast in play.records(Cast, "a")]
    assert targets == ["b (stand-in)", "user (stand-in)", "a"]
    assert play.said("a") == ["me"]


def test_a_rule_before_its_first_use_answers_it(stage: Stage) -> None:
    play = stage(alone("a"), alone("b"), rules=(Rule("asked", "reply", b"yes"), Rule("b", "reply", b"stand-in")))
    play.cast("a", "call asked q\ncall b q")
    assert play.said("a") == ["reply yes", "reply stand-in"]
    assert len(play.records(Reply)) == len(play.records(Call)) == 2


def test_in_a_workflow_nothing_changes(stage: Stage) -> None:
    play = stage(plan("a"), alone("b"))
    play.cast("b", "cast there x")
    play.cast("a", "cast there x")
    assert play.records(Cast, "a")[-1].target is None
    play.cast("a", "call there x")
    assert play.instance("a").status == "trapped"
    assert play.notes() == ["undeclared-output", "unknown-alias", "unknown-alias"]


def test_strict_outputs_lead_nowhere_before_handle_init_has_ended(stage: Stage) -> None:
    play = stage(alone("a"), strict=True, init_payloads={"a": "cast there x"})
    play.cast("a", "cast there y")
    assert [cast.target for cast in play.records(Cast, "a")] == [None, "there"]


def test_names_without_end_make_no_stand_ins_without_end(stage: Stage) -> None:
    play = stage(alone("a"))
    play.cast("a", "\n".join(f"cast out{number} x" for number in range(MOST_MADE + 5)))
    play.cast("a", f"cast {'x' * 1000} y")
    assert len(stand_ins(play)) == MOST_MADE
    assert sum(cast.target is None for cast in play.records(Cast, "a")) == 6
    play.cast("a", "call one-more x")
    assert play.instance("a").status == "trapped"


def test_going_back_and_forward_keeps_it(stage: Stage) -> None:
    play = stage(alone("a"), history=True)
    play.cast("a", "cast there x")
    first = play.session.journal.end - 1
    play.cast("a", "cast there y\ncast other z\ncall asked q\nlog 3 on")
    [call] = play.session.view().pending_calls
    play.do(Answer(call.seq, "reply", b"yes"))
    play.settle()
    for at, there in ((0, []), (first, ["there"]), (first - 1, ["there"]), (None, ["there", "other", "asked"])):
        play.do(Jump(at))
        play.settle()
        assert stand_ins(play) == there, at
    assert play.do(SelfCheck()) is None  # all came out the same
    play.do(Jump(first))
    play.do(Run())
    play.settle()
    play.cast("a", "cast there anew\ncall asked q")
    assert stand_ins(play) == ["there", "asked"]
    assert play.instance("a").status == "waiting"
