"""The terminal UI: one timer reads the session and draws; one table of actions turns keys into commands."""

from __future__ import annotations

import gc
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import ClassVar

import platformdirs
from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.filter import LineFilter, Monochrome, NoColor
from textual.widgets import Input, Static, TextArea

from workbench.config import settings_for
from workbench.errors import UserError
from workbench.project.model import Project
from workbench.project.moving import take_along
from workbench.project.targets import read
from workbench.session.commands import Command
from workbench.session.options import Options
from workbench.session.session import Session
from workbench.signals import heard
from workbench.tui import memory
from workbench.tui.action import Action
from workbench.tui.actions import BY_ID, binding, bindings
from workbench.tui.asks import Asks, Done, Engine, Refused, Steady, nothing
from workbench.tui.banner import Banner, rows
from workbench.tui.checking import Checking
from workbench.tui.composer import Composer
from workbench.tui.deeds import delete_message, do
from workbench.tui.dialog import Dialog
from workbench.tui.editor import Place
from workbench.tui.ending import Ending, Signals
from workbench.tui.errands import Reopen, open_place
from workbench.tui.footer import Footer
from workbench.tui.greys import GREYS, UNCOLOURED
from workbench.tui.header import Header
from workbench.tui.keeping import Keeping
from workbench.tui.keymap import FILE_NAME as KEYMAP_FILE
from workbench.tui.keymap import Keymap, read_keymap, reread, typed_by
from workbench.tui.layout import SEND, SMALLEST
from workbench.tui.panes import (
    DiagnosticsPane,
    InstanceSelected,
    MomentWanted,
    OpenSource,
    Pane,
    RecordSelected,
)
from workbench.tui.panes.rows import Rows
from workbench.tui.panes.swatches import Swatches
from workbench.tui.panes_of import make_panes, tell_keys
from workbench.tui.queries import read_queries
from workbench.tui.shelf import Saved, SavedMessages, Shelf
from workbench.tui.situation import Selection, Situation, situation
from workbench.tui.stepping.band import Band
from workbench.tui.stepping.breakpoints import Breakpoints
from workbench.tui.stepping.moment import show_moment
from workbench.tui.stepping.past import jump
from workbench.tui.text import visible
from workbench.tui.themes import DEFAULT, variable_defaults
from workbench.tui.theming import Theming, stamp_of, suited_to_terminal
from workbench.tui.titled import Titled
from workbench.tui.typing import Typing
from workbench.tui.welcome import Welcome
from workbench.tui.workspace import Workspace

GARBAGE = (10_000, 5, 20)
"""`gc.set_threshold`; Python's own is (700, 10, 10)."""
FRAMES_PER_SECOND = 20
FLOOD = 5_000
"""Events a second from which panes take turns: nobody reads that fast, and keys do not wait for all to be painted."""
LOOKS_PER_SECOND = 1
"""How often files of the user's own (themes, saved messages) are looked at."""


def run(targets: Sequence[Path], config: Path | None = None, *, strict: bool = False) -> int:
    """Open `targets` on the screen until the user leaves; the exit status. Raises `UserError` for wrong targets.

    `config` is the user's config directory, by default the platform's. `strict`: what the platform may lose is lost,
    until that is switched off.
    """
    config = platformdirs.user_config_path("edgeless-workbench") if config is None else config
    theme = suited_to_terminal()
    while True:
        settings = settings_for(targets)
        project = read(() if tuple(targets) == (Path(),) else targets, settings)
        moved = take_along(project)
        session = Session(
            project,
            settings,
            Options(watch=True, history=True, real=True, strict=strict),
        )
        app = Workbench(session, config, theme, moved)
        with heard(app.signals.note):
            try:
                session.open()
                ended = app.run()
            finally:
                session.close()
        if app.fault is not None:
            raise app.fault
        if app.signals.number is not None:
            raise KeyboardInterrupt(app.signals.number)
        if not isinstance(ended, Reopen):
            return app.return_code or 0
        targets = ended.targets


