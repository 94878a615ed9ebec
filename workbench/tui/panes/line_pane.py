"""The base of traffic and logs: the records of some kinds that fit a query, newest in sight.

Matching goes both ways from the moment a query is set: forward as records come, and backward through what is there,
newest first, a slice each tick. What is kept is the numbers of the records that fit.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections import deque
from time import perf_counter
from typing import ClassVar

from workbench.journal import Journal
from workbench.query import Query, QueryError, parse
from workbench.records import Record
from workbench.tui.panes.chain import Chain
from workbench.tui.panes.line import Line, StyleName
from workbench.tui.panes.messages import MomentWanted, PaneSource, RecordSelected
from workbench.tui.panes.outcomes import Outcomes
from workbench.tui.panes.prompt import Prompt
from workbench.tui.panes.rows import Rows
from workbench.tui.panes.searching import SearchPane
from workbench.tui.text import visible

SLICE = 1024
TICK_S = 0.006
"""How long one tick may match."""

_GUTTERS: dict[str, tuple[str, StyleName]] = {
    "self": ("▸", "pane--self"),
    "cause": ("▴", "pane--cause"),
    "effect": ("▾", "pane--effect"),
}


class LinePane(SearchPane):
    """One line per record that fits the query."""

    KINDS: ClassVar[frozenset[type]]
    """The kinds of record it has lines for."""
    HINT: ClassVar[str]
    """What is said before the first one came."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self.rows.following = True
        self.rows.can_follow = True
        self.query_text = ""
        """The query in force, as it was typed."""
        self._query = parse("")
        self._journal = Journal(max_records=0)
        self._outcomes = Outcomes(self._journal)
        self._seqs = array("q")
        self._low = self._high = self._start = 0
        self._ended: deque[int] = deque()
        """Events that ended meanwhile, to be matched again."""
        self._rematched = False
        self._looking = False
        self._unseen = 0
        self._seek: int | None = None
        self._chain: Chain | None = None
        self._instance: str | None = None
        self._query_before = ""
        self._missed: int | None = None
        """What was selected while this was hidden: to be shown when it shows."""
        self._seek_mark = False
        self._held_by_mark = False

    # -- taking records in

    def update_from(self, session: PaneSource) -> None:
        """Match what is new, and some of what is old."""
        if session.journal is not self._journal:
            self._bind(session.journal)
        if not self.display:
            return
        removed = self._trim()
        deadline = perf_counter() + TICK_S
        appended = self._forward(deadline)
        prepended = self._backward(deadline)
        sought, self._looking = self._looking, self._low > max(self._journal.first, self._start)
        if removed or appended or prepended or self._rematched or sought:
            self._rematched = False
            self.rows.changed(removed, added_before=prepended)
            self._unseen = 0 if self.rows.following else self._unseen + appended
            self._seek_cursor()
        if self.rows.size.height:
            self._show_missed()
            self._show_mark()
        self._write_subtitle()

    def _bind(self, journal: Journal) -> None:
        self._journal = journal
        self._outcomes = Outcomes(journal)
        self._start = 0
        self._chain = None
        self._restart()

    def _restart(self) -> None:
        self._low = self._high = self._journal.end
        self._looking = True
        self._seqs = array("q")
        self._ended.clear()
        self._unseen = 0
        self._seek = None if self.rows.following else self.rows.cursor
        self.rows.redraw()

    def _trim(self) -> int:
        first = max(self._journal.first, self._start)
        gone = bisect_left(self._seqs, first)
        if gone:
            del self._seqs[:gone]
        self._outcomes.forget(first)
        return gone

    def _forward(self, deadline: float) -> int:
        appended = 0
        while self._high < self._journal.end:
            records = self._journal.read(self._high, SLICE)
            if not records:
                break
            ended = self._outcomes.add(records)
            found, seen = self._matching(records, deadline)
            if seen < len(records):
                ended = self._outcomes.add(records[:seen])
            self._seqs.extend(found)
            appended += len(found)
            self._end_events(ended, records[0].seq)
            self._high = records[seen - 1].seq + 1
            if perf_counter() > deadline:
                break
        while self._ended and perf_counter() < deadline:
            self._match_again(self._ended.popleft())
        return appended

    def _backward(self, deadline: float) -> int:
        first = max(self._journal.first, self._start)
        slices: list[list[int]] = []
        while self._low > first and perf_counter() < deadline:
            begin = max(first, self._low - SLICE)
            records = [record for record in self._journal.read(begin, self._low - begin) if record.seq < self._low]
            self._outcomes.add(records)
            found, seen = self._matching(records[::-1], deadline)
            slices.append(found[::-1])
            self._low = begin if seen == len(records) else records[-seen].seq
        older = array("q", [seq for found in reversed(slices) for seq in found])
        if older:
            self._seqs = older + self._seqs
        return len(older)

    def _matching(self, records: list[Record], deadline: float) -> tuple[list[int], int]:
        """The numbers of those that fit, and how many were looked at: at least one, then as many as time allows."""
        kinds = self.KINDS
        if self._query.everything:
            found = [record for record in records if type(record) in kinds]
            self.admit(found)
            return [record.seq for record in found], len(records)
        matches, outcomes = self._query.matches, self._outcomes
        found, seen = [], 0
        for record in records:
            seen += 1
            if type(record) in kinds:
                if matches(outcomes.now(record), outcomes):
                    found.append(record)
                if perf_counter() > deadline:
                    break
        self.admit(found)
        return [record.seq for record in found], seen

    def admit(self, records: list[Record]) -> None:
        """Hear of the records that got lines, in no order and perhaps twice."""

    def _end_events(self, events: list[int], before: int) -> None:
        """How `events` ended is known now: draw them again and, where that matters, match them again."""
        for event in events:
            self.rows.redraw_line(event)
            again = self._query.late or (self._outcomes.is_edited(event) and not self._query.everything)
            if again and self._low <= event < before:
                self._ended.append(event)

    def _match_again(self, event: int) -> None:
        record = self._journal.get(event)
        if record is None or type(record) not in self.KINDS:
            return
        at = bisect_left(self._seqs, event)
        there = at < len(self._seqs) and self._seqs[at] == event
        fits = self._query.matches(self._outcomes.now(record), self._outcomes)
        if fits and not there:
            self._seqs.insert(at, event)
            self.admit([record])
        elif there and not fits:
            del self._seqs[at]
        self._rematched |= fits is not there

    def _seek_cursor(self) -> None:
        """After another query: go back to the cursor's line once it has been found again."""
        if self._seek is not None and self._low <= self._seek:
            self._seek = None
            self.rows.show_cursor()

    # -- what the user asks for

    def set_query(self, text: str) -> None:
        """Show only what fits. Raises `QueryError`; the query before stays in force then."""
        query = parse(text)
        self.query_text = text.strip()
        if query != self._query:
            self._query = query
            self._restart()
        self._write_subtitle()

    @property
    def matcher(self) -> Query:
        """The query in force."""
        return self._query

    def keep_query(self, text: str) -> None:
        """Show only what fits, and remember it as if it had been typed. Raises `QueryError`."""
        self.set_query(text)
        self.prompt.history.add("filter", self.query_text)

    def action_filter(self) -> None:
        """Ask for a query."""
        self._query_before = self.query_text
        self.prompt.open("filter", self.query_text)

    def on_prompt_typed(self, message: Prompt.Typed) -> None:
        """Try a query while it is typed; a wrong one is underlined and the last good one stays."""
        if message.purpose == "filter":
            self._try(message.text)

    def on_prompt_closed(self, message: Prompt.Closed) -> None:
        """Keep the query, or take it back."""
        if message.purpose == "filter":
            if not message.kept:
                self._try(self._query_before)
            self.complain()
            self._write_subtitle()

    def _try(self, text: str) -> None:
        try:
            self.set_query(text)
        except QueryError as error:
            self.complain(error.reason, error.column or 1)
            self.subtitle = ""
        else:
            self.complain()

    def action_follow(self) -> None:
        """Follow the newest, or hold still."""
        self.rows.following = not self.rows.following
        self._unseen = 0
        self.rows.changed()
        self._write_subtitle()

    def action_clear(self) -> None:
        """Begin at what comes next; the journal keeps everything."""
        self._start = self._journal.end
        self._restart()

    def on_rows_held_still(self, message: Rows.HeldStill) -> None:
        message.stop()
        self._unseen = 0
        self._write_subtitle()

    def on_rows_moved(self, message: Rows.Moved) -> None:
        message.stop()
        self.post_message(RecordSelected(message.row_id))

    def on_rows_chosen(self, message: Rows.Chosen) -> None:
        message.stop()
        self.post_message(RecordSelected(message.row_id))

    def on_rows_dated(self, message: Rows.Dated) -> None:
        message.stop()
        self.post_message(MomentWanted(message.row_id))

    def _write_subtitle(self) -> None:
        if self.prompt.has_class("-fault"):
            return
        parts = []
        if self.query_text:
            parts.append(f"/ {visible(self.query_text)}")
        if not self.rows.following:
            parts.append(f"+{self._unseen:,} new" if self._unseen else "held")
        if self._looking:
            parts.append("…")
        self.subtitle = "  ".join(parts)

    # -- the selection of the screen

    def show_selection(self, seq: int | None, instance: str | None) -> None:
        """Mark the causes and consequences of `seq`, or the lines of `instance`."""
        self._chain = None if seq is None else Chain(self._journal, seq)
        self._instance = instance if seq is None else None
        self._missed = None if self.display else seq
        if seq is not None and not self.rows.has_focus:
            at = self.index_of(seq)
            if at < self.count() and self._seqs[at] == seq:
                self.rows.place_cursor(seq)
                if not self.rows.following:
                    self.rows.show_cursor()
        self.rows.refresh()

    def _show_missed(self) -> None:
        seq = self._missed
        if seq is None or self._high < self._journal.end or (self._low > seq and self._looking):
            return
        self._missed = None
        at = self.index_of(seq)
        if at < self.count() and self._seqs[at] == seq:
            self.rows.place_cursor(seq)
            self.rows.bring(at)

    def mark_of(self, row_id: int) -> tuple[str, StyleName]:
        """How a line belongs to the selection."""
        if self._chain is not None:
            return _GUTTERS.get(self._chain.relation(row_id) or "", (" ", ""))
        if self._instance is not None:
            record = self._journal.get(row_id)
            if record is not None and self._instance in (
                record.instance,
                getattr(record, "source", None),
                getattr(record, "target", None),
            ):
                return "│", "pane--effect"
        return " ", ""

    # -- the moment

    def mark(self, seq: int | None, words: str = "paused here") -> None:
        """Draw a rule with `words` after the record `seq` and make what comes after it pale; None: no rule.

        It comes in sight, which may end following; that begins again when the mark goes. Cheap when nothing changes.
        """
        if (seq, words) == (self.rows.rule, self.rows.rule_words):
            return
        self.rows.rule, self.rows.rule_words = seq, words
        self._seek_mark = seq is not None
        if seq is None and self._held_by_mark:
            self._held_by_mark = False
            self.rows.following = True
        self.rows.redraw()

    def _show_mark(self) -> None:
        if self._seek_mark:
            self._seek_mark = False
            followed = self.rows.following
            self.rows.show_rule()
            self._held_by_mark |= followed and not self.rows.following

    # -- lines

    def hint(self) -> str:
        """Why there is nothing to see."""
        if self.prompt.has_class("-fault"):
            return ""
        if self._looking:
            return "looking…"
        return f"Nothing fits {visible(self.query_text)}" if self.query_text else self.HINT

    def count(self) -> int:
        """How many records fit."""
        return len(self._seqs)

    def id_at(self, index: int) -> int:
        """A line's number is its record's."""
        return self._seqs[index]

    def index_of(self, row_id: int) -> int:
        """Where the record is, or the first one after it."""
        return bisect_left(self._seqs, row_id)

    def line_at(self, index: int, width: int, wrap: bool) -> Line:
        """The record at `index`, or nothing when the journal has just dropped it."""
        record = self._journal.get(self._seqs[index])
        return Line() if record is None else self.line_for(record, width, wrap)

    def line_for(self, record: Record, width: int, wrap: bool) -> Line:
        """How a record looks."""
        raise NotImplementedError
