"""Traffic and logs: what they show, how they follow, filter, search, copy, and stay quick."""

from __future__ import annotations

import pytest
from textual.pilot import Pilot

from tests.tui.panes.stage import Stage, Theatre, shown
from workbench.journal import Journal
from workbench.records import Call, Cast, Handled, Log, Note, Reply, Sync, Timer, Trap
from workbench.tui.panes import LogsPane, RecordSelected, TrafficPane


def casts(stage: Stage, count: int, *, source: str = "sensor", payload: bytes = b"41.7") -> None:
    for _ in range(count):
        stage.write(Cast, None, source=source, target="filter", alias="out", payload=payload)


async def settled(app: Theatre, pilot: Pilot[None]) -> list[str]:
    """One more look at the stage, painted."""
    app.tick()
    await pilot.pause()
    return shown(app)


async def test_messages_and_lifecycle_each_have_a_line() -> None:
    stage, pane = Stage(), TrafficPane()
    stage.write(Call, "ping", source="ping", target="pong", alias="peer", payload=b"PING-7", t=64_318.0)
    stage.write(Reply, "pong", 0, call=0, outcome="reply", payload=b"PONG", t=64_318.4)
    stage.write(Handled, "pong", 0, event=0, callback="handle_call", duration_us=300.0, outcome="ok")
    stage.write(Timer, "ticker", None, source="ticker", target="ticker", alias="self", delay_ms=1000, payload=b"wakeup")
    stage.write(Cast, "a", None, source="a", target=None, alias="lost", payload=b"x")
    stage.write(Sync, "ping", 0, state='{"count": 8}')
    stage.write(Trap, "risky", None, callback="handle_cast", message="unreachable", panic="asked to", frames=())
    stage.write(Note, "risky", None, code="unknown-alias", message="nothing is linked to lost")
    app = Theatre(stage, pane)
    async with app.run_test(size=(100, 12)) as pilot:
        rows = [" ".join(row.split()) for row in await settled(app, pilot) if row]
    assert rows == [
        "0 1:04.318 ping → pong call PING-7 0.4 ms",
        "1 1:04.318 pong ↩ ping reply PONG",
        "3 0.003 ticker ◷ self timer +1,000 ms wakeup",
        "4 0.004 a → ✗ lost cast x",
        '5 0.005 ping ≡ sync {"count": 8}',
        "6 0.006 risky ✖ trap asked to",
        "7 0.007 risky ! note unknown-alias: nothing is linked to lost",
    ]


async def test_a_cast_tells_how_long_its_handling_took_once_it_is_over() -> None:
    stage = Stage()
    app = Theatre(stage, TrafficPane())
    async with app.run_test(size=(100, 6)) as pilot:
        casts(stage, 1)
        assert "12 µs" not in (await settled(app, pilot))[0]
        stage.write(Handled, "filter", 0, event=0, callback="handle_cast", duration_us=12.0, outcome="ok")
        assert (await settled(app, pilot))[0].endswith("12 µs")


async def test_what_guests_send_is_shown_never_obeyed() -> None:
    stage = Stage()
    casts(stage, 1, source="[red]x[/red]", payload=b"\x1b[2J[bold]hi[/bold]\n\xff")
    stage.write(Log, "\x1b]0;t\x07", None, level="info", target="\u202e", message="[link=x]no\x1b[31m\r\nmore")
    app = Theatre(stage, TrafficPane(), LogsPane())
    async with app.run_test(size=(120, 8)) as pilot:
        screen = "\n".join(await settled(app, pilot))
    assert "\\x1b[2J[bold]hi[/bold]\\n\\xff" in screen
    assert "[link=x]no\\x1b[31m\\r\\nmore" in screen
    assert not set(screen) & {"\x1b", "\x07", "\r", "\u202e"}


async def test_the_pane_follows_the_newest_until_one_goes_up() -> None:
    stage, pane = Stage(), TrafficPane()
    casts(stage, 50)
    app = Theatre(stage, pane)
    async with app.run_test(size=(100, 10)) as pilot:
        assert (await settled(app, pilot))[9].split()[0] == "49"
        pane.rows.focus()
        await pilot.press("up")
        held = await settled(app, pilot)
        casts(stage, 312)
        assert await settled(app, pilot) == held
        assert pane.subtitle == "+312 new"
        await pilot.press("end")
        assert (await settled(app, pilot))[9].split()[0] == "361"
        casts(stage, 1)
        assert (await settled(app, pilot))[9].split()[0] == "362"


