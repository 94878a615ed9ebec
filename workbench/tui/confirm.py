"""One question, asked once, with the key that answers it."""

from __future__ import annotations

from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from workbench.tui.dialog import Dialog
from workbench.tui.text import visible


class Confirm(Dialog[bool]):
    """Asks `question`; the action's own key, `y` or Enter says yes, anything else that means no says no."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y,enter", "answer(True)", "yes"),
        Binding("n,escape", "answer(False)", "no"),
    ]

    def __init__(self, question: str, key: str, words: str, keys: tuple[str, ...] = ()) -> None:
        super().__init__()
        self._question = visible(question)
        self._label = key
        self._words = words
        self._keys = keys

    def compose(self) -> ComposeResult:
        """The question, and the keys."""
        with Vertical(classes="dialog"):
            yield Static(Content(self._question), classes="dialog-question")
            yield Static(
                Content.assemble(
                    (self._label, "bold $accent"),
                    (f" {self._words}    ", "$foreground"),
                    ("esc", "bold $accent"),
                    (" leave it", "$foreground"),
                )
            )

    def on_key(self, event: events.Key) -> None:
        if event.key in self._keys or event.character in self._keys:
            event.stop()
            self.dismiss(True)

    def action_answer(self, answer: bool) -> None:
        """Close with `answer`."""
        self.dismiss(answer)
