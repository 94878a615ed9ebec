"""What to look for: breakpoints and what is to be held back, each a query asked of records as they come."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import msgspec

from workbench.errors import UserError
from workbench.journal import Journal
from workbench.query import Query, QueryError, parse
from workbench.query.nodes import Json
from workbench.records import Call, Handled, Record, Reply, Sync
from workbench.session.commands import Moment, SetBreakpoint
from workbench.session.view import BreakpointView


class Told(Protocol):
    """Where queries find what they ask: the journal, and when the calls were made that are not answered yet."""

    journal: Journal
    called: dict[int, float]


class Known:
    """What queries may ask about a record besides itself, while it is the newest."""

    def __init__(self, told: Told) -> None:
        self._told = told

    def get(self, seq: int) -> Record | None:
        """The record numbered `seq`. Of a call that waits longer than the journal keeps it, when it was made."""
        record, made = self._told.journal.get(seq), self._told.called.get(seq)
        if record is None and made is not None:
            return Call(seq, made, None, None, "", None, None, b"")
        return record

    def handled(self, event: int) -> Handled | None:
        """Never known: its handling has not ended."""
        return None

    def reply(self, call: int) -> Reply | None:
        """Never known: it is not answered."""
        return None


@dataclass(eq=False)
class Catch:
    """A breakpoint, compiled, with its count of hits."""

    number: int
    query: Query
    at: Moment
    path: tuple[str | int, ...] | None
    field: str
    hold: bool
    on: bool
    skip: int
    hits: int = 0

    def hit(self, record: Record, known: Known, before: str | None = None) -> bool:
        """Whether `record` is to be caught; counts it. `before` is the state that was synced before this one."""
        if not self.on or not self.query.matches(record, known):
            return False
        if self.path is not None and not self._changed(record, before):
            return False
        self.hits += 1
        return self.hits > self.skip

    def _changed(self, record: Record, before: str | None) -> bool:
        assert self.path is not None
        if not isinstance(record, Sync):
            return False
        return _at(self.path, before) != _at(self.path, record.state)

    def words(self) -> str:
        """How sentences call it."""
        what = " ".join(filter(None, (str(self.query), f"{self.field} changed" if self.field else "")))
        return f"breakpoint {self.number} ({what or 'everything'})"

    def command(self) -> SetBreakpoint:
        """What asks for it."""
        return SetBreakpoint(str(self.query), self.at, self.field, self.hold, self.on, self.skip, self.number)

    def view(self) -> BreakpointView:
        """As fronts see it."""
        return BreakpointView(
            self.number, str(self.query), self.at, self.field, self.hold, self.on, self.skip, self.hits
        )


def catch(command: SetBreakpoint, number: int) -> Catch:
    """The breakpoint a command describes. Raises `UserError` that shows where its query cannot be read."""
    path: tuple[str | int, ...] | None = None
    if command.field and command.hold:
        raise UserError(
            f'"{command.field}" is a field of a state, and states cannot be held back: hold messages, or stop at states'
        )
    if command.field:
        tree = query_of(command.field).tree
        if not isinstance(tree, Json) or tree.operator is not None:
            raise UserError(f'"{command.field}" is no field of a state; write a path such as .count or .items[0].name')
        path = tree.path
    return Catch(
        number, query_of(command.query), command.at, path, command.field, command.hold, command.on, command.skip
    )


def query_of(text: str) -> Query:
    """The query `text` says. Raises `UserError` that shows where it cannot be read."""
    try:
        return parse(text)
    except QueryError as error:
        raise UserError(f'the query "{text}" cannot be read: {error}') from error


def _at(path: tuple[str | int, ...], state: str | None) -> object:
    try:
        found: object = msgspec.json.decode((state or "").encode(errors="replace"))
        for step in path:
            found = found[step]  # type: ignore[index]
    except (msgspec.MsgspecError, RecursionError, LookupError, TypeError):
        return _Nothing
    return found


class _Nothing:
    """What stands at a path that leads nowhere."""
