"""The composer: what is typed goes out as it was meant, and nothing typed is lost."""

from __future__ import annotations

import os

from textual.widgets import Input, OptionList

from tests.tui.driving import NARROW, WIDE, choose, fill, outcome, press, settle, told
from tests.tui.panes.stage import shown
from tests.tui.stub import StubSession, pending
from workbench.errors import UserError
from workbench.project.messages import DIRECTORY, read_message
from workbench.records import Call, Change, Reply, Trap
from workbench.session.commands import Answer, Send
from workbench.tui.app import Workbench
from workbench.tui.confirm import Confirm
from workbench.tui.drafts import Draft
from workbench.tui.segments import Segments


async def test_a_cast_goes_to_the_chosen_instance(app: Workbench, session: StubSession) -> None:
    async with app.run_test(size=WIDE) as pilot:
        await choose(pilot, "filter")
        await press(pilot, "s", *"4.2", "ctrl+j")

        assert session.asked == [Send("filter", b"4.2")]
        assert outcome(pilot) == "sent to filter"


async def test_sending_from_the_instances_goes_to_the_one_pointed_at(app: Workbench, session: StubSession) -> None:
    async with app.run_test(size=WIDE) as pilot:
        await choose(pilot, "filter")
        await press(pilot, "s", *"4.2", "ctrl+j", "escape", "1")
        await choose(pilot, "pong")
        await press(pilot, "s", "ctrl+j")

        assert session.asked == [Send("filter", b"4.2"), Send("pong", b"4.2")]


async def test_every_field_of_the_form_goes_out(app: Workbench, session: StubSession) -> None:
    async with app.run_test(size=WIDE) as pilot:
        await press(pilot, "s")
        await fill(
            pilot, target="pong", kind="call", source="sensor", delay="1.5s", repeat="3", every="250", payload="hello"
        )
        await press(pilot, "f5")

        assert session.asked == [Send("pong", b"hello", True, "sensor", 1500, 3, 250)]


async def test_hex_and_files_are_payloads_too(app: Workbench, session: StubSession) -> None:
    root = session.picture.project.root
    (root / "reading.bin").write_bytes(b"\x00\xff")
    async with app.run_test(size=WIDE) as pilot:
        await press(pilot, "s")
        await fill(pilot, target="pong", mode="hex", payload="de ad 0xBE,ef")
        await press(pilot, "ctrl+j")
        await fill(pilot, mode="file", payload="reading.bin")
        await press(pilot, "ctrl+j")

        assert [asked.payload for asked in session.asked if isinstance(asked, Send)] == [b"\xde\xad\xbe\xef", b"\0\xff"]


async def test_a_pipe_is_told_to_be_no_file_and_not_waited_for(app: Workbench, session: StubSession) -> None:
    os.mkfifo(session.picture.project.root / "pipe")
    async with app.run_test(size=WIDE) as pilot:
        await press(pilot, "s")
        await fill(pilot, target="pong", mode="file", payload="pipe")
        await press(pilot, "ctrl+j")
        assert "pipe is no regular file" in outcome(pilot)
        assert session.asked == []


async def test_what_was_wrong_of_another_mode_is_told_no_more(app: Workbench) -> None:
    async with app.run_test(size=WIDE) as pilot:
        await press(pilot, "s")
        await fill(pilot, target="pong", mode="file", payload="nowhere")
        await press(pilot, "ctrl+j")
        assert "nowhere" in outcome(pilot)
        app.composer.query_one("#mode", Segments).focus()
        await press(pilot, "right")
        assert outcome(pilot) == ""


async def test_a_large_number_of_repeats_stays_in_sight(app: Workbench) -> None:
    async with app.run_test(size=NARROW) as pilot:
        await press(pilot, "s")
        await fill(pilot, repeat="1000000", payload="")
        assert any("repeat  1000000 " in row for row in shown(app))


async def test_a_mistake_is_told_in_the_form_and_loses_nothing(app: Workbench, session: StubSession) -> None:
    async with app.run_test(size=WIDE) as pilot:
        await press(pilot, "s")
        for field, value, sentence in (
            ("payload", "de ag", 'line 1: "g" is no hex digit'),
            ("payload", "abc", "3 hex digits do not make whole bytes"),
            ("delay", "soon", "delay:"),
            ("repeat", "0", "repeat:"),
        ):
            await fill(pilot, target="pong", mode="hex", **{"payload": "00", "delay": "0", "repeat": "1", field: value})
            await press(pilot, "ctrl+j")

            assert sentence in outcome(pilot)
            draft = app.composer.draft()
            assert value in (draft.typed, draft.delay, draft.repeat)
        assert session.asked == []


