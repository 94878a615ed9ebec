"""The last row: the keys that matter here, as many as fit."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from rich.segment import Segment
from textual import events
from textual.binding import Binding
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from workbench.tui.action import Action
from workbench.tui.actions import ACTIONS, BY_ID
from workbench.tui.layout import SEND
from workbench.tui.panes.prompt import Prompt
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
        """The user clicked an action, named as bindings do, or one of the focused widget's own."""

        def __init__(self, action: str) -> None:
            super().__init__()
            self.action = action

    def __init__(self, key_of: Callable[[Action], str], keys_bound: Callable[[Binding], str]) -> None:
        super().__init__()
        self._key_of = key_of
        self._keys_bound = keys_bound
        self._items: list[tuple[str, str, str]] = []
        self._spots: list[tuple[int, int, str]] = []
        self._now: Situation | None = None
        self._focused: Widget | None = None

    def on_resize(self) -> None:
        if self._now is not None:
            self.show(self._now, self._focused)

    def show(self, now: Situation, focused: Widget | None) -> None:
        """Draw what can be done now; where a pane's own line is typed into, what its keys do."""
        self._now, self._focused = now, focused
        asked = isinstance(focused, Prompt)
        own = [each for each in Prompt.BINDINGS if isinstance(each, Binding) and each.show] if asked else []
        actions = [BY_ID["help"]] if asked else footer_actions(now, self.size.width < 90)
        items = [(each.action, self._keys_bound(each), each.description) for each in own]
        items += [(f"app.do('{each.id}')", self._key_of(each), now.words_of(each)) for each in actions]
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
