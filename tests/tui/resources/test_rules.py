"""A rule is given, seen and ended with keys: how every call at a stand-in is answered."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.session.playing import Play
from tests.session.test_outside import AWAY, opened
from tests.tui.driving import NARROW, SIZES, WIDE, choose, fill, outcome, press, settle, told, until
from tests.tui.panes.stage import shown
from tests.tui.resources.test_standing import changed, inspected, line_of
from tests.tui.stub import StubSession
from workbench.records import Reply, ReplyOutcome
from workbench.session.commands import Answer, Fault, Jump, Rule, Send
from workbench.session.view import PendingCall
from workbench.tui.app import Workbench


@pytest.fixture
def play(tmp_path: Path) -> Iterator[Play]:
    """A function with a server that is elsewhere."""
    with opened(tmp_path, {**AWAY}) as found:
        yield found


def asked(seq: int = 4) -> PendingCall:
    return PendingCall(seq, "book", "topic", "topic", b"where?", 9_000.0)


@SIZES
async def test_an_answer_can_be_for_every_call_by_keys_alone(
    app: Workbench, session: StubSession, size: tuple[int, int]
) -> None:
    session.show(pending_calls=(asked(),))
    async with app.run_test(size=size) as pilot:
        await press(pilot, "a")
        assert any("[reply] no reply  error" in row and "[this call] every call" in row for row in shown(app))
        await press(pilot, *"pong", "shift+tab", "right")
        assert any("[every call]" in row for row in shown(app))
        await press(pilot, "ctrl+j")
        assert session.asked == [Rule("topic", "reply", b"pong", named=True)]


async def test_of_a_long_name_the_choices_stay_in_sight(app: Workbench, session: StubSession) -> None:
    session.show(pending_calls=(PendingCall(4, "b" * 60, "t" * 60, "topic", b"where?", 9_000.0),))
    async with app.run_test(size=WIDE) as pilot:
        await press(pilot, "a")
        assert any("[this call] every call" in row for row in shown(app))


async def test_the_next_answer_begins_as_one_for_its_call_alone(app: Workbench, session: StubSession) -> None:
    session.show(pending_calls=(asked(), asked(5)))
    async with app.run_test(size=WIDE) as pilot:
        await choose(pilot, seq=4)
        await press(pilot, "a")
        await fill(pilot, outcome="error", span="every call")
        await press(pilot, "escape")
        await choose(pilot, seq=5)
        await press(pilot, "a", "ctrl+j")
        await choose(pilot, seq=4)
        await press(pilot, "a", "ctrl+j")
        assert session.asked == [Answer(5, "reply"), Rule("topic", "err", named=True)]


async def test_a_rule_can_be_given_before_any_call_waits(app: Workbench, session: StubSession) -> None:
    async with app.run_test(size=NARROW) as pilot:
        await choose(pilot, "topic")
        await press(pilot, "ctrl+a")
        assert any("every call at topic" in row for row in shown(app))
        assert not any("this call" in row for row in shown(app))
        assert outcome(pilot) == "now its calls wait for you"
        await press(pilot, *"pong", "ctrl+j")
        assert session.asked == [Rule("topic", "reply", b"pong", named=True)]
        assert app.composer.draft().typed == ""


async def test_the_form_begins_with_the_rule_in_force(app: Workbench, session: StubSession) -> None:
    session.show(instances=changed(session, "topic", rule=("reply", b"pong")))
    async with app.run_test(size=WIDE) as pilot:
        await choose(pilot, "topic")
        await press(pilot, "ctrl+a")
        assert outcome(pilot) == "now it answers by rule: pong"
        await press(pilot, *" again", "ctrl+j")
        assert session.asked == [Rule("topic", "reply", b"pong again", named=True)]


@pytest.mark.parametrize(
    ("rule", "said"),
    [
        (("reply", b"pong\n\x1b[31m"), "⤷ answers by rule: pong\\n\\x1b[31m"),
        (("reply", b""), "⤷ answers by rule: (empty)"),
        (("noreply", b""), "⤷ answers by rule with no reply"),
        (("err", b""), "⤷ answers by rule with an error"),
    ],
)
async def test_a_rule_is_said_of_its_stand_in(
    app: Workbench, session: StubSession, rule: tuple[ReplyOutcome, bytes], said: str
) -> None:
    session.show(instances=changed(session, "alarm", rule=rule))
    async with app.run_test(size=WIDE) as pilot:
        await choose(pilot, "alarm")
        assert line_of(app, "alarm") == f"◇ alarm stand-in {said}"
        assert f"rule {said}" in inspected(app)


async def test_a_key_ends_whatever_is_ordered(app: Workbench, session: StubSession) -> None:
    session.show(instances=changed(session, "mail", rule=("err", b"")))
    async with app.run_test(size=WIDE) as pilot:
        await choose(pilot, "mail")
        await press(pilot, "K")
        assert session.asked == [Fault("mail", None), Rule("mail", None, named=True)]
        assert told(pilot) == ["nothing goes wrong at mail any more", "no rule answers calls at mail any more"]


async def test_a_rule_answers_until_it_is_ended_and_going_back_shows_it_again(play: Play, config: Path) -> None:
    app = Workbench(play.session, config)
    async with app.run_test(size=WIDE) as pilot:
        await until(pilot, lambda: "◇ away" in line_of(app, "away"))
        play.session.submit(Send("a", b"call away x"))
        await until(pilot, lambda: bool(play.session.view().pending_calls))
        await press(pilot, "a", *"pong", "shift+tab", "right", "ctrl+j")
        await until(pilot, lambda: "⤷ answers by rule: pong" in line_of(app, "away"))
        await until(pilot, lambda: len(play.records(Reply)) == 1)
        play.session.submit(Send("a", b"call away y"))
        await until(pilot, lambda: len(play.records(Reply)) == 2)
        ruled = play.records(Reply)[1]
        assert (ruled.outcome, ruled.payload) == ("reply", b"pong")

        await choose(pilot, "away")
        await press(pilot, "K")
        await until(pilot, lambda: "by rule" not in line_of(app, "away"))
        play.session.submit(Send("a", b"call away z"))
        await until(pilot, lambda: len(play.session.view().pending_calls) == 1)

        play.session.submit(Jump(ruled.seq))
        await until(pilot, lambda: "⤷ answers by rule: pong" in line_of(app, "away"))
        play.session.submit(Jump(None))
        await until(pilot, lambda: "by rule" not in line_of(app, "away"))
        await settle(pilot)
