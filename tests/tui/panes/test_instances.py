"""The list of instances: one glance tells how each is."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.tui.panes.stage import Stage, Theatre, settled
from workbench.session.view import BuildView, InstanceView, PendingCall
from workbench.tui.panes import InstanceSelected, InstancesPane
from workbench.tui.panes.line import Line


def stage_of(*instances: InstanceView, builds: tuple[BuildView, ...] = ()) -> Stage:
    stage = Stage()
    stage.picture = replace(stage.picture, instances=instances, builds=builds)
    return stage


@pytest.mark.parametrize(
    ("instance", "said"),
    [
        (InstanceView("a", "a", "idle"), "● a"),
        (InstanceView("a", "a", "running", busy_ms=3), "● a"),
        (InstanceView("a", "a", "running", busy_ms=1500), "◉ a busy 1.50 s"),
        (InstanceView("a", "a", "waiting", waits_on="pong"), "◌ a waits pong"),
        (InstanceView("a", "a", "trapped"), "✖ a trapped"),
        (InstanceView("a", "a", "killed"), "■ a killed"),
        (InstanceView("a", "a", "stopped"), "□ a stopped"),
        (InstanceView("a", "a", "failed"), "✖ a failed"),
        (InstanceView("a", "a", "loading"), "◐ a loading"),
        (InstanceView("a", "", "stand-in"), "◇ a stand-in"),
        (InstanceView("a", "a", "idle", rate=0.2), "● a 12/min"),
        (InstanceView("a", "a", "idle", rate=0.001), "● a"),
        (InstanceView("a", "a", "idle", rate=1234.4, memory_bytes=1 << 20, mailbox=3), "● a 1.0 MiB 1,234/s ·3"),
    ],
)
async def test_glyph_and_words_tell_the_status(instance: InstanceView, said: str) -> None:
    app = Theatre(stage_of(instance), InstancesPane())
    async with app.run_test(size=(60, 4)) as pilot:
        rows = await settled(app, pilot)
    assert " ".join(rows[0].split()) == said


@pytest.mark.parametrize(
    ("instance", "said"),
    [
        (
            InstanceView("a", "a", "trapped", "panicked at src/lib.rs:3:1:\nno \x1b[1mway", memory_bytes=1 << 20),
            ["✖ a panicked 1.0 MiB", "panicked at src/lib.rs:3:1: no \\x1b[1mway", "t restarts it"],
        ),
        (InstanceView("a", "a", "trapped", "out of bounds"), ["✖ a trapped", "out of bounds", "t restarts it"]),
        (InstanceView("a", "a", "failed", "it is no wasm"), ["✖ a failed", "it is no wasm"]),
        (InstanceView("a", "a", "killed", "by hand"), ["■ a killed"]),
    ],
)
async def test_what_ended_says_below_why_and_what_restarts_it(instance: InstanceView, said: list[str]) -> None:
    app = Theatre(stage_of(instance), InstancesPane())
    async with app.run_test(size=(60, 6)) as pilot:
        rows = await settled(app, pilot)
    assert [" ".join(row.split()) for row in rows if row.strip()] == said


async def test_a_long_reason_is_cut() -> None:
    app = Theatre(stage_of(InstanceView("a", "a", "trapped", "word " * 100)), InstancesPane())
    async with app.run_test(size=(30, 9)) as pilot:
        rows = [row.strip() for row in await settled(app, pilot) if row.strip()]
    assert len(rows) <= 5
    assert rows[-2].endswith("…")
    assert rows[-1] == "t restarts it"


async def test_a_rate_that_changes_is_drawn_anew() -> None:
    stage = stage_of(InstanceView("a", "a", "idle", rate=0.2))
    app = Theatre(stage, InstancesPane())
    async with app.run_test(size=(60, 4)) as pilot:
        assert "12/min" in (await settled(app, pilot))[0]
        stage.picture = replace(stage.picture, instances=(InstanceView("a", "a", "idle", rate=0.3),))
        assert "18/min" in (await settled(app, pilot))[0]


async def test_functions_are_listed_before_the_stand_ins_around_them() -> None:
    sink, average = InstanceView("sink", "", "stand-in"), InstanceView("average", "average", "idle")
    app = Theatre(stage_of(sink, average), InstancesPane())
    async with app.run_test(size=(60, 4)) as pilot:
        rows = await settled(app, pilot)
    assert [row.split()[1] for row in rows if row] == ["average", "sink"]


@pytest.mark.parametrize(
    ("build", "said"),
    [
        (BuildView("a", "building", "serde", 3, 12), "◐ a building 3/12"),
        (BuildView("a", "queued"), "◐ a queued"),
        (BuildView("a", "failed"), "▲ a old code"),
        (BuildView("a", "built"), "▲ a old code"),
        (BuildView("a", "live"), "● a"),
    ],
)
async def test_the_build_of_its_function_shows(build: BuildView, said: str) -> None:
    app = Theatre(stage_of(InstanceView("a", "a", "idle"), builds=(build,)), InstancesPane())
    async with app.run_test(size=(60, 4)) as pilot:
        rows = await settled(app, pilot)
    assert " ".join(rows[0].split()) == said


async def test_a_stand_in_that_is_asked_says_so() -> None:
    stage = stage_of(InstanceView("sink", "", "stand-in"))
    stage.picture = replace(stage.picture, pending_calls=(PendingCall(3, "a", "sink", None, b"", 0.0),))
    pane = InstancesPane()
    app = Theatre(stage, pane)
    async with app.run_test(size=(60, 4)) as pilot:
        assert " ".join((await settled(app, pilot))[0].split()) == "◆ sink stand-in, answer 1"
        assert pane.subtitle == "1 to answer"


async def test_narrow_places_leave_figures_out_before_words() -> None:
    busy = InstanceView("sensor", "sensor", "idle", rate=12.0, memory_bytes=1 << 20, mailbox=2)
    stopped = InstanceView("risky", "risky", "trapped", "panicked", rate=0.0, memory_bytes=1 << 20, mailbox=3)
    app = Theatre(stage_of(busy, stopped), InstancesPane())
    async with app.run_test(size=(24, 4)) as pilot:
        rows = [" ".join(row.split()) for row in await settled(app, pilot) if row]
    assert rows == ["● sensor 12/s ·2", "✖ risky panicked ·3", "panicked", "t restarts it"]


async def test_the_cursor_stays_on_its_instance_when_others_come() -> None:
    a, b, c = (InstanceView(name, name, "idle") for name in "abc")
    stage, pane = stage_of(a, c), InstancesPane()
    app = Theatre(stage, pane)
    async with app.run_test(size=(40, 6)) as pilot:
        await settled(app, pilot)
        pane.rows.focus()
        await pilot.press("down", "down")
        await pilot.pause()
        assert pane.selected == "c"
        stage.picture = replace(stage.picture, instances=(a, b, c))
        await settled(app, pilot)
        assert pane.selected == "c"
    assert [message.name for message in app.posted if isinstance(message, InstanceSelected)] == ["a", "c"]


async def test_names_are_shown_never_obeyed() -> None:
    app = Theatre(stage_of(InstanceView("\x1b[31m[b]x", "", "idle")), InstancesPane())
    async with app.run_test(size=(60, 4)) as pilot:
        assert (await settled(app, pilot))[0].strip() == "● \\x1b[31m[b]x"


class CountingPane(InstancesPane):
    """Remembers which rows were drawn."""

    NAME = "instances"

    def __init__(self) -> None:
        super().__init__()
        self.drawn: list[int] = []

    def line_at(self, index: int, width: int, wrap: bool) -> Line:
        self.drawn.append(index)
        return super().line_at(index, width, wrap)


async def test_of_thousands_only_a_row_that_changed_is_drawn_again() -> None:
    killed = InstanceView("killed", "a", "killed", memory_bytes=1 << 20)  # so that no column becomes wider
    many = (killed, *(InstanceView(f"a{number}", "a", "idle", memory_bytes=1 << 20) for number in range(3000)))
    stage, pane = stage_of(*many), CountingPane()
    app = Theatre(stage, pane)
    async with app.run_test(size=(60, 10)) as pilot:
        await settled(app, pilot)
        for row, drawn in ((1, [1]), (2000, [])):
            pane.drawn.clear()
            changed = replace(many[row], status="killed")
            stage.picture = replace(stage.picture, instances=(*many[:row], changed, *many[row + 1 :]))
            rows = await settled(app, pilot)
            assert pane.drawn == drawn
            assert ("killed" in rows[1]) is (row == 1)
            stage.picture = replace(stage.picture, instances=many)
            assert "killed" not in (await settled(app, pilot))[1]
