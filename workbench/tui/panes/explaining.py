"""What a code means, of a finding or of a note: what the platform does, what the workbench does, what to do."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from workbench.checks.entries import entries
from workbench.tui.text import visible


def explained(code: str | None) -> Iterator[tuple[str, str]]:
    """The paragraphs of a code's entry, each with its label; none where there is no such code."""
    entry = entries().get(code or "")
    if entry is not None:
        yield "to do", visible(entry.remedy)
        yield "platform", visible(entry.platform)
        yield "workbench", visible(entry.workbench)


class Explanation(VerticalScroll, can_focus=False):
    """Stands below a list of findings and explains the one that is chosen; away while none is."""

    DEFAULT_CSS: ClassVar[str] = """
    Explanation {
        height: auto; max-height: 60%; padding: 0 1; display: none; border-top: solid $line;
        scrollbar-size-vertical: 1;
        & Static { height: auto; }
    }
    Explanation.-shown { display: block; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._text = Static("", markup=False)
        self.code: str | None = None
        """What is explained."""

    def compose(self) -> ComposeResult:
        yield self._text

    def explain(self, code: str | None) -> None:
        """Explain another code, or none."""
        if code == self.code:
            return
        self.code = code
        told = [Content.assemble((f"{label}: ", "$muted"), text) for label, text in explained(code)]
        self.set_class(bool(told), "-shown")
        self._text.update(Content("\n").join(told))
        self.scroll_home(animate=False)
