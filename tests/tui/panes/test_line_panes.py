"""Traffic and logs: what their lines say, in any width, and that nothing a guest says is obeyed."""

from __future__ import annotations

import pytest
from rich.cells import cell_len

from tests.tui.panes.crossing import casts
from tests.tui.panes.stage import Stage, Theatre, settled
from workbench.records import Call, Cast, Handled, Log, Note, Reply, Sync, Timer, Trap
from workbench.tui.panes import LogsPane, TrafficPane


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


@pytest.mark.parametrize("width", [20, 33, 47, 57, 80, 200])
async def test_lines_fit_any_width(width: int) -> None:
    stage = Stage()
    casts(stage, 2, payload=("日本語" * 100).encode())
    stage.write(Log, "名前" * 20, None, level="error", target="t" * 50, message="✖ " * 300)
    traffic, logs = TrafficPane(), LogsPane()
    app = Theatre(stage, traffic, logs)
    async with app.run_test(size=(width, 8)) as pilot:
        await settled(app, pilot)
        for pane in (traffic, logs):
            pane.action_wrap()
        assert all(cell_len(row) <= width for row in await settled(app, pilot))


async def test_a_payload_of_fifty_megabytes_is_a_short_line() -> None:
    stage = Stage()
    casts(stage, 1, payload=b"x" * (50 << 20))
    app = Theatre(stage, TrafficPane())
    async with app.run_test(size=(100, 4)) as pilot:
        assert "… 50.0 MiB" in (await settled(app, pilot))[0]
