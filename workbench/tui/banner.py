"""Rows under the header for what the user should mend: a missing compiler, broken files, calls that wait."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from textual.content import Content
from textual.geometry import Size
from textual.widgets import Static

from workbench.errors import UserError
from workbench.session.view import View
from workbench.tui.resources.words import counts_for_you, waiting_for_you
from workbench.tui.text import visible

MOST_PROBLEMS = 2
"""How many problems are told each in its own row; the rest are counted."""

SHARE = 4
"""It has at most the screen's rows divided by this."""
PADDING = 2


@dataclass(frozen=True)
class Row:
    """One thing to mend. `key` is the one that mends it, if there is one."""

    tone: Literal["warning", "error", "accent"]
    words: str
    key: str = ""
    key_words: str = ""
    things: int = 1
    """How many it tells of."""


def rows(view: View, own: tuple[UserError, ...], doctor_key: str, answer_key: str) -> list[Row]:
    """What to say. `own` are problems of the user's own files (themes, keymap), newest last."""
    told: list[Row] = []
    if view.toolchain is not None:
        told.append(Row("warning", f"▲ {view.toolchain}", doctor_key, "get the compiler"))
    root = view.project.root
    problems = [(one.severity, _said(one.error, root)) for one in view.problems if one.severity != "hint"]
    problems += [("warning", _said(error, root)) for error in own]
    problems.sort(key=lambda problem: problem[0] != "error")
    for severity, sentence in problems[:MOST_PROBLEMS]:
        told.append(Row("error", f"✖ {sentence}") if severity == "error" else Row("warning", f"▲ {sentence}"))
    if len(problems) > MOST_PROBLEMS:
        more = len(problems) - MOST_PROBLEMS
        told.append(Row("warning", f"▲ and {more} more problems in files", things=more))
    calls = waiting_for_you(view)
    if calls:
        first = calls[0]
        count = counts_for_you(view).total()
        waits = "1 call waits" if count == 1 else f"{count:,} calls wait"
        words = f"◆ {waits} for your answer: {first.source} → {first.target}"
        told.append(Row("accent", words, answer_key, "answer"))
    return told


def _said(error: UserError, root: Path) -> str:
    """The sentence; a path in the project is told from there on."""
    return str(error).removeprefix(f"{root}/")


def shortened(told: Sequence[Row], width: int, height: int) -> list[Content]:
    """As many of `told`, from the first on, as have room in so many cells, line by line; how many more there are."""
    rows = [_content(row).wrap(width) for row in told]
    if sum(len(row) for row in rows) <= height:
        return [_content(row) for row in told]
    lines: list[Content] = []
    whole = 0
    for row in rows:
        if len(lines) + len(row) >= height:
            break
        lines += row
        whole += 1
    if not whole:  # the beginning of the first says most
        *lines, last = rows[0][: max(1, height - 1)]
        lines.append(last.truncate(width - 2) + Content.styled(" …", "$muted"))
        whole = 1
    more = sum(row.things for row in told[whole:])
    return [*lines, Content.styled(f"▲ and {more} more", "$warning")] if more else lines


class Banner(Static):
    """Nothing at all when all is well, and never more than a share of the screen."""

    def __init__(self) -> None:
        super().__init__("")
        self._shown: tuple[list[Row], Size] = ([], Size())
        self.display = False

    def show(self, told: list[Row]) -> None:
        """Draw `told`, if it changed."""
        if (told, self.app.size) == self._shown:
            return
        self._shown = told, self.app.size
        self.display = bool(told)
        width, height = self.app.size
        self.update(Content("\n").join(shortened(told, width - PADDING, height // SHARE)))


def _content(row: Row) -> Content:
    words = Content.styled(visible(row.words), f"${row.tone}")
    if not row.key:
        return words
    return Content.assemble(words, ("   ", ""), (row.key, "bold $accent"), (f" {row.key_words}", "$foreground"))
