"""Instances and resources: how each is, how busy, what waits, what it waits on; whether a resource is real."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

from rich.cells import cell_len

from workbench.session.view import InstanceView, View
from workbench.tui.listed import by_workflow, listed
from workbench.tui.panes.below import HANG, Keys, below
from workbench.tui.panes.line import Line, Part, fit, fit_right, line
from workbench.tui.panes.messages import InstanceSelected, PaneSource
from workbench.tui.panes.names import fit_name
from workbench.tui.panes.pane import Pane
from workbench.tui.panes.rows import Rows
from workbench.tui.panes.status import Status, Statuses
from workbench.tui.resources.words import counts_for_you
from workbench.tui.text import rate_words, visible
from workbench.units import format_size


@dataclass(frozen=True)
class _Widths:
    """Cells each column needs for its longest entry."""

    name: int = 0
    memory: int = 0
    rate: int = 0
    mailbox: int = 0


@dataclass(frozen=True)
class _Title:
    """The row above those of a workflow."""

    text: str


_Row: TypeAlias = _Title | str
"""A `str` is the name of an instance or stand-in."""


@dataclass(frozen=True)
class _Known:
    """What was found out about an instance when it last changed: what its row shows, the cells that each column and its
    words need, and what decides where it is listed."""

    instance: InstanceView
    shown: tuple[object, ...]
    columns: tuple[int, ...]
    words: int
    place: tuple[object, ...]


class InstancesPane(Pane):
    """Every instance and stand-in, by workflow where several are open.

    There may be thousands: at each tick only those that changed are looked at, and only rows in sight are drawn.
    """

    NAME = "instances"

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self.rows.wrap = True  # a row may say more below the name
        self.keys_told = Keys()
        self._view: View | None = None
        self._listed: tuple[_Row, ...] = ()
        self._places: dict[str, int] = {}
        self._known: dict[str, _Known] = {}
        self._statuses: Statuses | None = None
        self._widths = _Widths()
        self._rest = 0
        """Cells that the words and figures of one row need at most."""
        self._selected: str | None = None

    def update_from(self, session: PaneSource) -> None:
        """Draw what changed."""
        if not self.display:
            return
        view = session.view()
        before = self._view
        if view is before:
            return
        everything = before is None or _about_all(view) != _about_all(before)
        asked = before is None or view.pending_calls != before.pending_calls
        name = self.selected
        self._view, self._statuses = view, Statuses(view)
        changed, moved = self._look(view, everything, asked)
        if moved or everything:
            self._list(view)
            self.rows.cursor = self._places.get(name or "")
        refitted = bool(changed or moved) and self._fit()
        if refitted or moved or everything:
            self.rows.redraw()
        elif changed:
            for each in changed:
                self.rows.redraw_line(self._places[each])
            self.rows.changed()
        if changed or moved or everything or asked:
            self._write_subtitle(view)

    def _look(self, view: View, everything: bool, asked: bool) -> tuple[list[str], bool]:
        """Look at those that changed (or all, or the stand-ins where others are asked): whose rows look different, and
        whether rows are in other places."""
        assert self._statuses is not None
        known, changed, moved = self._known, [], tuple(view.named) != tuple(self._known)
        for one in view.instances:
            old = known.get(one.name)
            if old is not None and old.instance is one and not everything and not (asked and one.status == "stand-in"):
                continue
            new = known[one.name] = _found_out(one, self._statuses.of(one), old)
            if old is None or new.shown != old.shown:
                changed.append(one.name)
            moved = moved or old is None or new.place != old.place
        if moved:
            self._known = {name: known[name] for name in view.named}
        return changed, moved

    def _list(self, view: View) -> None:
        self._listed = tuple(_rows(view))
        self._places = {row: at for at, row in enumerate(self._listed) if isinstance(row, str)}

    def _fit(self) -> bool:
        """Give the columns the room they need; whether that is another than before."""
        before = self._widths, self._rest
        known = self._known.values()
        columns = [max(cells, default=0) for cells in zip(*(each.columns for each in known), strict=True)] or [0] * 4
        figures = sum(cells + 2 for cells in columns[1:] if cells)
        rest = (each.words + (figures if each.instance.status != "stand-in" else 0) for each in known)
        self._widths, self._rest = _Widths(*columns), max(rest, default=0)
        return before != (self._widths, self._rest)

    def _write_subtitle(self, view: View) -> None:
        ended = sum(each.status in ("trapped", "failed") for each in view.instances)
        waiting = counts_for_you(view).total()
        parts = [f"✖ {ended}" if ended else "", f"{waiting:,} to answer" if waiting else ""]
        self.subtitle = "  ".join(part for part in parts if part)

    @property
    def selected(self) -> str | None:
        """The name of the instance under the cursor."""
        row = self._row(self.rows.cursor)
        return row if isinstance(row, str) else None

    def _row(self, index: int | None) -> _Row | None:
        return self._listed[index] if index is not None and index < len(self._listed) else None

    def show_selection(self, seq: int | None, instance: str | None) -> None:
        """Mark the instance that is selected, or that the selected record is of."""
        self._selected = instance
        place = self._places.get(instance or "")
        if place is not None and not self.rows.has_focus:
            self.rows.place_cursor(place)
            self.rows.show_cursor()
        self.rows.refresh()

    def on_rows_moved(self, message: Rows.Moved) -> None:
        message.stop()
        if self.selected is not None:
            self.post_message(InstanceSelected(self.selected))

    def on_rows_chosen(self, message: Rows.Chosen) -> None:
        message.stop()
        if self.selected is not None:
            self.post_message(InstanceSelected(self.selected))

    # -- lines

    def hint(self) -> str:
        """Why there is nothing to see."""
        return "No functions yet."

    def count(self) -> int:
        """How many rows there are."""
        return len(self._listed)

    def landing(self, index: int) -> int:
        """A title is passed over; what is wanted above the first one is the first instance."""
        wanted, last = min(max(index, 0), self.count() - 1), self.count() - 1
        if not isinstance(self._row(wanted), _Title):
            return wanted
        up = self.rows.cursor is not None and index < self.rows.cursor
        return wanted - 1 if up and wanted > 0 else min(wanted + 1, last)

    def mark_of(self, row_id: int) -> tuple[str, str]:
        """The selected one has a mark."""
        row = self._row(row_id)
        chosen = isinstance(row, str) and row == self._selected
        return ("▸", "pane--self") if chosen else (" ", "")

    def line_at(self, index: int, width: int, wrap: bool) -> Line:
        """`● sensor   1.0 MiB  12/s  ·2`; what is out of the ordinary is said in words."""
        row = self._listed[index]
        if isinstance(row, _Title):
            return line((f"── {visible(row.text)} ".ljust(width, "─"), "pane--title"))
        assert self._view is not None
        assert self._statuses is not None
        instance = self._view.named[row]
        status = self._statuses.of(instance)
        names = min(self._widths.name, max(6, width // 2 - 2, width - 2 - self._rest))
        room = width - names - 2
        words = _words(status)
        figures = self._figures(instance, room - cell_len(words))
        said = fit(words, room - sum(cell_len(text) for text, _ in figures))
        name = fit_name(visible(instance.name), names)
        rest = below(instance, self._view, self.keys_told, width)
        return line(
            (f"{status.glyph} ", status.tone), (name, "instance--name"), (said, status.tone), *figures, *rest, hang=HANG
        )

    def _figures(self, instance: InstanceView, room: int) -> list[Part]:
        """Memory, rate and mailbox at the right end, in columns; without those at the left that have no room."""
        figures: list[Part] = []
        for text, cells, style in (
            (_mailbox(instance), self._widths.mailbox, "instance--mailbox"),
            (_rate(instance), self._widths.rate, "instance--figure"),
            (_memory(instance), self._widths.memory, "instance--figure"),
        ):
            room -= cells + 2 if cells else 0
            if room < 0:
                break
            if cells and (text or figures or instance.status != "stand-in"):
                figures.insert(0, (fit_right(text, cells + 2), style))
        return figures


def _rows(view: View) -> Iterator[_Row]:
    """By workflow where several are open, each below its title."""
    if len(view.project.workflows) < 2:
        yield from (one.name for one in listed(view.instances))
        return
    for group in by_workflow(view):
        yield _Title(group.title)
        yield from (one.name for one in group.instances)


def _words(status: Status) -> str:
    return f"  {status.word}{status.more}" if status.word or status.more else ""


def _mailbox(instance: InstanceView) -> str:
    return f"·{instance.mailbox:,}" if instance.mailbox else ""


def _rate(instance: InstanceView) -> str:
    return rate_words(instance.rate)


def _memory(instance: InstanceView) -> str:
    return format_size(instance.memory_bytes) if instance.memory_bytes else ""


def _about_all(view: View) -> tuple[object, ...]:
    """What any row may show besides its instance."""
    return view.builds, view.project, view.problems


def _found_out(one: InstanceView, status: Status, before: _Known | None) -> _Known:
    figures = _memory(one), _rate(one), _mailbox(one)
    name = cell_len(visible(one.name)) if before is None else before.columns[0]
    shown = (
        status, figures, one.status, one.detail, one.class_type, one.rule, one.fault,
        one.real, one.stopped, one.health, one.health_words,
    )  # fmt: skip
    place = one.status == "stand-in", one.workflow, tuple(one.links.values())
    return _Known(one, shown, (name, *map(len, figures)), cell_len(_words(status)), place)
