"""The colours in force: themes read, the user's choice kept, changed files taken up while running."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from rich.console import Console
from textual.app import App

from workbench import assets
from workbench.errors import UserError
from workbench.tui.memory import read_theme_choice, write_theme_choice
from workbench.tui.themes import DEFAULT, Themes, read_themes, theme_files


class Theming:
    """Gives `app` its themes: the shipped ones and those in `themes/` of the config directory."""

    def __init__(self, app: App[object], config: Path, usual: str = DEFAULT) -> None:
        """`usual` is the theme of a user who never chose one."""
        self._app = app
        self._usual = usual
        self._config = config
        self._directories = (assets.themes(), config / "themes")
        self._stamps: Mapping[Path, float] = {}
        self._themes = Themes()
        self._wanted = DEFAULT
        self._own_problem: UserError | None = None

    @property
    def names(self) -> list[str]:
        """Every theme there is: the workbench's and the user's first."""
        return [*self._themes.themes, *(name for name in self._app.available_themes if name not in self._themes.themes)]

    @property
    def problems(self) -> tuple[UserError, ...]:
        """What is wrong with theme files, the wanted one's first."""
        own = () if self._own_problem is None else (self._own_problem,)
        order = sorted(self._themes.problems, key=lambda name: name != self._wanted)
        return (*own, *(self._themes.problems[name] for name in order))

    def start(self) -> None:
        """Read the themes and take the one the user chose last."""
        try:
            chosen = read_theme_choice(self._config)
        except UserError as error:
            self._own_problem, chosen = error, None
        self._wanted = chosen or self._usual
        self.look()

    def look(self) -> None:
        """Take up theme files that changed since the last look."""
        stamps = {path: stamp_of(path) for directory in self._directories for path in theme_files(directory)}
        if stamps == self._stamps:
            return
        self._stamps = stamps
        before = self._app.current_theme if self._app.theme in self._app.available_themes else None
        self._themes = read_themes(self._directories)
        for theme in self._themes.themes.values():
            self._app.register_theme(theme)
        name = self._wanted if self._wanted in self._app.available_themes else DEFAULT
        if self._wanted in self._themes.problems and self._wanted not in self._themes.themes:
            name = DEFAULT
        if name != self._app.theme:
            self._app.theme = name
        elif self._app.get_theme(name) != before:
            self._app.mutate_reactive(App.theme)

    def preview(self, name: str) -> None:
        """Show `name`, without keeping it."""
        if name in self._app.available_themes:
            self._app.theme = name

    def choose(self, name: str) -> None:
        """Take `name`, now and next time. Raises `UserError` when the choice cannot be kept."""
        self._wanted = name
        self.preview(name)
        write_theme_choice(self._config, name)

    def leave(self) -> None:
        """Go back to the theme in force before a preview."""
        self.preview(self._wanted if self._wanted in self._app.available_themes else DEFAULT)


def suited_to_terminal() -> str:
    """The theme to begin with: the terminal's own colours where it has no more than sixteen."""
    return "terminal" if Console().color_system == "standard" else DEFAULT


def stamp_of(path: Path) -> float:
    """Another number whenever the file at `path` changed; 0 when there is none."""
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0.0
