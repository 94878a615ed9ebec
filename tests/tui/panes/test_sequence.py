"""The sequence diagram: what is drawn between lifelines, who has one, and the selection it shares."""

from __future__ import annotations

from typing import Any

import pytest

from tests.tui.panes.casts import NAMES, handled, twenty
from tests.tui.panes.stage import Stage, Theatre, settled
from workbench.records import Call, Cast, Change, InstanceId, Log, Note, Record, Reload, Reply, Start, Timer, Trap
from workbench.tui.panes import LogsPane, RecordSelected, SequencePane, TrafficPane
from workbench.tui.panes.line import Line
from workbench.tui.panes.rows import Rows
from workbench.tui.panes.sequence.activity import BLOCK, Activity


async def test_each_kind_of_message_has_its_arrow() -> None:
    stage, pane = Stage(), SequencePane()
    stage.write(Cast, None, source="user", target="ping", alias=None, payload=b"go")
    stage.write(Call, "ping", 0, source="ping", target="pong", alias="peer", payload=b"PING\x1b[31m")
    stage.write(Reply, "pong", 1, call=1, outcome="reply", payload=b"PONG")
    handled(stage, 0, "ping")
    stage.write(Reply, "pong", 1, call=1, outcome="noreply", payload=None)
    stage.write(Timer, "ping", None, source="ping", target="ping", alias="self", delay_ms=1000, payload=b"wakeup")
    stage.write(Cast, "ping", 5, source="ping", target="ping", alias="self", payload=b"wakeup")
    stage.write(Timer, "ping", None, source="ping", target="pong", alias="peer", delay_ms=20, payload=b"x")
    stage.write(Cast, "ping", None, source="ping", target=None, alias="nobody", payload=b"lost")
    stage.write(Call, "pong", None, source="pong", target="pong", alias="self", payload=b"me")
    app = Theatre(stage, pane)
    async with app.run_test(size=(82, 12)) as pilot:
        rows = [row[10:] for row in await settled(app, pilot)]
    assert rows == [
        "          user                   ping                   pong",
        "            ├─ go ────────────────►│                      │",
        "            │                      ┣═ PING\\x1b[31m ══════►│",
        "            │                      ┃◄╌╌╌╌╌╌╌╌╌╌╌╌╌╌ PONG ╌┤",
        "            │                      │◄╌╌╌╌╌╌╌╌╌╌ no reply ╌┤",
        "            │                      ├↺ ◷ +1,000 ms wakeup  │",
        "            │                      ├↺ ◷ wakeup            │",
        "            │                      ├┈ ◷ +20 ms x ┈┈┈┈┈┈┈┈►│",
        "            │                      ├──✗ nobody  lost      │",
        "            │                      │                      ╞═↺ me",
        "",
        "",
    ]


async def test_what_happens_to_an_instance_is_marked_on_its_lifeline() -> None:
    stage, pane = Stage(), SequencePane()
    identity = InstanceId("n", "f")
    start: dict[str, Any] = {"function": "ping", "instance_id": identity, "init_payload": "hello", "state": None}
    stage.write(Start, "ping", **start)
    stage.write(Start, "idle", **start)
    stage.write(Cast, None, source="user", target="ping", alias=None, payload=b"go")
    stage.write(Trap, "ping", 2, callback="handle_cast", message="unreachable", panic="asked to", frames=())
    stage.write(Note, "ping", None, code="callee-trapped", message="so")
    stage.write(Reload, "ping", None, policy="fresh", outcome="swapped", duration_ms=1.0, since_change_ms=None)
    stage.write(Change, "ping", None, event=2, action="held")
    app = Theatre(stage, pane)
    async with app.run_test(size=(82, 8)) as pilot:
        rows = [row[10:] for row in await settled(app, pilot)]
    assert rows[1:8] == [
        "               │                           ▷ hello",
        " ▷ idle  hello │                           ┃",
        "               ├─ go ─────────────────────►┃",
        "               │                           ✖ asked to",
        "               │                           ! callee-trapped: so",
        "               │                           ↻ new code, fresh state",
        "               │                           ✎ #2 held back",
    ]


async def test_twenty_instances_stay_readable_at_eighty_columns_and_the_rest_is_a_key_away() -> None:
    pane = SequencePane()
    app = Theatre(twenty(), pane)
    async with app.run_test(size=(80, 24)) as pilot:
        rows = await settled(app, pilot)
        assert "user" in rows[0]
        assert "worker-0" in rows[1]
        assert rows[0].endswith("▸ 11")
        pane.rows.focus()
        await pilot.press("right", "right", "right")
        rows = await settled(app, pilot)
        assert "user" not in rows[0]
        assert "3 ◂" in rows[0]
        assert rows[0].endswith("▸ 8")
        await pilot.press(*["right"] * 30)
        rows = await settled(app, pilot)
        assert "◇archive" in rows[0] + rows[1]
        await pilot.press("left")
        assert (await settled(app, pilot))[0].endswith("▸ 1")


