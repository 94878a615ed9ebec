"""`workbench check`: what is wrong, or worth knowing, in workflows and functions, a line each, before anything runs."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from workbench.checks.check import in_order
from workbench.checks.rules import building
from workbench.headless.findings import counted, counts, findings, folded, line, settings_of
from workbench.headless.terminal import complain, tell
from workbench.project.model import Problem
from workbench.project.targets import read, workflows_in


def run(targets: Sequence[Path], *, quiet: bool = False, every: bool = False) -> int:
    """0 if there are no errors, else 1, and a sentence on standard error. Raises `UserError` for wrong targets.

    `quiet` prints no hints, `every` also those that repeat one cause.
    """
    found = in_order([problem for target in targets for problem in _findings(target)])
    shown = [problem for problem in found if not (quiet and problem.severity == "hint")]
    lines = [line(problem) for problem in shown] if every else list(folded(shown))
    for each in lines:
        print(each)
    sys.stdout.flush()
    told = counts(found)
    if len(lines) < len(shown):
        told += f" in {counted(len(lines), 'line')}; --all shows each"
    if any(problem.severity == "error" for problem in found):
        complain(told)
        return 1
    tell(told)
    return 0


def _findings(target: Path) -> Iterator[Problem]:
    """Of one target; where it is a directory with several workflows, of each of them."""
    settings, wrong = settings_of((target,))
    yield from wrong
    several = workflows_in(target) if os.path.isdir(target) else []
    for path in (target, *(several if len(several) > 1 else ())):
        project = read((path,), settings)
        for problem in findings(project, settings.limits.memory_bytes):
            if problem.code != "several-workflows":
                yield problem
        yield from building.found_in(project)
