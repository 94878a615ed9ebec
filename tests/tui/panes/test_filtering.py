"""Traffic and logs filtered: by a query, tried while it is typed, from the newest back."""

from __future__ import annotations

from tests.tui.panes.crossing import casts
from tests.tui.panes.stage import Stage, Theatre, settled
from workbench.records import Call, Handled
from workbench.tui.panes import TrafficPane


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
        assert any("no ) for this (" in row for row in await settled(app, pilot))
        assert pane.count() == 3
        await pilot.press("escape")
        assert not any("no ) for this (" in row for row in await settled(app, pilot))
        assert pane.query_text == "kind:cast"
        assert pane.subtitle == "/ kind:cast"
    assert not app.posted


async def test_in_a_narrow_pane_the_whole_sentence_can_be_read_and_none_about_the_query_before() -> None:
    stage, pane = Stage(), TrafficPane()
    casts(stage, 3)
    app = Theatre(stage, pane)
    async with app.run_test(size=(40, 10)) as pilot:
        pane.action_filter()
        await pilot.press(*"kind:foo", "enter")
        text = " ".join(" ".join(await settled(app, pilot)).split())
        assert '"foo" is not a kind; there are build, start,' in text
        assert "log, sync, trap, note, stop, change" in text
        assert "Nothing fits" not in text


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