async def test_scrolling_with_the_wheel_holds_still_and_f_follows_again() -> None:
    stage, pane = Stage(), TrafficPane()
    casts(stage, 50)
    app = Theatre(stage, pane)
    async with app.run_test(size=(100, 10)) as pilot:
        await settled(app, pilot)
        pane.rows.scroll_up(animate=False)
        await pilot.pause()
        casts(stage, 5)
        assert (await settled(app, pilot))[9].split()[0] == "48"
        pane.action_follow()
        assert (await settled(app, pilot))[9].split()[0] == "54"


async def test_a_held_pane_stays_on_its_lines_while_the_journal_lets_go_of_old_ones() -> None:
    stage, pane = Stage(Journal(max_records=4096)), TrafficPane()
    casts(stage, 4000)
    app = Theatre(stage, pane)
    async with app.run_test(size=(100, 10)) as pilot:
        app.tick(5)
        await pilot.pause()
        pane.rows.focus()
        await pilot.press("up")
        held = [row[:90].rstrip() for row in await settled(app, pilot)]
        casts(stage, 2000)
        assert [row[:90].rstrip() for row in await settled(app, pilot)] == held


async def test_lines_the_journal_dropped_are_gone() -> None:
    stage, pane = Stage(Journal(max_records=4096)), TrafficPane()
    app = Theatre(stage, pane)
    async with app.run_test(size=(100, 10)) as pilot:
        for _ in range(20):
            casts(stage, 1500)
            app.tick(2)
            assert pane.count() <= 5120
        await pilot.press("tab")
        pane.rows.focus()
        await pilot.press("home")
        assert int((await settled(app, pilot))[0].split()[0]) == stage.journal.first


async def test_a_query_is_tried_while_it_is_typed_and_kept_with_enter() -> None:
    stage, pane = Stage(), TrafficPane()
    casts(stage, 3)
    stage.write(Call, "ping", source="ping", target="pong", alias="peer", payload=b"PING-7")
    app = Theatre(stage, pane)
    async with app.run_test(size=(100, 10)) as pilot:
        await settled(app, pilot)
        pane.action_filter()
        await pilot.press(*"kind", "colon", *"call")
        await settled(app, pilot)
        assert pane.count() == 1
        await pilot.press("enter")
        assert pane.rows.has_focus
        assert pane.subtitle == "/ kind:call"
        pane.action_filter()
        await pilot.press("up")
        assert pane.prompt.value == "kind:call"


async def test_a_slow_query_goes_on_where_it_was_and_finds_the_same() -> None:
    stage, pane = Stage(), TrafficPane()
    casts(stage, 8, payload=b"a" * 500 + b"b")
    app = Theatre(stage, pane)
    async with app.run_test(size=(100, 10)) as pilot:
        pane.set_query("/(a?){1000}b/")
        app.tick()
        assert pane.count() < 8
        casts(stage, 8, payload=b"a" * 500 + b"b")
        await until_found(app, pane, 16)
        assert [pane.id_at(index) for index in range(pane.count())] == list(range(16))
        await pilot.pause()


async def until_found(app: Theatre, pane: TrafficPane, count: int) -> None:
    for _ in range(100 * count):
        if pane.count() == count:
            return
        app.tick()
    raise AssertionError(f"only {pane.count()} found")


async def test_a_wrong_query_is_explained_and_the_last_good_one_stays() -> None:
    stage, pane = Stage(), TrafficPane()
    casts(stage, 3)
    app = Theatre(stage, pane)
    async with app.run_test(size=(100, 10)) as pilot:
        pane.set_query("kind:cast")
        pane.action_filter()
        await pilot.press("space", "left_parenthesis", "x")
        await settled(app, pilot)
        assert "no ) for this (" in str(pane.subtitle)
        assert pane.count() == 3
        await pilot.press("escape")
        await settled(app, pilot)
        assert pane.query_text == "kind:cast"
        assert pane.subtitle == "/ kind:cast"
    assert not app.posted


async def test_a_query_about_durations_finds_events_when_they_end() -> None:
    stage, pane = Stage(), TrafficPane()
    app = Theatre(stage, pane)
    async with app.run_test(size=(100, 10)) as pilot:
        pane.set_query("kind:cast duration>5ms")
        casts(stage, 2)
        await settled(app, pilot)
        assert pane.count() == 0
        stage.write(Handled, "filter", 1, event=1, callback="handle_cast", duration_us=9000.0, outcome="ok")
        rows = await settled(app, pilot)
        assert [row.split()[0] for row in rows if row] == ["1"]


