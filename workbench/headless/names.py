"""Names typed on the command line that must be known to the project."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable

from workbench.errors import UserError
from workbench.project.model import Project
from workbench.session.commands import Rule, Send

_ALONE = ". A function that is opened by itself has the outputs that its function.json lists"
"""Said because the platform never looks at that list, so that a function that runs there may lack outputs in it."""


def check_names(
    project: Project, sends: Iterable[Send], init: Iterable[str], states: Iterable[str], rules: Iterable[Rule]
) -> None:
    """Raises `UserError` for the first name that is none, with those that are, the nearest first."""
    instances = [plan.name for plan in project.instances]
    outputs = {stand_in.name: None for stand_in in project.stand_ins}
    for plan in project.instances:
        outputs |= dict.fromkeys((*project.functions[plan.function].outputs, *plan.links))
    for send in sends:
        _check("--call" if send.call else "--cast", send.target, instances, "instance")
    for name in init:
        _check("--init", name, instances, "instance")
    for name in states:
        _check("--state", name, instances, "instance")
    alone = any(plan.workflow is None and project.functions[plan.function].spec for plan in project.instances)
    for rule in rules:
        _check("--reply", rule.alias, outputs, "output", _ALONE if alone else "")


def _check(option: str, name: str, known: Collection[str], what: str, remark: str = "") -> None:
    if name in known:
        return
    ordered = sorted(known, key=lambda other: (-difflib.SequenceMatcher(None, name, other).ratio(), other))
    there_are = f"there are {', '.join(ordered)}" if ordered else "there are none"
    raise UserError(f'{option} names no {what} "{name}"; {there_are}{remark}')
