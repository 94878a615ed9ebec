"""Keys one after the other: the next is handed out once the one before has done what it does, focus included.

Textual gives a key to the widget that has the focus when the key arrives, although a key before it, still on its way,
may be about to move the focus. What is typed fast would then end as actions of the pane that was left.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Awaitable, Callable
from time import monotonic
from typing import TYPE_CHECKING

from textual import events
from textual.message import Message
from textual.widget import Widget

if TYPE_CHECKING:
    from workbench.tui.app import Workbench

PATIENCE_S = 2.0
"""How long a key may take before the next is handed out all the same."""
ROUNDS = 2
"""How often a key is followed: a widget that answers it with a message to itself takes one round more."""


class Typing:
    """Holds back what is typed while a key is on its way."""

    class Followed(Message):
        """Goes from widget to parent behind the key `number`: once the app sees it, the key has arrived somewhere."""

        def __init__(self, number: int, turn: int) -> None:
            super().__init__()
            self.number = number
            self.turn = turn

    def __init__(self, app: Workbench, hand_out: Callable[[events.Event], Awaitable[None]]) -> None:
        self._app = app
        self._hand_out = hand_out
        self._waiting: deque[events.Event] = deque()
        self._number = 0
        self._on_its_way: Widget | None = None
        """What the key that has not arrived was given to."""
        self._since = 0.0

    async def take(self, event: events.Event) -> None:
        """Hand out a key or a paste, now or in its turn."""
        self._waiting.append(event)
        if self._on_its_way is None:
            await self._next()

    def look(self) -> None:
        """Go on when a key can arrive no more, as what it was given to is gone, such as a dialog it closed."""
        if self._on_its_way is not None:
            gone = not self._on_its_way.is_attached
            if gone or monotonic() - self._since > PATIENCE_S:
                self._arrived(self._number)

    def followed(self, message: Followed) -> None:
        """Follow the key again, or go on after what it left to be done in the app and in a dialog it opened."""
        if message.turn < ROUNDS and self._on_its_way is not None:
            self._on_its_way.post_message(self.Followed(message.number, message.turn + 1))
        else:
            self._arrived(message.number)

    def _arrived(self, number: int) -> None:
        app = self._app

        async def go_on() -> None:
            if number == self._number:
                await self._next()

        app.call_later(lambda: app.screen.call_later(lambda: app.call_later(go_on)))

    async def _next(self) -> None:
        self._number += 1
        self._on_its_way = None
        if self._waiting:
            self._on_its_way = target = self._app.focused or self._app.screen
            self._since = monotonic()
            await self._hand_out(self._waiting.popleft())
            target.post_message(self.Followed(self._number, 1))