async def test_setting_a_query_shows_the_newest_first_and_finds_all() -> None:
    stage, pane = Stage(), TrafficPane()
    casts(stage, 60_000)
    stage.write(Call, "ping", source="ping", target="pong", alias="peer", payload=b"last")
    app = Theatre(stage, pane)
    async with app.run_test(size=(100, 5)) as pilot:
        pane.set_query("last | 41.7")
        rows = await settled(app, pilot)
        assert rows[4].endswith("last")
        while pane.subtitle != "/ last | 41.7":
            app.tick()
        assert pane.count() == 60_001


async def test_an_empty_pane_says_why() -> None:
    stage, pane = Stage(), TrafficPane()
    app = Theatre(stage, pane)
    async with app.run_test(size=(100, 5)) as pilot:
        assert "No messages yet" in (await settled(app, pilot))[0]
        casts(stage, 1)
        pane.set_query("kind:trap")
        assert "Nothing fits kind:trap" in (await settled(app, pilot))[0]


async def test_clearing_begins_anew_and_leaves_the_journal_alone() -> None:
    stage, pane = Stage(), TrafficPane()
    casts(stage, 5)
    app = Theatre(stage, pane)
    async with app.run_test(size=(100, 5)) as pilot:
        await settled(app, pilot)
        pane.action_clear()
        casts(stage, 1)
        rows = await settled(app, pilot)
        assert [row.split()[0] for row in rows if row] == ["5"]
        pane.set_query("kind:cast")
        assert len([row for row in await settled(app, pilot) if row]) == 1
    assert stage.journal.first == 0


async def test_searching_goes_from_match_to_match_and_around() -> None:
    stage, pane = Stage(), TrafficPane()
    for number in range(30):
        casts(stage, 1, payload=b"needle" if number % 10 == 3 else b"hay")
    app = Theatre(stage, pane)
    async with app.run_test(size=(100, 8)) as pilot:
        await settled(app, pilot)
        pane.action_search()
        await pilot.press(*"needle", "enter")
        found = [pane.rows.cursor]
        for step in (*[pane.action_next_match] * 3, pane.action_previous_match):
            step()
            found.append(pane.rows.cursor)
        assert found == [3, 13, 23, 3, 23]
        assert any("needle" in row for row in await settled(app, pilot))


async def test_moving_the_cursor_chooses_the_record() -> None:
    stage, pane = Stage(), TrafficPane()
    casts(stage, 5)
    app = Theatre(stage, pane)
    async with app.run_test(size=(100, 8)) as pilot:
        await settled(app, pilot)
        pane.rows.focus()
        await pilot.press("up", "k")
        await pilot.pause()
    assert [message.seq for message in app.posted if isinstance(message, RecordSelected)] == [4, 3]


async def test_a_click_chooses_the_line_under_the_mouse() -> None:
    stage, pane = Stage(), TrafficPane()
    casts(stage, 5)
    app = Theatre(stage, pane)
    async with app.run_test(size=(100, 8)) as pilot:
        await settled(app, pilot)
        await pilot.click(pane.rows, offset=(10, 2))
        await pilot.pause()
    assert [message.seq for message in app.posted if isinstance(message, RecordSelected)] == [2]


async def test_dragging_selects_text_that_copy_takes() -> None:
    stage, pane = Stage(), LogsPane()
    for word in ("first line", "second line", "third line"):
        stage.write(Log, "a", None, level="info", target="", message=word)
    app = Theatre(stage, pane)
    async with app.run_test(size=(60, 6)) as pilot:
        rows = await settled(app, pilot)
        start, end = rows[0].index("first"), rows[1].index("line") + 4
        await pilot.mouse_down(pane.rows, offset=(start, 0))
        await pilot.hover(pane.rows, offset=(end - 1, 1))
        await pilot.mouse_up(pane.rows, offset=(end - 1, 1))
        await pilot.pause()
        pane.action_copy()
        copied = app.clipboard.split("\n")
    assert copied[0] == "first line"
    assert copied[1].split() == ["0.001", "a", "info", "second", "line"]


async def test_copy_without_a_selection_takes_the_line() -> None:
    stage, pane = Stage(), LogsPane()
    stage.write(Log, "a", None, level="warn", target="t", message="x" * 500)
    app = Theatre(stage, pane)
    async with app.run_test(size=(60, 6)) as pilot:
        await settled(app, pilot)
        pane.rows.focus()
        await pilot.press("up")
        pane.action_copy()
        assert app.clipboard.endswith("x" * 500)


