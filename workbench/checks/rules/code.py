"""A function's code as the platform finds it, and what workflow and function.json say of the same function."""

from __future__ import annotations

import os
from collections.abc import Iterator

from workbench.checks.subject import Workflow
from workbench.project.formats import WorkflowFunction
from workbench.project.model import Problem


def not_built(workflow: Workflow) -> Iterator[Problem]:
    """Code that the workbench builds, and that the platform would not find."""
    for function, place in workflow.functions():
        path = _path(workflow, function)
        if path is None or os.path.lexists(path):
            continue
        spec = function.class_specification
        near = next(
            (each for each in workflow.project.functions.values() if each.id == spec.id and each.buildable), None
        )
        if near is None:
            continue  # opening the workflow tells that it is missing
        there = os.path.normpath(near.wasm) == path
        how = "`workbench build` makes it" if there else f"`workbench build` makes {near.wasm.name} beside its source"
        message = f'the code of "{function.name}" is not there, and the platform would refuse the workflow; {how}'
        yield place.at("class_specification", "code").problem("hint", "code-not-built", message, "functions")


def version(workflow: Workflow) -> Iterator[Problem]:
    """A version that is not function.json's. The platform compares none, so nobody else would say so."""
    for function, place in workflow.functions():
        spec = function.class_specification
        own = workflow.own.get(spec.id)
        if own is not None and own.version != spec.version:
            message = f'"{spec.id}" has version "{spec.version}" here and "{own.version}" in its function.json'
            yield place.at("class_specification", "version").problem("hint", "version-differs", message, "functions")


def outputs(workflow: Workflow) -> Iterator[Problem]:
    """Outputs that are not function.json's."""
    for function, place in workflow.functions():
        spec = function.class_specification
        own = workflow.own.get(spec.id)
        if own is not None and set(own.outputs) != set(spec.outputs):
            listed = ", ".join(own.outputs) or "none"
            message = f'the outputs of "{spec.id}" are not those of its function.json: {listed}'
            yield place.at("class_specification", "outputs").problem("hint", "outputs-differ", message, "functions")


def _path(workflow: Workflow, function: WorkflowFunction) -> str | None:
    """Where the platform looks for it; None where it looks nowhere."""
    spec = function.class_specification
    if spec.function_type != "RUST_WASM" or not spec.code:
        return None
    return os.path.normpath(workflow.place.source.path.parent / spec.code)
