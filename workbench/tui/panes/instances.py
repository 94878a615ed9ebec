"""Instances and resources: how each is, how busy, what waits, what it waits on; whether a resource is real."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import ClassVar

from rich.cells import cell_len

from workbench.session.view import BuildView, InstanceView, View
from workbench.tui.listed import listed
from workbench.tui.panes.line import Line, Part, fit, fit_right, line
from workbench.tui.panes.messages import InstanceSelected, PaneSource
from workbench.tui.panes.pane import Pane
from workbench.tui.panes.rows import Rows
from workbench.tui.panes.supplied import GLYPH_TONES, HANG, supplied
from workbench.tui.resources.words import standing, waiting_for_you
from workbench.tui.text import duration_words, visible
from workbench.units import format_size

LONG_MS = 250
"""From here on a handler is said to be busy; shorter ones would only flicker."""


@dataclass(frozen=True)
class _Widths:
    """Cells each column needs for its longest entry."""

    name: int = 0
    memory: int = 0
    rate: int = 0
    mailbox: int = 0


class InstancesPane(Pane):
    """Every instance and stand-in."""

    NAME = "instances"
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "instance--live",
        "instance--busy",
        "instance--waiting",
        "instance--stopped",
        "instance--ended",
        "instance--stand-in",
        "instance--real",
        "instance--name",
        "instance--figure",
        "instance--mailbox",
    }
    DEFAULT_CSS = """
    InstancesPane {
        & > .instance--live { color: $status-live; }
        & > .instance--busy { color: $status-busy; }
        & > .instance--waiting { color: $status-waiting; }
        & > .instance--stopped { color: $status-stopped; text-style: bold; }
        & > .instance--ended { color: $muted; }
        & > .instance--stand-in { color: $stand-in; }
        & > .instance--real { color: $success; }
        & > .instance--name { color: $foreground; }
        & > .instance--figure { color: $muted; }
        & > .instance--mailbox { color: $warning; }
    }
    """

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self.rows.wrap = True  # a resource has more rows than one
        self.real_key = "ctrl+r"
        self._view: View | None = None
        self._instances: tuple[InstanceView, ...] = ()
        self._builds: Mapping[str, BuildView] = {}
        self._asked: Mapping[str, int] = {}
        self._widths = _Widths()
        self._selected: str | None = None
        self._drawn_as: tuple[object, ...] = ()

    def update_from(self, session: PaneSource) -> None:
        """Draw what changed."""
        if not self.display:
            return
        view = session.view()
        shown = (
            tuple(_rounded(each) for each in view.instances),
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
        place = next((at for at, each in enumerate(self._instances) if each.name == name), None)
        self.rows.cursor = place if name is not None else None
        self.rows.redraw()
        self._write_subtitle()

    def _take(self, view: View) -> None:
        self._view = view
        self._instances = listed(view.instances)
        self._builds = {each.function: each for each in view.builds}
        asked: dict[str, int] = {}
        for call in waiting_for_you(view):
            asked[call.target] = asked.get(call.target, 0) + 1
        self._asked = asked
        self._widths = _Widths(
            *(max((cell_len(words(each)) for each in view.instances), default=0) for words in _COLUMNS)
        )

    def _write_subtitle(self) -> None:
        ended = sum(each.status in ("trapped", "failed") for each in self._instances)
        waiting = sum(self._asked.values())
        parts = [f"✖ {ended}" if ended else "", f"{waiting} to answer" if waiting else ""]
        self.border_subtitle = "  ".join(part for part in parts if part)

    @property
    def selected(self) -> str | None:
        """The name of the instance under the cursor."""
        index = self.rows.cursor
        return self._instances[index].name if index is not None and index < len(self._instances) else None

    def show_selection(self, seq: int | None, instance: str | None) -> None:
        """Mark the instance that is selected, or that the selected record is of."""
        self._selected = instance
        place = next((at for at, each in enumerate(self._instances) if each.name == instance), None)
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
        """How many there are."""
        return len(self._instances)

    def mark_of(self, row_id: int) -> tuple[str, str]:
        """The selected one has a mark."""
        chosen = row_id < len(self._instances) and self._instances[row_id].name == self._selected
        return ("▸", "pane--self") if chosen else (" ", "")

    def line_at(self, index: int, width: int, wrap: bool) -> Line:
        """`● sensor   1.0 MiB  12/s  ·2`; what is out of the ordinary is said in words."""
        instance = self._instances[index]
        glyph, words, style = self._state(instance)
        names = min(self._widths.name, max(6, width // 2 - 2))
        room = width - names - 2
        figures = self._figures(instance, room - (cell_len(words) + 2 if words else 0))
        said = fit(f"  {words}" if words else "", room - sum(cell_len(text) for text, _ in figures))
        name = fit(visible(instance.name), names)
        rest = supplied(instance, self._view, self.real_key, width) if self._view is not None else ()
        return line((f"{glyph} ", style), (name, "instance--name"), (said, style), *figures, *rest, hang=HANG)

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

    def _state(self, instance: InstanceView) -> tuple[str, str, str]:
        """Its glyph, its words, their style."""
        build = self._builds.get(instance.function)
        match instance.status:
            case "trapped":
                return "✖", "panicked" if "panic" in instance.detail else "trapped", "instance--stopped"
            case "failed":
                return "✖", "failed", "instance--stopped"
            case "killed":
                return "■", "killed", "instance--ended"
            case "stopped":
                return "□", "stopped", "instance--ended"
            case "stand-in":
                asked = self._asked.get(instance.name, 0)
                if asked:
                    return "◆", f"stand-in, answer {asked}", "instance--waiting"
                assert self._view is not None
                stands = standing(instance, self._view, self.real_key)
                return stands.glyph, stands.word, GLYPH_TONES[stands.tone]
        if build is not None and build.state in ("building", "queued"):
            done = f" {build.done}/{build.total}" if build.total else "…"
            return "◐", f"building{done}" if build.state == "building" else "queued", "instance--busy"
        if instance.status == "loading":
            return "◐", "loading", "instance--busy"
        begins = instance.callback == "handle_init"
        if build is not None and (build.state == "failed" or (build.state == "built" and not begins)):
            return "▲", "old code", "instance--waiting"
        if instance.status == "waiting":
            return "◌", f"waits {visible(instance.waits_on or '')}".rstrip(), "instance--waiting"
        if instance.status == "running" and instance.busy_ms >= LONG_MS:
            return "◉", f"busy {duration_words(instance.busy_ms)}", "instance--busy"
        return "●", "", "instance--live"


def _mailbox(instance: InstanceView) -> str:
    return f"·{instance.mailbox:,}" if instance.mailbox else ""


def _rate(instance: InstanceView) -> str:
    return f"{instance.rate:,.0f}/s" if instance.rate >= 0.5 else ""


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
        rate=round(instance.rate),
    )
