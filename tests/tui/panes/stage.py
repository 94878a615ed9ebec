"""A small stage for panes: a real journal, a view that does not change by itself, an app with nothing else."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from textual.app import App, ComposeResult
from textual.message import Message
from textual.pilot import Pilot

from workbench import assets
from workbench.journal import Journal
from workbench.project.model import Project
from workbench.records import Record
from workbench.session.view import InstanceView, View
from workbench.tui.panes import Pane
from workbench.tui.panes.swatches import Swatches
from workbench.tui.themes import read_themes, variable_defaults

PROJECT = Project(root=Path("/project"), targets=())
INSTANCES = tuple(InstanceView(name, name, "idle") for name in ("sensor", "filter", "ticker", "ping", "pong", "risky"))

R = TypeVar("R", bound=Record)


@dataclass
class Stage:
    """What panes read."""

    journal: Journal = field(default_factory=Journal)
    picture: View = field(default_factory=lambda: View(PROJECT, INSTANCES, clock="virtual"))

    def view(self) -> View:
        return self.picture

    def write(
        self,
        kind: type[R],
        instance: str | None = None,
        parent: int | None = None,
        *,
        t: float | None = None,
        **rest: Any,
    ) -> R:
        """Append a record; its time is its number in milliseconds unless said."""
        seq = self.journal.end
        record = kind(seq=seq, t=float(seq) if t is None else t, instance=instance, parent=parent, **rest)
        self.journal.append(record)
        return record


class Theatre(App[None]):
    """Shows the panes one above the other, and notes what they post."""

    CSS = "Pane { height: 1fr; }"

    def __init__(self, stage: Stage, *panes: Pane, theme: str = "dark") -> None:
        super().__init__()
        self.stage = stage
        self.panes = panes
        self.posted: list[Message] = []
        for each in read_themes([assets.themes()]).themes.values():
            self.register_theme(each)
        self.theme = theme

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return variable_defaults(self.current_theme)

    def compose(self) -> ComposeResult:
        yield Swatches()
        yield from self.panes

    def on_mount(self) -> None:
        self.tick()

    def tick(self, times: int = 1) -> None:
        """What the app does twenty times a second."""
        for _ in range(times):
            for pane in self.panes:
                pane.update_from(self.stage)

    def _note(self, message: Message) -> None:
        self.posted.append(message)

    on_record_selected = _note
    on_instance_selected = _note
    on_open_source = _note
    on_rows_let_go = _note


def shown(app: App[Any]) -> list[str]:
    """The rows of the screen as text."""
    return [strip.text.rstrip() for strip in app.screen._compositor.render_strips(app.size)]


def text_of(pane: Pane) -> str:
    """All that a pane has to say, also what is out of sight."""
    return "\n".join(pane.line_at(index, 200, False).plain for index in range(pane.count()))


async def settled(app: Theatre, pilot: Pilot[None]) -> list[str]:
    """One more look at the stage, painted."""
    app.tick()
    await pilot.pause()
    return shown(app)
