"""The first row: what is open, whether the running code is the code on disk, and what happens, in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip
from textual.widget import Widget

from workbench.session.view import BuildView, View
from workbench.tui.resources.words import in_trouble
from workbench.tui.stepping.words import clock_words, line_words, mode_words
from workbench.tui.text import clock, visible
from workbench.units import format_duration

MOST = 9
"""What must be told, however narrow it is."""


@dataclass(frozen=True)
class Part:
    """A piece of the header: its text, and the component class that colours it.

    Where there is no room, what is `wanted` least goes first; a `short` text takes its place for a while.
    """

    text: str
    tone: str = "text"
    wanted: int = MOST
    short: str = ""


def title(view: View) -> str:
    """The project and its workflow; and how many targets there are besides it."""
    others = sum(not target.is_relative_to(view.project.root) for target in view.project.targets)
    name = f"{view.project.root.name or '/'}{f' +{others}' if others > 0 else ''}"
    workflow = " ▸ ".join(path.name for path in view.project.workflows[:2])
    more = len(view.project.workflows) - 2
    return " ▸ ".join(part for part in (name, workflow, f"+{more}" if more > 0 else "") if part)


def build_words(builds: tuple[BuildView, ...], newest: str | None, diagnostics_key: str) -> Part:
    """Whether the code that runs is the code on disk. `newest` is the function whose code came alive last."""
    building = next((build for build in builds if build.state == "building"), None)
    if building is not None:
        crates = f" · {building.crate} {building.done}/{building.total}" if building.total else ""
        return Part(f"◐ building {building.function}{crates} · {format_duration(building.elapsed_ms)}", "busy")
    failed = [build for build in builds if build.state == "failed"]
    if failed:
        errors = sum(sum(d.level == "error" for d in build.diagnostics) for build in failed)
        what = f"{errors} error{'' if errors == 1 else 's'}" if errors else "build failed"
        return Part(f"✖ {what} in {', '.join(build.function for build in failed)} — {diagnostics_key}", "error")
    queued = sum(build.state == "queued" for build in builds)
    if queued:
        return Part(f"◌ {queued} build{'' if queued == 1 else 's'} queued", "busy")
    waiting = [build.function for build in builds if build.state == "built"]
    if waiting:
        return Part(f"◌ new code of {', '.join(waiting)} is not live", "busy")
    live = {build.function: build for build in builds if build.state == "live"}
    if newest in live and live[newest].since_change_ms is not None:
        return Part(f"● live in {format_duration(live[newest].since_change_ms or 0)} ({newest})", "live")
    if live:
        return Part("● live", "live")
    if any(build.state == "prebuilt" for build in builds):
        return Part("○ running the .wasm that was there", "quiet")
    return Part("○ nothing to build", "quiet")


def counts(view: View) -> list[Part]:
    """Resources in trouble, events per second, traps, notes: what happens, most wanted first."""
    parts = [Part(f"{view.rate:,.0f} ev/s", wanted=5)]
    troubled = in_trouble(view)
    if troubled:
        names = visible(troubled[0]) if len(troubled) == 1 else f"{len(troubled)} resources"
        parts.append(Part(f"▲ {names} in trouble", "warning", 7, "▲ trouble"))
    if view.traps:
        parts.append(Part(f"✖ {view.traps:,} trap{'' if view.traps == 1 else 's'}", "error", 6))
    if view.notes:
        parts.append(Part(f"! {view.notes:,} note{'' if view.notes == 1 else 's'}", "warning", 6))
    return parts


def order(view: View) -> list[Part]:
    """Whether it runs, how time passes, and what else is not as ever."""
    stepping = view.stepping
    running = stepping.mode == "running"
    mode = mode_words(stepping)
    time = " ".join(part for part in (clock_words(view), clock(view.t_ms, padded=True)) if part)
    strict = "strict" if stepping.strict else ""
    unusual = [strict, f"seed {stepping.shuffle}" if stepping.shuffle is not None else "", line_words(stepping)]
    return [
        Part(mode, "quiet", 1) if running else Part(mode, "busy", MOST, mode.partition(":")[0]),
        *(Part(words, "warning", 4) for words in unusual if words),
        Part(time, "quiet", 2 if running else 5),
    ]


class Header(Widget):
    """One row, drawn again only when its words change."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        f"header--{tone}" for tone in ("name", "title", "text", "quiet", "live", "busy", "warning", "error")
    }

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self.diagnostics_key = "d"
        self._since: dict[str, float | None] = {}
        self._newest: str | None = None
        self._left: list[Part] = []
        self._right: list[Part] = []

    def show(self, view: View) -> None:
        """Draw `view`."""
        for build in view.builds:
            if build.since_change_ms is not None and self._since.get(build.function) != build.since_change_ms:
                self._newest = build.function
            self._since[build.function] = build.since_change_ms
        name = visible(title(view))
        code = build_words(view.builds, self._newest, self.diagnostics_key)
        left = [
            Part("edgeless workbench", "name", 0),
            Part(name, "title", 4, name.partition(" ▸ ")[0]),
            Part(visible(code.text), code.tone, MOST if view.stepping.mode == "running" else 8),
        ]
        right = [*order(view), Part(view.profile, "quiet", 1), *counts(view)]
        if (left, right) != (self._left, self._right):
            self._left, self._right = left, right
            self.refresh()

    def render_line(self, y: int) -> Strip:
        """The row: name and build state from the left, the rest from the right, least wanted dropped first."""
        base = self.rich_style
        width = self.size.width
        left, right = fitted(self._left, self._right, width - 4)
        segments = [*self._segments(left, base)]
        gap = width - sum(segment.cell_length for segment in segments) - _width(right)
        segments.append(Segment(" " * max(0, gap), base))
        segments.extend(self._segments(right, base))
        return Strip(segments).adjust_cell_length(width, base)

    def _segments(self, parts: list[Part], base: Style) -> list[Segment]:
        segments = []
        for part in parts:
            style = base + self.get_component_rich_style(f"header--{part.tone}", partial=True)
            segments += [Segment(" ", base), Segment(part.text, style), Segment(" ", base)]
        return segments


def _width(parts: list[Part]) -> int:
    return sum(Segment(part.text).cell_length + 2 for part in parts)


def fitted(left: list[Part], right: list[Part], room: int) -> tuple[list[Part], list[Part]]:
    """As much of both as has room, in so many cells; the most wanted stays in any case."""
    least = 0
    while least < MOST and _widths(_cut(left, least), _cut(right, least)) > room:
        least += 1
    dropped = sorted((part for part in (*left, *right) if part.wanted < least), key=lambda part: -part.wanted)
    kept: list[Part] = []
    for part in dropped:  # what was dropped before another became short may have room now
        if _widths(_cut(left, least, [*kept, part]), _cut(right, least, [*kept, part])) <= room:
            kept.append(part)
    return _cut(left, least, kept), _cut(right, least, kept)


def _cut(parts: list[Part], least: int, kept: Sequence[Part] = ()) -> list[Part]:
    return [_shortened(part, least) for part in parts if part.wanted >= least or any(part is one for one in kept)]


def _widths(left: list[Part], right: list[Part]) -> int:
    return _width(left) + _width(right)


def _shortened(part: Part, least: int) -> Part:
    return replace(part, text=part.short) if part.short and part.wanted - 1 <= least else part
