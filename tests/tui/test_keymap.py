"""A user's own keys: taken up, shown everywhere, and told softly when they are wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.tui.driving import WIDE, choose, press, settle
from tests.tui.stub import StubSession
from workbench.session.commands import Rebuild
from workbench.tui.actions import BY_ID
from workbench.tui.app import Workbench
from workbench.tui.keymap import read_keymap


async def test_a_remapped_key_works_and_is_shown(session: StubSession, config: Path) -> None:
    (config / "keymap.toml").write_text('rebuild = "ctrl+r"\nhelp = ["?", "h"]\n')
    app = Workbench(session, config)
    async with app.run_test(size=WIDE) as pilot:
        await choose(pilot, "average")
        await press(pilot, "r")
        assert session.asked == []

        await press(pilot, "ctrl+r")
        assert session.asked == [Rebuild("average")]
        assert app.key_of(BY_ID["rebuild"]) == "^r"

        await press(pilot, "h")
        assert app.screen.query("#concept")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ('rebiuld = "r"', 'keymap.toml:1:1: "rebiuld" is not an action; did you mean "rebuild"?'),
        ("rebuild = 5", 'keymap.toml:1:1: "rebuild" must be a key such as "ctrl+r", or a list of keys'),
        ("rebuild = []", 'keymap.toml:1:1: "rebuild" must be a key'),
        ('rebuild = "k"\nkill = "k"', 'keymap.toml:2:1: "kill" and "rebuild" are both on "k"; the first one has it'),
        ('rebuild = "f"', 'keymap.toml:1:1: "rebuild" takes "f" from "follow", which has no other key now'),
        ("rebuild = ", "keymap.toml:1:11: is not TOML"),
    ],
)
def test_a_wrong_entry_is_told_with_its_line(tmp_path: Path, text: str, sentence: str) -> None:
    path = tmp_path / "keymap.toml"
    path.write_text(text)

    assert any(sentence in str(problem) for problem in read_keymap(path).problems)


async def test_a_wrong_entry_leaves_the_others_in_force(session: StubSession, config: Path) -> None:
    (config / "keymap.toml").write_text('rebiuld = "r"\nhelp = "h"\n')
    app = Workbench(session, config)
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot)
        assert 'did you mean "rebuild"?' in str(app.query_one("Banner").render())

        await press(pilot, "h")
        assert app.screen.query("#concept")


def test_no_keymap_is_no_problem(tmp_path: Path) -> None:
    keymap = read_keymap(tmp_path / "keymap.toml")

    assert keymap.keys_of("quit") == ("ctrl+q", "ctrl+c")
    assert keymap.problems == ()


async def test_a_changed_file_is_taken_up_and_a_broken_one_leaves_the_keys(app: Workbench, config: Path) -> None:
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot)
        (config / "keymap.toml").write_text('help = "h"\n')
        app.look_around()
        await press(pilot, "h")
        assert app.screen.query("#concept")
        await press(pilot, "escape")

        (config / "keymap.toml").write_text('help = "h"\nkill =')
        app.look_around()
        await settle(pilot)
        assert "is not TOML" in str(app.query_one("Banner").render())
        await press(pilot, "h")
        assert app.screen.query("#concept")
        await press(pilot, "escape")

        (config / "keymap.toml").unlink()
        app.look_around()
        await press(pilot, "h")
        assert not app.screen.query("#concept")
        await press(pilot, "question_mark")
        assert app.screen.query("#concept")
