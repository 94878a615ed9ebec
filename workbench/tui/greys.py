"""Greys, or no colours at all, for users who set `NO_COLOR`."""

from __future__ import annotations

from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.filter import Monochrome, NoColor


class Greys(Monochrome):
    """Textual's filter of this kind; Textual's own fails on text without a style, as padding is."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """The same text in greys."""
        plain = Style.null()
        styled = [Segment(text, style or plain, control) for text, style, control in segments]
        return super().apply(styled, background)


GREYS = Greys()
"""One for all: what it made of a line is remembered by the filter it came from."""

UNCOLOURED = NoColor()
"""For themes of the terminal's own colours, which nobody knows the greys of."""
