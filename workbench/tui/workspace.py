"""The panes on the screen: shared lines, tabs, focus, and the mouse that moves the lines."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from rich.cells import cell_len
from textual import events
from textual.geometry import Region, Size
from textual.layout import ArrangeResult, Layout, WidgetPlacement
from textual.strip import Strip
from textual.widget import Widget

from workbench.tui.lattice import Label, Lattice
from workbench.tui.layout import (
    PANES,
    SEND,
    Arrangement,
    Axis,
    Cell,
    Line,
    Plan,
    grown,
    has_drawer,
    moved,
    plan,
    toggled,
)
from workbench.tui.panes.line import fit
from workbench.tui.tabs import fitting
from workbench.tui.titled import Titled


class _Placed(Layout):
    """Puts each pane where the workspace's plan says."""

    name = "placed"

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    def arrange(self, parent: Widget, children: list[Widget], size: Size, greedy: bool = True) -> ArrangeResult:
        regions = self._workspace.regions()
        return [
            WidgetPlacement(regions[child.id], child.styles.offset.resolve(size, size), child.styles.margin, child)
            for child in children
            if child.id in regions and child.display
        ]


@dataclass(frozen=True)
class _Tab:
    """Where a title stands: `x` up to `end` in row `y`."""

    name: str
    x: int
    end: int
    y: int


