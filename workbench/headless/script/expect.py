"""What `expect` asks: whether it is so, and if not, how it is."""

from __future__ import annotations

from workbench.headless.script.actions import (
    Expectation,
    ExpectMode,
    ExpectRecords,
    ExpectState,
    ExpectStatus,
    ExpectTime,
    ExpectWaits,
)
from workbench.headless.script.pick import shown_history, waiting
from workbench.headless.script.told import synced
from workbench.headless.terminal import visible
from workbench.journal import Journal
from workbench.query import parse
from workbench.session.view import View

CLOSE_MS = 1
"""Times that are nearer than this are the same: a clock that runs is never at a whole number."""


def disappointment(expected: Expectation, paused: bool, journal: Journal, view: View) -> str | None:
    """How it is instead; None when it is as expected. `paused`: whether nothing happens unless asked for."""
    match expected:
        case ExpectMode(wanted):
            return None if wanted == paused else f"it is {'paused' if paused else 'running'}"
        case ExpectWaits(count, None):
            return _unless(count.holds(view.stepping.queued), f"{view.stepping.queued} wait")
        case ExpectWaits(count, query):
            found = len(waiting(journal, view, query or ""))
            return _unless(count.holds(found), f"{found} that match wait")
        case ExpectRecords(count, query):
            found = len(shown_history(journal, view).matching(query))
            return _unless(count.holds(found), f"{found} {'record matches' if found == 1 else 'records match'}")
        case ExpectState(instance, query):
            state = synced(instance, journal, view)
            if state is None:
                return f"{visible(instance)} has synced no state"
            return _unless(parse(query).matches(state), f"it is {visible(state.state)}")
        case ExpectStatus(instance, status):
            found_status = next((one.status for one in view.instances if one.name == instance), None)
            return _unless(found_status == status, f"it is {found_status or 'gone'}")
        case ExpectTime(ms):
            return _unless(abs(view.t_ms - ms) < CLOSE_MS, f"it is {view.t_ms:.1f} ms")


def _unless(holds: bool, how_it_is: str) -> str | None:
    return None if holds else how_it_is
