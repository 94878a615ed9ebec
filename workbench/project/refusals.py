"""What EDGELESS 1.2 refuses of a file whose shape is right (edgeless-facts 3)."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from typing import TypeAlias

from workbench.config.shape import Key, suggestion
from workbench.project.codes import CheckCode
from workbench.project.formats import FunctionJson, WorkflowJson

Refusal: TypeAlias = tuple[CheckCode, str, Key]
"""A code, a sentence, and what it is about."""

REFUSED = "Invalid workflow creation request"
"""What the platform's controller says of a workflow it does not take, whatever is wrong."""


def of_function(function: FunctionJson) -> Iterator[Refusal]:
    """Of a function.json."""
    yield from _id(function, ())


def of_workflow(workflow: WorkflowJson) -> Iterator[Refusal]:
    """Of a workflow: what its client checks before it is sent, and its controller before it is taken.

    Not where its outputs lead: those of a workflow that is opened for the first time lead nowhere, one by one.
    """
    for index, function in enumerate(workflow.functions):
        here = ("functions", index)
        spec = function.class_specification
        yield from _text(function.name, (*here, "name"))
        yield from _id(spec, (*here, "class_specification"))
        if spec.code is None and spec.function_type == "RUST_WASM":
            message = (
                f'"{function.name}" does not say where its code is; the platform: RUST_WASM function code not '
                f"specified for '{function.name}'"
            )
            yield "no-code", message, (*here, "class_specification", "code")
        if "\0" in (spec.code or ""):
            message = (
                f'the code of "{function.name}" cannot be the name of a file: {spec.code}; '
                f"the platform: code file does not exist for '{function.name}'"
            )
            yield "code-missing", message, (*here, "class_specification", "code")
        yield from _mapping(function.output_mapping, (*here, "output_mapping"))
    for index, resource in enumerate(workflow.resources):
        here = ("resources", index)
        yield from _text(resource.name, (*here, "name"))
        yield from _text(resource.class_type, (*here, "class_type"))
        yield from _mapping(resource.output_mapping, (*here, "output_mapping"))


def of_changed_workflow(workflow: WorkflowJson) -> Iterator[Refusal]:
    """Of a workflow that was in order once: as the platform would refuse all of it, all it said before holds."""
    yield from of_workflow(workflow)
    names = {part.name for part in workflow.functions} | {part.name for part in workflow.resources}
    mappings: list[tuple[Key, Mapping[str, str]]] = [
        *((("functions", index), part.output_mapping) for index, part in enumerate(workflow.functions)),
        *((("resources", index), part.output_mapping) for index, part in enumerate(workflow.resources)),
    ]
    for here, mapping in mappings:
        for channel, target in mapping.items():
            if channel and target and target not in names:
                yield leads_nowhere((*here, "output_mapping", channel), target, names)


def leads_nowhere(key: Key, target: str, names: Iterable[str]) -> Refusal:
    """The output mapped at `key` leads to a `target` that is none of the workflow's `names`."""
    message = (
        f'"{key[-1]}" leads to "{target}", which this workflow does not have (the platform: {REFUSED}); '
        f"{suggestion(target, names)}"
    )
    return "unknown-component", message, key


def _mapping(mapping: Mapping[str, str], key: Key) -> Iterator[Refusal]:
    for channel, target in mapping.items():
        yield from _text(channel, (*key, channel))
        if channel:
            yield from _text(target, (*key, channel))


def _text(text: str, key: Key) -> Iterator[Refusal]:
    if not text:
        what = f'"{key[-1]}" is empty' if key[-1] else "a channel has no name"
        yield "empty-name", f"{what}; the platform: {REFUSED}", key


def is_file_name(name: str) -> bool:
    """Whether a file can be called so, and is then the directory's own."""
    return name not in ("", ".", "..") and "/" not in name and "\0" not in name and os.path.basename(name) == name


def _id(function: FunctionJson, key: Key) -> Iterator[Refusal]:
    name = function.id
    if not is_file_name(name):
        yield "bad-id", f'the id "{name}" cannot be the name of a file; <id>.wasm is one', (*key, "id")
