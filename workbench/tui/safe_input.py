"""One line to type into that shows control characters instead of obeying them."""

from __future__ import annotations

from rich.highlighter import Highlighter
from rich.text import Text
from textual import events
from textual.widgets import Input

from workbench.tui.text import pictured


class Pictured(Highlighter):
    """Draws a picture for each character that a terminal would act on; what the line holds stays as it is."""

    def highlight(self, text: Text) -> None:
        """Change what is drawn, not how long it is."""
        text.plain = pictured(text.plain).replace("\t", "␉")


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
        joined = " ".join(line.strip() for line in event.text.splitlines())
        self.replace(joined, *self.selection) if not self.selection.is_empty else self.insert_text_at_cursor(joined)
