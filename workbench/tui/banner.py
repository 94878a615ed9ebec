"""Rows under the header for what the user should mend: a missing compiler, broken files, calls that wait."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from textual.content import Content
from textual.widgets import Static

from workbench.errors import UserError
from workbench.session.view import View
from workbench.tui.resources.words import waiting_for_you
from workbench.tui.text import visible

MOST_PROBLEMS = 2
"""How many problems are told each in its own row; the rest are counted."""


@dataclass(frozen=True)
class Row:
    """One thing to mend. `key` is the one that mends it, if there is one."""

    tone: Literal["warning", "error", "accent"]
    words: str
    key: str = ""
    key_words: str = ""


def rows(view: View, own: tuple[UserError, ...], doctor_key: str, answer_key: str) -> list[Row]:
    """What to say. `own` are problems of the user's own files (themes, keymap), newest last."""
    told: list[Row] = []
    if view.toolchain is not None:
        told.append(Row("warning", f"▲ {view.toolchain}", doctor_key, "get the compiler"))
    problems = [(problem.severity, str(problem.error)) for problem in view.problems if problem.severity != "hint"]
    problems += [("warning", str(error)) for error in own]
    problems.sort(key=lambda problem: problem[0] != "error")
    for severity, sentence in problems[:MOST_PROBLEMS]:
        told.append(Row("error", f"✖ {sentence}") if severity == "error" else Row("warning", f"▲ {sentence}"))
    if len(problems) > MOST_PROBLEMS:
        told.append(Row("warning", f"▲ and {len(problems) - MOST_PROBLEMS} more problems in files"))
    calls = waiting_for_you(view)
    if calls:
        first = calls[0]
        waits = "1 call waits" if len(calls) == 1 else f"{len(calls)} calls wait"
        words = f"◆ {waits} for your answer: {first.source} → {first.target}"
        told.append(Row("accent", words, answer_key, "answer"))
    return told


class Banner(Static):
    """Nothing at all when all is well."""

    def __init__(self) -> None:
        super().__init__("")
        self._rows: list[Row] = []
        self.display = False

    def show(self, told: list[Row]) -> None:
        """Draw `told`, if it changed."""
        if told == self._rows:
            return
        self._rows = told
        self.display = bool(told)
        self.update(Content("\n").join([_content(row) for row in told]))


def _content(row: Row) -> Content:
    words = Content.styled(visible(row.words), f"${row.tone}")
    if not row.key:
        return words
    return Content.assemble(words, ("   ", ""), (row.key, "bold $accent"), (f" {row.key_words}", "$foreground"))
