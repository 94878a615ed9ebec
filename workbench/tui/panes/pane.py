"""What all panes are: rows to look at, a prompt to search with, and the same actions."""

from __future__ import annotations

import re
from typing import ClassVar

from rich.style import Style
from textual.app import ComposeResult
from textual.containers import Vertical

from workbench.tui.panes.line import Line, StyleName
from workbench.tui.panes.messages import OpenSource, PaneSource
from workbench.tui.panes.prompt import Prompt
from workbench.tui.panes.rows import Rows
from workbench.tui.titled import Titled
from workbench.units import format_size

COPY_LIMIT = 1 << 20
"""Characters that are copied: a terminal has to swallow them all at once."""
WHOLE = 100_000
"""Cells in which any line has room."""
_FILLING = re.compile(r" {200,}")
"""Blanks that push the end of such a line to the right: no column is as wide."""
SEARCH_LIMIT = 20_000
"""Lines that one step of a search looks through."""


class Pane(Vertical, Titled):
    """A pane. It gives its `Rows` the lines, and never calls the engine: it posts messages."""

    NAME: ClassVar[str]
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "pane--muted",
        "pane--strong",
        "pane--pale",
        "pane--cause",
        "pane--self",
        "pane--effect",
        "pane--error",
        "pane--warning",
        "pane--success",
        "pane--link",
        "pane--title",
        "pane--tab",
        "pane--tab-active",
        "json--key",
        "instance--live",
        "instance--busy",
        "instance--waiting",
        "instance--stopped",
        "instance--ended",
        "instance--stand-in",
        "instance--real",
        "json--string",
        "json--number",
        "json--constant",
    }
    DEFAULT_CSS = """
    Pane {
        & > .pane--muted { color: $muted; }
        & > .pane--strong { text-style: bold; }
        & > .pane--pale { color: $muted 80%; }
        & > .pane--cause { color: $accent; }
        & > .pane--self { color: $primary; text-style: bold; }
        & > .pane--effect { color: $accent; }
        & > .pane--error { color: $error; }
        & > .pane--warning { color: $warning; }
        & > .pane--success { color: $success; }
        & > .pane--link { color: $accent; }
        & > .pane--title { color: $title; text-style: bold; }
        & > .pane--tab { color: $muted; }
        & > .pane--tab-active { color: $primary; text-style: bold reverse; }
        & > .json--key { color: $primary; }
        & > .instance--live { color: $status-live; }
        & > .instance--busy { color: $status-busy; }
        & > .instance--waiting { color: $status-waiting; }
        & > .instance--stopped { color: $status-stopped; text-style: bold; }
        & > .instance--ended { color: $muted; }
        & > .instance--stand-in { color: $stand-in; }
        & > .instance--real { color: $success; }
        & > .json--string { color: $success; }
        & > .json--number { color: $warning; }
        & > .json--constant { color: $secondary; text-style: italic; }
    }
    """

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self.rows = Rows(self)
        self.prompt = Prompt()
        self.title = self.NAME
        self._styles: dict[StyleName, Style] = {}
        self._search_origin: int | None = None

    def compose(self) -> ComposeResult:
        yield self.rows
        yield self.prompt

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
        if text:
            self.app.copy_to_clipboard(text[:COPY_LIMIT])
        if text and len(text) > COPY_LIMIT:
            self.notify(f"copied the first {format_size(COPY_LIMIT)} of {format_size(len(text))}", markup=False)

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

    def action_filter(self) -> None:
        """Where there is nothing to filter: search."""
        self.action_search()

    def action_follow(self) -> None:
        """Go to the end."""
        self.rows.action_edge(True)

    def action_clear(self) -> None:
        """Where nothing gathers there is nothing to clear."""

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

    def text_at(self, index: int) -> str:
        """What a search looks through in the line at `index`: what one sees."""
        return self.line_at(index, self.rows.text_width, self.rows.wrap).plain

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
        """The foreground and text style of a component class; a style is itself."""
        style = self._styles.get(name)
        if style is None:
            style = name if isinstance(name, Style) else self._component(name)
            self._styles[name] = style
        return style

    def _component(self, name: str) -> Style:
        if not name:
            return Style.null()
        full = self.get_component_rich_style(name)
        partial = self.get_component_rich_style(name, partial=True)
        return Style(color=full.color) + partial

    def notify_style_update(self) -> None:
        """Colours changed."""
        super().notify_style_update()
        self._styles.clear()
        self.rows.redraw()
