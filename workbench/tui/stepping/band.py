"""The row that says that what is shown is the past, and which keys lead on from there."""

from __future__ import annotations

from collections.abc import Callable

from textual.content import Content
from textual.widgets import Static

from workbench.session.view import SteppingView
from workbench.tui.stepping.words import past_words

KEYS = (
    ("step", "forward"),
    ("step-back", "back"),
    ("pause-run", "goes on from here"),
    ("present", "present"),
    ("lines", "lines"),
)
"""Actions, and what they mean here."""
LESS_WANTED = ("step", "step-back", "lines")
"""Those that the footer, or the help, tells as well."""
ROOMY = 100
"""Columns from which on there is room for all of them."""


class Band(Static):
    """Nothing at all in the present."""

    def __init__(self, key_for: Callable[[str], str]) -> None:
        super().__init__("")
        self._key_for = key_for
        self._drawn = ("", True)
        self.display = False

    def show(self, stepping: SteppingView) -> None:
        """Draw it, if it changed."""
        words, roomy = past_words(stepping), self.app.size.width >= ROOMY
        if (words, roomy) == self._drawn:
            return
        self._drawn = (words, roomy)
        self.display = bool(words)
        shown = [key for key in KEYS if roomy or key[0] not in LESS_WANTED]
        keys = [part for action, does in shown for part in ((self._key_for(action), "bold"), (f" {does}   ", ""))]
        self.update(Content.assemble((" PAST ", "reverse bold"), f" {words}   ", *keys))
