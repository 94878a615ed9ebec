"""Looking around in traffic and logs: searching, choosing, copying, wrapping."""

from __future__ import annotations

from tests.tui.panes.crossing import casts
from tests.tui.panes.stage import Stage, Theatre, settled
from workbench.records import Call, Cast, Log, Reply, Timer
from workbench.tui.panes import LogsPane, RecordSelected, TrafficPane


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


async def test_what_is_searched_for_and_not_there_is_said_to_be_not_found() -> None:
    stage, pane = Stage(), LogsPane()
    stage.write(Log, "a", None, level="info", target="t", message="one")
    app = Theatre(stage, pane)
    async with app.run_test(size=(60, 6)) as pilot:
        await settled(app, pilot)
        pane.action_next_match()
        pane.action_search()
        await pilot.press(*"two")
        assert any('"two" is not found' in row for row in await settled(app, pilot))
        await pilot.press("enter")
        pane.action_previous_match()
        await pilot.pause()
        told = [notification.message for notification in app._notifications]
        assert told == ["nothing is searched for yet", '"two" is not found', '"two" is not found']


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
