"""Where channels lead to: resources that take nothing, and circles."""

from __future__ import annotations

from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter

from workbench.checks.subject import Place, Workflow
from workbench.project.model import Problem

MOST_CYCLES = 10


def deaf(workflow: Workflow) -> Iterator[Problem]:
    """Channels that lead to a resource which takes neither casts nor calls."""
    takes_none = _deaf(workflow)
    for component in workflow.components():
        for channel, target in component.mapping.items():
            if target in takes_none:
                message = f'"{channel}" leads to "{target}", and {takes_none[target]} takes no messages'
                yield component.place.at("output_mapping", channel).problem("warning", "deaf-target", message)


def cycles(workflow: Workflow) -> Iterator[Problem]:
    """Circles of mappings: casts may run round them for ever, and calls wait for one another."""
    takes_none = _deaf(workflow)
    links: dict[str, dict[str, Place]] = {}
    for component in workflow.components():
        links[component.name] = {
            target: component.place.at("output_mapping", channel)
            for channel, target in component.mapping.items()
            if target and target not in takes_none
        }
    for _ in range(MOST_CYCLES):
        try:
            TopologicalSorter(links).prepare()
        except CycleError as error:
            circle: list[str] = error.args[1][::-1]
            message = f"a circle: {' → '.join(circle)}; casts may go round it for ever, and calls would never end"
            yield links[circle[0]].pop(circle[1]).problem("hint", "cycle", message)
        else:
            return


def _deaf(workflow: Workflow) -> dict[str, str]:
    """The resources that take no messages, and their classes."""
    kinds = {resource.name: workflow.kinds.get(resource.class_type) for resource in workflow.content.resources}
    return {name: kind.class_type for name, kind in kinds.items() if kind and not (kind.takes_cast or kind.takes_call)}
