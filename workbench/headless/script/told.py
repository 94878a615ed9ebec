"""What `show` prints: lines that are safe to print."""

from __future__ import annotations

from workbench.headless.script.actions import Show, Showing, ShowLog, ShowState
from workbench.headless.script.pick import shown_history
from workbench.headless.terminal import payload, visible
from workbench.journal import Journal
from workbench.records import Log, Sync
from workbench.session.view import BreakpointView, InstanceView, LineView, Queued, View


def told(showing: Showing, journal: Journal, view: View) -> list[str]:
    """The lines that tell it."""
    match showing:
        case ShowState(instance):
            state = synced(instance, journal, view)
            return [
                f"{visible(instance)} has synced no state"
                if state is None
                else f"state of {visible(instance)}: {visible(state.state)}"
            ]
        case ShowLog(most):
            logs = [record for record in shown_history(journal, view) if isinstance(record, Log)]
            return _titled("log", [_log(log) for log in logs[max(0, len(logs) - most) :]])
        case Show("waits"):
            return _waits(view)
        case Show("clock"):
            return [_clock(view)]
        case Show("instances"):
            return _titled("instances", [_instance(one) for one in view.instances])
        case Show("breakpoints"):
            return _titled("breakpoints", [_breakpoint(one) for one in view.stepping.breakpoints])
        case Show():
            stepping = view.stepping
            return _titled("lines", [_line(one, one.number == stepping.line) for one in stepping.lines])


def synced(instance: str, journal: Journal, view: View) -> Sync | None:
    """The state that `instance` synced last."""
    found = next((one for one in view.instances if one.name == instance), None)
    if found is None or found.last_sync is None or found.synced is None:
        return None
    record = journal.get(found.last_sync)
    t, parent = (0.0, None) if record is None else (record.t, record.parent)
    return Sync(found.last_sync, t, instance, parent, found.synced)


def _titled(title: str, lines: list[str]) -> list[str]:
    return [f"{title}:", *(f"  {line}" for line in lines)] if lines else [f"{title}: none"]


def _waits(view: View) -> list[str]:
    stepping = view.stepping
    lines = _titled("waits", [_queued(one) for one in stepping.queue])
    if stepping.queued > len(stepping.queue):
        lines.append(f"  … and {stepping.queued - len(stepping.queue)} more")
    return lines + [f"  {visible(sentence)}" for sentence in stepping.deadlocks]


def _queued(one: Queued) -> str:
    target = "" if one.target is None else f" to {visible(one.target)}"
    output = "" if one.alias in (None, one.target) else f" by {visible(one.alias or '')}"
    what = {"event": one.what, "timer": "timer", "held": f"held {one.what}", "call": "unanswered call"}[one.kind]
    due = "" if one.due_ms is None else f" at {one.due_ms:.1f} ms"
    why = f" ({visible(one.why)})" if one.why else ""
    return f"#{one.seq} {what} from {visible(one.source)}{target}{output}{due}: {payload(one.payload)}{why}"


def _clock(view: View) -> str:
    stepping = view.stepping
    kind = f"x{stepping.scale:g}" if view.clock == "scaled" else view.clock
    shuffled = "" if stepping.shuffle is None else f", shuffled by {stepping.shuffle}"
    mode = f", {stepping.mode}" + (f": {visible(stepping.why)}" if stepping.why else "")
    past = "" if stepping.past is None else f", in the past: after #{stepping.past.seq}"
    return f"clock: {view.t_ms:.1f} ms, {kind}{shuffled}{mode}{past}"


def _instance(one: InstanceView) -> str:
    detail = f": {visible(one.detail)}" if one.detail else ""
    if one.real:
        detail = f": {visible(one.health_words)}" if one.health_words else ""
        return f"{visible(one.name)} real, {one.health or 'starting'}{detail}"
    if one.fault is not None and one.fault.kind is not None:
        times = "" if one.fault.times is None else f" {one.fault.times} times"
        detail += f", {one.fault.kind} ordered{times}"
    return f"{visible(one.name)} {one.status}{detail}"


def _breakpoint(one: BreakpointView) -> str:
    begins = "begins " if one.at == "begins" else ""
    field = f" field {visible(one.field)}" if one.field else ""
    skip = f" skip {one.skip}" if one.skip else ""
    verb = "intercept" if one.hold else "break"
    return f"{one.number}: {verb} {begins}{{{visible(one.query)}}}{field}{skip}, hit {one.hits} times"


def _line(one: LineView, current: bool) -> str:
    where = "at the beginning" if one.forked_at is None or one.forked_at < 0 else f"after #{one.forked_at}"
    origin = "" if one.parent is None else f", left line {one.parent} {where}"
    return f"{one.number}{' (this one)' if current else ''}: {one.events} events{origin}"


def _log(log: Log) -> str:
    return (
        f"{log.t:.1f} ms  {visible(log.instance or '')}  {log.level:<5} {visible(log.target)}: {visible(log.message)}"
    )
