"""`workbench check`: what is wrong, or worth knowing, in workflows and functions, a line each, before anything runs."""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from workbench.checks.check import check, in_order
from workbench.checks.rules.modules import looked_into
from workbench.config.settings import Settings, faults_in, find_settings, read_settings
from workbench.headless.terminal import complain, visible
from workbench.project.model import Problem
from workbench.project.targets import read, workflows_in
from workbench.resources.registry import KINDS


def run(targets: Sequence[Path]) -> int:
    """0 if there are no errors, else 1, and a sentence on standard error. Raises `UserError` for wrong targets."""
    found = in_order([problem for target in targets for problem in _findings(target)])
    for problem in found:
        print(_line(problem))
    sys.stdout.flush()
    counts = Counter(problem.severity for problem in found)
    told = ", ".join(_counted(counts[severity], severity) for severity in ("error", "warning", "hint"))
    if counts["error"]:
        complain(told)
        return 1
    print(told, file=sys.stderr)
    return 0


def _findings(target: Path) -> Iterator[Problem]:
    """Of one target; where it is a directory with several workflows, of each of them."""
    path = find_settings((target,))
    wrong = [] if path is None else faults_in(path)
    yield from (Problem("error", error, "settings") for error in wrong)
    settings = Settings() if path is None or wrong else read_settings(path)
    several = workflows_in(target) if os.path.isdir(target) else []
    for path in (target, *(several if len(several) > 1 else ())):
        project = read((path,), settings)
        for problem in check(project, KINDS):
            if problem.code == "bad-target":
                raise problem.error
            if problem.code != "several-workflows":
                yield problem
        yield from looked_into(project)


def _line(problem: Problem) -> str:
    """`workflow.json:3:7: warning: ... [code]`, which editors know how to jump to."""
    error = problem.error
    parts = [] if error.path is None else [visible(_near(error.path))]
    parts += [str(part) for part in (error.line, error.column) if part is not None]
    return f"{':'.join([*parts, ''])} {problem.severity}: {visible(error.message)} [{problem.code}]".lstrip()


def _near(path: Path) -> str:
    """As short as it can be named from here."""
    relative = os.path.relpath(path)
    return str(path) if relative.startswith("..") else relative


def _counted(number: int, what: str) -> str:
    return f"{number or 'no'} {what}{'' if number == 1 else 's'}"
