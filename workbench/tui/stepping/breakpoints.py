"""A project's breakpoints, kept in `.workbench/breakpoints.toml`: read, written, and taken up by the session."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Annotated, Protocol

import msgspec

from workbench.config.shape import mistake, shaped
from workbench.config.toml import read_toml, value_text
from workbench.errors import UserError
from workbench.query import QueryError, parse
from workbench.query.nodes import Json
from workbench.session.commands import Command, DropBreakpoint, Moment, SetBreakpoint
from workbench.tui.asks import Done, Refused
from workbench.tui.memory import write_whole
from workbench.tui.stepping.query_line import query_fault
from workbench.tui.theming import stamp_of

FILE_NAME = "breakpoints.toml"


class _Kept(msgspec.Struct, forbid_unknown_fields=True):
    query: str
    at: Moment = "written"
    field: str = ""
    hold: bool = False
    on: bool = True
    skip: Annotated[int, msgspec.Meta(ge=0)] = 0


class _File(msgspec.Struct, forbid_unknown_fields=True):
    breakpoint: list[_Kept] = []


class Asking(Protocol):
    """How a command is handed to the session."""

    def __call__(self, command: Command, done: Done, refused: Refused | None = None) -> None:
        """See `Asks.ask`."""


def read_breakpoints(directory: Path) -> tuple[SetBreakpoint, ...]:
    """The breakpoints of a project; none when there is no file. Raises `UserError` with the line of what is wrong."""
    path = directory / FILE_NAME
    if not os.path.exists(path):
        return ()
    toml = read_toml(path)
    kept = shaped(toml.content, _File, path, toml.locate).breakpoint
    for number, each in enumerate(kept):
        wrong = query_fault(each.query)
        no_query = None if wrong is None else f"is no query: {wrong.reason}"
        for name, fault in (("query", no_query), ("field", field_fault(each.field))):
            if fault is not None:
                raise mistake(f'"{name}" {fault}', path, toml.locate, ("breakpoint", number, name))
    return tuple(SetBreakpoint(each.query, each.at, each.field, each.hold, each.on, each.skip) for each in kept)


def field_fault(text: str) -> str | None:
    """Why `text` is not the path of a JSON field; None when it is, or is empty."""
    try:
        path = not text or (isinstance(tree := parse(text).tree, Json) and tree.operator is None)
    except QueryError:
        path = False
    return None if path else "is no path to a field, such as .count or .items[0].name"


def write_breakpoints(directory: Path, breakpoints: Iterable[SetBreakpoint]) -> None:
    """Keep `breakpoints`, in place of those before. Raises `UserError`; a broken file stays as it is."""
    read_breakpoints(directory)
    write_whole(directory / FILE_NAME, "\n".join(_table(each) for each in breakpoints))


def _table(one: SetBreakpoint) -> str:
    usual = SetBreakpoint("")
    lines = ["[[breakpoint]]", f"query = {value_text(one.query)}"]
    for name in ("at", "field", "hold", "on", "skip"):
        value = getattr(one, name)
        if value != getattr(usual, name):
            lines.append(f"{name} = {value_text(value)}")
    return "\n".join(lines) + "\n"


class Breakpoints:
    """Keeps the file and the session the same: what is set here is written, what is written there is set.

    While the file is broken it stays as it is, and `problem` says why.
    """

    def __init__(self, directory: Path, ask: Asking, complain: Callable[[str], None]) -> None:
        self._directory = directory
        self._ask = ask
        self._complain = complain
        self._set: dict[int, SetBreakpoint] = {}
        self._stamp: object = None
        self.problem: UserError | None = None

    def look(self) -> None:
        """Take up the file if it changed."""
        stamp = stamp_of(self._directory / FILE_NAME)
        if stamp == self._stamp:
            return
        self._stamp = stamp
        try:
            wanted = list(read_breakpoints(self._directory))
        except UserError as error:
            self.problem = error
            return
        self.problem = None
        for number, each in list(self._set.items()):
            if each in wanted:
                wanted.remove(each)
            else:
                del self._set[number]
                self._ask(DropBreakpoint(number), lambda _: None)
        for each in wanted:
            self._ask(each, lambda number, each=each: self._take(number, each))  # type: ignore[misc]

    def set(self, wanted: SetBreakpoint, done: Done, refused: Refused | None) -> None:
        """Set a breakpoint, or change the one with its number, and write it down."""
        self.look()  # what was written by hand a moment ago is not lost

        def was_set(number: object) -> None:
            self._take(number, msgspec.structs.replace(wanted, number=None))
            self._write()
            done(number)

        self._ask(wanted, was_set, refused)

    def drop(self, number: int) -> None:
        """Remove a breakpoint, also from the file."""
        self.look()

        def was_dropped(_: object) -> None:
            self._set.pop(number, None)
            self._write()

        self._ask(DropBreakpoint(number), was_dropped)

    def _take(self, number: object, one: SetBreakpoint) -> None:
        if isinstance(number, int):
            self._set[number] = one

    def _write(self) -> None:
        try:
            write_breakpoints(self._directory, (self._set[number] for number in sorted(self._set)))
        except UserError as error:
            self._complain(f"it is in force, but not kept: {error}")
        else:
            self._stamp = stamp_of(self._directory / FILE_NAME)
