"""The names over the columns of a sequence diagram."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip
from textual.widget import Widget

from workbench.records import USER
from workbench.session.view import View
from workbench.tui.panes.line import StyleName
from workbench.tui.panes.names import fit_name
from workbench.tui.panes.sequence.canvas import Canvas
from workbench.tui.panes.sequence.columns import Columns, place
from workbench.tui.panes.status import ENDED, Status, Statuses
from workbench.tui.text import visible


def unusual(view: View) -> dict[str, Status]:
    """How those are that are not functions at work: resources, and what does not run any more."""
    statuses = Statuses(view)
    return {one.name: statuses.of(one) for one in view.instances if one.status == "stand-in" or one.status in ENDED}


class Heads(Widget):
    """Names in step with the rows below, in two rows by turns where they are too long for one; at the ends how many
    columns are out of sight."""

    DEFAULT_CSS = "Heads { height: 1; }"

    def __init__(self, style_of: Callable[[StyleName], Style]) -> None:
        super().__init__()
        self._style_of = style_of
        self._rows = 1
        self._shown: tuple[Columns | None, int, Mapping[str, Status], str | None] = (None, 0, {}, None)

    def show(self, cut: Columns, margin: int, told: Mapping[str, Status], chosen: str | None) -> None:
        """Draw the names of `cut`, `margin` cells from the left; how those in `told` are stands before them."""
        shown = (cut, margin, told, chosen)
        if shown != self._shown:
            self._shown = shown
            rows = 2 if any(cell_len(_head(name, told)) >= cut.pitch for name in cut.index) and cut.seen > 1 else 1
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
        cut, margin, told, chosen = self._shown
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
            text = _head(name, told)
            text = fit_name(text, min(cell_len(text), room))
            left = max(0, min(margin + x - cell_len(text) // 2, width - cell_len(text)))
            canvas.put(left, text, _style(name, told, chosen))
        before, after = cut.first, len(cut.index) - cut.first - cut.seen
        if before and not y:
            canvas.put(0, f"{before} ◂"[: max(margin, 3)], "sequence--more")
        if after > 0 and not y:
            canvas.put(width - len(more := f" ▸ {after}"), more, "sequence--more")
        strip = Strip([Segment(text, plain + self._style_of(name)) for text, name in canvas.parts()])
        return strip.adjust_cell_length(width, plain)


def _head(name: str, told: Mapping[str, Status]) -> str:
    return (told[name].glyph if name in told else "") + visible(name)


def _style(name: str, told: Mapping[str, Status], chosen: str | None) -> str:
    if name == chosen:
        return "sequence--chosen"
    if name == USER:
        return "sequence--user"
    return told[name].tone if name in told else "sequence--name"
