"""Instances and resources: how each is, how busy, what waits, what it waits on; whether a resource is real."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
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
from workbench.tui.panes.status import LONG_MS, Status, statuses
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


_Row: TypeAlias = InstanceView | str
"""A `str` is the title of those below."""


class InstancesPane(Pane):
    """Every instance and stand-in, by workflow where several are open."""

    NAME = "instances"

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self.rows.wrap = True  # a row may say more below the name
        self.keys_told = Keys()
        self._view: View | None = None
        self._listed: tuple[_Row, ...] = ()
        self._statuses: Mapping[str, Status] = {}
        self._widths = _Widths()
        self._rest = 0
        """Cells that the words and figures of one row need at most."""
        self._selected: str | None = None
        self._drawn_as: tuple[object, ...] = ()

    def update_from(self, session: PaneSource) -> None:
        """Draw what changed."""
        if not self.display:
            return
        view = session.view()
        shown = (
            tuple((_rounded(each), _rate(each)) for each in view.instances),
            view.builds,
            view.pending_calls,
            view.project,
            view.problems,
        )
        if shown == self._drawn_as:
            return
        self._drawn_as = shown
        name = self.selected
        self._take(view)
        self.rows.cursor = self._place(name)
        self.rows.redraw()
        self._write_subtitle(view)

    def _take(self, view: View) -> None:
        self._view = view
        self._listed = tuple(_rows(view))
        self._statuses = statuses(view)
        columns = [max((cell_len(words(each)) for each in view.instances), default=0) for words in _COLUMNS]
        figures = sum(cells + 2 for cells in columns[1:] if cells)
        rest = (
            cell_len(_words(self._statuses[each.name])) + (figures if each.status != "stand-in" else 0)
            for each in view.instances
        )
        self._widths, self._rest = _Widths(*columns), max(rest, default=0)

    def _write_subtitle(self, view: View) -> None:
        ended = sum(each.status in ("trapped", "failed") for each in view.instances)
        waiting = counts_for_you(view).total()
        parts = [f"✖ {ended}" if ended else "", f"{waiting:,} to answer" if waiting else ""]
        self.subtitle = "  ".join(part for part in parts if part)

    @property
    def selected(self) -> str | None:
        """The name of the instance under the cursor."""
        row = self._row(self.rows.cursor)
        return row.name if isinstance(row, InstanceView) else None

    def _row(self, index: int | None) -> _Row | None:
        return self._listed[index] if index is not None and index < len(self._listed) else None

    def _place(self, name: str | None) -> int | None:
        found = (at for at, row in enumerate(self._listed) if isinstance(row, InstanceView) and row.name == name)
        return next(found, None)

    def show_selection(self, seq: int | None, instance: str | None) -> None:
        """Mark the instance that is selected, or that the selected record is of."""
        self._selected = instance
        place = self._place(instance)
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
        if not isinstance(self._row(wanted), str):
            return wanted
        up = self.rows.cursor is not None and index < self.rows.cursor
        return wanted - 1 if up and wanted > 0 else min(wanted + 1, last)

    def mark_of(self, row_id: int) -> tuple[str, str]:
        """The selected one has a mark."""
        row = self._row(row_id)
        chosen = isinstance(row, InstanceView) and row.name == self._selected
        return ("▸", "pane--self") if chosen else (" ", "")

    def line_at(self, index: int, width: int, wrap: bool) -> Line:
        """`● sensor   1.0 MiB  12/s  ·2`; what is out of the ordinary is said in words."""
        instance = self._listed[index]
        if isinstance(instance, str):
            return line((f"── {visible(instance)} ".ljust(width, "─"), "pane--title"))
        status = self._statuses[instance.name]
        names = min(self._widths.name, max(6, width // 2 - 2, width - 2 - self._rest))
        room = width - names - 2
        words = _words(status)
        figures = self._figures(instance, room - cell_len(words))
        said = fit(words, room - sum(cell_len(text) for text, _ in figures))
        name = fit_name(visible(instance.name), names)
        rest = below(instance, self._view, self.keys_told, width) if self._view is not None else ()
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
        yield from listed(view.instances)
        return
    for group in by_workflow(view):
        yield group.title
        yield from group.instances


def _words(status: Status) -> str:
    return f"  {status.word}{status.more}" if status.word or status.more else ""


def _mailbox(instance: InstanceView) -> str:
    return f"·{instance.mailbox:,}" if instance.mailbox else ""


def _rate(instance: InstanceView) -> str:
    return rate_words(instance.rate)


def _memory(instance: InstanceView) -> str:
    return format_size(instance.memory_bytes) if instance.memory_bytes else ""


def _name(instance: InstanceView) -> str:
    return visible(instance.name)


_COLUMNS = (_name, _memory, _rate, _mailbox)


def _rounded(instance: InstanceView) -> InstanceView:
    """What can be seen of an instance, so that nothing is drawn again for what cannot."""
    long = instance.status == "running" and instance.busy_ms >= LONG_MS
    return replace(
        instance,
        status="idle" if instance.status == "running" and not long else instance.status,
        busy_ms=instance.busy_ms if long else 0.0,
        next_events=(),
        handled=0,
        callback=None,
        last_sync=None,
        links={},
        rate=0.0,
    )
