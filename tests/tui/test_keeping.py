"""What was typed and sent is there again when the workbench is opened again."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.tui.driving import WIDE, choose, fill, press, settle, told, until
from tests.tui.stub import StubSession, pending
from workbench.errors import UserError
from workbench.tui.app import Workbench
from workbench.tui.drafts import Draft
from workbench.tui.memory import COMPOSER_FILE, MOST_TYPED, Written, read_composer, write_composer

drafts = st.builds(
    Draft,
    target=st.text(),
    call=st.booleans(),
    source=st.text(),
    mode=st.sampled_from(("text", "hex", "file")),
    typed=st.text(),
    delay=st.text(max_size=5),
    repeat=st.text(max_size=5),
    every=st.text(max_size=5),
)


@given(st.builds(Written, drafts, st.lists(drafts, max_size=4).map(tuple)))
def test_what_is_written_down_is_read_again(tmp_path_factory: pytest.TempPathFactory, written: Written) -> None:
    directory = tmp_path_factory.mktemp("project") / ".workbench"
    write_composer(directory, written)

    assert read_composer(directory) == written
    assert sorted(path.name for path in directory.iterdir()) == [".gitignore", COMPOSER_FILE]


def test_the_file_stays_small(tmp_path: Path) -> None:
    large = [Draft("ping", typed=str(number) * (MOST_TYPED // 2)) for number in range(3)]
    write_composer(tmp_path, Written(Draft("pong", typed="x" * (MOST_TYPED + 1)), tuple(large)))

    assert read_composer(tmp_path) == Written(Draft(), tuple(large[:2]))


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"draft": {"typed": 5}}', b"\xff", b"[" * 100_000])
def test_a_broken_file_is_one_sentence(tmp_path: Path, content: bytes) -> None:
    (tmp_path / COMPOSER_FILE).write_bytes(content)

    with pytest.raises(UserError, match="is broken") as raised:
        read_composer(tmp_path)
    assert raised.value.path == tmp_path / COMPOSER_FILE


async def test_the_message_being_written_and_those_sent_are_there_again(session: StubSession, config: Path) -> None:
    first = Workbench(session, config)
    async with first.run_test(size=WIDE) as pilot:
        await choose(pilot, "filter")
        await press(pilot, "s", *"4.2", "ctrl+j", *"3")
        await fill(pilot, kind="call", delay="2s")

    second = Workbench(session, config)
    async with second.run_test(size=WIDE) as pilot:
        await settle(pilot)

        assert second.composer.draft() == Draft("filter", True, typed="4.23", delay="2s")
        assert second.composer.shelf.sent == (Draft("filter", typed="4.2"),)
        assert told(pilot) == []


async def test_what_is_typed_is_on_disk_while_the_program_runs(app: Workbench) -> None:
    async with app.run_test(size=WIDE) as pilot:
        await press(pilot, "s", *"ra", *"te")
        await until(pilot, lambda: (app.own_directory / COMPOSER_FILE).exists())
        await until(pilot, lambda: read_composer(app.own_directory).draft.typed == "rate")


async def test_an_answer_does_not_take_the_place_of_the_message(app: Workbench, session: StubSession) -> None:
    session.show(pending_calls=(pending(),))
    async with app.run_test(size=WIDE) as pilot:
        await press(pilot, "s", *"rate", "escape", "a", *"42")

    assert read_composer(app.own_directory).draft.typed == "rate"


async def test_nothing_written_leaves_no_file(app: Workbench) -> None:
    async with app.run_test(size=WIDE) as pilot:
        await press(pilot, "2", "1")

    assert not (app.own_directory / COMPOSER_FILE).exists()


async def test_a_broken_file_is_told_once_and_begun_anew(app: Workbench) -> None:
    app.own_directory.mkdir(parents=True)
    (app.own_directory / COMPOSER_FILE).write_text("{")
    async with app.run_test(size=WIDE) as pilot:
        await press(pilot, "s", *"rate")
        await settle(pilot)

        assert len(told(pilot)) == 1
        assert COMPOSER_FILE in told(pilot)[0]

    assert read_composer(app.own_directory).draft.typed == "rate"
