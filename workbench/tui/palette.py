"""Everything by name: actions, instances, saved messages and queries."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, ClassVar, cast

from textual.binding import BindingType
from textual.command import CommandPalette, DiscoveryHit, Hit, Hits, Provider
from textual.content import Content
from textual.style import Style
from textual.widgets import Input

from workbench.tui.actions import ACTIONS
from workbench.tui.dialog import QUIT
from workbench.tui.drafts import Draft
from workbench.tui.layout import SEND
from workbench.tui.queries import use_query
from workbench.tui.resources.words import what_is
from workbench.tui.safe_input import Pictured
from workbench.tui.situation import Selection
from workbench.tui.text import visible

if TYPE_CHECKING:
    from workbench.tui.app import Workbench


@dataclass(frozen=True)
class Entry:
    """One row: its words, its hint, what it does."""

    words: str
    hint: str
    act: Callable[[], None]

    def shown(self, marks: Iterable[int], style: Style) -> Content:
        """Words over hint, the characters at `marks` in `style`; Textual would read markup in bare text."""
        words = Content(self.words)
        for at in marks:
            words = words.stylize(style, at, at + 1)
        return Content("\n").join([words, Content.styled(self.hint, "$muted not bold")])


def entries(app: Workbench) -> Iterator[Entry]:
    """Everything that can be found now."""
    now = app.now()
    for action in ACTIONS:
        if now.applies(action) and action.id != "palette":
            yield Entry(
                f"{now.words_of(action)}  ({app.key_of(action)})", action.help, partial(app.action_do, action.id)
            )
    for instance in now.view.instances:
        what = what_is(instance, now.view)
        what += "" if instance.status == "stand-in" else f", {instance.status}"
        yield Entry(f"instance {visible(instance.name)}", visible(what), partial(choose_instance, app, instance.name))
    for saved in app.saved_messages:
        yield Entry(f"message {visible(saved.name)}", saved.draft.summary, partial(load_draft, app, saved.draft))
    for name, query in app.saved_queries.items():
        yield Entry(f"query {visible(name)}", visible(query), partial(use_query, app, query))


def choose_instance(app: Workbench, name: str) -> None:
    """Make an instance the chosen one."""
    app.choose(Selection(instance=name))
    app.workspace.go("instances")


def load_draft(app: Workbench, draft: Draft) -> None:
    """Put a saved message into the composer."""
    app.composer.load(draft)
    app.workspace.go(SEND)


class Everything(Provider):
    """Searches `entries` as the palette asks."""

    @property
    def _app(self) -> Workbench:
        return cast("Workbench", self.app)

    async def discover(self) -> Hits:
        """All of it, before anything is typed."""
        for entry in entries(self._app):
            yield DiscoveryHit(entry.shown((), Style()), entry.act, text=entry.words)

    async def search(self, query: str) -> Hits:
        """What fits `query`, best first."""
        matcher = self.matcher(query)
        for entry in entries(self._app):
            fits, marks = matcher.fuzzy_search.match(query, entry.words)
            score = max(fits, matcher.match(entry.hint) * 0.6)
            if score > 0:
                yield Hit(score, entry.shown(marks, matcher.match_style), entry.act, text=entry.words)


class Palette(CommandPalette):
    """The palette; quitting works in it as everywhere."""

    BINDINGS: ClassVar[list[BindingType]] = [QUIT]

    def __init__(self) -> None:
        super().__init__([Everything], placeholder="Find an action, an instance, a saved message or query")

    def on_mount(self) -> None:
        self.query_one(Input).highlighter = Pictured()
