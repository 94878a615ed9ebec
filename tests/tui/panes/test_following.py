"""Traffic and logs follow the newest, or hold still where one looks."""

from __future__ import annotations

from tests.tui.panes.crossing import casts
from tests.tui.panes.stage import Stage, Theatre, settled
from workbench.journal import Journal
from workbench.tui.panes import TrafficPane


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
