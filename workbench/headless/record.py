"""Any record in a line, for people: when, whose, what, and which record it comes from."""

from __future__ import annotations

from workbench.headless.story import ANSWERS
from workbench.headless.terminal import payload, visible
from workbench.records import Call, Cast, Handled, Log, Note, Record, Reply, Start, Stop, Sync, Timer, Trap
from workbench.units import format_duration


def told(record: Record) -> str:
    """A line that is safe to print; of long texts the beginning."""
    cause = "" if record.parent is None or isinstance(record, Handled) else f" (from #{record.parent})"
    return f"{record.t:.1f} ms  {visible(record.instance or '')}  {_words(record)}{cause}"


def _words(record: Record) -> str:
    match record:
        case Log():
            return f"{record.level:<5} {visible(record.target)}: {visible(record.message)}"
        case Cast() | Call():
            return f"{record.kind} {_way(record)}: {payload(record.payload)}"
        case Timer():
            return f"timer {_way(record)} in {format_duration(record.delay_ms)}: {payload(record.payload)}"
        case Reply():
            said = ANSWERS.get(record.outcome, "replied") if record.payload is None else "replied"
            return f"#{record.call} {said}" + ("" if record.payload is None else f" {payload(record.payload)}")
        case Handled():
            ended = {"ok": "done", "trap": "trapped", "killed": f"ended: {record.reason}"}[record.outcome]
            return f"{record.callback} of #{record.event}: {ended}"
        case Sync():
            return f"state: {visible(record.state)}"
        case Trap():
            return f"trapped in {record.callback}: {visible(record.panic or record.message)}"
        case Note():
            return f"note {record.code}: {visible(record.message)}"
        case Start():
            init = "" if record.init_payload is None else f", init payload {visible(record.init_payload)}"
            return f"starts{init}" + ("" if record.state is None else f", with state {visible(record.state)}")
        case Stop():
            return "stops"
        case _:
            return record.kind


def _way(record: Cast | Call | Timer) -> str:
    output = "" if record.alias in (None, record.target) else f" by {visible(record.alias or '')}"
    return f"from {visible(record.source)} to {visible(record.target or 'nobody')}{output}"
