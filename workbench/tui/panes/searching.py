"""What panes with long texts have besides: a prompt, a search from match to match, and lines that wrap or are cut."""

from __future__ import annotations

import re

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Static

from workbench.tui.panes.pane import Pane
from workbench.tui.panes.prompt import Prompt
from workbench.tui.text import visible

SEARCH_LIMIT = 20_000
"""Lines that one step of a search looks through."""


class SearchPane(Pane):
    """A pane one can search."""

    DEFAULT_CSS = """
    SearchPane .asking { dock: bottom; height: auto; background: $panel; }
    SearchPane .complaint { display: none; height: auto; max-height: 6; color: $error; }
    """

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self.prompt = Prompt()
        self._complaint = Static("", markup=False, classes="complaint")
        self._search_origin: int | None = None
        self._searched = ""

    def compose(self) -> ComposeResult:
        yield from super().compose()
        yield Vertical(self._complaint, self.prompt, classes="asking")

    def complain(self, sentence: str = "", column: int = 1) -> None:
        """Say above the line one types into what is wrong with it, and underline it from `column` on."""
        self.prompt.fault(column if sentence else None)
        self._complaint.update(visible(sentence))
        self._complaint.display = bool(sentence)

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
        self._find_again(1)

    def action_previous_match(self) -> None:
        """Go to the line before with what is searched for."""
        self._find_again(-1)

    # -- searching

    def _here(self) -> int:
        index = self.rows.cursor_index
        return -1 if index is None else index

    def _find_again(self, step: int) -> None:
        if self.rows.search is None:
            self.notify("nothing is searched for yet", severity="warning", markup=False, timeout=3)
        elif not self._find(step, self._here() + step):
            self._tell_in_vain()

    def _tell_in_vain(self) -> None:
        self.notify(self._in_vain(), severity="warning", markup=False, timeout=3)

    def _in_vain(self) -> str:
        limit = f" in the next {SEARCH_LIMIT:,} lines" if self.count() > SEARCH_LIMIT else ""
        return f'"{visible(self._searched)}" is not found{limit}'

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
        self._searched = text
        flags = re.IGNORECASE if text == text.lower() else 0
        self.rows.search = re.compile(re.escape(text), flags) if text else None
        self.rows.redraw()

    def on_prompt_typed(self, message: Prompt.Typed) -> None:
        message.stop()
        if message.purpose == "search":
            self._set_search(message.text)
            found = self._find(1, self._search_origin or 0)
            self.complain(self._in_vain() if message.text and not found else "")

    def on_prompt_closed(self, message: Prompt.Closed) -> None:
        message.stop()
        if not message.left:
            self.rows.focus()
        if message.purpose == "search" and not message.kept:
            self._set_search("")
        elif message.purpose == "search" and self.prompt.has_class("-fault"):
            self._tell_in_vain()
        self.complain()

    def text_at(self, index: int) -> str:
        """What a search looks through in the line at `index`: what one sees."""
        return self.line_at(index, self.rows.text_width, self.rows.wrap).plain
