"""What a run tells people: the records that matter to them, a line each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from workbench.headless.terminal import payload, visible
from workbench.project.frames import folded, stretches
from workbench.project.model import Project
from workbench.records import USER, Call, Cast, Frame, Log, Note, Record, Reload, Reply, Start, Trap
from workbench.units import format_duration

ANSWERS = {"noreply": "did not reply", "err": "answered with an error"}


class Story:
    """Tells logs, traps, notes, new code, replies to calls by hand, and what leaves the functions for a stand-in."""

    def __init__(self, project: Project) -> None:
        """Of `project`, for which names are stand-ins, and which code is the developer's."""
        self._project = project
        self._instances = {plan.name for plan in project.instances}
        self._asked: dict[int, str] = {}

    def tell(self, record: Record) -> bytes:
        """The line for `record`, empty when it does not matter."""
        match record:
            case Log():
                words = f"{record.level:<5} {visible(record.target)}: {visible(record.message)}"
            case Reply():
                words = self._reply(record)
            case Cast() | Call():
                words = self._message(record)
            case Trap():
                words = f"trapped in {record.callback}: {visible(record.panic or record.message)}"
                words += "".join(f"\n{'':14}at {place}" for place in _places(record.frames, self._project))
            case Note():
                words = f"note {record.code}: {visible(record.message)}"
            case Reload():
                words = _reload(record)
            case Start():
                self._instances.add(record.instance or "")
                return b""
            case _:
                return b""
        if not words:
            return b""
        return f"{record.t:10.1f} ms  {visible(record.instance or '')}  {words}\n".encode()

    def _reply(self, record: Reply) -> str:
        who = self._asked.pop(record.call, None)
        if who is None:
            return ""
        if record.payload is None:
            return f"{visible(who)} {ANSWERS.get(record.outcome, 'replied')}"
        return f"{visible(who)} replied {payload(record.payload)}"

    def _message(self, record: Cast | Call) -> str:
        if record.source == USER:
            if isinstance(record, Call):
                self._asked[record.seq] = record.target or ""
            return ""
        if record.target is None or record.target in self._instances:
            return ""
        return f"{record.kind} to {visible(record.target)}: {payload(record.payload)}"


def _reload(record: Reload) -> str:
    if record.outcome == "kept-old":
        return "keeps its old code, the new failed"
    since = "" if record.since_change_ms is None else f", {format_duration(record.since_change_ms)} after the change"
    return f"runs new code{since}"


def _places(frames: Iterable[Frame], project: Project) -> Iterator[str]:
    """A line for each frame; those without source, such as a panic's own, share one."""
    for stretch in stretches(frames, project):
        if stretch.kind == "none" and len(stretch.frames) > 1:
            yield visible(folded(stretch.frames))
        else:
            yield from map(_place, stretch.frames)


def _place(frame: Frame) -> str:
    place = ":".join(str(part) for part in (frame.file, frame.line, frame.column) if part is not None)
    return visible(f"{frame.function} ({place})" if place else frame.function)
