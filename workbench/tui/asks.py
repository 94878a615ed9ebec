"""Commands on their way: asked of the session, their futures looked at on the screen's own timer."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import CancelledError, Future
from dataclasses import dataclass
from typing import Protocol

from workbench.errors import UserError
from workbench.journal import Journal
from workbench.session.commands import Command
from workbench.session.view import View
from workbench.tui.panes.messages import PaneSource


class Engine(PaneSource, Protocol):
    """What the screen needs of a session: its journal and view, and a way to ask."""

    def submit(self, command: Command) -> Future[object]:
        """Ask for something to be done."""


class Steady:
    """An engine that shows its last picture when it failed, and says so in `failure`."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._last = engine.view()
        self.failure: str | None = None

    @property
    def journal(self) -> Journal:
        """The engine's."""
        return self._engine.journal

    def view(self) -> View:
        """The newest picture, or the last one before the failure."""
        if self.failure is None:
            try:
                self._last = self._engine.view()
            except Exception as error:
                self.failure = f"the engine failed, {type(error).__name__}: {error}; leave and open again"
        return self._last

    def submit(self, command: Command) -> Future[object]:
        """Ask for something to be done."""
        return self._engine.submit(command)


Done = Callable[[object], None]
Refused = Callable[[str], None]


def nothing(_: object) -> None:
    """What most commands do with their result."""


@dataclass(frozen=True)
class _Ask:
    future: Future[object]
    done: Done
    refused: Refused


class Asks:
    """The commands whose results have not come yet."""

    def __init__(self, engine: Engine, refused: Refused) -> None:
        self._engine = engine
        self._refused = refused
        self._waiting: list[_Ask] = []

    def ask(self, command: Command, done: Done = nothing, refused: Refused | None = None) -> None:
        """Submit `command`; at a later `look`, `done` gets its result or `refused` a sentence."""
        self._waiting.append(_Ask(self._engine.submit(command), done, refused or self._refused))

    def look(self) -> None:
        """Hand out the results that came, and say in a sentence what was refused."""
        waiting, self._waiting = self._waiting, []
        for ask in waiting:
            if not ask.future.done():
                self._waiting.append(ask)
                continue
            try:
                result = ask.future.result()
            except CancelledError:
                ask.refused("the session ended before that was done")
            except UserError as error:
                ask.refused(str(error))
            except Exception as error:
                ask.refused(f"the engine failed: {type(error).__name__}: {error}")
            else:
                ask.done(result)
