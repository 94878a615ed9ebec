"""Names typed on the command line that must be known to the project."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable

from workbench.config.shape import nearest
from workbench.errors import UserError
from workbench.headless.terminal import complain, visible
from workbench.project.model import Project
from workbench.session.commands import Rule, Send
from workbench.session.undeclared import RESERVED


def check_names(
    project: Project, sends: Iterable[Send], init: Iterable[str], states: Iterable[str], rules: Iterable[Rule]
) -> None:
    """Raises `UserError` for the first name that is none, with those that are, the nearest first.

    A function that is opened by itself may have outputs that nothing lists: of a rule for one that is only told.
    """
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
    alone = any(plan.workflow is None for plan in project.instances)
    for rule in rules:
        if alone and rule.alias not in (*outputs, *RESERVED):
            complain(
                f"--reply {visible(rule.alias)}: no function.json lists that output; "
                f"a stand-in answers it{_meant(rule.alias, outputs)}"
            )
        else:
            _check("--reply", rule.alias, outputs, "output")


def _meant(name: str, known: Collection[str]) -> str:
    near = nearest(name, known)
    return f' (did you mean "{visible(near)}"?)' if near else ""


def _check(option: str, name: str, known: Collection[str], what: str) -> None:
    if name in known:
        return
    ordered = sorted(known, key=lambda other: (-difflib.SequenceMatcher(None, name, other).ratio(), other))
    there_are = f"there are {', '.join(ordered)}" if ordered else "there are none"
    raise UserError(f'{option} names no {what} "{name}"; {there_are}')
