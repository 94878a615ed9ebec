"""What a waiting message says, to be changed: typed as text, as hex, or taken from a file."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Static, TextArea

from workbench.errors import UserError
from workbench.project.model import Project
from workbench.tui.asks import Done, Refused
from workbench.tui.dialog import Dialog
from workbench.tui.drafts import typed_or_file
from workbench.tui.json_area import JsonArea
from workbench.tui.payload import MODES, is_json, payload_bytes
from workbench.tui.segments import Segments
from workbench.tui.text import visible

Submit = Callable[[bytes, Done, Refused], None]


class PayloadEditor(Dialog[None]):
    """Closes once the change is made; until then, and when it is refused, what was typed stays."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+j,f5,ctrl+enter", "done", "change it", priority=True),
        Binding("escape", "dismiss", "leave", priority=True),
    ]

    def __init__(self, title: str, payload: bytes, seq: int, project: Project, submit: Submit, key: str) -> None:
        """Raises `UserError` when a payload too large to be typed cannot be written to a file."""
        super().__init__()
        self._title = title
        self._root = project.root
        self._submit = submit
        self._label = key
        self._mode, self._typed = typed_or_file(payload, seq, project)
        self._area = JsonArea(self._typed)
        self._modes = Segments(MODES, id="mode")

    def compose(self) -> ComposeResult:
        """The text, what is wrong with it, the keys."""
        with Vertical(classes="dialog", id="payload-editor"):
            yield Static(Content(self._title), classes="dialog-title")
            yield self._area
            yield Static("", classes="dialog-error", markup=False)
            with Horizontal(id="payload-keys"):
                yield self._modes
                yield Static(
                    Content.assemble((self._label, "bold $accent"), " change it    ", ("esc", "bold $accent"), " leave")
                )

    def on_mount(self) -> None:
        self._modes.chosen = self._mode
        self._area.focus()
        self._changed()

    @on(TextArea.Changed)
    @on(Segments.Changed)
    def _changed(self) -> None:
        self._area.colored = self._modes.value == "text" and is_json(self._area.text)
        self._complain("")

    def _complain(self, sentence: str) -> None:
        if self.is_attached:
            self.query_one(".dialog-error", Static).update(visible(f"✖ {sentence}") if sentence else "")

    def action_done(self) -> None:
        """Ask for the change."""
        try:
            payload = payload_bytes(self._modes.value, self._area.text, self._root)
        except UserError as error:
            self._complain(str(error))
            return
        self._submit(payload, self._changed_it, self._complain)

    def _changed_it(self, _: object) -> None:
        if self.is_current:
            self.dismiss()
