"""The platform's two file formats, as EDGELESS 1.2 reads them: what is required, what may be absent.

Keys that are not named here are ignored, as on the platform.
"""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

from msgspec import Meta, Struct

FunctionType = Literal["RUST_WASM", "CONTAINER"]
Byte: TypeAlias = Annotated[int, Meta(ge=0, le=255)]

ANNOTATIONS = (
    "init-payload",
    "max_instances",
    "node_id_match_any",
    "label_match_all",
    "resource_match_all",
    "tee",
    "tpm",
)
"""The annotations of a function that mean something to the platform."""

PLACEMENT = ANNOTATIONS[1:]
"""Those that say where it may run; a resource has them in its configuration."""


class FunctionJson(Struct, frozen=True):
    """A class of functions: a whole `function.json`, or a workflow's `class_specification`.

    `code` is, in a workflow, where its .wasm file is, from the workflow file on; of a container, what runs it. `binary`
    is what the platform's command line overwrites with the code.
    """

    id: str
    function_type: FunctionType
    version: str
    outputs: tuple[str, ...]
    code: str | None = None
    binary: tuple[Byte, ...] | None = None


class WorkflowFunction(Struct, frozen=True):
    """One function of a workflow. `output_mapping` leads from a channel to the name of a function or resource."""

    name: str
    class_specification: FunctionJson
    output_mapping: dict[str, str]
    annotations: dict[str, str]


class WorkflowResource(Struct, frozen=True):
    """One resource of a workflow."""

    name: str
    class_type: str
    output_mapping: dict[str, str]
    configurations: dict[str, str]


class WorkflowJson(Struct, frozen=True):
    """A whole `workflow.json`."""

    functions: tuple[WorkflowFunction, ...]
    resources: tuple[WorkflowResource, ...]
    annotations: dict[str, str]
