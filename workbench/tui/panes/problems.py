"""What is wrong in the project's files, a file after the other, each line leading to its place."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from pathlib import Path

from workbench.project.codes import Severity
from workbench.project.model import Problem
from workbench.tui.panes.document import Row
from workbench.tui.panes.line import Part, line
from workbench.tui.panes.messages import OpenSource
from workbench.tui.text import visible

GLYPHS: dict[Severity, tuple[str, str]] = {
    "error": ("✖", "pane--error"),
    "warning": ("▲", "pane--warning"),
    "hint": ("○", "pane--muted"),
}
_ORDER: tuple[Severity, ...] = ("error", "warning", "hint")


def merged(problems: Iterable[Problem], findings: Iterable[Problem]) -> tuple[Problem, ...]:
    """What the session says is wrong and what the checks find, each once."""
    once = {(problem.severity, str(problem.error)): problem for problem in (*findings, *problems)}
    return tuple(once.values())


def with_errors(problems: Sequence[Problem]) -> tuple[Sequence[Problem], Sequence[Problem]]:
    """Those of files that have an error, or of no file; and the rest."""
    paths = {problem.error.path for problem in problems if problem.severity == "error"} | {None}
    return [each for each in problems if each.error.path in paths], [
        each for each in problems if each.error.path not in paths
    ]


def problem_rows(problems: Sequence[Problem], root: Path) -> Iterator[Row]:
    """By file, those with errors first; what is in no file before all."""
    files = sorted(problems, key=lambda problem: str(problem.error.path or ""))
    grouped = [(path, list(those)) for path, those in groupby(files, key=lambda problem: problem.error.path)]
    grouped.sort(key=lambda group: (group[0] is not None, min(_ORDER.index(each.severity) for each in group[1])))
    for path, those in grouped:
        if path is not None:
            yield _head(path, those, root)
        indent = "" if path is None else "  "
        for problem in sorted(those, key=_place):
            yield _row(problem, indent)
        yield Row(line())


def _place(problem: Problem) -> tuple[int, int]:
    return problem.error.line or 0, problem.error.column or 0


def _head(path: Path, problems: Sequence[Problem], root: Path) -> Row:
    counts = Counter(problem.severity for problem in problems)
    told = ", ".join(f"{counts[each]} {each}{'' if counts[each] == 1 else 's'}" for each in _ORDER if counts[each])
    worst = next(each for each in _ORDER if counts[each])
    near = os.path.relpath(path, root)
    name = str(path) if near.startswith("..") else near
    first = next(problem.error for problem in sorted(problems, key=_place) if problem.severity == worst)
    leads_to = OpenSource(path, first.line, first.column)
    return Row(line((visible(name), "pane--strong"), (f"  {told}", GLYPHS[worst][1]), hang=2), leads_to)


def _row(problem: Problem, indent: str) -> Row:
    glyph, style = GLYPHS[problem.severity]
    error = problem.error
    leads_to = None if error.path is None else OpenSource(error.path, error.line, error.column)
    place = "" if error.line is None else f"{error.line}{'' if error.column is None else f':{error.column}'}  "
    parts: list[Part | str] = [indent, (f"{glyph} ", style), (place, "pane--link"), visible(error.message)]
    if problem.code is not None:
        parts.append((f"  [{problem.code}]", "pane--muted"))
    return Row(line(*parts, hang=len(indent) + 2), leads_to, problem.code)
