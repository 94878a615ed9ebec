"""The reply to a call sent by hand: looked for in the journal, with its latency."""

from __future__ import annotations

from dataclasses import dataclass

from workbench.journal import Journal
from workbench.records import Record, Reply, Trap
from workbench.tui.text import preview, visible
from workbench.units import format_duration

BATCH = 20_000
PREVIEW = 400


@dataclass(frozen=True)
class Outcome:
    """How a call stands: its sentence, whether it is over, whether it went well."""

    sentence: str
    over: bool = True
    good: bool = True


class Awaited:
    """One call whose reply is awaited; reads on in the journal at every look, a bounded part at a time."""

    def __init__(self, journal: Journal, call: int, target: str) -> None:
        self._journal = journal
        self.call = call
        self.target = target
        self._cursor = call
        sent = journal.get(call)
        self._sent_ms = None if sent is None else sent.t

    def look(self, now_ms: float) -> Outcome:
        """How it stands at `now_ms` of the session clock."""
        records = self._journal.read(self._cursor, BATCH)
        for record in records:
            if self._sent_ms is None and record.seq == self.call:
                self._sent_ms = record.t
            outcome = self._judge(record)
            if outcome is not None:
                return outcome
        if records:
            self._cursor = records[-1].seq + 1
        waited = max(0.0, now_ms - (self._sent_ms if self._sent_ms is not None else now_ms))
        return Outcome(f"waiting for {self.target} since {format_duration(waited)}", over=False)

    def _judge(self, record: Record) -> Outcome | None:
        if isinstance(record, Reply) and record.call == self.call:
            latency = format_duration(record.t - (record.t if self._sent_ms is None else self._sent_ms))
            if record.outcome == "reply":
                return Outcome(f"↩ {preview(record.payload or b'', PREVIEW) or '(empty)'} after {latency}")
            said = "no reply" if record.outcome == "noreply" else "an error"
            return Outcome(f"↩ {self.target} gave {said} after {latency}", good=record.outcome == "noreply")
        if isinstance(record, Trap) and record.parent == self.call:
            what = visible(record.panic or record.message)
            return Outcome(f"✖ {self.target} trapped, so no reply will come: {what}", good=False)
        return None
