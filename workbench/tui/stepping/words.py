"""How time and order stand, in words."""

from __future__ import annotations

from workbench.session.view import Queued, SteppingView, View
from workbench.tui.text import visible

TIMES = "\N{MULTIPLICATION SIGN}"


def mode_words(stepping: SteppingView) -> str:
    """What is going on: `▶ running`, `⇥ stepping`, `‖ paused: breakpoint 2, at #4,711`."""
    if stepping.mode == "running":
        return "▶ running"
    glyph = "⇥" if stepping.mode == "stepping" else "‖"
    if stepping.past is not None:  # which has words of its own
        return f"{glyph} {stepping.mode}"
    why = f": {visible(stepping.why)}" if stepping.why not in ("", stepping.mode) else ""
    at = f", at #{stepping.at:,}" if stepping.at is not None else ""
    return f"{glyph} {stepping.mode}{why}{at}"


def clock_words(view: View) -> str:
    """How time passes, where it is not as on the wall: ten times as fast, `virtual`, `frozen`."""
    if view.clock == "scaled":
        return f"{TIMES}{view.stepping.scale:g}"
    return "" if view.clock == "real" else view.clock


def past_words(stepping: SteppingView) -> str:
    """Which moment is shown, and what is not of it; empty in the present."""
    past = stepping.past
    if past is None:
        return ""
    ago = "the newest event" if past.events == 0 else f"{past.events:,} event{'' if past.events == 1 else 's'} ago"
    words = f"after #{past.seq:,}, {ago}"
    if past.news:
        words += f"; new code of {', '.join(visible(name) for name in past.news)} runs in the present only"
    if stepping.horizon:
        words += f"; one can go back as far as #{stepping.horizon:,}"
    return words


def line_words(stepping: SteppingView) -> str:
    """Which line of history it is, once there are several."""
    return f"line {stepping.line} of {len(stepping.lines)}" if len(stepping.lines) > 1 else ""


def counted(waiting: int) -> str:
    """`1 waits`, `2 wait`."""
    return f"{waiting:,} wait{'s' if waiting == 1 else ''}"


def event_words(event: Queued) -> str:
    """What waits, in a few words: `cast #4,711 sensor → filter`."""
    what = "timer" if event.kind == "timer" else event.what
    return f"{what} #{event.seq:,} {visible(event.source)} → {target_words(event)}"


def target_words(event: Queued) -> str:
    """Whom it is for; `✗ alias` when that is nobody."""
    return visible(event.target) if event.target is not None else f"✗ {visible(event.alias or '')}"