async def test_wrapping_shows_the_whole_message_line_by_line() -> None:
    stage, pane = Stage(), LogsPane()
    stage.write(Log, "a", None, level="info", target="t", message="one two three four five six seven eight\nnine")
    stage.write(Log, "a", None, level="info", target="t", message="next")
    app = Theatre(stage, pane)
    async with app.run_test(size=(44, 8)) as pilot:
        cut = [row for row in await settled(app, pilot) if row]
        assert len(cut) == 2
        assert "…" in cut[0]
        pane.action_wrap()
        wrapped = [row.strip() for row in await settled(app, pilot) if row]
    assert " ".join(wrapped[0].split()[3:]) + " " + " ".join(wrapped[1:-2]) == "one two three four five six seven eight"
    assert wrapped[-2] == "nine"
    assert wrapped[-1].endswith("next")


async def test_a_wrapped_pane_ends_with_the_newest_line() -> None:
    stage, pane = Stage(), LogsPane()
    for number in range(200):
        stage.write(Log, "a", None, level="info", target="t", message=f"{number} " + "word " * 30)
    app = Theatre(stage, pane)
    async with app.run_test(size=(60, 10)) as pilot:
        pane.action_wrap()
        rows = await settled(app, pilot)
        assert any(" 199 " in row for row in rows)
        pane.rows.focus()
        await pilot.press("home")
        assert " 0 word" in (await settled(app, pilot))[0]


async def test_the_chain_of_the_selected_record_is_marked() -> None:
    stage, pane = Stage(), TrafficPane()
    casts(stage, 1)
    stage.write(Call, "filter", 0, source="filter", target="pong", alias="p", payload=b"")
    casts(stage, 1)
    stage.write(Reply, "pong", 1, call=1, outcome="noreply", payload=None)
    app = Theatre(stage, pane)
    async with app.run_test(size=(100, 6)) as pilot:
        await settled(app, pilot)
        pane.show_selection(1, "pong")
        marks = [row[:1] for row in await settled(app, pilot)][:4]
        assert marks == ["▴", "▸", " ", "▾"]
        pane.show_selection(None, "filter")
        assert [row[:1] for row in await settled(app, pilot)][:4] == ["│", "│", "│", " "]
        pane.show_selection(None, None)
        assert [row[:1] for row in await settled(app, pilot)][:4] == [" "] * 4


async def test_an_endless_chain_of_timers_is_marked_without_walking_all_of_it() -> None:
    stage, pane = Stage(), TrafficPane()
    stage.write(Timer, "t", None, source="t", target="t", alias="self", delay_ms=1, payload=b"")
    for seq in range(1, 20_000):
        stage.write(Cast, "t", seq - 1, source="t", target="t", alias="self", payload=b"")
    app = Theatre(stage, pane)
    async with app.run_test(size=(100, 6)) as pilot:
        while pane.count() < 20_000:
            app.tick()
        pane.show_selection(19_998, "t")
        assert [row[:1] for row in await settled(app, pilot)] == ["▴", "▴", "▴", "▴", "▸", "▾"]


@pytest.mark.parametrize("width", [20, 33, 47, 57, 80, 200])
async def test_lines_fit_any_width(width: int) -> None:
    stage = Stage()
    casts(stage, 2, payload=("日本語" * 100).encode())
    stage.write(Log, "名前" * 20, None, level="error", target="t" * 50, message="✖ " * 300)
    app = Theatre(stage, TrafficPane(), LogsPane())
    async with app.run_test(size=(width, 8)) as pilot:
        await settled(app, pilot)
        for pane in app.panes:
            pane.action_wrap()
        await settled(app, pilot)
        assert all(pane.rows.scrollable_content_region.width > 0 for pane in app.panes)


async def test_a_payload_of_fifty_megabytes_is_a_short_line() -> None:
    stage = Stage()
    casts(stage, 1, payload=b"x" * (50 << 20))
    app = Theatre(stage, TrafficPane())
    async with app.run_test(size=(100, 4)) as pilot:
        assert "… 50.0 MiB" in (await settled(app, pilot))[0]


async def test_a_hidden_pane_takes_nothing_in_until_it_shows() -> None:
    stage, pane = Stage(), TrafficPane()
    app = Theatre(stage, pane)
    async with app.run_test(size=(100, 4)) as pilot:
        pane.display = False
        casts(stage, 9)
        app.tick()
        assert pane.count() == 0
        pane.display = True
        await settled(app, pilot)
        assert pane.count() == 9
