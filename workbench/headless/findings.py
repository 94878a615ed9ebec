"""Findings: what is wrong with targets, or worth knowing, in the same words and order for `check` and for `run`."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from pathlib import Path
from typing import get_args

from workbench.checks.check import check, in_order
from workbench.checks.rules.modules import looked_into
from workbench.config.settings import Settings, faults_in, find_settings, read_settings
from workbench.headless.terminal import visible
from workbench.project.codes import Severity
from workbench.project.model import Problem, Project
from workbench.resources.registry import KINDS
from workbench.threads import aside

SEVERITIES: tuple[Severity, ...] = get_args(Severity)

MOST_CAUSES = 3
"""How many causes with one code are told, where they are hints."""


def settings_of(targets: Sequence[Path]) -> tuple[Settings, list[Problem]]:
    """The settings that hold for `targets`, and all that is wrong with their file: then the usual ones hold."""
    path = find_settings(targets)
    wrong = [] if path is None else faults_in(path)
    settings = Settings() if path is None or wrong else read_settings(path)
    return settings, [Problem("error", error, "settings") for error in wrong]


def findings(
    project: Project, memory_bytes: int, unseen: Collection[str] = (), timeout_s: float | None = None
) -> Iterator[Problem]:
    """All that the rules find in a project, and in its modules but those of the functions `unseen`.

    `memory_bytes` is what an instance may have. Raises `UserError` for a target that nothing can be opened from, and
    TimeoutError when the modules, which can be made to take minutes to compile, take longer than `timeout_s`.
    """
    for problem in check(project, KINDS):
        if problem.code == "bad-target":
            raise problem.error
        yield problem
    yield from aside("checks of modules", lambda: list(looked_into(project, memory_bytes, unseen)), timeout_s)


def errors(found: Iterable[Problem]) -> list[Problem]:
    """Those that keep a project from running, here or on the platform, by file and line."""
    return list(in_order([problem for problem in found if problem.severity == "error"]))


def line(problem: Problem) -> str:
    """`workflow.json:3:7: warning: ... [code]`, which editors know how to jump to."""
    return _line(problem, "")


def folded(found: Iterable[Problem]) -> Iterator[str]:
    """A line each; hints that repeat one cause (`Problem.repeats`) share the first one's, which counts the others.

    Of causes with one code, `MOST_CAUSES` are told, and at the end how many more there are.
    """
    causes: dict[object, list[Problem]] = {}
    for index, problem in enumerate(found):
        alone = problem.severity != "hint" or problem.repeats is None
        causes.setdefault(index if alone else (problem.code, problem.repeats), []).append(problem)
    told: Counter[str] = Counter()
    more: Counter[str] = Counter()
    for first, *others in causes.values():
        code = first.code or ""
        told[code] += first.severity == "hint"
        if told[code] <= MOST_CAUSES or first.severity != "hint":
            yield _line(first, _more(first, others) if others else "")
        else:
            more[code] += 1 + len(others)
    yield from (f"hint: {number} more of this kind elsewhere [{code}]" for code, number in more.items())


def counts(found: Iterable[Problem]) -> str:
    """`2 errors, no warnings, 1 hint`."""
    numbers = Counter(problem.severity for problem in found)
    return ", ".join(counted(numbers[severity], severity) for severity in SEVERITIES)


def _more(first: Problem, others: Sequence[Problem]) -> str:
    what, _, of = (first.repeats or "").partition(" ")
    what = what.removesuffix("s") if len(others) == 1 else what
    files = {problem.error.path for problem in others} - {first.error.path}
    within = f", also in {counted(len(files), 'other file')}" if files else ""
    return f" … and {len(others)} more {visible(f'{what} {of}'.rstrip())}{within}"


def _line(problem: Problem, more: str) -> str:
    error = problem.error
    parts = [] if error.path is None else [visible(_near(error.path))]
    parts += [str(part) for part in (error.line, error.column) if part is not None]
    return f"{':'.join([*parts, ''])} {problem.severity}: {visible(error.message)}{more} [{problem.code}]".lstrip()


def _near(path: Path) -> str:
    """As short as it can be named from here."""
    try:
        relative = os.path.relpath(path)
    except OSError:  # the working directory is gone
        return str(path)
    return str(path) if relative.startswith("..") else relative


def counted(number: int, what: str) -> str:
    """`no errors`, `1 error`, `2 errors`."""
    return f"{number or 'no'} {what}{'' if number == 1 else 's'}"
