"""The last synced state, to be edited before an instance starts anew with it."""

from __future__ import annotations

import json
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static, TextArea

from workbench.tui.dialog import Dialog
from workbench.tui.json_area import JsonArea
from workbench.tui.payload import is_json
from workbench.tui.text import visible


def json_error(text: str) -> str | None:
    """What is wrong with `text` as JSON, with its place; None when nothing is."""
    try:
        json.loads(text)
    except json.JSONDecodeError as error:
        return f"line {error.lineno}, column {error.colno}: {error.msg}"
    except RecursionError:
        return "nested too deeply"
    except ValueError:
        return "a number has too many digits"
    return None


def pretty(state: str) -> str:
    """A JSON state laid out for editing; any other as it is."""
    if not is_json(state):
        return state
    return json.dumps(json.loads(state), indent=2, ensure_ascii=False)


class StateEditor(Dialog[str | None]):
    """Gives the edited state, or None when the user leaves. A state that was JSON must be JSON again."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+j,f5,ctrl+enter", "done", "restart", priority=True),
        Binding("escape", "dismiss(None)", "leave", priority=True),
    ]

    def __init__(self, instance: str, state: str, key: str) -> None:
        super().__init__()
        self._instance = instance
        self._state = state
        self._must_be_json = is_json(state)
        self._label = key

    def compose(self) -> ComposeResult:
        """The text, what is wrong with it, the keys."""
        with Vertical(classes="dialog", id="state-editor"):
            yield Static(Content(f"Restart {visible(self._instance)} with this state"), classes="dialog-title")
            yield JsonArea(pretty(self._state), placeholder="no state was synced yet; type one")
            yield Static("", classes="dialog-error", markup=False)
            yield Static(
                Content.assemble(
                    (self._label, "bold $accent"), " restart    ", ("esc", "bold $accent"), " leave it running"
                )
            )

    @on(TextArea.Changed)
    def _check(self) -> None:
        self.query_one(JsonArea).colored = is_json(self.query_one(JsonArea).text)
        self.query_one(".dialog-error", Static).update(self._error() or "")

    def _error(self) -> str | None:
        found = json_error(self.query_one(JsonArea).text) if self._must_be_json else None
        return None if found is None else f"✖ not JSON, {found}"

    def action_done(self) -> None:
        """Close with the state, if it holds."""
        if self._error() is None:
            self.dismiss(self.query_one(JsonArea).text)
