"""What a run comes to: counts of what happened, and why it did not go well."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Collection, Mapping

from workbench.headless.terminal import visible
from workbench.records import Build, Call, Cast, Change, Handled, Note, Record, Reload, Reply, Start, Trap

_LOSSES = {
    "limit": "had no room and {was} dropped (limits.mailbox and limits.mailbox_bytes in workbench.toml)",
    "busy": "had no room behind what waited there, and {was} dropped",
    "unwritten": "could not be written and {was} lost",
}
"""How messages are dropped that make a run fail, in words."""


class Tally:
    """Counts records as they are written; give `count` to `Journal.follow`."""

    def __init__(self) -> None:
        self._begun: float | None = None
        self._handled = 0
        self._traps: dict[str, Trap] = {}
        self._trap_count = 0
        self._notes = 0
        self._dropped = self._lost = 0
        self._refused: Counter[tuple[str, str]] = Counter()
        """How many messages were dropped at a limit, by whom they were for."""
        self._killed: dict[str, str] = {}
        """Who was ended because it took too long, and in which callback."""
        self._over = False
        self.unbuilt: set[str] = set()
        """Functions whose last build failed."""
        self.kept: set[str] = set()
        """Instances that go on with their old code because the new did not start, without a trap that would tell."""
        self.cut: dict[str, str] = {}
        """Instances whose handlers the end of the run ended, and in which callback."""
        self._open_calls: dict[int, Call] = {}

    def runs_for(self) -> float:
        """Seconds since the first instance started; 0 before."""
        return 0.0 if self._begun is None else time.monotonic() - self._begun

    def begin(self, record: Record) -> None:
        """If `record` is the first start, the run has begun just now."""
        if self._begun is None and isinstance(record, Start):
            self._begun = time.monotonic()

    def end(self) -> None:
        """From here on everything is being stopped: only traps, notes and a `handle_stop` that hung still count."""
        self._over = True

    def count(self, record: Record) -> None:
        """Take `record` into account."""
        if self._over and not isinstance(record, Trap | Note):
            if isinstance(record, Handled) and record.outcome == "killed":
                if record.callback == "handle_stop":
                    self._ended(record)
                else:
                    self.cut[record.instance or ""] = record.callback
            return
        match record:
            case Handled():
                self._handled += 1
                if record.outcome == "killed":
                    self._ended(record)
            case Start():
                self.begin(record)
            case Cast():
                self._lost += record.target is None
            case Call():
                self._lost += record.target is None
                self._open_calls[record.seq] = record
            case Change(action="dropped"):
                self._dropped += 1
                if record.reason in _LOSSES:
                    self._refused[(record.instance or "", record.reason)] += 1
            case Reply():
                self._open_calls.pop(record.call, None)
            case Trap():
                self._trap_count += 1
                self._traps.setdefault(record.instance or "", record)
            case Note():
                self._notes += 1
            case Reload():
                failed = record.outcome == "kept-old" and record.instance not in self._traps
                (self.kept.add if failed else self.kept.discard)(record.instance or "")
            case Build():
                (self.unbuilt.discard if record.ok else self.unbuilt.add)(record.function)

    def _ended(self, record: Handled) -> None:
        """Other reasons than a limit are no fault of its; that `handle_stop` is ended for any means that it hung."""
        if record.reason == "limit" or record.callback == "handle_stop":
            self._killed[record.instance or ""] = record.callback
        self._open_calls = {seq: call for seq, call in self._open_calls.items() if call.parent != record.event}

    def complaints(self, calls: bool, troubles: Mapping[str, str], answerable: Collection[str]) -> list[str]:
        """Why the run did not go well, the most telling reason first; nothing when it did.

        Without `calls`, those that were left unanswered are none. `troubles` are those of real resources, by name;
        `answerable` are those for whom a rule would answer.
        """
        reasons = []
        if self.unbuilt:
            reasons.append(f"{_names(self.unbuilt)} could not be built")
        for name, trap in self._traps.items():
            reasons.append(f"{visible(name)} trapped in {trap.callback}: {visible(trap.panic or trap.message)}")
        for name, callback in self._killed.items():
            reasons.append(f"{visible(name)} was ended in {callback}, which ran longer than it may")
        for (name, reason), count in self._refused.items():
            messages = "a message" if count == 1 else f"{count:,} messages"
            trouble = troubles.get(name) if reason == "unwritten" else None
            because = f": {visible(trouble.rstrip('.'))}" if trouble else ""
            was = "was" if count == 1 else "were"
            reasons.append(f"{messages} for {visible(name)} {_LOSSES[reason].format(was=was)}{because}")
        if self._open_calls and calls:
            call, *others = self._open_calls.values()
            more = f", and {len(others)} more" if others else ""
            trouble = troubles.get(call.target or "")
            because = f": {visible(trouble.rstrip('.'))}" if trouble else ""
            reasons.append(f"{_unanswered(call, answerable)}{more}{because}")
        return reasons

    def summary(self, waiting: int) -> str:
        """One line: events handled, seconds since the first instance started, events per second, traps, notes; and what
        was sent and not handled, where there is such: dropped, `waiting` at the end, lost as on the platform."""
        seconds = self.runs_for()
        unhandled = {"dropped": self._dropped, "waiting": waiting, "lost": self._lost}
        events = "event" if self._handled == 1 else "events"
        return (
            f"{self._handled} {events} handled in {seconds:.3f} s, {self._handled / max(seconds, 1e-6):.0f} events/s, "
            f"traps {self._trap_count}, notes {self._notes}"
            + "".join(f", {end} {count}" for end, count in unhandled.items() if count)
        )


def _unanswered(call: Call, answerable: Collection[str]) -> str:
    output = f" by its output {visible(call.alias)}" if call.alias not in (None, call.target) else ""
    if call.target is None and output:
        return f"the call of {visible(call.source)}{output} was lost, and left unanswered"
    told = f"the call of {visible(call.source)} to {visible(call.target or 'nobody')}{output} was left unanswered"
    if call.target not in answerable:
        return told
    return f"{told} (--reply {visible(call.alias or call.target or '')}=PAYLOAD answers it)"


def _names(names: set[str]) -> str:
    return ", ".join(visible(name) for name in sorted(names))
