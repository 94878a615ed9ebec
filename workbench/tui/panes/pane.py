"""What all panes are: rows to look at, and styles to draw them in."""

from __future__ import annotations

import re
from typing import ClassVar

from rich.style import Style
from textual.app import ComposeResult
from textual.containers import Vertical

from workbench.tui.panes.line import Line, StyleName
from workbench.tui.panes.messages import OpenSource, PaneSource
from workbench.tui.panes.rows import Rows
from workbench.tui.panes.swatches import Swatches
from workbench.tui.text import preview
from workbench.tui.titled import Titled
from workbench.units import format_size

COPY_LIMIT = 1 << 20
"""Characters that are copied: a terminal has to swallow them all at once."""
TOLD = 60
"""Characters of what was copied that are told."""
WHOLE = 100_000
"""Cells in which any line has room."""
_FILLING = re.compile(r" {200,}")
"""Blanks that push the end of such a line to the right: no column is as wide."""


class Pane(Vertical, Titled):
    """A pane. It gives its `Rows` the lines, and never calls the engine: it posts messages."""

    NAME: ClassVar[str]

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self.rows = Rows(self)
        self.title = self.NAME
        self._styles: dict[StyleName, Style] = {}

    def compose(self) -> ComposeResult:
        yield self.rows

    # -- what the app calls

    def update_from(self, session: PaneSource) -> None:
        """Take in what is new; about 20 times a second, so cheap when nothing is."""
        raise NotImplementedError

    def show_selection(self, seq: int | None, instance: str | None) -> None:
        """Mark what belongs to the selected record or instance."""

    @property
    def place(self) -> OpenSource | None:
        """The place in a source file that is meant where the cursor is, if there is one."""
        return None

    @property
    def selected_text(self) -> str | None:
        """What the mouse selected in this pane."""
        selection = self.rows.text_selection
        found = None if selection is None else self.rows.get_selection(selection)
        return found[0] if found else None

    @property
    def copy_text(self) -> str | None:
        """What the cursor's line is worth on the clipboard."""
        index = self.rows.cursor_index
        return None if index is None else _FILLING.sub("  ", self.line_at(index, WHOLE, False).plain).strip()

    def action_copy(self) -> None:
        """Copy what is selected, or else the cursor's line."""
        text = self.selected_text or self.copy_text
        if not text:
            self.notify("no row is chosen that could be copied", severity="warning", markup=False, timeout=3)
            return
        self.app.copy_to_clipboard(text[:COPY_LIMIT])
        cut = f" the first {format_size(COPY_LIMIT)} of {format_size(len(text))}" if len(text) > COPY_LIMIT else ""
        self.notify(f"copied{cut}: {preview(text, TOLD)}", markup=False, timeout=3)

    # -- lines, as `Rows` wants them

    def count(self) -> int:
        """How many lines there are."""
        raise NotImplementedError

    def id_at(self, index: int) -> int:
        """Lines that only ever change as a whole are numbered by where they are."""
        return index

    def index_of(self, row_id: int) -> int:
        """See `id_at`."""
        return row_id

    def landing(self, index: int) -> int:
        """Every line can be chosen; beyond the ends it is the first or the last."""
        return min(max(index, 0), self.count() - 1)

    def line_at(self, index: int, width: int, wrap: bool) -> Line:
        """The line to draw."""
        raise NotImplementedError

    def hint(self) -> str:
        """What to say when there are no lines."""
        return ""

    def mark_of(self, row_id: int) -> tuple[str, StyleName]:
        """Nothing before a line."""
        return " ", ""

    def tone_of(self, row_id: int) -> StyleName:
        """Nothing over a line."""
        return ""

    def style_of(self, name: StyleName) -> Style:
        """What a name of `swatches.STYLES` looks like; a style is itself, no name is none."""
        style = self._styles.get(name)
        if style is None:
            style = name if isinstance(name, Style) else self._swatch(name)
            self._styles[name] = style
        return style

    def _swatch(self, name: str) -> Style:
        return self.screen.query_one(Swatches).style(name) if name else Style.null()

    def notify_style_update(self) -> None:
        """Colours changed."""
        super().notify_style_update()
        self._styles.clear()
        self.rows.redraw()
