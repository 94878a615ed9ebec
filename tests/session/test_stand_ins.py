"""Targets played by the developer: casts recorded, calls answered by hand or by rule."""

from __future__ import annotations

import pytest

from tests.session.conftest import Stage
from tests.session.playing import plan
from workbench.errors import UserError
from workbench.records import Cast, Reply
from workbench.session.commands import Answer, Rule


def test_a_cast_to_a_stand_in_is_in_the_journal(stage: Stage) -> None:
    play = stage(plan("a", out="desk"), stand_ins=("desk",))
    play.cast("a", "cast out hello")
    assert [(cast.target, cast.alias, cast.payload) for cast in play.records(Cast, "a")] == [("desk", "out", b"hello")]
    assert play.instance("desk").status == "stand-in"


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (("reply", b"yes"), "reply yes"),
        (("reply", b""), "reply "),
        (("noreply", b""), "noreply"),
        (("err", b""), "err"),
    ],
)
def test_a_call_waits_until_it_is_answered_by_hand(stage: Stage, answer: tuple[str, bytes], said: str) -> None:
    play = stage(plan("a", out="desk"), stand_ins=("desk",))
    play.cast("a", "call out question")
    [pending] = play.session.view().pending_calls
    assert (pending.source, pending.target, pending.alias, pending.payload) == ("a", "desk", "out", b"question")
    play.do(Answer(pending.seq, *answer))  # type: ignore[arg-type]
    play.settle()
    assert play.said("a") == [said]
    [reply] = play.records(Reply)
    assert (reply.call, reply.parent) == (pending.seq, None)
    assert play.session.view().pending_calls == ()


def test_calls_may_be_answered_in_any_order(stage: Stage) -> None:
    play = stage(plan("a", out="desk"), plan("b", out="desk"), stand_ins=("desk",))
    play.cast("a", "call out x")
    play.cast("b", "call out x")
    first, second = play.session.view().pending_calls
    play.do(Answer(second.seq, "reply", b"for b"))
    play.do(Answer(first.seq, "reply", b"for a"))
    play.settle()
    assert (play.said("a"), play.said("b")) == (["reply for a"], ["reply for b"])


def test_a_call_is_answered_only_once(stage: Stage) -> None:
    play = stage(plan("a", out="desk"), stand_ins=("desk",))
    play.cast("a", "call out x")
    [pending] = play.session.view().pending_calls
    play.do(Answer(pending.seq, "noreply"))
    with pytest.raises(UserError):
        play.do(Answer(pending.seq, "noreply"))
    with pytest.raises(UserError):
        play.do(Answer(10_000, "noreply"))


def test_a_rule_answers_every_call_until_it_is_taken_back(stage: Stage) -> None:
    play = stage(plan("a", out="desk"), stand_ins=("desk",))
    play.do(Rule("out", "reply", b"always"))
    play.cast("a", "call out x\ncall out y")
    assert play.said("a") == ["reply always"] * 2
    assert play.instance("desk").rule == ("reply", b"always")
    play.do(Rule("out", None))
    play.cast("a", "call out z")
    assert len(play.session.view().pending_calls) == 1


def test_a_rule_may_name_the_stand_in(stage: Stage) -> None:
    play = stage(plan("a", out="desk"), stand_ins=("desk",), rules=(Rule("desk", "err"),))
    play.cast("a", "call out x")
    assert play.said("a") == ["err"]


def test_a_rule_for_one_stand_in_by_name_concerns_no_output_of_that_name(stage: Stage) -> None:
    play = stage(plan("a", desk="other", out="desk"), stand_ins=("desk", "other"))
    play.do(Rule("desk", "reply", b"named", named=True))
    play.cast("a", "call out x\ncall desk y")
    assert play.said("a") == ["reply named"]
    assert [call.target for call in play.session.view().pending_calls] == ["other"]
    with pytest.raises(UserError, match='no stand-in is behind "gone"'):
        play.do(Rule("gone", "err", named=True))


def test_a_new_rule_also_answers_the_calls_that_wait(stage: Stage) -> None:
    play = stage(plan("a", out="desk"), stand_ins=("desk",))
    play.cast("a", "call out x")
    play.do(Rule("desk", "noreply"))
    play.settle()
    assert play.said("a") == ["noreply"]


def test_a_rule_for_an_output_that_leads_to_an_instance_is_refused(stage: Stage) -> None:
    play = stage(plan("a", out="b"), plan("b"))
    with pytest.raises(UserError, match='no stand-in is behind "out"'):
        play.do(Rule("out", "err"))


def test_a_rule_for_an_output_nobody_declared_makes_its_stand_in(stage: Stage) -> None:
    play = stage(plan("a"))
    play.do(Rule("undeclared", "reply", b"well"))
    play.cast("a", "call undeclared x")
    play.settle()
    assert play.said("a") == ["reply well"]


def test_a_call_by_hand_to_a_stand_in_waits_for_its_answer_too(stage: Stage) -> None:
    play = stage(plan("a"), stand_ins=("desk",))
    seq = play.call("desk", "question")
    play.do(Answer(seq, "reply", b"answer"))
    play.settle()
    assert [(reply.call, reply.payload) for reply in play.records(Reply)] == [(seq, b"answer")]
