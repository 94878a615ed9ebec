"""Who hears of the records of a run: as they are written, or, where history may take another line, of those that count.

When somebody goes back and on from there, what came after that moment has not happened on the new line of history. What
is told to people while it happens is told once; the trace and the sums are of the line that is current at the end.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Protocol, TypeAlias

from workbench.records import Record
from workbench.session.session import Session
from workbench.session.view import SteppingView

Sink: TypeAlias = Callable[[Record], None]


class Hearing(Protocol):
    """Gives records to those who hear of them."""

    def begin(self) -> None:
        """The session is about to be opened."""

    def go_on(self) -> None:
        """Some time has passed, or something was done."""

    def end(self, closing: Callable[[], None], over: Callable[[], None]) -> None:
        """The run is over (`over`), and the session is closed now, by `closing`."""


class Straight:
    """One line of history: every record is heard as it is written, on the engine's thread."""

    def __init__(self, session: Session, sinks: Iterable[Sink]) -> None:
        self._session, self._sinks = session, sinks

    def begin(self) -> None:
        """Follow the journal."""
        for sink in self._sinks:
            self._session.journal.follow(sink)

    def go_on(self) -> None:
        """Nothing is left to be heard."""

    def end(self, closing: Callable[[], None], over: Callable[[], None]) -> None:
        """What comes of closing is heard too."""
        over()
        closing()


class Branching:
    """Several lines of history. `tellers` hear each record once, soon after it is written; `keepers` hear at the end
    of all those of the line that is current then; `announce` gets a sentence when another line becomes so."""

    def __init__(
        self, session: Session, tellers: Iterable[Sink], keepers: Iterable[Sink], announce: Callable[[str], None]
    ) -> None:
        self._session, self._tellers, self._keepers = session, tuple(tellers), tuple(keepers)
        self._announce = announce
        self._journal = session.journal
        self._line = 1
        self._told: dict[int, int] = {1: 0}
        """Of each line of history, the `seq` of the first record that was not told."""

    def begin(self) -> None:
        """Nothing is there yet."""

    def go_on(self) -> None:
        """Tell what is new."""
        stepping = self._session.view().stepping
        if stepping.line != self._line:  # the journal may be another one already before the view says so
            self._line, self._journal = stepping.line, self._session.journal
            self._enter(stepping)
        for record in self._journal.read(self._told[self._line]):
            for tell in self._tellers:
                tell(record)
            self._told[self._line] = record.seq + 1

    def end(self, closing: Callable[[], None], over: Callable[[], None]) -> None:
        """Give the keepers all of the current line, in two parts: what was, and what comes of closing."""
        try:
            self.go_on()
            journal = self._session.journal
            end = journal.end
            self._keep(record for record in journal.iterate() if record.seq < end)
        finally:
            over()
            closing()
        self.go_on()
        self._keep(journal.read(end))

    def _enter(self, stepping: SteppingView) -> None:
        if self._line in self._told:
            self._announce(f"line {self._line} of history again")
            return
        forked_at = next((line.forked_at for line in stepping.lines if line.number == self._line), None)
        begin = 0 if forked_at is None else forked_at + 1
        self._announce(f"line {self._line} of history, from {f'after #{begin - 1}' if begin else 'the beginning'} on")
        self._told[self._line] = begin

    def _keep(self, records: Iterable[Record]) -> None:
        for record in records:
            for keep in self._keepers:
                keep(record)
