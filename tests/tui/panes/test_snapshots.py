"""How the panes look. After a wanted change: `pytest tests/tui/panes/test_snapshots.py --snapshot-update`, and look."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Protocol

import pytest
from textual.pilot import Pilot

from tests.tui.panes.casts import twenty
from tests.tui.panes.stage import Stage, Theatre
from workbench.records import Build, Call, Cast, Handled, Log, Note, Reload, Reply, Sync, Timer, Trap
from workbench.session.view import BuildView, InstanceView
from workbench.tui.panes import (
    DiagnosticsPane,
    InspectorPane,
    InstancesPane,
    LogsPane,
    SequencePane,
    StatePane,
    TrafficPane,
)


class Compare(Protocol):
    """The fixture of pytest-textual-snapshot."""

    def __call__(self, app: Theatre, *, terminal_size: tuple[int, int], run_before: object) -> bool: ...


def play() -> Stage:
    """One of each kind of record."""
    stage = Stage()
    built: dict[str, Any] = {"ok": True, "profile": "dev", "duration_ms": 340.0, "wasm": None, "diagnostics": ()}
    stage.write(Build, None, None, function="counter", **built)
    stage.write(Reload, "counter", None, policy="handoff", outcome="swapped", duration_ms=3.0, since_change_ms=340.0)
    cast = stage.write(Cast, None, source="user", target="counter", alias=None, payload=b'{"add": 3, "a": "\xc3\xa9"}')
    stage.write(Log, "counter", cast.seq, level="info", target="counter", message="counted to 7")
    stage.write(Sync, "counter", cast.seq, state='{"count": 7}')
    stage.write(Handled, "counter", cast.seq, event=cast.seq, callback="handle_cast", duration_us=212.0, outcome="ok")
    call = stage.write(Call, "ping", None, source="ping", target="pong", alias="peer", payload=b"PING-7\x1b[31m\n")
    stage.write(Log, "pong", call.seq, level="debug", target="pong", message="asked\nin two lines")
    stage.write(Reply, "pong", call.seq, call=call.seq, outcome="reply", payload=b"PONG")
    stage.write(Handled, "pong", call.seq, event=call.seq, callback="handle_call", duration_us=90.0, outcome="ok")
    stage.write(Timer, "ping", None, source="ping", target="ping", alias="self", delay_ms=1000, payload=b"wakeup")
    stage.write(Cast, "ping", None, source="ping", target="counter", alias="out", payload=b"\x00\xff" * 400)
    stage.write(Sync, "counter", 11, state='{"count": 8, "big": true}')
    stage.write(Log, "risky", None, level="error", target="risky", message="panicked at src/lib.rs:31:9: asked to")
    stage.write(Trap, "risky", None, callback="handle_cast", message="unreachable", panic="asked to", frames=())
    stage.write(Note, "ping", None, code="callee-trapped", message="on the platform the caller waits for ever")
    instances = (
        InstanceView("counter", "counter", "idle", rate=12.0, memory_bytes=1 << 20),
        InstanceView("ping", "ping", "waiting", waits_on="pong", mailbox=2),
        InstanceView("pong", "pong", "running", busy_ms=1200.0, memory_bytes=1 << 20),
        InstanceView("risky", "risky", "trapped", "panicked at src/lib.rs", mailbox=3),
        InstanceView("sink", "", "stand-in"),
    )
    builds = (BuildView("counter", "live", since_change_ms=340.0, stages_ms={"detect": 12.0, "build": 300.0}),)
    stage.picture = replace(stage.picture, instances=instances, builds=builds)
    return stage


async def tick(pilot: Pilot[None]) -> None:
    assert isinstance(pilot.app, Theatre)
    for _ in range(2):  # what a pane learns from its first look may change its arrangement
        await pilot.pause()
        pilot.app.tick(2)
    await pilot.pause()


@pytest.mark.parametrize("theme", ["dark", "light", "high-contrast", "terminal"])
def test_traffic_and_logs(snap_compare: Compare, theme: str) -> None:
    traffic, logs = TrafficPane(), LogsPane()

    async def choose(pilot: Pilot[None]) -> None:
        await tick(pilot)
        traffic.rows.focus()
        await pilot.press("home", "down", "down")
        traffic.show_selection(2, "user")
        logs.show_selection(2, "user")
        logs.action_wrap()
        await pilot.pause()

    app = Theatre(play(), traffic, logs, theme=theme)
    assert snap_compare(app, terminal_size=(90, 24), run_before=choose)


def test_a_wrong_query_is_underlined(snap_compare: Compare) -> None:
    traffic = TrafficPane()

    async def type_it(pilot: Pilot[None]) -> None:
        await tick(pilot)
        traffic.action_filter()
        await pilot.press(*"kind", "colon", *"cast", "space", *"dur", "greater_than_sign")
        await tick(pilot)

    assert snap_compare(Theatre(play(), traffic), terminal_size=(60, 12), run_before=type_it)


@pytest.mark.parametrize("width", [36, 80])
def test_the_panes_about_one_thing(snap_compare: Compare, width: int) -> None:
    panes = (InstancesPane(), StatePane(), InspectorPane(), DiagnosticsPane())

    async def choose(pilot: Pilot[None]) -> None:
        await tick(pilot)
        for pane in panes:
            pane.show_selection(6, "ping")
        await tick(pilot)

    assert snap_compare(Theatre(play(), *panes), terminal_size=(width, 48), run_before=choose)


@pytest.mark.parametrize("size", [(80, 24), (190, 40)], ids=lambda size: f"{size[0]}x{size[1]}")
def test_a_sequence_of_twenty_instances(snap_compare: Compare, size: tuple[int, int]) -> None:
    pane = SequencePane()

    async def choose(pilot: Pilot[None]) -> None:
        await tick(pilot)
        pane.rows.focus()
        pane.mark(99)
        pane.show_selection(93, "worker-15")
        await tick(pilot)

    assert snap_compare(Theatre(twenty(), pane), terminal_size=size, run_before=choose)


@pytest.mark.parametrize("theme", ["dark", "light", "terminal"])
def test_a_sequence_of_each_kind_of_record(snap_compare: Compare, theme: str) -> None:
    assert snap_compare(Theatre(play(), SequencePane(), theme=theme), terminal_size=(90, 14), run_before=tick)
