"""Queries saved by name in a project's `.workbench/queries.toml`: `name = "query"`, a line each."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from workbench.config.shape import mistake
from workbench.config.toml import read_toml, value_text
from workbench.errors import UserError
from workbench.query import QueryError, parse
from workbench.tui.chooser import Choice, Chooser, OneLine
from workbench.tui.memory import write_whole
from workbench.tui.panes.line_pane import LinePane
from workbench.tui.text import visible

if TYPE_CHECKING:
    from workbench.tui.app import Workbench

FILE_NAME = "queries.toml"


def read_queries(directory: Path) -> Mapping[str, str]:
    """The queries of a project by name. Raises `UserError` with the line of what cannot be used."""
    path = directory / FILE_NAME
    if not os.path.exists(path):
        return {}
    toml = read_toml(path)
    for name, query in toml.content.items():
        if not isinstance(query, str):
            raise mistake(f'"{name}" must be a query in quotes, such as "kind:call"', path, toml.locate, (name,))
        try:
            parse(query)
        except QueryError as error:
            raise mistake(f'"{name}" is no query: {error.reason}', path, toml.locate, (name,)) from None
    return dict(sorted(toml.content.items(), key=lambda item: item[0].lower()))


def save_query(directory: Path, name: str, query: str) -> None:
    """Keep `query` as `name`, in place of the one before. Raises `UserError`; a broken file stays as it is."""
    queries = {**read_queries(directory), name: query}
    write_whole(
        directory / FILE_NAME, "".join(f"{value_text(each)} = {value_text(queries[each])}\n" for each in queries)
    )


def ask_name(app: Workbench) -> None:
    """Save the query of the pane one is in by a name that is asked for. Raises `UserError` when it has none."""
    pane = app.workspace.panes[app.workspace.current]
    if not isinstance(pane, LinePane) or not pane.query_text:
        raise UserError(f"nothing is filtered here that could be saved; {app.key_for('filter')} filters")
    query = pane.query_text

    def named(name: str | None) -> None:
        if name is None:
            return
        try:
            save_query(app.own_directory, name, query)
        except UserError as error:
            app.complain(str(error))
        else:
            app.look_around()
            app.say(f"saved as {name}")

    app.push_screen(OneLine(f"Save {visible(query)} as"), named)


def ask_query(app: Workbench) -> None:
    """Choose a saved query for the pane one is in. Raises `UserError` when there is none, or the file is broken."""
    queries = read_queries(app.own_directory)
    if not queries:
        raise UserError(f"no query is saved yet; filter first, then {app.key_for('save-query')} saves it")

    def chosen(name: str | None) -> None:
        if name is not None:
            use_query(app, queries[name])

    app.push_screen(Chooser("Filter by", [Choice(name, name, query) for name, query in queries.items()]), chosen)


def use_query(app: Workbench, query: str) -> None:
    """Filter by `query` in the pane one is in or, where nothing can be filtered, in the traffic."""
    pane = app.workspace.panes[app.workspace.current]
    if not isinstance(pane, LinePane):
        pane = app.workspace.panes["traffic"]
        app.workspace.go("traffic")
    assert isinstance(pane, LinePane)
    pane.keep_query(query)
