"""What panes with long texts have besides: a prompt, a search from match to match, and lines that wrap or are cut."""

from __future__ import annotations

import re

from textual.app import ComposeResult

from workbench.tui.panes.pane import Pane
from workbench.tui.panes.prompt import Prompt

SEARCH_LIMIT = 20_000
"""Lines that one step of a search looks through."""


class SearchPane(Pane):
    """A pane one can search."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self.prompt = Prompt()
        self._search_origin: int | None = None

    def compose(self) -> ComposeResult:
        yield from super().compose()
        yield self.prompt

    def action_wrap(self) -> None:
        """Wrap long lines, or cut them."""
        self.rows.wrap = not self.rows.wrap
        self.rows.redraw()

    def action_search(self) -> None:
        """Ask what to find."""
        self._search_origin = self.rows.cursor_index
        self.prompt.open("search", "")

    def action_next_match(self) -> None:
        """Go to the next line with what is searched for, around the end if need be."""
        self._find(1, self._here() + 1)

    def action_previous_match(self) -> None:
        """Go to the line before with what is searched for."""
        self._find(-1, self._here() - 1)

    # -- searching

    def _here(self) -> int:
        index = self.rows.cursor_index
        return -1 if index is None else index

    def _find(self, step: int, start: int) -> bool:
        pattern, count = self.rows.search, self.count()
        if pattern is None or not count:
            return False
        index = start % count
        for _ in range(min(count, SEARCH_LIMIT)):
            if pattern.search(self.text_at(index)):
                self.rows.go_to(index)
                return True
            index = (index + step) % count
        return False

    def _set_search(self, text: str) -> None:
        flags = re.IGNORECASE if text == text.lower() else 0
        self.rows.search = re.compile(re.escape(text), flags) if text else None
        self.rows.redraw()

    def on_prompt_typed(self, message: Prompt.Typed) -> None:
        message.stop()
        if message.purpose == "search":
            self._set_search(message.text)
            found = self._find(1, self._search_origin or 0)
            self.prompt.fault(1 if message.text and not found else None)

    def on_prompt_closed(self, message: Prompt.Closed) -> None:
        message.stop()
        if not message.left:
            self.rows.focus()
        if message.purpose == "search" and not message.kept:
            self._set_search("")

    def text_at(self, index: int) -> str:
        """What a search looks through in the line at `index`: what one sees."""
        return self.line_at(index, self.rows.text_width, self.rows.wrap).plain