class Workbench(Ending):
    """Shows `engine` (a session, already open) and hands it commands. Ends with a `Reopen` to open something else."""

    CSS_PATH: ClassVar = ["workbench.tcss", "dialogs.tcss"]
    ENABLE_COMMAND_PALETTE = False
    BINDINGS: ClassVar[list[BindingType]] = bindings()

    def __init__(self, engine: Engine, config: Path, theme: str = DEFAULT, news: str | None = None) -> None:
        """`config` is the user's config directory, which need not exist; `theme` is for a user who never chose one.
        `news` is said once it is open."""
        self.config = config
        self._news = news
        super().__init__()
        self.signals = Signals()
        self.engine = engine = Steady(engine)
        self._keymap_stamp = stamp_of(config / KEYMAP_FILE)
        self.keymap_in_force: Keymap = read_keymap(config / KEYMAP_FILE)
        self.theming = Theming(self, config, theme)
        self.theming.start()
        self.selection = Selection()
        self._project = engine.view().project
        self._journal = engine.journal
        self._asks = Asks(engine, self.complain)
        self._typing = Typing(self, super().on_event)
        self._messages = SavedMessages()
        self._saved: tuple[Saved, ...] = ()
        self.saved_queries: Mapping[str, str] = {}
        self._problems: tuple[UserError, ...] = ()
        arrangement = memory.read_arrangement(self.own_directory)
        self._remembered = arrangement
        self.composer: Composer = Composer(engine, self.ask, self.complain, lambda: self.project)
        self._keeping = Keeping(self.composer, self.own_directory, self.complain)
        self.breakpoints = Breakpoints(self.own_directory, self.ask, self.complain)
        self.panes: dict[str, Pane] = make_panes()
        widgets: dict[str, Titled] = {**self.panes, SEND: self.composer}
        self.workspace: Workspace = Workspace(widgets, arrangement, id="workspace")
        self._header = Header()
        self._band = Band(self.key_for)
        self._banner = Banner()
        self._checking = Checking()
        self._looks = 0
        self._footer = Footer(self.key_of, self.keys_bound)
        self._welcome = Welcome(self.key_of)

    # -- the screen

    def compose(self) -> ComposeResult:
        """Header, banner, panes, footer; and what stands there when the terminal is too small for them."""
        yield Swatches()
        yield self._header
        yield self._band
        yield self._banner
        yield self._welcome
        yield self.workspace
        yield self._footer
        yield Static("", id="too-small")

    def on_mount(self) -> None:
        self._take_keymap(self.keymap_in_force)
        self._keeping.recall()
        self.look_around()
        self.look()
        self.workspace.go("instances")
        self.app_resume_signal.subscribe(self, lambda _: self.refresh(repaint=True, layout=True))
        self.set_interval(1 / FRAMES_PER_SECOND, self.look)
        self.set_interval(1 / LOOKS_PER_SECOND, self.look_around)

    def on_ready(self) -> None:
        # Looking through everything for garbage took 200 ms once a second under a flood of messages (measured), and a
        # key pressed meanwhile waited as long. What is there by now stays; the rest is looked through less often.
        gc.freeze()
        # A frame leaves thousands of strips in circles behind (Textual's caches). Where young garbage is looked at so
        # seldom that they have died by then, none of it grows old: half the time in all, 50 ms at most (measured).
        gc.set_threshold(*GARBAGE)
        if self._news:
            self.say(self._news)

    def on_unmount(self) -> None:
        self._keeping.keep()
        self._checking.close()

    async def on_event(self, event: events.Event) -> None:
        """Keys go out one after the other, all else at once."""
        if isinstance(event, events.Key | events.Paste) and not event.is_forwarded:
            await self._typing.take(event)
        else:
            await super().on_event(event)

    @on(Typing.Followed)
    def _key_followed(self, message: Typing.Followed) -> None:
        self._typing.followed(message)

    def on_resize(self, event: events.Resize) -> None:
        small = event.size.width < SMALLEST.width or event.size.height < SMALLEST.height
        self.screen_stack[0].set_class(small, "-too-small")
        is_now, needed = (f"{size.width} by {size.height}" for size in (event.size, SMALLEST))
        words = f"This terminal is too small: it is {is_now}, the workbench needs {needed}."
        self.query_one("#too-small", Static).update(Content(words))

    def get_line_filters(self) -> Sequence[LineFilter]:
        """What every line on the screen passes through."""
        filters = super().get_line_filters()
        colourless = UNCOLOURED if self.native_ansi_color else GREYS
        return [colourless if isinstance(each, Monochrome | NoColor) else each for each in filters]

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """The workbench's own theme variables."""
        return variable_defaults(self.current_theme)

    @property
    def project(self) -> Project:
        """What is open."""
        return self._project

    @property
    def own_directory(self) -> Path:
        """Where the workbench writes in the project."""
        return self._project.own_directory

    def look(self) -> None:
        """Draw the newest picture, and hand out the results of commands."""
        if not self.screen_stack:  # a last tick while the screen is taken down
            return
        if self.signals.number is not None:
            self.exit()
        self._asks.look()
        self._typing.look()
        self._keeping.look()
        view = self.engine.view()
        self._project = view.project
        if self.engine.journal is not self._journal:
            self._begin_anew()
        self._header.show(view)
        self._band.show(view.stepping)
        broken = any(each.severity == "error" and each.code != "bad-target" for each in view.problems)
        self.screen_stack[0].set_class(view.project.empty and not broken, "-empty")
        failure = () if self.engine.failure is None else (UserError(self.engine.failure),)
        own = (*failure, *self.keymap_in_force.problems, *self.theming.problems, *self._problems)
        self._banner.show(rows(view, own, self.key_of(BY_ID["doctor"]), self.key_of(BY_ID["answer"])))
        self.composer.show(view)
        show_moment(self.panes.values(), view.stepping)
        self._checking.look(view)
        for pane in self.panes.values():
            if isinstance(pane, DiagnosticsPane):
                pane.findings = self._checking.found
        self._looks += 1
        for number, pane in enumerate(self.panes.values()):
            if view.rate < FLOOD or (self._looks + number) % 2:
                pane.update_from(self.engine)
        self.workspace.refresh_titles()
        if not isinstance(self.screen, Dialog):  # which has keys of its own
            self._footer.show(self.now(), self.focused)

    def _begin_anew(self) -> None:
        """Another line of history has a journal of its own; what is chosen stays so if it is on both."""
        before, self._journal = self._journal, self.engine.journal
        self.composer.begin_anew()
        for pane in self.panes.values():
            pane.update_from(self.engine)
        seq = self.selection.seq
        same = seq is not None and before.get(seq) == self._journal.get(seq)
        self.choose(Selection(seq if same else None, self.selection.instance))

    def _take_keymap(self, keymap: Keymap) -> None:
        self.keymap_in_force = keymap
        self.set_keymap({action: ",".join(keys) for action, keys in keymap.keys.items()})
        self._header.diagnostics_key = self.key_for("diagnostics")
        tell_keys(self.panes.values(), self.key_for)

    def look_around(self) -> None:
        """What need not be seen at once: the user's own files, and the arrangement to be remembered."""
        self.theming.look()
        if (stamp := stamp_of(self.config / KEYMAP_FILE)) != self._keymap_stamp:
            self._keymap_stamp = stamp
            self._take_keymap(reread(self.config / KEYMAP_FILE, self.keymap_in_force))
        self._saved, self._problems = self._messages.look(self.project)
        try:
            self.saved_queries = read_queries(self.own_directory)
        except UserError as error:
            self._problems += (error,)
        self.breakpoints.look()
        if self.breakpoints.problem is not None:
            self._problems += (self.breakpoints.problem,)
        self.composer.shelf.show_saved(self._saved)
        self.remember()

    def remember(self) -> None:
        """Write the arrangement down, if it changed."""
        arrangement = self.workspace.arrangement
        if arrangement != self._remembered:
            self._remembered = arrangement
            try:
                memory.write_arrangement(self.own_directory, arrangement)
            except UserError as error:
                self.complain(str(error))

    # -- what is chosen, and what can be done with it

    def now(self) -> Situation:
        """This moment, as actions see it."""
        return situation(self.engine.view(), self.engine.journal, self.selection, self.workspace.current)

    def key_of(self, action: Action) -> str:
        """The first key that does `action` where the focus is, as it is shown: where one types, none that types."""
        keys = self.keymap_in_force.keys_of(action.id)
        if self.screen_stack and isinstance(self.focused, Input | TextArea):
            keys = tuple(key for key in keys if typed_by(key) is None) or keys
        return self.get_key_display(binding(action, keys[:1]))

    def keys_bound(self, bound: Binding) -> str:
        """The keys of what only a pane has, as they are shown."""
        keys = bound.key.split(",") if bound.id is None else self.keymap_in_force.keys_of(bound.id)
        return " ".join(self.get_key_display(bound.with_key(key)) for key in keys)

    def key_for(self, action: str) -> str:
        """The first key that does the action of this id, as it is shown."""
        return self.key_of(BY_ID[action])

    def on_key(self, event: events.Key) -> None:
        """A key that does nothing now, but does elsewhere, tells what it needs."""
        needed = self.now().unmet(self.keymap_in_force.actions_on(event.key))
        if needed is not None and not isinstance(self.screen, Dialog) and event.key not in self.active_bindings:
            self.notify(visible(needed), severity="warning", markup=False, timeout=3)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Whether a key does something now; a key that does not goes on to whoever else wants it."""
        if action != "do":
            return True
        name = str(parameters[0])
        return name == "quit" or (not isinstance(self.screen, Dialog) and self.now().applies(BY_ID[name]))

    def action_do(self, action: str) -> None:
        """Do an action of the table; what the user can mend is said in a sentence."""
        if not self.now().applies(BY_ID[action]):
            return
        try:
            do(self, action)
        except UserError as error:
            self.complain(str(error))

    def ask(self, command: Command, done: Done = nothing, refused: Refused | None = None) -> None:
        """Hand a command to the session."""
        self._asks.ask(command, done, refused)

    def say(self, sentence: str) -> None:
        """Tell something that went right."""
        self.notify(visible(sentence), markup=False)

    def complain(self, sentence: str) -> None:
        """Tell something that did not."""
        self.notify(visible(sentence), severity="error", markup=False, timeout=8)

    def choose(self, selection: Selection) -> None:
        """Make this the one thing chosen on the whole screen."""
        self.selection = selection
        for pane in self.panes.values():
            pane.show_selection(selection.seq, selection.instance)

    @on(RecordSelected)
    def _record_selected(self, event: RecordSelected) -> None:
        record = self.engine.journal.get(event.seq)
        instance = self.selection.instance if record is None or record.instance is None else record.instance
        self.choose(Selection(event.seq, instance))

    @on(InstanceSelected)
    def _instance_selected(self, event: InstanceSelected) -> None:
        self.choose(Selection(instance=event.name))

    @on(Rows.LetGo)
    def _let_go(self) -> None:
        self.choose(Selection())

    @on(MomentWanted)
    def _moment_wanted(self, event: MomentWanted) -> None:
        jump(self, event.seq)

    @on(OpenSource)
    def _open_source(self, event: OpenSource) -> None:
        try:
            open_place(self, Place(event.path, event.line, event.column))
        except UserError as error:
            self.complain(str(error))

    @on(Footer.Chosen)
    async def _footer_chosen(self, event: Footer.Chosen) -> None:
        await self.run_action(event.action, self.focused or self)

    @on(Composer.Left)
    def _composer_left(self) -> None:
        self.workspace.leave_composer()

    @on(Shelf.Unwanted)
    def _message_unwanted(self, event: Shelf.Unwanted) -> None:
        delete_message(self, event.saved)

    @property
    def saved_messages(self) -> tuple[Saved, ...]:
        """The project's saved messages."""
        return self._saved
