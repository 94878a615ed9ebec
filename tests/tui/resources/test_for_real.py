"""Resources with the screen on a real session: a file, a database, trouble, a stand-in, by keys alone."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from textual.pilot import Pilot

from tests.session.playing import Play
from tests.session.test_outside import AWAY, DATABASE, INSERT, LOG, SELECT, files, opened
from tests.tui.driving import WIDE, choose, press, settle, until
from tests.tui.panes.stage import shown, text_of
from workbench.records import Call, Reply
from workbench.session.commands import Send
from workbench.session.view import InstanceView
from workbench.tui.app import Workbench


@pytest.fixture
def play(tmp_path: Path) -> Iterator[Play]:
    """A function with a file, a database, and a server that is elsewhere."""
    with opened(tmp_path, {**LOG}, {**DATABASE}, {**AWAY}) as found:
        yield found


def instances(app: Workbench) -> str:
    pane = app.panes["instances"]
    return "\n".join(" ".join(pane.line_at(at, 100, True).plain.split()) for at in range(pane.count()))


def resource(play: Play, name: str) -> InstanceView:
    return next(one for one in play.session.view().instances if one.name == name)


async def test_the_screen_tells_which_are_real_and_switches_them(play: Play, tmp_path: Path, config: Path) -> None:
    app = Workbench(play.session, config)
    async with app.run_test(size=WIDE) as pilot:
        await until(pilot, lambda: "◈ log real" in instances(app))
        assert "◈ db real" in instances(app)
        assert "◇ away stand-in redis → 192.0.2.1:6379 leaves this machine: ^r allows it" in instances(app)

        play.session.submit(Send("a", b"cast log hello"))
        await until(pilot, lambda: (files(tmp_path) / "out.log").exists())
        await choose(pilot, "log")
        await press(pilot, "ctrl+y")
        await until(pilot, lambda: not resource(play, "log").real)
        play.session.submit(Send("a", b"cast log not written"))
        await until(pilot, lambda: "not written" in "".join(shown(app)))
        await press(pilot, "ctrl+r")
        await until(pilot, lambda: resource(play, "log").real)
        play.session.submit(Send("a", b"cast log again"))
        await until(pilot, lambda: "again" in (files(tmp_path) / "out.log").read_text())
    assert (files(tmp_path) / "out.log").read_text() == "hello\nagain\n"


async def test_a_call_of_a_database_is_answered_by_hand_with_a_sample(play: Play, config: Path) -> None:
    app = Workbench(play.session, config)
    async with app.run_test(size=WIDE) as pilot:
        await until(pilot, lambda: "◈ db real" in instances(app))
        play.session.submit(Send("a", f"call db {INSERT}".encode()))
        await until(pilot, lambda: bool(play.records(Reply)))
        await choose(pilot, seq=play.records(Call)[0].seq)
        assert "means      changes rows" in text_of(app.panes["inspector"])

        await choose(pilot, "db")
        await press(pilot, "ctrl+y")
        await until(pilot, lambda: not resource(play, "db").real)
        play.session.submit(Send("a", f"call db {SELECT}".encode()))
        await until(pilot, lambda: bool(play.session.view().pending_calls))
        await press(pilot, "a")
        await pick_sample(pilot, app)
        await press(pilot, "ctrl+j")
        await until(pilot, lambda: len(play.records(Reply)) == 2)
        assert (play.records(Reply)[1].payload or b"").startswith(b'{"id"')


async def test_a_fault_is_ordered_and_runs_out(play: Play, config: Path) -> None:
    app = Workbench(play.session, config)
    async with app.run_test(size=WIDE) as pilot:
        await until(pilot, lambda: "◇ away" in instances(app))
        await choose(pilot, "away")
        await press(pilot, "F", "tab", "1", "enter")
        await until(pilot, lambda: "! fault: error, 1 more time" in instances(app))
        play.session.submit(Send("a", b"call away key"))
        await until(pilot, lambda: bool(play.records(Reply)))
        assert play.records(Reply)[0].outcome == "err"
        await until(pilot, lambda: "! fault" not in instances(app))


async def test_trouble_of_a_database_is_told_on_it_and_in_the_header_until_it_is_started_anew(
    play: Play, tmp_path: Path, config: Path
) -> None:
    database = files(tmp_path) / "state.db"
    app = Workbench(play.session, config)
    async with app.run_test(size=WIDE) as pilot:
        await until(pilot, lambda: "◈ db real" in instances(app))
        with sqlite3.connect(database) as held:
            held.execute("DROP TABLE IF EXISTS WorkflowState")
        database.write_bytes(b"this is no database" * 100)
        play.session.submit(Send("a", f"call db {INSERT}".encode()))
        await until(pilot, lambda: "▲ db real, trouble" in instances(app))
        assert any("▲ db in trouble" in row for row in shown(app))

        database.unlink()
        await choose(pilot, "db")
        await press(pilot, "ctrl+r")
        await until(pilot, lambda: "◈ db real" in instances(app))


async def test_the_graph_shows_what_went_to_real_resources(play: Play, config: Path) -> None:
    app = Workbench(play.session, config)
    async with app.run_test(size=WIDE) as pilot:
        await until(pilot, lambda: "◈ log real" in instances(app))
        play.session.submit(Send("a", b"cast log hello"))
        await press(pilot, "9", "z")
        await until(pilot, lambda: any("log" in row and "hello" in row and "▶║ ◈ log" in row for row in shown(app)))


async def pick_sample(pilot: Pilot[object], app: Workbench) -> None:
    app.composer.shelf.query_one("OptionList").focus()
    await settle(pilot)
    await press(pilot, "down", "enter")
