"""One line to type into that shows control characters instead of obeying them."""

from __future__ import annotations

import re

from rich.cells import cell_len
from rich.highlighter import Highlighter
from rich.text import Text
from textual import events
from textual.widgets import Input

from workbench.tui.text import pictured

_LINE_END = re.compile(r"\r\n|\r|\n")


class Pictured(Highlighter):
    """Draws a picture for each character that a terminal would act on; what the line holds stays as it is."""

    def highlight(self, text: Text) -> None:
        """Change what is drawn, not how many characters it has."""
        text.plain = pictured(text.plain)


class SafeInput(Input):
    """An `Input` whose value may come from anywhere: a file, the clipboard, a guest."""

    def __init__(
        self,
        value: str = "",
        *,
        placeholder: str = "",
        highlighter: Pictured | None = None,
        select_on_focus: bool = True,
        id: str | None = None,  # noqa: A002
    ) -> None:
        super().__init__(
            value,
            placeholder=placeholder,
            highlighter=highlighter or Pictured(),
            select_on_focus=select_on_focus,
            compact=True,
            id=id,
        )

    def on_paste(self, event: events.Paste) -> None:
        # Textual's own takes the first line and drops the rest without a word.
        event.prevent_default()
        event.stop()
        joined = " ".join(line.strip(" ") for line in _LINE_END.split(event.text)).strip(" ")
        self.replace(joined, *self.selection) if not self.selection.is_empty else self.insert_text_at_cursor(joined)

    def _position_to_cell(self, position: int) -> int:
        return cell_len(pictured(self.value[:position]))

    def _cell_offset_to_index(self, offset: int) -> int:
        cell = 0
        offset += self.scroll_offset.x
        for index, character in enumerate(pictured(self.value)):
            cell += cell_len(character)
            if cell > offset:
                return index
        return len(self.value)
