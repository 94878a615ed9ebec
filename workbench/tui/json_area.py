"""A text area that colours JSON in the theme's colours, and shows control characters instead of obeying them."""

from __future__ import annotations

import re
from collections.abc import Mapping

from rich.style import Style
from rich.text import Text
from textual.color import Color
from textual.document._document import EditResult, Location
from textual.document._edit import Edit
from textual.widgets import TextArea

from workbench.tui.text import hidden, pictures_of_hidden, unhidden

_TOKEN = re.compile(
    r'(?P<string>"(?:[^"\\]++|\\.?)*+(?:"(?P<colon>(?=\s*:))?|\Z))'
    r"|(?P<number>-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)|(?P<constant>true|false|null)|(?P<mark>[\[\]{}:,])"
)
"""A token of JSON; none goes over the end of a line. A text that is not closed goes on to it, so that nothing is read a
second time."""
COLORED = 10_000
"""How many characters of a line are coloured."""

_COLORS: Mapping[str, str] = {
    "label": "primary",
    "string": "success",
    "number": "warning",
    "constant": "accent",
    "mark": "title",
}
"""Which theme variable colours which token."""


class JsonArea(TextArea):
    """Plain editing, without line numbers or borders; `colored` turns JSON colours on.

    It does without tree-sitter, whose parsers crash the process with some Python builds and forget what can be undone
    when the language changes.
    """

    def __init__(
        self,
        text: str = "",
        *,
        id: str | None = None,  # noqa: A002
        classes: str | None = None,
        placeholder: str = "",
    ) -> None:
        self._colored = False
        self._styles_by_token: dict[str, Style] = {}
        super().__init__(
            hidden(text),
            id=id,
            classes=classes,
            placeholder=placeholder,
            compact=True,
            show_line_numbers=False,
            soft_wrap=True,
        )

    @property
    def colored(self) -> bool:
        """Whether it colours JSON."""
        return self._colored

    @colored.setter
    def colored(self, colored: bool) -> None:
        if colored != self._colored:
            self._colored = colored
            self.notify_style_update()
            self.refresh()

    def notify_style_update(self) -> None:
        """Colours changed."""
        self._styles_by_token = {}
        super().notify_style_update()

    @property
    def text(self) -> str:
        """What it holds, to the letter: its document has what a terminal would act on hidden."""
        return unhidden(super().text)

    @text.setter
    def text(self, value: str) -> None:
        self.load_text(value)

    def load_text(self, text: str) -> None:
        """Hold `text`, to the letter; what could be undone is forgotten."""
        super().load_text(hidden(text))

    def get_text_range(self, start: Location, end: Location) -> str:
        """The text between two places."""
        return unhidden(super().get_text_range(start, end))

    def edit(self, edit: Edit) -> EditResult:
        """Do what was typed or pasted; some terminals paste a line's end as a carriage return."""
        edit.text = hidden(edit.text.replace("\r\n", "\n").replace("\r", "\n"))
        return super().edit(edit)

    def get_line(self, line_index: int) -> Text:
        """The line as it is drawn."""
        line = Text(pictures_of_hidden(self.document.get_line(line_index)), end="", no_wrap=True)
        if self._colored:
            for found in _TOKEN.finditer(line.plain, 0, COLORED):
                token = "label" if found["colon"] is not None else found.lastgroup or "mark"
                line.stylize(self._style(token), *found.span())
        return line

    def _style(self, token: str) -> Style:
        style = self._styles_by_token.get(token)
        if style is None:
            style = self._styles_by_token[token] = _style_of(self.app.theme_variables[_COLORS[token]])
        return style


def _style_of(variable: str) -> Style:
    """A theme variable as a style; what is see-through is drawn full."""
    color = Color.parse(variable.split()[0])
    return Style(color=color.rich_color if color.ansi is not None else color.with_alpha(1.0).rich_color)
