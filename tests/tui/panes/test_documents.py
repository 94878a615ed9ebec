"""State, diagnostics and inspector: what they tell, and where their lines lead."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.tui.panes.stage import INSTANCES, PROJECT, Stage, Theatre, settled
from workbench.errors import UserError
from workbench.project.model import Function, Problem, Project
from workbench.records import Call, Cast, Diagnostic, Frame, Handled, Log, Reply, Sync, Trap
from workbench.session.view import BuildView, InstanceView, PendingCall, Status, View, Waiting
from workbench.tui.panes import DiagnosticsPane, InspectorPane, OpenSource, RecordSelected, StatePane


def told(rows: list[str]) -> str:
    """All there is to read, without how it is laid out."""
    return " ".join(" ".join(rows).split())


# -- state


async def test_the_newest_state_shows_what_changed() -> None:
    stage, pane = Stage(), StatePane()
    stage.write(Sync, "counter", None, state='{"count": 7, "old": true, "list": [1, 2], "same": "x"}')
    stage.write(Sync, "counter", None, state='{"count": 8, "list": [1, 3, 4], "same": "x", "new": null}')
    app = Theatre(stage, pane)
    async with app.run_test(size=(60, 16)) as pilot:
        rows = [row.strip() for row in await settled(app, pilot)]
    assert rows[:12] == [
        "◂ 2/2    0.001  57 B",
        "{",
        '"count": 7→8,',
        '"list": [',
        "1,",
        "2→3,",
        "+   4",
        "],",
        '"same": "x",',
        '+ "new": null,',
        '- "old": true',
        "}",
    ]
    assert pane.subtitle == "counter"


async def test_history_goes_back_and_stays_there_while_new_states_come() -> None:
    stage, pane = Stage(), StatePane()
    for count in range(5):
        stage.write(Sync, "counter", None, state=f'{{"count": {count}}}')
    app = Theatre(stage, pane)
    async with app.run_test(size=(60, 8)) as pilot:
        await settled(app, pilot)
        pane.rows.focus()
        await pilot.press("left", "left")
        assert '"count": 1→2' in told(await settled(app, pilot))
        stage.write(Sync, "counter", None, state='{"count": 5}')
        rows = told(await settled(app, pilot))
        assert "3/6" in rows
        assert '"count": 1→2' in rows
        await pilot.press("right", "right", "right")
        assert '"count": 4→5' in told(await settled(app, pilot))


async def test_state_that_is_not_json_is_compared_line_by_line() -> None:
    stage, pane = Stage(), StatePane()
    stage.write(Sync, "a", None, state="one\ntwo\nthree")
    stage.write(Sync, "a", None, state="one\n2\x1b\nthree")
    app = Theatre(stage, pane)
    async with app.run_test(size=(60, 8)) as pilot:
        rows = [row.strip() for row in await settled(app, pilot)]
    assert rows[1:5] == ["one", "- two", "+ 2\\x1b", "three"]


async def test_choosing_a_record_shows_the_state_its_handling_left() -> None:
    stage, pane = Stage(), StatePane()
    for count in range(3):
        cast = stage.write(Cast, None, source="user", target="counter", alias=None, payload=b"")
        stage.write(Sync, "counter", cast.seq, state=f'{{"count": {count}}}')
    app = Theatre(stage, pane)
    async with app.run_test(size=(60, 8)) as pilot:
        await settled(app, pilot)
        pane.show_selection(2, "user")
        assert '"count": 0→1' in told(await settled(app, pilot))


async def test_an_instance_without_state_says_so() -> None:
    stage, pane = Stage(), StatePane()
    stage.write(Sync, "counter", None, state="1")
    app = Theatre(stage, pane)
    async with app.run_test(size=(70, 8)) as pilot:
        await settled(app, pilot)
        pane.show_selection(None, "sensor")
        assert "sensor has not synced any state yet" in told(await settled(app, pilot))


async def test_a_huge_state_is_shown_in_part() -> None:
    stage, pane = Stage(), StatePane()
    stage.write(Sync, "a", None, state="x" * (50 << 20))
    stage.write(Sync, "a", None, state="y" * (50 << 20))
    app = Theatre(stage, pane)
    async with app.run_test(size=(60, 8)) as pilot:
        assert "50.0 MiB" in told(await settled(app, pilot))


# -- diagnostics

ERROR = Diagnostic(
    "error",
    "expected `;`",
    "src/lib.rs",
    14,
    9,
    "\x1b[1m\x1b[38;5;9merror\x1b[0m: expected `;` [bold]\n  \x1b[94m-->\x1b[0m src/lib.rs:14:9\n",
)
WARNING = Diagnostic("warning", "unused variable: `x`", "src/lib.rs", 3, 5, "warning: unused variable: `x`\n")


async def test_what_the_compiler_said_leads_to_its_place() -> None:
    stage, pane = Stage(), DiagnosticsPane()
    before = {"build": 300.0, "swap": 20.0}  # of the code before, which says nothing of the build that failed
    failed = BuildView("counter", "failed", diagnostics=(WARNING, ERROR), since_change_ms=340, stages_ms=before)
    builds = (failed, BuildView("ticker", "live", since_change_ms=340))
    stage.picture = replace(stage.picture, builds=builds, instances=(InstanceView("counter", "counter", "idle"),))
    app = Theatre(stage, pane)
    async with app.run_test(size=(80, 12)) as pilot:
        rows = await settled(app, pilot)
        assert told(rows).startswith(
            "✖ counter failed; the old code stays 1 error, 1 warning error: expected `;` [bold] --> src/lib.rs:14:9"
        )
        assert "ticker live in 340 ms" in told(rows)
        assert (pane.title, pane.subtitle) == ("diagnostics 1", "✖ 1  ▲ 1")
        assert pane.place is not None
        assert (pane.place.path, pane.place.line) == (PROJECT.root / "src/lib.rs", 14)
        pane.rows.focus()
        await pilot.press("ctrl+down", "ctrl+down", "enter")
        await pilot.pause()
    opened = [(message.path, message.line, message.column) for message in app.posted if isinstance(message, OpenSource)]
    assert opened == [(PROJECT.root / "src/lib.rs", 3, 5)]


async def test_where_no_old_code_runs_none_is_said_to_stay() -> None:
    stage, pane = Stage(), DiagnosticsPane()
    failed = BuildView("counter", "failed", diagnostics=(ERROR,))
    stage.picture = replace(stage.picture, builds=(failed,), instances=(InstanceView("counter", "counter", "failed"),))
    app = Theatre(stage, pane)
    async with app.run_test(size=(80, 12)) as pilot:
        assert told(await settled(app, pilot)).startswith("✖ counter failed 1 error")


async def test_broken_files_and_a_missing_compiler_are_told() -> None:
    stage, pane = Stage(), DiagnosticsPane()
    problem = Problem("error", UserError("no such function", path=Path("/project/workflow.json"), line=3))
    stage.picture = replace(stage.picture, problems=(problem,), toolchain="there is no Rust compiler")
    app = Theatre(stage, pane)
    async with app.run_test(size=(80, 8)) as pilot:
        text = told(await settled(app, pilot))
    assert "there is no Rust compiler" in text
    assert "workflow.json 1 error" in text
    assert "✖ 3 no such function" in text


async def test_building_says_how_far_it_is() -> None:
    stage, pane = Stage(), DiagnosticsPane()
    stage.picture = replace(stage.picture, builds=(BuildView("counter", "building", "serde", 3, 12, 1200.0),))
    app = Theatre(stage, pane)
    async with app.run_test(size=(80, 8)) as pilot:
        assert "counter building serde 3/12 1.20 s" in told(await settled(app, pilot))


# -- inspector


async def test_a_call_is_told_whole() -> None:
    stage, pane = Stage(), InspectorPane()
    stage.write(Cast, None, source="user", target="ping", alias=None, payload=b"go")
    stage.write(Call, "ping", 0, source="ping", target="pong", alias="peer", payload=b"PING-7")
    stage.write(Log, "pong", 1, level="info", target="x", message="asked")
    stage.write(Handled, "pong", 1, event=1, callback="handle_call", duration_us=250.0, outcome="ok")
    stage.write(Reply, "pong", 1, call=1, outcome="reply", payload=b"PONG", t=1.4)
    app = Theatre(stage, pane)
    async with app.run_test(size=(70, 20)) as pilot:
        app.tick()
        pane.show_selection(1, "ping")
        text = told(await settled(app, pilot))
    assert text.startswith("#1 call ping → pong caused by #0 cast user → ping go")
    assert "answered #4 reply to ping PONG after 0.4 ms" in text
    assert "handled in 0.2 ms" in text
    assert "output peer" in text
    assert "led to #2 info log of pong asked" in text
    assert text.endswith("payload text json hex 6 B PING-7")


async def test_links_lead_to_their_records() -> None:
    stage, pane = Stage(), InspectorPane()
    stage.write(Cast, None, source="user", target="ping", alias=None, payload=b"go")
    stage.write(Log, "ping", 0, level="info", target="x", message="gone")
    app = Theatre(stage, pane)
    async with app.run_test(size=(70, 20)) as pilot:
        app.tick()
        pane.show_selection(1, "ping")
        await settled(app, pilot)
        pane.rows.focus()
        await pilot.press("down", "down", "enter")
        await pilot.pause()
    assert [message.seq for message in app.posted if isinstance(message, RecordSelected)] == [0]


async def test_consequences_that_come_later_appear() -> None:
    stage, pane = Stage(), InspectorPane()
    stage.write(Call, "ping", None, source="ping", target="pong", alias="peer", payload=b"PING-7")
    app = Theatre(stage, pane)
    async with app.run_test(size=(70, 20)) as pilot:
        app.tick()
        pane.show_selection(0, "ping")
        assert "answered not yet" in told(await settled(app, pilot))
        for _ in range(10_000):
            stage.write(Log, "x", None, level="info", target="", message="noise")
        stage.write(Reply, "pong", 0, call=0, outcome="err", payload=None)
        app.tick(5)
        assert "answered #10,001 error to ping" in told(await settled(app, pilot))


async def test_the_payload_can_be_seen_in_three_ways() -> None:
    stage, pane = Stage(), InspectorPane()
    stage.write(Cast, None, source="user", target="a", alias=None, payload=b'{"a":1}')
    app = Theatre(stage, pane)
    async with app.run_test(size=(90, 20)) as pilot:
        app.tick()
        pane.show_selection(0, None)
        assert told(await settled(app, pilot)).endswith('{ "a": 1 }')
        pane.rows.focus()
        await pilot.press("right")
        assert "7b 22 61 22 3a 31 7d" in told(await settled(app, pilot))
        await pilot.press("right")
        assert told(await settled(app, pilot)).endswith('{"a":1}')


async def test_fifty_megabytes_can_be_looked_through_in_hex() -> None:
    stage, pane = Stage(), InspectorPane()
    stage.write(Cast, None, source="user", target="a", alias=None, payload=b"\x00\xff" * (25 << 20))
    app = Theatre(stage, pane)
    async with app.run_test(size=(90, 12)) as pilot:
        app.tick()
        pane.show_selection(0, None)
        await settled(app, pilot)
        pane.rows.focus()
        await pilot.press("end")
        assert "31ffff0 00 ff" in told(await settled(app, pilot))


async def test_a_large_payload_is_copied_in_part() -> None:
    stage, pane = Stage(), InspectorPane()
    stage.write(Cast, None, source="user", target="ping", alias=None, payload=b"x" * (3 << 20))
    app = Theatre(stage, pane)
    async with app.run_test(size=(90, 12)) as pilot:
        app.tick()
        pane.show_selection(0, None)
        await settled(app, pilot)
        pane.rows.focus()
        await pilot.press("end")
        pane.action_copy()
        await pilot.pause()
        assert app.clipboard == "x" * (1 << 20)
        [told] = [each.message for each in app._notifications]
        assert told.startswith("copied the first 1.0 MiB of 3.0 MiB: xxx")
        assert len(told) < 120


async def test_a_trap_names_its_frames_and_leads_to_the_source(tmp_path: Path) -> None:
    source, crate = tmp_path / "risky" / "src" / "lib.rs", tmp_path / "crate" / "lib.rs"
    for path in (source, crate):
        path.parent.mkdir(parents=True)
        path.write_text("fn main() {}")
    spec = tmp_path / "risky" / "function.json"
    opened = Project(tmp_path, (tmp_path,), {"risky": Function("risky", spec.parent, spec, None, spec)})
    stage, pane = Stage(picture=View(opened, INSTANCES, clock="virtual")), InspectorPane()
    frames = (
        Frame("core::panic", "/rustc/none/panic.rs", 1, 1),
        Frame("core::panic_fmt"),
        Frame("core::unwrap"),
        Frame("risky::handle", str(source), 31, 9),
        Frame("shim::cast", str(crate), 4, 2),
        Frame("start"),
    )
    told_why: dict[str, Any] = {"message": "unreachable", "panic": "asked\x1b[2J to", "frames": frames}
    stage.write(Trap, "risky", None, callback="handle_cast", **told_why)
    app = Theatre(stage, pane)
    async with app.run_test(size=(100, 20)) as pilot:
        app.tick()
        pane.show_selection(0, "risky")
        rows = await settled(app, pilot)
        text = told(rows)
        assert "risky trapped in handle_cast" in text
        assert "panic asked\\x1b[2J to" in text
        assert "frames · 3 without source: core::panic … core::unwrap" in text
        assert "▸ risky::handle risky/src/lib.rs:31:9" in text
        assert "· shim::cast crate/lib.rs:4:2" in text
        assert "· start" in text
        assert pane.place is None
        pane.rows.focus()
        place = next(number for number, row in enumerate(rows) if "risky::handle" in row)
        await pilot.press(*["down"] * (place + 1), "enter")
        await pilot.pause()
        assert pane.place is not None
        assert pane.place.path == source
    went = [message for message in app.posted if isinstance(message, OpenSource)]
    assert [(message.path, message.line, message.column) for message in went] == [(source, 31, 9)]


async def test_an_instance_is_told_whole() -> None:
    stage, pane = Stage(), InspectorPane()
    instance = InstanceView(
        "ping",
        "pinger",
        "waiting",
        "waits on pong",
        mailbox=120,
        next_events=(Waiting(7, "user", True, b"first\n"), Waiting(8, "sensor", False, b"second")),
        waits_on="pong",
        handled=1234,
        rate=12.0,
        memory_bytes=1 << 20,
        links={"peer": "pong", "lost": None},
        init_payload="every 1s",
    )
    stand_in = InstanceView("sink", "", "stand-in", rule=("reply", b"OK"))
    pending = PendingCall(9, "ping", "sink", "out", b"?", 5.0)
    stage.picture = replace(stage.picture, instances=(instance, stand_in), pending_calls=(pending,))
    app = Theatre(stage, pane)
    async with app.run_test(size=(70, 24)) as pilot:
        pane.show_selection(None, "ping")
        text = told(await settled(app, pilot))
        for words in (
            "ping waiting function pinger waits on pong",
            "handled 1,234 events, 12/s, 1.0 MiB of memory",
            "init every 1s",
            "outputs peer → pong lost → nowhere",
            "mailbox 120 wait #7 call from user first\\n #8 cast from sensor second and 118 more",
        ):
            assert words in text
        pane.show_selection(None, "sink")
        text = told(await settled(app, pilot))
        assert "rule ⤷ answers by rule: OK" in text
        assert "calls to answer #9 call from ping ?" in text
        pane.show_selection(None, "nobody")
        assert "nobody is gone" in told(await settled(app, pilot))


@pytest.mark.parametrize("status", ["idle", "running", "waiting", "trapped"])
async def test_what_a_full_mailbox_dropped_is_told_however_the_instance_is(status: Status) -> None:
    stage, pane = Stage(), InspectorPane()
    told_of = InstanceView("counter", "counter", status, "its full mailbox dropped 12 events", dropped=12)
    stage.picture = replace(stage.picture, instances=(told_of,))
    app = Theatre(stage, pane)
    async with app.run_test(size=(80, 10)) as pilot:
        pane.show_selection(None, "counter")
        assert "its full mailbox dropped 12 events" in told(await settled(app, pilot))


async def test_a_record_that_the_journal_dropped_is_told_as_such() -> None:
    stage, pane = Stage(), InspectorPane()
    app = Theatre(stage, pane)
    async with app.run_test(size=(70, 6)) as pilot:
        app.tick()
        pane.show_selection(99, None)
        assert "#99 is no longer in the journal" in told(await settled(app, pilot))