async def test_words_leave_the_name_of_one_out_of_sight_alone_and_no_words_no_gap() -> None:
    stage, pane = twenty(), SequencePane()
    stage.write(Cast, None, source="worker-6", target="worker-18", alias=None, payload=b"a long story" * 9)
    stage.write(Cast, None, source="user", target="worker-0", alias=None, payload=b"")
    app = Theatre(stage, pane)
    async with app.run_test(size=(80, 24)) as pilot:
        rows = await settled(app, pilot)
    assert rows[-2].endswith("► worker-18")
    assert "├─────►│" in rows[-1]


async def test_the_selected_message_brings_its_columns_in_sight() -> None:
    stage, pane = twenty(), SequencePane()
    app = Theatre(stage, pane)
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(app, pilot)
        last = max(record.seq for record in stage.journal.iterate() if isinstance(record, Cast))
        pane.show_selection(last, None)
        rows = await settled(app, pilot)
        row = next(row for row in rows if row.startswith("▸"))
        assert "18.5" in row
        assert "◇archive" in rows[0] + rows[1]


async def test_causes_and_consequences_are_marked_and_the_rest_is_pale() -> None:
    stage, pane = twenty(), SequencePane()
    app = Theatre(stage, pane)
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(app, pilot)
        call = next(record for record in stage.journal.iterate() if isinstance(record, Call) and record.seq > 90)
        pane.show_selection(call.seq, call.source)
        rows = await settled(app, pilot)
        at = next(y for y, row in enumerate(rows) if row.startswith("▸"))
        assert [row[:1] for row in rows[at - 3 : at + 3]] == [" ", "▴", " ", "▸", "▾", " "]
        tones = {y: pane.tone_of(pane.id_at(y - 2 + round(pane.rows.scroll_y))) for y in range(at - 2, at + 3)}
        assert [tone == "pane--pale" for tone in tones.values()] == [False, True, False, False, True]

        pane.show_selection(None, None)
        assert pane.tone_of(call.seq) == ""


async def test_choosing_a_row_tells_everyone_and_what_others_choose_is_taken_up() -> None:
    stage, pane, traffic = twenty(), SequencePane(), TrafficPane()
    app = Theatre(stage, pane, traffic)
    async with app.run_test(size=(100, 30)) as pilot:
        await settled(app, pilot)
        await pilot.click(pane.rows, offset=(40, 2))
        await pilot.pause()
        chosen = [message.seq for message in app.posted if isinstance(message, RecordSelected)]
        assert chosen == [pane.rows.cursor]
        traffic.show_selection(chosen[0], None)
        assert traffic.rows.cursor == chosen[0]

        traffic.rows.focus()
        await pilot.press("up")
        pane.show_selection(traffic.rows.cursor, None)
        assert pane.rows.cursor == traffic.rows.cursor


async def test_what_was_chosen_while_the_pane_was_hidden_is_in_sight_when_it_shows() -> None:
    stage, pane = twenty(), SequencePane()
    app = Theatre(stage, pane)
    async with app.run_test(size=(80, 12)) as pilot:
        await settled(app, pilot)
        pane.display = False
        chosen = stage.write(Cast, None, source="worker-11", target="worker-12", alias=None, payload=b"me")
        for _ in range(50):
            stage.write(Cast, None, source="user", target="worker-1", alias=None, payload=b"other")
        app.tick()
        pane.show_selection(chosen.seq, None)
        pane.display = True
        await pilot.pause()
        rows = await settled(app, pilot)
        row = next(row for row in rows if row.startswith("▸"))
        assert "►│ me" in row
        assert "worker-12" in rows[0] + rows[1]
        assert pane.rows.cursor == chosen.seq
        assert not pane.rows.following


@pytest.mark.parametrize("kind", [SequencePane, TrafficPane, LogsPane])
async def test_escape_chooses_nothing(kind: type[SequencePane | TrafficPane | LogsPane]) -> None:
    stage, pane = Stage(), kind()
    stage.write(Cast, None, source="user", target="a", alias=None, payload=b"x")
    stage.write(Log, "a", 0, level="info", target="a", message="got it")
    app = Theatre(stage, pane)
    async with app.run_test(size=(80, 8)) as pilot:
        await settled(app, pilot)
        pane.rows.focus()
        await pilot.press("up", "escape")
        await pilot.pause()
    assert pane.rows.cursor is None
    assert isinstance(app.posted[-1], Rows.LetGo)


