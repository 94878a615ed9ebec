"""Pictures of a session that is stopped, or looked at in the past."""

from __future__ import annotations

from tests.tui.stub import StubSession
from workbench.session.view import BreakpointView, LineView, Past, Queued, SteppingView

QUEUE = (
    Queued(4711, "event", "cast", "sensor", "filter", "out", b'{"value": 41.7, "unit": "C"}'),
    Queued(
        4712, "event", "cast", "sensor", "filter", "out", b'{"value": 42.1, "unit": "C"}', why="filter handles #4711"
    ),
    Queued(4713, "event", "call", "ping", "pong", "pong", b"PING-7"),
    Queued(4714, "event", "cast", "sensor", "filter", "out", b'{"value": 44.0, "unit": "C"}'),
    Queued(4700, "timer", "cast", "ping", "ping", "self", b"wakeup", due_ms=725_138),
    Queued(4705, "timer", "cast", "sensor", "sensor", "self", b"measure", due_ms=730_000),
    Queued(4690, "held", "cast", "filter", "average", "passed", b'{"value": 39.0}', why="held by breakpoint 2"),
    Queued(4691, "held", "reply", "pong", "ping", None, b"PONG", why="held by hand"),
    Queued(4680, "call", "call", "average", "sink", "sink", b"how much?", why="waits for your answer"),
)
PAUSED = SteppingView("paused", "breakpoint 2", 4710, queue=QUEUE, queued=len(QUEUE), horizon=0)
LINES = (LineView(1, None, None, 412, 5_001), LineView(2, 1, 4_200, 60, 4_711))
BREAKPOINTS = (
    BreakpointView(1, "kind:call to:pong", hits=3),
    BreakpointView(2, "from:filter", "begins", hold=True, skip=10, hits=12),
    BreakpointView(3, "instance:average", field=".count", on=False),
)


def pause(session: StubSession, **changes: object) -> None:
    """Stop it, with much that waits; `changes` are fields of the stepping view."""
    session.show(stepping=SteppingView(**{**_fields(PAUSED), **changes}))  # type: ignore[arg-type]


def _fields(view: SteppingView) -> dict[str, object]:
    return {name: getattr(view, name) for name in SteppingView.__dataclass_fields__}


def go_back(session: StubSession, seq: int, events: int = 12, news: tuple[str, ...] = ()) -> None:
    """Show the moment after `seq`."""
    pause(session, why="in the past", past=Past(seq, events, news), lines=LINES, line=2)
