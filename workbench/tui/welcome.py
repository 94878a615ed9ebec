"""What stands there when nothing is open yet."""

from __future__ import annotations

from collections.abc import Callable

from textual.content import Content
from textual.widgets import Static

from workbench.tui.action import Action
from workbench.tui.actions import BY_ID


class Welcome(Static):
    """Two sentences, and the keys to begin with."""

    def __init__(self, key_of: Callable[[Action], str]) -> None:
        super().__init__("")
        self._key_of = key_of

    def on_mount(self) -> None:
        keys = []
        for action, words in (
            ("new-function", "make a function that builds and runs at once"),
            ("open-samples", "copy the sample functions here and open them"),
            ("quit", "leave; then open others with: workbench DIRECTORY"),
        ):
            keys.append(Content.assemble((f"{self._key_of(BY_ID[action]):>3}", "bold $accent"), f"  {words}"))
        lines = [
            Content.styled("No function is here yet.", "bold"),
            Content(
                "A function is a directory with a function.json and Rust source; the workbench builds it, runs it, "
                "shows every message, and takes each change up while it runs."
            ),
            Content(""),
            *keys,
        ]
        self.update(Content("\n").join(lines))
