"""What a platform's node can bear (edgeless-facts 0b)."""

from __future__ import annotations

from collections.abc import Iterator

from workbench.checks.subject import Workflow
from workbench.project.model import Problem

MOST_FUNCTIONS = 512
"""How many functions a node starts: each has a thread of its own, and its runtime has no more."""


def too_many(workflow: Workflow) -> Iterator[Problem]:
    """More functions than one node starts."""
    functions = [
        place for function, place in workflow.functions() if function.class_specification.function_type == "RUST_WASM"
    ]
    if len(functions) > MOST_FUNCTIONS:
        message = (
            f"the workflow has {len(functions)} functions: a node starts {MOST_FUNCTIONS}, "
            "then it hangs, and the controller with it; spread them over several nodes or workflows"
        )
        yield functions[MOST_FUNCTIONS].problem("warning", "too-many-functions", message)
