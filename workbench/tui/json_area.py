"""A text area that colours JSON in the theme's colours."""

from __future__ import annotations

import itertools
from collections.abc import Mapping

from rich.style import Style
from textual.color import Color
from textual.theme import Theme
from textual.widgets import TextArea
from textual.widgets.text_area import TextAreaTheme

_TOKENS: Mapping[str, str] = {
    "json.label": "primary",
    "string": "success",
    "number": "warning",
    "boolean": "accent",
    "json.null": "accent",
    "json.error": "error",
    "punctuation.delimiter": "title",
    "punctuation.bracket": "title",
    "string.escape": "accent",
}
"""Which theme variable colours which token of JSON."""

_numbers = itertools.count()


def syntax_theme(variables: Mapping[str, str]) -> TextAreaTheme:
    """The colours of JSON in a theme. Each has a name of its own, so that a change of theme is taken up."""
    styles = {token: Style(color=_color(variables[name])) for token, name in _TOKENS.items()}
    return TextAreaTheme(f"workbench-{next(_numbers)}", syntax_styles=styles)


def _color(value: str) -> str | None:
    """A theme variable as Rich names it; what is see-through is drawn full."""
    color = Color.parse(value.split()[0])
    return color.rich_color.name if color.ansi is not None else color.with_alpha(1.0).hex6


class JsonArea(TextArea):
    """Plain editing, without line numbers or borders; `colored` turns JSON colours on."""

    def __init__(self, text: str = "", *, id: str | None = None, placeholder: str = "") -> None:  # noqa: A002
        super().__init__(text, id=id, placeholder=placeholder, compact=True, show_line_numbers=False, soft_wrap=True)

    @property
    def colored(self) -> bool:
        """Whether it colours JSON."""
        return self.language == "json"

    @colored.setter
    def colored(self, colored: bool) -> None:
        if colored != self.colored:
            self.language = "json" if colored else None

    def on_mount(self) -> None:
        self.app.theme_changed_signal.subscribe(self, self._take_theme)
        self._take_theme(self.app.current_theme)

    def _take_theme(self, _: Theme) -> None:
        theme = syntax_theme(self.app.theme_variables)
        self.register_theme(theme)
        self.theme = theme.name
