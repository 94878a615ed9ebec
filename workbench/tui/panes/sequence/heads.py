"""The names over the columns of a sequence diagram."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip
from textual.widget import Widget

from workbench.records import USER
from workbench.session.view import InstanceView
from workbench.tui.panes.line import StyleName, fit
from workbench.tui.panes.sequence.canvas import Canvas
from workbench.tui.panes.sequence.columns import Columns, place
from workbench.tui.text import visible

_GLYPHS: Mapping[str, str] = {"stand-in": "◇", "trapped": "✖", "failed": "✖", "killed": "■", "stopped": "□"}


def glyphs_of(instances: Iterable[InstanceView]) -> dict[str, str]:
    """What stands before the names of those that are not as usual: stand-ins, and what does not run any more."""
    return {each.name: _GLYPHS[each.status] for each in instances if each.status in _GLYPHS}


class Heads(Widget):
    """Names in step with the rows below, in two rows by turns where they are too long for one; at the ends how many
    columns are out of sight."""

    DEFAULT_CSS = "Heads { height: 1; }"

    def __init__(self, style_of: Callable[[StyleName], Style]) -> None:
        super().__init__()
        self._style_of = style_of
        self._rows = 1
        self._shown: tuple[Columns | None, int, Mapping[str, str], str | None] = (None, 0, {}, None)

    def show(self, cut: Columns, margin: int, glyphs: Mapping[str, str], chosen: str | None) -> None:
        """Draw the names of `cut`, `margin` cells from the left, each after its glyph if it has one."""
        shown = (cut, margin, glyphs, chosen)
        if shown != self._shown:
            self._shown = shown
            rows = 2 if any(cell_len(_head(name, glyphs)) >= cut.pitch for name in cut.index) and cut.seen > 1 else 1
            if rows != self._rows:
                self._rows = rows
                self.styles.height = rows
            self.refresh()

    def notify_style_update(self) -> None:
        """Colours changed."""
        super().notify_style_update()
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """The names."""
        cut, margin, glyphs, chosen = self._shown
        width, plain = self.size.width, self.rich_style
        if cut is None or y >= self._rows:
            return Strip.blank(width, plain)
        canvas = Canvas(width)
        room = cut.pitch * self._rows - 1
        for at, name in enumerate(cut.index):
            x = place(cut, name)
            if x is None or not 0 <= x < cut.width:
                continue
            if at % self._rows != y:
                canvas.put(margin + x, "│" if y else " ", "sequence--line")
                continue
            text = _head(name, glyphs)
            text = fit(text, min(cell_len(text), room))
            left = max(0, min(margin + x - cell_len(text) // 2, width - cell_len(text)))
            canvas.put(left, text, f"sequence--{_kind(name, glyphs, chosen)}")
        before, after = cut.first, len(cut.index) - cut.first - cut.seen
        if before and not y:
            canvas.put(0, f"{before} ◂"[: max(margin, 3)], "sequence--more")
        if after and not y:
            canvas.put(width - len(more := f" ▸ {after}"), more, "sequence--more")
        strip = Strip([Segment(text, plain + self._style_of(name)) for text, name in canvas.parts()])
        return strip.adjust_cell_length(width, plain)


def _head(name: str, glyphs: Mapping[str, str]) -> str:
    return glyphs.get(name, "") + visible(name)


def _kind(name: str, glyphs: Mapping[str, str], chosen: str | None) -> str:
    if name == chosen:
        return "chosen"
    if name == USER:
        return "user"
    return "stand-in" if glyphs.get(name) == "◇" else "name"
