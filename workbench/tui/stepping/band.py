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
    ("pause-run", "go on from here"),
    ("present", "present"),
    ("lines", "lines"),
)
"""Actions, and what they mean here."""


class Band(Static):
    """Nothing at all in the present."""

    def __init__(self, key_for: Callable[[str], str]) -> None:
        super().__init__("")
        self._key_for = key_for
        self._words = ""
        self.display = False

    def show(self, stepping: SteppingView) -> None:
        """Draw it, if it changed."""
        words = past_words(stepping)
        if words == self._words:
            return
        self._words = words
        self.display = bool(words)
        keys = [part for action, does in KEYS for part in ((self._key_for(action), "bold"), (f" {does}   ", ""))]
        self.update(Content.assemble((" PAST ", "reverse bold"), f" {words}   ", *keys))
