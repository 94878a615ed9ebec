"""What the inspector says about a record or an instance, in sentences and links."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from workbench.journal import Journal
from workbench.project.frames import folded, shown_place, stretches
from workbench.project.model import Project
from workbench.query import content
from workbench.records import (
    Build,
    Call,
    Cast,
    Change,
    Frame,
    Handled,
    Log,
    Note,
    Record,
    Reload,
    Reply,
    Start,
    Timer,
    Trap,
)
from workbench.session.view import InstanceView, View
from workbench.tui.panes.below import Keys
from workbench.tui.panes.chain import cause_of
from workbench.tui.panes.document import Row, labelled
from workbench.tui.panes.explaining import explained
from workbench.tui.panes.line import Part, line
from workbench.tui.panes.messages import OpenSource, RecordSelected
from workbench.tui.panes.said import change_words
from workbench.tui.panes.telling_resource import about_resource
from workbench.tui.resources.words import rule_words
from workbench.tui.stepping.words import counted
from workbench.tui.text import clock, duration_words, preview, rate_words, visible, visible_lines
from workbench.units import format_duration, format_size

SHOWN_CHILDREN = 12
SHOWN_EVENTS = 20


@dataclass
class Findings:
    """What was found later in the journal about a record."""

    handled: Handled | None = None
    reply: Reply | None = None
    edit: Change | None = None
    children: list[Record] = field(default_factory=list)
    children_count: int = 0


def about_record(
    record: Record, journal: Journal, findings: Findings, wall: float | None, project: Project
) -> list[Row]:
    """The rows above the payload. `wall` is when it was, in seconds since 1970; None when nobody can tell."""
    return [
        Row(line((f"#{record.seq:,} ", "pane--self"), (sentence(record, journal), "pane--strong"), hang=2)),
        *_causes(record, journal),
        *_edit(record, findings),
        *_ending(record, journal, findings),
        *_particulars(record, project),
        labelled("at", clock(record.t), (_wall(wall), "pane--muted")),
        *_children(findings, journal),
    ]


def _wall(wall: float | None) -> str:
    return "" if wall is None else f"  wall {datetime.fromtimestamp(wall):%H:%M:%S}"


def sentence(record: Record, journal: Journal) -> str:
    """A record in words: `call ping → pong`."""
    who = visible(record.instance or "")
    match record:
        case Cast() | Call() | Timer():
            to = visible(record.target) if record.target is not None else f"nowhere ({visible(record.alias or '')})"
            later = f" in {record.delay_ms:,} ms" if isinstance(record, Timer) else ""
            return f"{record.kind} {visible(record.source)} → {to}{later}"
        case Reply():
            call = journal.get(record.call)
            words = {"reply": "reply", "noreply": "no reply", "err": "error"}[record.outcome]
            return f"{words} to {visible(call.source)}" if isinstance(call, Call) else f"{words} of {who}"
        case Log():
            return f"{record.level} log of {who}"
        case Trap():
            return f"{who} trapped in {record.callback}"
        case Note():
            return f"note {record.code}" + (f" on {who}" if who else "")
        case Build():
            return f"build of {visible(record.function)} " + ("done" if record.ok else "failed")
        case Reload():
            return f"{who} took over new code" if record.outcome == "swapped" else f"{who} keeps its old code"
        case Handled():
            return f"{who} handled #{record.event:,}: {record.outcome}"
        case Change():
            return f"#{record.event:,} {change_words(record)}"
        case _:
            return f"{record.kind} {who}"


def _link(label: str, record: Record, journal: Journal, extra: str = "") -> Row:
    held = content(record)
    parts: list[Part | str] = [(f"#{record.seq:,} ", "pane--link"), sentence(record, journal)]
    if held:
        parts.append((f"  {preview(held, 40)}", "pane--muted"))
    if extra:
        parts.append((f"  {extra}", "pane--muted"))
    return labelled(label, *parts, leads_to=RecordSelected(record.seq))


def _causes(record: Record, journal: Journal) -> Iterator[Row]:
    cause = cause_of(record)
    label = "changes" if isinstance(record, Change) else "caused by"
    if cause is None:
        yield labelled(label, ("the outside", "pane--muted"))
        return
    found = journal.get(cause)
    if found is None:
        yield labelled(label, (f"#{cause:,}, no longer in the journal", "pane--muted"))
    else:
        yield _link(label, found, journal)


def _edit(record: Record, findings: Findings) -> Iterator[Row]:
    edit, sent = findings.edit, content(record)
    if edit is not None:
        said = (f"{preview(sent, 60)}", "pane--muted") if sent else ("nothing", "pane--muted")
        yield labelled("edited", (f"#{edit.seq:,} ", "pane--link"), "it said ", said, leads_to=RecordSelected(edit.seq))


def _ending(record: Record, journal: Journal, findings: Findings) -> Iterator[Row]:
    reply, handled = findings.reply, findings.handled
    if reply is not None:
        after = f"after {duration_words(reply.t - record.t)}"
        yield _link("answered", reply, journal, after)
    elif isinstance(record, Call):
        yield labelled("answered", ("not yet", "pane--warning"))
    if handled is not None:
        words = {"ok": "", "trap": ": it trapped", "killed": ": it was killed"}[handled.outcome]
        style = "" if handled.outcome == "ok" else "pane--error"
        yield labelled("handled", (f"in {duration_words(handled.duration_us / 1000)}{words}", style))


def _particulars(record: Record, project: Project) -> Iterator[Row]:
    if isinstance(record, Cast | Call | Timer) and record.alias is not None:
        yield labelled("output", visible(record.alias))
    elif isinstance(record, Log) and record.target:
        yield labelled("target", visible(record.target))
    elif isinstance(record, Trap):
        yield from _trap(record, project)
    elif isinstance(record, Note):
        yield labelled("meaning", visible_lines(record.message))
        for label, text in explained(record.code):
            yield labelled(label, text)
    elif isinstance(record, Start):
        yield labelled("function", visible(record.function))
        yield labelled("own id", record.instance_id.function_id)
        yield labelled("state", "fresh" if record.state is None else preview(record.state, 200))
    elif isinstance(record, Reload):
        since = record.since_change_ms
        yield labelled("took", duration_words(record.duration_ms))
        yield labelled("state", "carried over" if record.policy == "handoff" else "fresh")
        if since is not None:
            yield labelled("live", f"{format_duration(since)} after the change")
    elif isinstance(record, Build):
        yield labelled("took", f"{format_duration(record.duration_ms)}, {record.profile} profile")


def _trap(trap: Trap, project: Project) -> Iterator[Row]:
    if trap.panic:
        yield labelled("panic", (visible_lines(trap.panic), "pane--error"))
    yield labelled("trap", (visible_lines(trap.message), "" if trap.panic else "pane--error"))
    label = "frames"
    for stretch in stretches(trap.frames, project):
        if stretch.kind == "none":
            yield labelled(label, (f"· {visible(folded(stretch.frames))}", "pane--muted"))
            label = ""
            continue
        for frame in stretch.frames:
            yield _frame(label, frame, project, own=stretch.kind == "own")
            label = ""


def _frame(label: str, frame: Frame, project: Project, own: bool) -> Row:
    source = OpenSource(Path(frame.file or ""), frame.line, frame.column)
    name = (f"▸ {visible(frame.function)}", "pane--strong") if own else (f"· {visible(frame.function)}", "pane--muted")
    return labelled(label, name, (f"  {visible(shown_place(frame, project))}", "pane--link"), leads_to=source)


def _children(findings: Findings, journal: Journal) -> Iterator[Row]:
    for number, child in enumerate(findings.children[:SHOWN_CHILDREN]):
        yield _link("led to" if number == 0 else "", child, journal)
    more = findings.children_count - SHOWN_CHILDREN
    if more > 0:
        yield labelled("", (f"and {more:,} more", "pane--muted"))


def about_instance(
    name: str, instance: InstanceView | None, view: View, trap: Record | None, keys: Keys
) -> Sequence[Row]:
    """All about an instance or stand-in as it is now."""
    if instance is None:
        return [Row(line((f"{visible(name)} is gone.", "pane--muted")))]
    status = "resource" if instance.class_type is not None else _status(instance)
    rows = [Row(line((visible(instance.name), "pane--strong"), (f"  {status}", "pane--muted"), hang=2))]
    if instance.status == "stand-in":
        rows += about_resource(instance, view, keys.real)
    elif instance.function and instance.function != instance.name:
        rows.append(labelled("function", visible(instance.function)))
    if instance.waits_on:
        rows.append(labelled("waits on", (visible(instance.waits_on), "pane--warning")))
    if instance.detail and instance.status != "stand-in":
        label = "but" if instance.status in ("idle", "running") else "because"
        rows.append(labelled(label, (visible_lines(instance.detail), "pane--warning")))
    if instance.status != "stand-in":
        memory = f", {format_size(instance.memory_bytes)} of memory" if instance.memory_bytes else ""
        rows.append(labelled("handled", f"{instance.handled:,} events, {rate_words(instance.rate) or '0/s'}{memory}"))
    if instance.workflow is not None:
        rows.append(labelled("workflow", visible(instance.workflow.name)))
    if instance.workflow_id:
        rows.append(labelled("wf_id", (visible(instance.workflow_id), "pane--muted")))
    if instance.instance_id:
        rows.append(labelled("own id", (visible(instance.instance_id), "pane--muted")))
    if instance.init_payload:
        rows.append(labelled("init", preview(instance.init_payload, 400)))
    if instance.rule is not None:
        rows.append(labelled("rule", (f"⤷ {rule_words(instance.rule)}", "pane--warning")))
    for number, (alias, target) in enumerate(instance.links.items()):
        leads = visible(target) if target is not None else "nowhere"
        to: Part = (leads, "" if target is not None else "pane--warning")
        rows.append(labelled("outputs" if number == 0 else "", visible(alias), (" → ", "pane--muted"), to))
    if isinstance(trap, Trap):
        rows += _last_trap(trap, instance, view, keys.restart)
    return [*rows, *_mailbox(instance), *_pending(instance, view)]


def _last_trap(trap: Trap, instance: InstanceView, view: View, restart: str) -> Iterator[Row]:
    leads_to = RecordSelected(trap.seq)
    if instance.status == "trapped":
        yield Row(line())
        yield Row(line(("last trap", "pane--title"), (f"  {restart} restarts it", "pane--muted")), leads_to)
        yield from _trap(trap, view.project)
    else:
        said = preview(trap.panic or trap.message, 80)
        yield labelled(
            "before",
            (f"#{trap.seq:,} ", "pane--link"),
            (f"an earlier life trapped: {said}", "pane--muted"),
            leads_to=leads_to,
        )


def _status(instance: InstanceView) -> str:
    if instance.status == "running":
        busy = f" for {format_duration(instance.busy_ms)}" if instance.busy_ms > 1 else ""
        return f"in {instance.callback or 'a handler'}{busy}"
    return instance.status


def _mailbox(instance: InstanceView) -> Iterator[Row]:
    if not instance.mailbox:
        return
    yield Row(line())
    yield Row(line(("mailbox", "pane--title"), (f"  {counted(instance.mailbox)}", "pane--muted")))
    for event in instance.next_events[:SHOWN_EVENTS]:
        kind = "call" if event.call else "cast"
        held = (f"  {preview(event.payload, 60)}", "pane--muted")
        yield Row(
            line((f"#{event.seq:,} ", "pane--link"), f"{kind} from {visible(event.source)}", held, hang=2),
            RecordSelected(event.seq),
        )
    more = instance.mailbox - min(len(instance.next_events), SHOWN_EVENTS)
    if more > 0:
        yield Row(line((f"and {more:,} more", "pane--muted")))


def _pending(instance: InstanceView, view: View) -> Iterator[Row]:
    calls = [each for each in view.pending_calls if each.target == instance.name]
    if calls:
        yield Row(line())
        yield Row(line(("calls to answer", "pane--title")))
    for call in calls:
        held = (f"  {preview(call.payload, 60)}", "pane--muted")
        yield Row(
            line((f"#{call.seq:,} ", "pane--link"), f"call from {visible(call.source)}", held, hang=2),
            RecordSelected(call.seq),
        )
    if calls and instance.mailbox > len(calls):
        yield Row(line((f"and {instance.mailbox - len(calls):,} more", "pane--muted")))
