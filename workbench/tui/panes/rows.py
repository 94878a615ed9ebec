"""A column of lines drawn only where one looks: cursor, scrolling, wrap, search marks, mouse selection.

The vertical scroll position counts lines, not screen rows, so that wrapped lines cost nothing until they are seen.
"""

from __future__ import annotations

import re
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.cache import LRUCache
from textual.geometry import Region, Size
from textual.message import Message
from textual.reactive import Reactive
from textual.scroll_view import ScrollView
from textual.selection import Selection
from textual.strip import Strip

from workbench.tui.panes.line import Line, Piece, StyleName, draw
from workbench.tui.panes.lines import Lines
from workbench.tui.panes.painting import Drawn, highlighted, hint, painted, rule, selected_text
from workbench.tui.panes.window import RULE, Rule, last_top, rows_from, top_showing

FEWEST = 16
"""Lines whose drawing is kept at least."""


class Rows(ScrollView, can_focus=True):
    """Draws `Lines`. Holds the cursor (a line's number), which stays on its line whatever comes or goes."""

    ALLOW_MAXIMIZE = False
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down,j", "move(1)", "down", show=False, id="pane.down"),
        Binding("up,k", "move(-1)", "up", show=False, id="pane.up"),
        Binding("pagedown", "page(1)", "page down", show=False, id="pane.page-down"),
        Binding("pageup", "page(-1)", "page up", show=False, id="pane.page-up"),
        Binding("home,g", "edge(False)", "first", show=False, id="pane.first"),
        Binding("end,G", "edge(True)", "last", show=False, id="pane.last"),
        Binding("enter", "choose", "choose", show=False, id="pane.choose"),
        Binding("escape", "let_go", "choose nothing", show=False, id="pane.let-go"),
    ]
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "rows--cursor",
        "rows--cursor-blurred",
        "rows--match",
        "rows--match-current",
        "rows--rule",
    }
    DEFAULT_CSS = """
    Rows {
        height: 1fr;
        overflow-x: hidden;
        overflow-y: auto;
        scrollbar-gutter: stable;
        scrollbar-size-vertical: 1;
        & > .rows--cursor { background: $primary 28%; }
        & > .rows--cursor-blurred { background: $foreground 9%; }
        & > .rows--match { background: $warning 35%; }
        & > .rows--match-current { background: $warning; color: $background; text-style: bold; }
        & > .rows--rule { color: $warning; text-style: bold; }
        &:ansi {
            & > .rows--cursor { text-style: reverse; color: ansi_default; background: ansi_default; }
            & > .rows--cursor-blurred { text-style: underline; background: transparent; }
            & > .rows--match { text-style: underline; background: transparent; }
            & > .rows--match-current { text-style: reverse bold; color: ansi_default; background: transparent; }
        }
    }
    """

    virtual_size: Reactive[Size] = Reactive(Size(0, 0), layout=False)
    """Unlike other widgets' without a new layout of the whole screen: lines come 20 times a second."""

    class Moved(Message):
        """The cursor went to another line."""

        def __init__(self, row_id: int) -> None:
            super().__init__()
            self.row_id = row_id

    class Chosen(Message):
        """Enter was pressed, or a double click made, on the line under the cursor."""

        def __init__(self, row_id: int) -> None:
            super().__init__()
            self.row_id = row_id

    class Dated(Message):
        """The moment of the line under the cursor is wanted."""

        def __init__(self, row_id: int) -> None:
            super().__init__()
            self.row_id = row_id

    class HeldStill(Message):
        """The user scrolled away from the end."""

    class LetGo(Message):
        """Nothing is to be chosen any more."""

    def __init__(self, lines: Lines) -> None:
        super().__init__()
        self._lines = lines
        self.cursor: int | None = None
        """The number of the cursor's line."""
        self.wrap = False
        self.following = False
        """Whether the end stays in sight."""
        self.can_follow = False
        """Whether going to the end means to follow it."""
        self.search: re.Pattern[str] | None = None
        self.rule: int | None = None
        """Below the line of this number, or where it would be, a rule is drawn; lines after it are pale."""
        self.rule_words = ""
        """What the rule says."""
        self._drawn: LRUCache[int, Drawn] = LRUCache(FEWEST)
        self._screen_rows: list[tuple[int, int]] | None = None
        self._painted: list[int] = []
        self._plain = Style.null()
        self._settling = False

    # -- what the pane tells it

    def changed(self, removed: int = 0, *, added_before: int = 0) -> None:
        """Lines came at the end; `removed` went at the beginning, or `added_before` came there."""
        self._settle(round(self.scroll_y) + added_before - removed)

    def redraw(self) -> None:
        """Everything may look different."""
        self._drawn.clear()
        self._painted = []
        self._settle(round(self.scroll_y))

    def redraw_line(self, row_id: int) -> None:
        """One line looks different."""
        if row_id in self._drawn:
            self._drawn.discard(row_id)
            self._screen_rows = None
            self.refresh()

    def _settle(self, top: int) -> None:
        """Fit the scroll range to the lines there are, and keep in sight what was, or the end when following."""
        self._screen_rows = None
        if not self.size.height:
            return
        last_top = self._last_top()
        self._settling = True
        self.virtual_size = Size(self.size.width, last_top + self.scrollable_content_region.height)
        self._scroll_update(self.virtual_size)
        wanted = last_top if self.following else min(max(0, top), last_top)
        if round(self.scroll_y) != wanted:
            self.scroll_to(y=wanted, animate=False, immediate=True, force=True)
        self._settling = False
        if not self._painted or self._painted != self._ids_in_sight():
            self.refresh()

    def _ids_in_sight(self) -> list[int]:
        return [self._lines.id_at(index) for index, _ in self._visible()]

    def _last_top(self) -> int:
        """The line at the top when the last one is at the bottom."""
        room = self.scrollable_content_region.height
        return last_top(self._lines.count(), room, self._height, self._rule_place())

    def _height(self, index: int) -> int:
        return len(self._draw(index).pieces) if self.wrap else 1

    def _rule_place(self) -> Rule | None:
        if self.rule is None:
            return None
        after = self._lines.index_of(self.rule + 1)
        return Rule(max(0, after - 1), above=after == 0)

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Scrolling away from the end ends following it."""
        super().watch_scroll_y(old_value, new_value)
        self._screen_rows = None
        if self.following and not self._settling and round(new_value) < self.max_scroll_y:
            self.following = False
            self.post_message(self.HeldStill())

    def on_resize(self) -> None:
        # Twice what is in sight and no more: each is some hundred objects, which the garbage collector looks at.
        self._drawn = LRUCache(max(FEWEST, 2 * self.size.height))
        self.redraw()
        if self.cursor is not None and not self.following:
            self.show_cursor()

    def notify_style_update(self) -> None:
        """Colours changed."""
        super().notify_style_update()
        self._drawn.clear()
        self._screen_rows = None

    def selection_updated(self, selection: Selection | None) -> None:
        """The mouse selected something, or nothing any more."""
        self.refresh()

    # -- drawing

    @property
    def text_width(self) -> int:
        """Cells for a line's text: all but the gutter."""
        return max(1, self.scrollable_content_region.width - 1)

    def _draw(self, index: int) -> Drawn:
        row_id = self._lines.id_at(index)
        drawn = self._drawn.get(row_id)
        if drawn is None:
            shown = self._lines.line_at(index, self.text_width, self.wrap)
            marks = self._matches(shown, row_id)
            drawn = Drawn(draw(shown, self.text_width, self.wrap, self._lines.style_of, marks))
            self._drawn[row_id] = drawn
        return drawn

    def _matches(self, shown: Line, row_id: int) -> list[tuple[int, int, Style]]:
        if self.search is None:
            return []
        kind = "rows--match-current" if row_id == self.cursor else "rows--match"
        style = self._overlay(kind)
        return [(*found.span(), style) for found in self.search.finditer(shown.plain)]

    def _visible(self) -> list[tuple[int, int]]:
        """See `rows_from`."""
        if self._screen_rows is None:
            top, room = round(self.scroll_y), self.scrollable_content_region.height
            self._screen_rows = rows_from(top, self._lines.count(), room, self._height, self._rule_place())
        return self._screen_rows

    def render_lines(self, crop: Region) -> list[Strip]:
        """All rows that need painting; what they share is found out once."""
        plain = self.rich_style
        if plain != self._plain:
            self._plain = plain
            self._drawn.clear()
        self._painted = self._ids_in_sight()
        return super().render_lines(crop)

    def render_line(self, y: int) -> Strip:
        """One row of the screen."""
        rows = self._visible()
        width = self.scrollable_content_region.width
        if y >= len(rows) or rows[y][0] >= self._lines.count():
            return hint(self._lines, y, width, self._plain) if not rows else Strip.blank(width, self._plain)
        index, number = rows[y]
        if number == RULE:
            style = self._plain + self.get_component_rich_style("rows--rule", partial=True)
            return rule(self.rule_words, width, style)
        row_id = self._lines.id_at(index)
        drawn = self._draw(index)
        number = min(number, len(drawn.pieces) - 1)
        mark = self._lines.mark_of(row_id)
        tone = "pane--pale" if self.rule is not None and row_id > self.rule else self._lines.tone_of(row_id)
        if self.text_selection is not None:
            return self._paint(drawn.pieces[number], row_id, mark if number == 0 else (" ", ""), tone, width)
        key = (number, mark[0], tone, row_id == self.cursor, self.has_focus)
        strip = drawn.strips.get(key)
        if strip is None:
            strip = self._paint(drawn.pieces[number], row_id, mark if number == 0 else (" ", ""), tone, width)
            drawn.strips[key] = strip
        return strip

    def _paint(self, piece: Piece, row_id: int, mark: tuple[str, StyleName], tone: StyleName, width: int) -> Strip:
        span = None if self.text_selection is None else self.text_selection.get_span(row_id)
        if span is not None:
            piece = highlighted(piece, span, self.screen.get_component_rich_style("screen--selection"))
        cursor = Style.null()
        if row_id == self.cursor:
            cursor = self._overlay("rows--cursor" if self.has_focus else "rows--cursor-blurred")
        style_of = self._lines.style_of
        over = style_of(tone) if tone else Style.null()
        return painted(piece, row_id, Segment(mark[0], style_of(mark[1])), self._plain, over, cursor, width)

    def _overlay(self, kind: str) -> Style:
        """A component's style to be laid over or under others: its background as it is here, opaque."""
        own = self.get_component_rich_style(kind, partial=True)
        background = self.get_component_rich_style(kind).bgcolor
        return own + Style(bgcolor=background)

    # -- moving

    def place_cursor(self, row_id: int | None) -> None:
        """Put the cursor on a line, or on none, without telling anyone."""
        before, self.cursor = self.cursor, row_id
        if self.search is not None:
            for each in (before, row_id):
                if each is not None:
                    self._drawn.discard(each)
        self.refresh()

    def go_to(self, index: int) -> None:
        """Move the cursor to the line at `index`, in sight."""
        if not self._lines.count():
            return
        at = self._lines.landing(index)
        self.place_cursor(self._lines.id_at(at))
        if index < at:
            self._scroll_into_sight(max(0, index))
        self.show_cursor()
        assert self.cursor is not None
        self.post_message(self.Moved(self.cursor))

    def show_cursor(self) -> None:
        """Scroll as little as needed for the cursor to be in sight."""
        if (index := self.cursor_index) is not None:
            self._scroll_into_sight(index)

    def show_rule(self) -> None:
        """Bring the rule in sight."""
        place = self._rule_place()
        if place is not None and self._lines.count():
            self.bring(place.index)

    def bring(self, index: int) -> None:
        """Scroll as little as needed for the line at `index` to be in sight; that ends following if need be."""
        if self.following and index < self._last_top():
            self.following = False
            self.post_message(self.HeldStill())
        self._scroll_into_sight(index)

    def _scroll_into_sight(self, index: int) -> None:
        room = self.scrollable_content_region.height
        top = top_showing(index, round(self.scroll_y), room, self._height, self._rule_place())
        self._screen_rows = None
        self.scroll_to(y=top, animate=False, immediate=True, force=True)

    @property
    def cursor_index(self) -> int | None:
        """Where the cursor's line is; None when it has none, or its line is gone."""
        if self.cursor is None:
            return None
        index = self._lines.index_of(self.cursor)
        gone = index >= self._lines.count() or self._lines.id_at(index) != self.cursor
        return None if gone else index

    def action_move(self, by: int) -> None:
        """Move the cursor by lines; it starts from what is in sight."""
        index = self.cursor_index
        rows = self._visible()
        in_sight = index is not None and rows and rows[0][0] <= index <= rows[-1][0]
        if index is None or (self.following and not in_sight):
            index = (rows[-1][0] + 1 if by < 0 or self.following else rows[0][0] - 1) if rows else 0
        if by < 0 and self.following:
            self.following = False
            self.post_message(self.HeldStill())
        self.go_to(index + by)

    def action_page(self, by: int) -> None:
        """Move the cursor by what fits on the screen."""
        rows = self._visible()
        lines = max(1, rows[-1][0] - rows[0][0]) if rows else 1
        self.action_move(by * lines)

    def action_edge(self, last: bool) -> None:
        """Move the cursor to the first or last line."""
        if not last and self.following:
            self.following = False
            self.post_message(self.HeldStill())
        self.go_to(self._lines.count() - 1 if last else 0)
        self.following = last and self.can_follow

    def action_choose(self) -> None:
        """Say that the cursor's line was chosen."""
        if self.cursor_index is not None and self.cursor is not None:
            self.post_message(self.Chosen(self.cursor))

    def action_let_go(self) -> None:
        """Say that nothing is to be chosen."""
        self.place_cursor(None)
        self.post_message(self.LetGo())

    def on_click(self, event: events.Click) -> None:
        """A click moves the cursor, a double click chooses, a click with Ctrl asks for the moment."""
        offset = event.get_content_offset(self)
        if offset is None or self.text_selection is not None:
            return
        rows = self._visible()
        if offset.y < len(rows):
            self.go_to(rows[offset.y][0])
            if event.ctrl and self.cursor is not None:
                self.post_message(self.Dated(self.cursor))
            elif event.chain == 2:
                self.action_choose()

    def on_focus(self) -> None:
        self.refresh()

    def on_blur(self) -> None:
        self.refresh()

    # -- copying

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        """The selected text, line by line."""
        text = selected_text(self._lines, selection, self.text_width, self.wrap)
        return None if text is None else (text, "\n")
