"""An answer that is being written is nobody else's, and is not lost; what the composer says can be read."""

from __future__ import annotations

from textual.widgets import Static

from tests.tui.driving import NARROW, WIDE, choose, fill, outcome, press, settle, told
from tests.tui.panes.stage import shown
from tests.tui.stub import StubSession, pending
from workbench.errors import UserError
from workbench.project.messages import DIRECTORY, Message, save_message
from workbench.records import Call
from workbench.session.commands import Answer, Send
from workbench.tui.app import Workbench


async def test_an_answer_cannot_be_saved_as_a_message_to_somebody_else(app: Workbench, session: StubSession) -> None:
    session.show(pending_calls=(pending(7),))
    async with app.run_test(size=WIDE) as pilot:
        await press(pilot, "s")
        await fill(pilot, target="pong", payload="for pong")
        await press(pilot, "escape", "a", *"secret", "ctrl+s")
        assert any("an answer is no message to be kept" in sentence for sentence in told(pilot))
        assert app.composer.answering.about is not None
        await press(pilot, "escape", "s", "ctrl+s", *"kept", "enter")
        assert [(saved.name, saved.draft.typed) for saved in app.saved_messages] == [("kept", "for pong")]


async def test_an_answer_that_is_left_is_there_again_for_its_call_alone(app: Workbench, session: StubSession) -> None:
    session.show(pending_calls=(pending(7), pending(8)))
    async with app.run_test(size=WIDE) as pilot:
        await choose(pilot, seq=7)
        await press(pilot, "a", *"half", "escape")
        await choose(pilot, seq=8)
        await press(pilot, "a", *"other", "escape")
        await choose(pilot, seq=7)
        await press(pilot, "a", *" done", "ctrl+j")
        assert session.asked == [Answer(7, "reply", b"half done")]
        await press(pilot, "a")
        assert app.composer.draft().typed == ""


async def test_a_call_that_waits_no_more_is_told(app: Workbench, session: StubSession) -> None:
    session.show(pending_calls=(pending(7),))
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot)
        now = app.now()
        session.show(pending_calls=())
        app.now = lambda: now  # type: ignore[method-assign]
        app.action_do("answer")
        await pilot.pause()
        assert "no call waits any more" in told(pilot)


async def test_a_long_sentence_has_more_rows_than_one(app: Workbench, session: StubSession) -> None:
    reason = "there is no such target: " + " ".join(f"word{number}" for number in range(14))
    session.answers[Send] = UserError(reason)
    async with app.run_test(size=WIDE) as pilot:
        await press(pilot, "s")
        await fill(pilot, target="pong", payload="x")
        await press(pilot, "ctrl+j")
        line = app.composer.query_one("#outcome-line", Static)
        assert line.size.height > 1
        rows = "\n".join(shown(app))
        assert all(f"word{number}" in rows for number in range(14))
        assert outcome(pilot) == f"✖ {reason}"

        session.answers[Send] = UserError(reason + " and more" * 40)
        await press(pilot, "ctrl+j")
        assert line.size.height == 3
        assert outcome(pilot).endswith("…")
        assert outcome(pilot).startswith("✖ there is no such target: word0")


async def test_what_is_refused_while_the_drawer_is_shut_is_told_all_the_same(
    app: Workbench, session: StubSession
) -> None:
    session.answers[Send] = UserError('there is no target "pong"')
    call = next(record for record in session.journal.read(0) if isinstance(record, Call))
    async with app.run_test(size=NARROW) as pilot:
        await choose(pilot, seq=call.seq)
        await press(pilot, "m")
        assert not app.composer.display
        assert 'there is no target "pong"' in told(pilot)


async def test_a_saved_message_in_nobodys_name_is_the_users(app: Workbench, session: StubSession) -> None:
    save_message(Message("odd", "pong", source=""), session.picture.project.root / DIRECTORY)
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot)
        [odd] = app.saved_messages
        app.composer.load(odd.draft)
        await settle(pilot)
        assert app.composer.draft().source == "user"


async def test_a_path_in_nobodys_home_is_told(app: Workbench) -> None:
    async with app.run_test(size=WIDE) as pilot:
        await press(pilot, "s")
        await fill(pilot, target="pong", mode="file", payload="~nosuch/x")
        await press(pilot, "ctrl+j")
        assert "there is no file ~nosuch/x" in outcome(pilot)
