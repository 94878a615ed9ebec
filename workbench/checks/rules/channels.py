"""Output channels: declared and not mapped, mapped and not declared, and `self`."""

from __future__ import annotations

from collections.abc import Iterator

from workbench.checks.subject import Place, Workflow
from workbench.config.shape import nearest
from workbench.project.draft import SELF
from workbench.project.formats import FunctionJson
from workbench.project.model import Problem


def undeclared(workflow: Workflow) -> Iterator[Problem]:
    """Channels that lead somewhere but stand in no `outputs`: often a slip of the pen."""
    for function, place in workflow.functions():
        declared = _declared(workflow, function.class_specification)
        for channel in function.output_mapping:
            if channel in declared or channel in ("", SELF):
                continue
            meant = nearest(channel, declared - function.output_mapping.keys())
            message = f'"{channel}" is mapped, but it is not in the outputs of "{function.class_specification.id}"'
            message += f'; did you mean "{meant}"?' if meant else ""
            here = place.at("output_mapping", channel)
            repeats = f'channels of "{function.name}"'
            yield here.problem("warning" if declared else "hint", "undeclared-channel", message, repeats)


def unmapped(workflow: Workflow) -> Iterator[Problem]:
    """Outputs that lead nowhere."""
    for function, place in workflow.functions():
        for index, output in enumerate(function.class_specification.outputs):
            if output not in function.output_mapping and output not in ("", SELF):
                message = f'"{output}" of "{function.name}" leads nowhere: casts to it are lost, calls end the function'
                here = place.at("class_specification", "outputs", index)
                yield here.problem("hint", "unmapped-output", message, f'outputs of "{function.name}"')


def mapped_self(workflow: Workflow) -> Iterator[Problem]:
    """A channel that can never be reached, because its name means the function itself."""
    for function, place in workflow.functions():
        if SELF in function.output_mapping:
            message = '"self" always leads back to the function itself, so this mapping is never used'
            yield place.at("output_mapping", SELF).problem("warning", "self-channel", message)


def declared_self(function: FunctionJson, place: Place) -> Iterator[Problem]:
    """The same name among the outputs."""
    if SELF in function.outputs:
        message = '"self" always leads back to the function itself and is no output that can be mapped'
        yield place.at("outputs", function.outputs.index(SELF)).problem("warning", "self-channel", message)


def _declared(workflow: Workflow, spec: FunctionJson) -> set[str]:
    own = workflow.own.get(spec.id)
    return {*spec.outputs, *(own.outputs if own else ())}
