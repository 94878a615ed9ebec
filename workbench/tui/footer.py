"""The last row: the keys that matter here, as many as fit."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from rich.segment import Segment
from textual import events
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from workbench.tui.action import Action
from workbench.tui.actions import ACTIONS, BY_ID
from workbench.tui.layout import SEND
from workbench.tui.situation import Situation

FEW = 5
"""How many keys a narrow terminal shows; the last one is the help's, which has the others."""


def footer_actions(now: Situation, narrow: bool) -> list[Action]:
    """What the footer offers in this situation, most wanted first."""
    here = [action for action in ACTIONS if now.place_of(action) and now.applies(action)]
    if now.pane == SEND:
        here = [action for action in here if action.while_typing or action.id == "help"]
    here.sort(key=now.place_of)
    if not narrow:
        return here
    first = [action for action in here if action.id not in ("palette", "help")][: FEW - 1]
    return [*first, BY_ID["help"]]


class Footer(Widget):
    """Keys and words; a click does what the key does."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"footer--key", "footer--words"}

    class Chosen(Message):
        """The user clicked an action."""

        def __init__(self, action: str) -> None:
            super().__init__()
            self.action = action

    def __init__(self, key_of: Callable[[Action], str]) -> None:
        super().__init__()
        self._key_of = key_of
        self._items: list[tuple[str, str, str]] = []
        self._spots: list[tuple[int, int, str]] = []
        self._now: Situation | None = None

    def on_resize(self) -> None:
        if self._now is not None:
            self.show(self._now)

    def show(self, now: Situation) -> None:
        """Draw what can be done now."""
        self._now = now
        narrow = self.size.width < 90
        items = [(action.id, self._key_of(action), now.words_of(action)) for action in footer_actions(now, narrow)]
        if items != self._items:
            self._items = items
            self.refresh()

    def render_line(self, y: int) -> Strip:
        """The row; what does not fit is left out, from the end."""
        base = self.rich_style
        key_style = base + self.get_component_rich_style("footer--key", partial=True)
        words_style = base + self.get_component_rich_style("footer--words", partial=True)
        segments = [Segment(" ", base)]
        self._spots = []
        x = 1
        for action, key, words in self._items:
            piece = [Segment(key, key_style), Segment(f" {words}", words_style), Segment("   ", base)]
            width = sum(segment.cell_length for segment in piece)
            if x + width - 3 > self.size.width:
                continue
            self._spots.append((x, x + width - 2, action))
            segments += piece
            x += width
        return Strip(segments).adjust_cell_length(self.size.width, base)

    def on_click(self, event: events.Click) -> None:
        for start, end, action in self._spots:
            if start <= event.x < end:
                self.post_message(self.Chosen(action))