class Workspace(Widget):
    """Holds the panes (`children` by their ids, which are the names in `layout.PANES`, and `send`)."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "workspace--line",
        "workspace--focus",
        "workspace--title",
        "workspace--title-active",
        "workspace--title-focus",
        "workspace--number",
        "workspace--subtitle",
    }

    def __init__(self, panes: Mapping[str, Titled], arrangement: Arrangement, *, id: str | None = None) -> None:  # noqa: A002
        for name, pane in panes.items():
            pane.id = name
        super().__init__(*panes.values(), id=id)
        self.panes = panes
        self._arrangement = arrangement
        self._recent: tuple[str, ...] = ()
        self._maximised: str | None = None
        self._plan = Plan("wide", (), ())
        self._placed = _Placed(self)
        self._lattice = Lattice(Size(0, 0))
        self._tabs: tuple[_Tab, ...] = ()
        self._titles: tuple[tuple[str, str], ...] = ()
        self._dragged: Line | None = None

    @property
    def layout(self) -> Layout:
        """Its own: the plan's."""
        return self._placed

    @property
    def arrangement(self) -> Arrangement:
        """What the user made of the screen."""
        return self._arrangement

    @property
    def shown(self) -> tuple[str, ...]:
        """The panes one can see, in the order of their numbers."""
        seen = {cell.active for cell in self._plan.cells}
        return tuple(name for name in (*PANES, SEND) if name in seen)

    @property
    def focused(self) -> str | None:
        """The pane that has the focus, if one has."""
        widget = self.screen.focused if self.is_attached else None
        if widget is None:
            return None
        return next((node.id for node in widget.ancestors_with_self if node.parent is self), None)

    @property
    def current(self) -> str:
        """The pane actions are about: the focused one, else the one last looked at."""
        return self.focused or next((name for name in self._recent if name != SEND), "traffic")

    def regions(self) -> dict[str | None, Region]:
        """Where each visible pane stands."""
        return {cell.active: cell.inner for cell in self._plan.cells}

    # -- changing it

    def go(self, name: str) -> None:
        """Show the pane `name` and give it the focus."""
        if name == SEND and has_drawer(self.size):
            self._change(Arrangement(self._arrangement.shares, self._arrangement.hidden - {SEND}, drawer=True))
        elif name in self._arrangement.hidden:
            self._change(toggled(self._arrangement, name))
        if self._maximised is not None:
            self._maximised = name
        self._bump(name)
        self._cut()
        self._focus(name)

    def leave_composer(self) -> None:
        """Go back to the pane last looked at; a drawer closes."""
        if self._arrangement.drawer:
            self._change(Arrangement(self._arrangement.shares, self._arrangement.hidden, drawer=False))
        if self._maximised == SEND:
            self._maximised = None
        back = next((name for name in self._recent if name != SEND), "traffic")
        self.go(back)

    def step(self, by: int) -> None:
        """Go to the next pane (or, with -1, the one before) by number, tabs included."""
        names = [name for name in PANES if any(name in cell.names for cell in self._plan.cells)]
        if names:
            here = names.index(self.current) if self.current in names else 0
            self.go(names[(here + by) % len(names)])

    def toggle_maximised(self) -> None:
        """Give the current pane all the room, or give it back."""
        self._maximised = self.current if self._maximised is None else None
        self._cut()

    def toggle(self, name: str) -> None:
        """Hide a pane, or show it again."""
        self._change(toggled(self._arrangement, name))

    def grow(self, axis: Axis, by: int) -> None:
        """Make the current pane larger along `axis` by so many cells."""
        self._change(grown(self._arrangement, self._plan, self.current, axis, by))

    def reset(self) -> None:
        """Put everything back where it was at first."""
        self._maximised = None
        self._change(Arrangement())

    def _change(self, arrangement: Arrangement) -> None:
        if arrangement != self._arrangement:
            self._arrangement = arrangement
            self._cut()

    def _bump(self, name: str) -> None:
        self._recent = (name, *(other for other in self._recent if other != name))

    def _focus(self, name: str) -> None:
        pane = self.panes[name]
        wanted = (*pane.query(".first-focus"), pane, *pane.query("*"))
        target = next((widget for widget in wanted if widget.focusable), None)
        if target is not None:
            self.screen.set_focus(target, scroll_visible=False)  # at once: `focus()` would let other keys go first

    # -- drawing it

    def on_mount(self) -> None:
        self._cut()

    def on_resize(self) -> None:
        self._cut()

    def on_descendant_focus(self) -> None:
        if self.focused is not None:
            self._bump(self.focused)
        self._draw()

    def on_descendant_blur(self) -> None:
        self._draw()

    def refresh_titles(self) -> None:
        """Draw the titles again if panes changed theirs."""
        if self._titles != self._read_titles():
            self._draw()

    def _cut(self) -> None:
        if not self.size:
            return
        focused = self.focused
        self._plan = plan(self.size, self._arrangement, self._recent, self._maximised)
        shown = {cell.active for cell in self._plan.cells}
        for name, pane in self.panes.items():
            pane.display = name in shown
            pane.set_class(self._plan.shape == "narrow", "-narrow")
        if focused is not None and focused not in shown:
            self.call_after_refresh(self._focus, next(iter(self.shown), focused))
        for pane in self.panes.values():
            pane.refresh(layout=True)  # a widget's own request would leave its arrangement of children as it was
        self._draw()

    def _draw(self) -> None:
        self._titles = self._read_titles()
        focused = self.focused
        self._lattice = Lattice(self.size)
        for cell in self._plan.cells:
            self._lattice.box(cell.outer)
        for cell in self._plan.cells:
            if cell.active == focused:
                self._lattice.box(cell.outer, marked=True)
        tabs: list[_Tab] = []
        for cell in self._plan.cells:
            self._lattice.label(self._set_titles(cell, cell.active == focused, tabs))
        self._tabs = tuple(tabs)
        self.refresh()

    def _read_titles(self) -> tuple[tuple[str, str], ...]:
        return tuple((pane.title, pane.subtitle) for pane in self.panes.values())

    def _set_titles(self, cell: Cell, focused: bool, tabs: list[_Tab]) -> list[Label]:
        style = self.get_component_rich_style
        labels: list[Label] = []
        x, y = max(0, cell.outer.x) + 1, cell.outer.y
        end = min(self.size.width, cell.outer.right) - 2
        numbers = [f" {PANES.index(name) + 1}" if name in PANES else "" for name in cell.names]
        names = [self.panes[name].title for name in cell.names]
        around = sum(cell_len(number) + 2 for number in numbers)
        said = self.panes[cell.active].subtitle
        subtitle = f" {said} " if said else ""
        shown = fitting(names, cell.names.index(cell.active), end - x - around, cell_len(subtitle))
        for name, number, words in zip(cell.names, numbers, shown, strict=True):
            title = f" {words} " if words else " "
            width = cell_len(number) + cell_len(title)
            if x + width > end:
                break
            active = name == cell.active
            kind = "title-focus" if active and focused else "title-active" if active else "title"
            if number:
                labels.append(
                    Label(x, y, number, style(f"workspace--{'title-focus' if active and focused else 'number'}"))
                )
            labels.append(Label(x + cell_len(number), y, title, style(f"workspace--{kind}")))
            tabs.append(_Tab(name, x, x + width, y))
            x += width
        room = end - x - 1
        if subtitle and room > 6:
            if cell_len(subtitle) > room:
                subtitle = fit(subtitle, room - 1) + " "
            labels.append(Label(end - cell_len(subtitle), y, subtitle, style("workspace--subtitle")))
        return labels

    def render_line(self, y: int) -> Strip:
        """One row of the lines."""
        background = self.rich_style
        line = background + self.get_component_rich_style("workspace--line", partial=True)
        mark = background + self.get_component_rich_style("workspace--focus", partial=True)
        return self._lattice.strip(y, line, mark)

    # -- the mouse

    def _line_at(self, x: int, y: int) -> Line | None:
        for line in reversed(self._plan.lines):
            along, across = (x, y) if line.axis == "columns" else (y, x)
            start, end = (line.box.y, line.box.bottom) if line.axis == "columns" else (line.box.x, line.box.right)
            if along == line.at and start <= across < end:
                return line
        return None

    def on_mouse_down(self, event: events.MouseDown) -> None:
        tab = next((tab for tab in self._tabs if tab.y == event.y and tab.x <= event.x < tab.end), None)
        cell = None if tab is None else self._plan.cell_of(tab.name)
        if tab is not None and (cell is None or cell.active != tab.name or len(cell.names) == 1):
            self.go(tab.name)
        self._dragged = self._line_at(event.x, event.y)
        if self._dragged is not None:
            self.capture_mouse()

    def on_mouse_move(self, event: events.MouseMove) -> None:
        if self._dragged is not None:
            to = event.x if self._dragged.axis == "columns" else event.y
            self._change(moved(self._arrangement, self._dragged, to))

    def on_mouse_up(self) -> None:
        if self._dragged is not None:
            self._dragged = None
            self.release_mouse()
