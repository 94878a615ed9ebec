"""A pane's own line to type a query or a search into: tried while one types, Enter keeps it, Escape takes it back.

Going elsewhere keeps it, too; another window of the desktop is not elsewhere.
"""

from __future__ import annotations

from typing import ClassVar, Literal

from rich.text import Text
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widgets import Input

from workbench.tui.safe_input import Pictured, SafeInput

Purpose = Literal["filter", "search"]
MOST_KEPT = 100


class Fault(Pictured):
    """Also underlines from where a query cannot be read."""

    def __init__(self) -> None:
        self.column: int | None = None

    def highlight(self, text: Text) -> None:
        super().highlight(text)
        if self.column is not None:
            start = min(self.column - 1, max(0, len(text) - 1))
            text.stylize("underline red", start)


class History:
    """What was kept before, the newest last; panes share one, so that a query is at hand in all of them."""

    def __init__(self) -> None:
        self._kept: dict[Purpose, list[str]] = {"filter": [], "search": []}

    def add(self, purpose: Purpose, text: str) -> None:
        """Remember `text` as the newest; it stands there once."""
        if text:
            others = [other for other in self._kept[purpose] if other != text]
            self._kept[purpose] = [*others, text][-MOST_KEPT:]

    def of(self, purpose: Purpose) -> list[str]:
        """What was kept for `purpose`."""
        return self._kept[purpose]


class Prompt(SafeInput):
    """Hidden until it is opened. The footer shows those of its keys that are to be shown."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "submit", "keep it", id="prompt.keep"),
        Binding("escape", "give_up", "take back what is typed", id="prompt.give-up"),
        Binding("up", "recall(-1)", "what was typed before", show=False, id="prompt.before"),
        Binding("down", "recall(1)", "what was typed after it", show=False, id="prompt.after"),
    ]
    DEFAULT_CSS = """
    Prompt {
        display: none;
        height: 1;
        border: none;
        padding: 0 1;
        background: $panel;
        &:focus { border: none; background-tint: transparent; }
    }
    """

    class Typed(Message):
        """The text changed while typing."""

        def __init__(self, purpose: Purpose, text: str) -> None:
            super().__init__()
            self.purpose = purpose
            self.text = text

    class Closed(Message):
        """Typing ended; `kept` says whether the text stays, `left` whether the focus has gone elsewhere."""

        def __init__(self, purpose: Purpose, text: str, kept: bool, left: bool) -> None:
            super().__init__()
            self.purpose = purpose
            self.text = text
            self.kept = kept
            self.left = left

    def __init__(self) -> None:
        self._fault = Fault()
        super().__init__(highlighter=self._fault, select_on_focus=False)
        self._purpose: Purpose = "filter"
        self.history = History()
        self._recallable: list[str] = []
        self._recalled = 0

    def open(self, purpose: Purpose, text: str) -> None:
        """Show it with `text` to edit."""
        self._purpose = purpose
        self.placeholder = "kind:call  instance:ping  level:warn+  text" if purpose == "filter" else "find"
        self.value = text
        self.cursor_position = len(text)
        self.fault(None)
        self._recallable = [*(kept for kept in self.history.of(purpose) if kept != text), text]
        self._recalled = len(self._recallable) - 1
        self.display = True
        self.screen.set_focus(self)

    def fault(self, column: int | None) -> None:
        """Underline from this column (from 1) on; None: all is well."""
        self._fault.column = column
        self.set_class(column is not None, "-fault")
        self.refresh()

    @property
    def _can_be_kept(self) -> bool:
        """A query that cannot be read is none; what is looked for may be there later."""
        return self._purpose == "search" or not self.has_class("-fault")

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        if self.display:
            self.post_message(self.Typed(self._purpose, self.value))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        if self._can_be_kept:  # what is wrong stands there until it is mended
            self._close(kept=True)

    def action_give_up(self) -> None:
        """Close, and take back what was typed."""
        self._close(kept=False)

    def action_recall(self, by: int) -> None:
        """Put what was kept before, or after, into the line; past the newest stands what was being typed."""
        if 0 <= self._recalled + by < len(self._recallable):
            if self._recalled == len(self._recallable) - 1:
                self._recallable[-1] = self.value
            self._recalled += by
            self.value = self._recallable[self._recalled]
            self.cursor_position = len(self.value)

    def on_blur(self) -> None:
        if self.display and self.app.app_focus and self.screen.focused is not self:
            self._close(kept=self._can_be_kept, left=True)

    def _close(self, kept: bool, left: bool = False) -> None:
        self.display = False
        if kept:
            self.history.add(self._purpose, self.value.strip())
        self.post_message(self.Closed(self._purpose, self.value, kept, left))