async def test_what_the_session_refuses_is_told_in_the_form(app: Workbench, session: StubSession) -> None:
    session.answers[Send] = UserError('there is no target "pong"')
    async with app.run_test(size=WIDE) as pilot:
        await press(pilot, "s")
        await fill(pilot, target="pong", payload="x")
        await press(pilot, "ctrl+j")

        assert outcome(pilot) == '✖ there is no target "pong"'
        assert app.composer.draft().typed == "x"


async def test_the_reply_to_a_call_comes_with_its_latency(app: Workbench, session: StubSession) -> None:
    async with app.run_test(size=WIDE) as pilot:
        seq = session.journal.end
        session.answers[Send] = seq
        session.add(Call(0, 100.0, None, None, "user", "pong", None, b"PING"))
        await press(pilot, "s")
        await fill(pilot, target="pong", kind="call", payload="PING")
        await press(pilot, "ctrl+j")
        assert outcome(pilot).startswith("waiting for pong since ")

        session.add(Reply(0, 112.0, "pong", seq, seq, "reply", b"PONG\x1b[31m"))
        await settle(pilot)
        assert outcome(pilot) == "↩ PONG\\x1b[31m after 12 ms"


async def test_a_trap_of_the_callee_ends_the_waiting(app: Workbench, session: StubSession) -> None:
    async with app.run_test(size=WIDE) as pilot:
        seq = session.journal.end
        session.answers[Send] = seq
        session.add(Call(0, 100.0, None, None, "user", "pong", None, b"PING"))
        session.add(Trap(0, 101.0, "pong", seq, "handle_call", "unreachable", "index out of bounds", ()))
        await press(pilot, "s")
        await fill(pilot, target="pong", kind="call", payload="PING")
        await press(pilot, "ctrl+j")

        assert outcome(pilot) == "✖ pong trapped, so no reply will come: index out of bounds"


async def test_typing_json_keeps_the_cursor_where_it_is(app: Workbench) -> None:
    async with app.run_test(size=WIDE) as pilot:
        await press(pilot, "s", *"[1]", "a")

        assert app.composer.draft().typed == "[1]a"


async def test_a_waiting_call_is_answered_from_the_form(app: Workbench, session: StubSession) -> None:
    session.show(pending_calls=(pending(7),))
    async with app.run_test(size=WIDE) as pilot:
        await press(pilot, "s")
        await fill(pilot, target="pong", payload="half written")
        await press(pilot, "escape", "a", *"42", "ctrl+j")

        assert session.asked == [Answer(7, "reply", b"42")]
        assert app.workspace.focused != "send"
        assert app.composer.draft().typed == "half written"


async def test_a_waiting_call_can_be_refused_or_left(app: Workbench, session: StubSession) -> None:
    session.show(pending_calls=(pending(7),))
    async with app.run_test(size=WIDE) as pilot:
        await press(pilot, "a", "escape")
        assert session.asked == []
        assert app.composer.answering.about is None

        await press(pilot, "a")
        await fill(pilot, outcome="no reply")
        await press(pilot, "ctrl+j")
        await press(pilot, "a")
        await fill(pilot, outcome="error")
        await press(pilot, "ctrl+j")
        assert session.asked == [Answer(7, "noreply"), Answer(7, "err")]


async def test_what_was_sent_can_be_taken_from_the_list(app: Workbench, session: StubSession) -> None:
    async with app.run_test(size=WIDE) as pilot:
        await press(pilot, "s")
        await fill(pilot, target="pong", payload="first")
        await press(pilot, "ctrl+j")
        await fill(pilot, target="ping", payload="second")
        await press(pilot, "ctrl+j")
        await fill(pilot, listed="sent")
        app.composer.query_one(OptionList).focus()
        await press(pilot, "home", "down", "enter")

        assert app.composer.draft() == Draft("pong", typed="first")