async def test_the_mark_stands_between_arrows() -> None:
    pane = SequencePane()
    app = Theatre(twenty(), pane)
    async with app.run_test(size=(100, 20)) as pilot:
        await settled(app, pilot)
        pane.mark(50)
        rows = await settled(app, pilot)
        at = next(y for y, row in enumerate(rows) if row.startswith("── paused here ──"))
        assert at > 2
        assert pane.tone_of(51) == ""


async def test_a_filter_leaves_only_the_columns_of_who_takes_part() -> None:
    pane = SequencePane()
    app = Theatre(twenty(), pane)
    async with app.run_test(size=(100, 20)) as pilot:
        await settled(app, pilot)
        pane.set_query("from:user to:worker-3")
        rows = await settled(app, pilot)
        assert rows[0].split() == ["user", "worker-3"]
        assert [row for row in rows[1:] if row] == [rows[1]]


async def test_a_search_finds_names_and_copying_says_the_row_in_words() -> None:
    pane = SequencePane()
    app = Theatre(twenty(), pane)
    async with app.run_test(size=(100, 20)) as pilot:
        await settled(app, pilot)
        pane.action_search()
        await pilot.press(*"archive", "enter")
        pane.action_copy()
        assert app.clipboard == "0.109 worker-18 → archive cast 18.5"


async def test_a_wrapped_row_says_below_what_did_not_fit() -> None:
    stage, pane = Stage(), SequencePane()
    stage.write(Cast, None, source="user", target="a", alias=None, payload=b"word " * 40 + b"\nend")
    app = Theatre(stage, pane)
    async with app.run_test(size=(60, 12)) as pilot:
        assert "…" in (await settled(app, pilot))[1]
        pane.action_wrap()
        rows = [row for row in await settled(app, pilot) if row]
    assert rows[-1].strip() == "end"
    assert " ".join(" ".join(rows[2:-1]).split()) == " ".join(["word"] * 40)


@pytest.mark.parametrize("size", [(16, 6), (29, 6), (30, 6), (47, 5), (200, 9)])
async def test_rows_fit_any_size(size: tuple[int, int]) -> None:
    stage = twenty()
    stage.write(Cast, None, source="名前" * 9, target="worker-1", alias=None, payload=("日本語" * 99).encode())
    stage.write(Reply, "worker-1", None, call=9999, outcome="err", payload=None)
    pane = SequencePane()
    app = Theatre(stage, pane)
    async with app.run_test(size=size) as pilot:
        for _ in range(4):
            await settled(app, pilot)
            assert all(len(pane.rows.render_line(y).text) <= size[0] for y in range(pane.rows.size.height))
            pane.action_sideways(9)


async def test_of_a_hundred_thousand_messages_only_those_in_sight_are_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    stage, pane = Stage(), SequencePane()
    for number in range(100_000):
        stage.write(Cast, None, source="user", target=NAMES[number % 19], alias=None, payload=b"x")
    drawings: list[int] = []
    draw = pane.line_for

    def counted(record: Record, width: int, wrap: bool) -> Line:
        drawings.append(record.seq)
        return draw(record, width, wrap)

    monkeypatch.setattr(pane, "line_for", counted)
    app = Theatre(stage, pane)
    async with app.run_test(size=(200, 40)) as pilot:
        while pane.count() < 100_000:
            app.tick()
        await settled(app, pilot)
        drawings.clear()
        stage.write(Cast, None, source="user", target="worker-1", alias=None, payload=b"new")
        await settled(app, pilot)
        assert drawings == [100_000]
        pane.action_follow()
        pane.rows.go_to(50_000)
        await settled(app, pilot)
        assert len(drawings) < 2 * 40


def test_an_instance_is_busy_from_its_first_deed_until_its_event_is_handled() -> None:
    stage = Stage()
    stage.write(Cast, None, source="user", target="a", alias=None, payload=b"")
    stage.write(Call, "a", 0, source="a", target="b", alias="b", payload=b"")
    stage.write(Log, "b", 1, level="info", target="", message="")
    for _ in range(3 * BLOCK):
        stage.write(Log, "c", None, level="info", target="", message="")
    handled(stage, 1, "b")
    handled(stage, 0, "a")
    activity = Activity(stage.journal)
    end = stage.journal.end
    assert [sorted(activity.at(seq)) for seq in (0, 1, 2)] == [[], ["a"], ["a", "b"]]
    assert sorted(activity.at(BLOCK)) == ["a", "b"]
    assert sorted(activity.at(2 * BLOCK)) == ["a", "b"]
    assert [sorted(activity.at(seq)) for seq in (end - 3, end - 2, end - 1)] == [["a", "b"], ["a"], []]


def test_a_timer_that_fires_does_not_make_its_instance_busy() -> None:
    stage = Stage()
    stage.write(Timer, "a", None, source="a", target="a", alias="self", delay_ms=1, payload=b"")
    stage.write(Cast, "a", 0, source="a", target="a", alias="self", payload=b"")
    assert not Activity(stage.journal).at(1)
