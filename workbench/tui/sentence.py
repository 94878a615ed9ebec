"""A sentence in as many rows as it needs, up to a few."""

from __future__ import annotations

from textual.content import Content
from textual.widgets import Static

from workbench.tui.panes.line import fit

MOST_ROWS = 3


class Sentence(Static):
    """What there is no room for ends in `…`."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__("", id=id)
        self._said = ("", "muted")

    def tell(self, sentence: str, tone: str) -> None:
        """Show `sentence`, which is safe text, in a colour of the theme."""
        self._said = (sentence, tone)
        self._fit()

    def on_resize(self) -> None:
        self._fit()

    def _fit(self) -> None:
        sentence, tone = self._said
        width = self.size.width
        rows = Content(sentence).wrap(width) if width else []
        if len(rows) > MOST_ROWS:
            *whole, last = (row.plain.rstrip() for row in rows[:MOST_ROWS])
            sentence = "\n".join([*whole, fit(f"{last} …", width).rstrip()])
        self.update(Content.styled(sentence, f"${tone}"))
