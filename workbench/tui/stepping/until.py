"""Running on until something happens: what it may be, and what has to be asked for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from workbench.errors import UserError
from workbench.query.nodes import And, Term
from workbench.session.commands import Run, Until
from workbench.tui.chooser import Choice, Chooser, OneLine
from workbench.tui.drafts import milliseconds
from workbench.tui.stepping.query_line import QueryPrompt
from workbench.tui.stepping.times import amount
from workbench.tui.text import clock, visible
from workbench.units import format_duration

if TYPE_CHECKING:
    from workbench.tui.app import Workbench

LEVELS = ("error", "warn", "info", "debug", "trace")


def run_until(app: Workbench) -> None:
    """Ask what to run until, and run."""
    deeds = {key: deed for key, _, _, deed in _ways(app)}
    choices = [Choice(key, words, hint) for key, words, hint, _ in _ways(app)]

    def chosen(key: str | None) -> None:
        if key is not None:
            deeds[key]()

    app.push_screen(Chooser("Run until", choices), chosen)


def _ways(app: Workbench) -> list[tuple[str, str, str, Callable[[], None]]]:
    """Each way's id, its words, a hint, and what choosing it does."""
    instance = app.selection.instance
    ways: list[tuple[str, str, str, Callable[[], None]]] = [
        ("query", "something fits a query…", "", lambda: _query(app)),
        ("sync", "a state is synced", "kind:sync", lambda: _go(app, Until("kind:sync"))),
        ("log", "a log at a level…", "", lambda: _level(app)),
        ("trap", "a function traps", "kind:trap", lambda: _go(app, Until("kind:trap"))),
        ("note", "a note", "kind:note", lambda: _go(app, Until("kind:note"))),
        ("idle", "nothing is left to do", "", lambda: _go(app, Until(idle=True))),
        ("time", "a time…", "", lambda: _time(app)),
    ]
    if instance is not None:
        words = f"{visible(instance)} is about to handle an event"
        ways.insert(0, ("instance", words, "", lambda: _go(app, next_event(instance))))
    return ways


def next_event(instance: str) -> Until:
    """Until `instance` begins with an event."""
    return Until(str(And((Term("kind", ":", "cast,call"), Term("to", ":", instance)))), at="begins")


def _go(app: Workbench, until: Until) -> None:
    app.ask(Run(until))


def _query(app: Workbench) -> None:
    def typed(query: str | None) -> None:
        if query is not None:
            _go(app, Until(query))

    app.push_screen(QueryPrompt("Run until a record fits"), typed)


def _level(app: Workbench) -> None:
    def chosen(level: str | None) -> None:
        if level is not None:
            _go(app, Until(f"level:{level}+"))

    choices = [Choice(level, level, "" if level == "error" else "or more serious") for level in LEVELS]
    app.push_screen(Chooser("Run until a log", choices, "warn"), chosen)


def _time(app: Workbench) -> None:
    now_ms = app.engine.view().t_ms

    def typed(text: str | None) -> None:
        if text is not None:
            _go(app, Until(t_ms=moment(text, now_ms)))

    def check(text: str) -> str | None:
        try:
            at = moment(text, now_ms) if text else now_ms
        except UserError as error:
            return str(error)
        return f"that was {format_duration(now_ms - at)} ago" if at < now_ms else None

    app.push_screen(OneLine(f"Run until (it is {clock(now_ms)}; +5s is from now)", "+1s", check), typed)


def moment(text: str, now_ms: float) -> float:
    """A time on the session's clock, in ms: `12:04.5` or a duration since the start, or `+500ms` from now.

    Raises `UserError`.
    """
    text = text.strip()
    if text.startswith("+"):
        return now_ms + amount(text[1:])
    if ":" not in text:
        return milliseconds("time", text)
    parts = text.split(":")
    try:
        seconds = [float(part) for part in parts]
    except ValueError:
        seconds = []
    if not seconds or len(seconds) > 3 or any(not 0 <= part < 1e6 for part in seconds):
        raise UserError(f'"{text}" is not a time; write it as 12:04.5, 90s or +500ms')
    return 1000.0 * sum(part * float(60**place) for place, part in enumerate(reversed(seconds)))
