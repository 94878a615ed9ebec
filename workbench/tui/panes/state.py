"""State: what an instance synced last, what it synced before, and what changed from one sync to the next."""

from __future__ import annotations

from array import array
from bisect import bisect_right
from itertools import islice
from time import perf_counter
from typing import ClassVar

from textual.binding import Binding, BindingType

from workbench.journal import Journal
from workbench.records import Record, Sync
from workbench.tui.panes.difference import compared
from workbench.tui.panes.document import DocumentPane, Row
from workbench.tui.panes.line import line
from workbench.tui.panes.messages import PaneSource
from workbench.tui.text import clock, utf8_size, visible
from workbench.units import format_size

SLICE = 2048
TICK_S = 0.003
LOOK_BACK = 10_000
"""Syncs among which the one that belongs to a record is looked for."""


class StatePane(DocumentPane):
    """The syncs of one instance, one at a time, compared with the one before."""

    NAME = "state"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left,h", "earlier", "earlier state", show=False, id="state.earlier"),
        Binding("right,l", "later", "later state", show=False, id="state.later"),
    ]

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._journal = Journal(max_records=0)
        self._cursor = 0
        self._syncs: dict[str, array[int]] = {}
        self._instance: str | None = None
        self._chosen = False
        self._back = 0
        self._moment: int | None = None
        self._seen: tuple[object, ...] = ()

    def update_from(self, session: PaneSource) -> None:
        """Note new syncs, in slices; show the newest unless an older one is being looked at."""
        journal = session.journal
        if journal is not self._journal:
            self._journal, self._cursor, self._syncs, self._seen = journal, 0, {}, ()
        self._note(perf_counter() + TICK_S)
        if not self.display:
            return
        if self._instance is None or not (self._chosen or self._instance in self._syncs):
            self._instance = next(iter(self._syncs), None)
        self._draw()

    def _note(self, deadline: float) -> None:
        while self._cursor < self._journal.end:
            records = self._journal.read(self._cursor, SLICE)
            if not records:
                return
            for record in records:
                if type(record) is Sync and record.instance is not None:
                    self._syncs.setdefault(record.instance, array("q")).append(record.seq)
                    if self._back and record.instance == self._instance:
                        self._back += 1  # what is looked at stays
            self._cursor = records[-1].seq + 1
            if perf_counter() > deadline:
                return

    def look_back(self, moment: int | None) -> None:
        """Show states as they were after the record `moment`; None: as they are."""
        if moment != self._moment:
            self._moment = moment
            self._back = 0

    def _history(self) -> array[int]:
        history = self._syncs.get(self._instance or "", array("q"))
        first = self._journal.first
        gone = 0
        while gone < len(history) and history[gone] < first:
            gone += 1
        if gone:
            del history[:gone]
        return history if self._moment is None else history[: bisect_right(history, self._moment)]

    def _draw(self) -> None:
        history = self._history()
        self._back = min(self._back, max(0, len(history) - 1))
        at = len(history) - 1 - self._back
        seen = (
            self._instance,
            self._moment,
            history[at] if history else None,
            history[at - 1] if at > 0 else None,
            len(history),
        )
        if seen == self._seen:
            return
        other = self._seen[:1] != seen[:1]
        self._seen = seen
        if not history:
            self.show(self._nothing(), from_top=True)
            self.subtitle = visible(self._instance or "")
            return
        record = self._journal.get(history[at])
        before = self._journal.get(history[at - 1]) if at > 0 else None
        if isinstance(record, Sync):
            previous = before.state if isinstance(before, Sync) else None
            self.show([_position(record, at + 1, len(history))], compared(previous, record.state), from_top=other)
            self.subtitle = visible(self._instance or "") + ("" if self._moment is None else ", then")

    def _nothing(self) -> list[Row]:
        if self._instance is None:
            words = "No function has synced any state yet."
        else:
            words = (
                f"{visible(self._instance)} has not synced any state {'yet' if self._moment is None else 'by then'}."
            )
        hint = "What a function hands to sync() shows here."
        return [Row(line((each, "pane--muted"))) for each in (words, hint)]

    def show_selection(self, seq: int | None, instance: str | None) -> None:
        """Show the state of the selected instance; for a record, the state that its handling left behind."""
        record = None if seq is None else self._journal.get(seq)
        parties = () if record is None else (getattr(record, "target", None), record.instance)
        name = next((each for each in parties if each in self._syncs), None) or instance
        if name is not None:
            if name != self._instance:
                self._back = 0
            self._instance, self._chosen = name, True
        if record is not None:
            self._look_at(record)
        if self.display:
            self._draw()

    def _look_at(self, record: Record) -> None:
        """Go to the sync `record` is, or led to, if it is one of the last."""
        history = self._history()
        for back, seq in enumerate(islice(reversed(history), LOOK_BACK)):
            sync = self._journal.get(seq)
            if seq == record.seq or (sync is not None and sync.parent == record.seq):
                self._back = back
                return
            if seq < record.seq:
                break
        self._back = 0

    def action_earlier(self) -> None:
        """Look at the sync before."""
        self._back = min(self._back + 1, max(0, len(self._history()) - 1))
        self._draw()

    def action_later(self) -> None:
        """Look at the next sync, or follow the newest again."""
        self._back = max(0, self._back - 1)
        self._draw()

    @property
    def copy_text(self) -> str | None:
        """The whole state."""
        history = self._history()
        record = self._journal.get(history[len(history) - 1 - self._back]) if history else None
        return record.state if isinstance(record, Sync) else None


def _position(record: Sync, number: int, count: int) -> Row:
    """Which of the syncs it is; the arrows say where there are others."""
    earlier, later = ("◂ " if number > 1 else "  "), (" ▸" if number < count else "  ")
    size = format_size(utf8_size(record.state))
    words = f"  {clock(record.t)}  {size}" + ("" if number > 1 else "  the first")
    return Row(line((earlier, "pane--link"), f"{number:,}/{count:,}", (later, "pane--link"), (words, "pane--muted")))
