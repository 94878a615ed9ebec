"""The order in which instances and stand-ins are listed, and the workflows they are listed by."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from os.path import relpath
from pathlib import Path

from workbench.session.view import InstanceView, View

ALONE = "on their own"
"""What those are called that belong to no workflow."""


@dataclass(frozen=True)
class Listed:
    """The instances and stand-ins of one workflow, or those of none. `title` is what it is called."""

    title: str
    workflow: Path | None
    instances: tuple[InstanceView, ...]


def listed(instances: Iterable[InstanceView]) -> tuple[InstanceView, ...]:
    """The functions first, as they are what is worked on; then the stand-ins around them."""
    functions: list[InstanceView] = []
    stand_ins: list[InstanceView] = []
    for one in instances:
        (stand_ins if one.status == "stand-in" else functions).append(one)
    return (*functions, *stand_ins)


def by_workflow(view: View) -> tuple[Listed, ...]:
    """Everyone, by workflow in the order they were opened; at the end those that belong to none."""
    of = _workflows(view)
    those: dict[Path | None, list[InstanceView]] = {workflow: [] for workflow in (*view.project.workflows, None)}
    for one in view.instances:
        those[of[one.name]].append(one)
    return tuple(Listed(_title(workflow, view), workflow, listed(ones)) for workflow, ones in those.items() if ones)


def _workflows(view: View) -> Mapping[str, Path | None]:
    """The workflow of each; who plays an output belongs to where that is."""
    known = frozenset(view.project.workflows)
    of = {one.name: one.workflow if one.workflow in known else None for one in view.instances}
    for one in view.instances:
        for target in one.links.values():
            if target is not None and of.get(target) is None and target in of:
                of[target] = of[one.name]
    return of


def _title(workflow: Path | None, view: View) -> str:
    """A file's name or, where several have that, its path from the project's root."""
    if workflow is None:
        return ALONE
    names = [each.name for each in view.project.workflows]
    return workflow.name if names.count(workflow.name) == 1 else relpath(workflow, view.project.root)