async def test_a_message_is_saved_loaded_and_deleted(app: Workbench, session: StubSession) -> None:
    root = session.picture.project.root
    async with app.run_test(size=WIDE) as pilot:
        await press(pilot, "s")
        await fill(pilot, target="pong", kind="call", payload='{"a": 1}', delay="2s")
        await press(pilot, "ctrl+s", *"hello", "enter")
        files = list((root / DIRECTORY).glob("*.toml"))
        assert [read_message(path).name for path in files] == ["hello"]
        assert [saved.name for saved in app.saved_messages] == ["hello"]

        await fill(pilot, target="ping", kind="cast", payload="", delay="0")
        app.composer.query_one(OptionList).focus()
        await press(pilot, "home", "enter")
        assert app.composer.draft() == Draft("pong", True, typed='{"a": 1}', delay="2000")

        app.composer.query_one(OptionList).focus()
        await press(pilot, "home", "delete")
        assert isinstance(app.screen, Confirm)
        await press(pilot, "y")
        assert not list((root / DIRECTORY).glob("*.toml"))
        assert app.saved_messages == ()


async def test_a_broken_saved_message_is_told_with_its_line(app: Workbench, session: StubSession) -> None:
    directory = session.picture.project.root / DIRECTORY
    directory.mkdir(parents=True)
    (directory / "bad.toml").write_text('name = "bad"\ntargt = "pong"\n')
    async with app.run_test(size=(200, 60)) as pilot:
        await settle(pilot)

        assert "bad.toml:2:1:" in str(app.query_one("Banner").render())


async def test_nothing_is_saved_where_it_cannot_be(app: Workbench, session: StubSession) -> None:
    (session.picture.project.root / ".workbench").write_text("in the way")
    async with app.run_test(size=WIDE) as pilot:
        await press(pilot, "s")
        await fill(pilot, target="pong", payload="x")
        await press(pilot, "ctrl+s", *"hello", "enter")

        assert any("cannot be saved" in sentence for sentence in told(pilot))


async def test_the_composer_is_a_drawer_in_a_narrow_terminal(app: Workbench, session: StubSession) -> None:
    async with app.run_test(size=NARROW) as pilot:
        assert not app.composer.display

        await press(pilot, "s")
        assert app.composer.display
        assert app.workspace.focused == "send"

        await press(pilot, "escape")
        assert not app.composer.display


async def test_a_field_that_cannot_be_right_says_so_while_it_is_typed(app: Workbench, session: StubSession) -> None:
    async with app.run_test(size=WIDE) as pilot:
        await choose(pilot, "filter")
        await press(pilot, "s")
        await fill(pilot, repeat="1s", delay="soon")
        repeat = app.composer.query_one("#repeat", Input)
        assert repeat.has_class("-wrong")
        assert outcome(pilot).startswith("✖ delay")

        await fill(pilot, delay="2s")
        assert outcome(pilot) == '✖ repeat: "1s" is not a number from 1 to 1,000,000'
        await fill(pilot, repeat="12")
        assert not repeat.has_class("-wrong")
        assert outcome(pilot) == ""
        assert session.asked == []


async def test_a_message_too_large_to_be_typed_is_edited_as_a_file(app: Workbench, session: StubSession) -> None:
    payload, seq = b"\x00\xff" * (1 << 20), session.journal.end
    session.add(Call(0, 725_000, "ping", None, "ping", "pong", "pong", payload))
    async with app.run_test(size=WIDE) as pilot:
        await choose(pilot, "ping", seq)
        await press(pilot, "m")
        assert session.asked == [Send("pong", payload, True, "ping")]

        await press(pilot, "M")
        draft = app.composer.draft()
        assert (draft.mode, len(draft.typed) < 100) == ("file", True)
        await press(pilot, "ctrl+j")
        assert session.asked[1:] == session.asked[:1]
        await press(pilot, "ctrl+s")
        assert any("a saved message holds at most" in sentence for sentence in told(pilot))


async def test_a_message_that_was_edited_is_sent_again_as_it_says_now(app: Workbench, session: StubSession) -> None:
    seq = session.journal.end
    session.add(Call(0, 725_000, "ping", None, "ping", "pong", "pong", b"old"))
    session.add(Change(0, 725_001, "pong", None, seq, "edited", None, None, b"new"))
    async with app.run_test(size=WIDE) as pilot:
        await choose(pilot, "ping", seq)
        await press(pilot, "m")
        assert session.asked == [Send("pong", b"new", True, "ping")]
        await press(pilot, "M")
        assert app.composer.draft().typed == "new"


async def test_letters_typed_beside_a_field_are_no_commands(app: Workbench, session: StubSession) -> None:
    async with app.run_test(size=WIDE) as pilot:
        await press(pilot, "s")
        app.composer.query_one("#mode").focus()
        await press(pilot, *"bno1", "space")
        assert session.asked == []
        assert app.workspace.focused == "send"
        assert app.composer.query_one("#mode", Segments).value == "hex"
