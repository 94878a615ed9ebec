"""One list to choose from, or one line to fill in, over the screen."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from workbench.tui.dialog import Dialog
from workbench.tui.safe_input import SafeInput
from workbench.tui.text import visible


@dataclass(frozen=True)
class Choice:
    """One row: what choosing it means, and its words."""

    id: str
    words: str
    hint: str = ""


class Chooser(Dialog[str | None]):
    """Choose one of `choices`; None when the user leaves. `peek` is called with the one the cursor is on."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss(None)", "leave")]

    def __init__(
        self,
        title: str,
        choices: Iterable[Choice],
        current: str | None = None,
        peek: Callable[[str], None] | None = None,
    ) -> None:
        super().__init__()
        self._title = title
        self._choices = list(choices)
        self._current = current
        self._peek = peek

    def compose(self) -> ComposeResult:
        """A title and the rows."""
        with Vertical(classes="dialog"):
            yield Static(Content(self._title), classes="dialog-title")
            yield OptionList(
                *(
                    Option(Content.assemble(visible(choice.words), (f"  {visible(choice.hint)}", "$muted")), choice.id)
                    for choice in self._choices
                )
            )

    def on_mount(self) -> None:
        ids = [choice.id for choice in self._choices]
        rows = self.query_one(OptionList)
        rows.highlighted = ids.index(self._current) if self._current in ids else 0 if ids else None

    @on(OptionList.OptionHighlighted)
    def _highlighted(self, event: OptionList.OptionHighlighted) -> None:
        if self._peek is not None and event.option_id is not None:
            self._peek(event.option_id)

    @on(OptionList.OptionSelected)
    def _selected(self, event: OptionList.OptionSelected) -> None:
        self.dismiss(event.option_id)


class OneLine(Dialog[str | None]):
    """Fill in one line; None when the user leaves. `check` gives the sentence that says what is wrong, or None."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss(None)", "leave")]

    def __init__(self, title: str, value: str = "", check: Callable[[str], str | None] = lambda _: None) -> None:
        super().__init__()
        self._title = title
        self._value = value
        self._check = check

    def compose(self) -> ComposeResult:
        """A title, the line, what is wrong with it, the keys."""
        with Vertical(classes="dialog"):
            yield Static(Content(self._title), classes="dialog-title")
            yield SafeInput(self._value)
            yield Static("", classes="dialog-error", markup=False)
            yield Static(Content.assemble(("enter", "bold $accent"), " ok    ", ("esc", "bold $accent"), " leave"))

    @on(Input.Changed)
    def _changed(self, event: Input.Changed) -> None:
        self.query_one(".dialog-error", Static).update(visible(self._check(event.value.strip()) or ""))

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        value = event.value.strip()
        if value and self._check(value) is None:
            self.dismiss(value)
