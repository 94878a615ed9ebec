"""Workflow files for tests, in the platform's format."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from workbench.project.model import InstancePlan


def write_workflow(path: Path, plans: Iterable[InstancePlan], resources: Iterable[str] = (), *, code: str) -> None:
    """Write a workflow of `plans` and `resources`; in `code`, `{function}` stands for the function's id."""
    functions = [
        {
            "name": plan.name,
            "class_specification": {
                "id": plan.function,
                "function_type": "RUST_WASM",
                "version": "0.1",
                "code": code.format(function=plan.function),
                "outputs": list(plan.links),
            },
            "output_mapping": dict(plan.links),
            "annotations": {} if plan.init_payload is None else {"init-payload": plan.init_payload},
        }
        for plan in plans
    ]
    played = [
        {"name": name, "class_type": "file-log", "output_mapping": {}, "configurations": {}} for name in resources
    ]
    fresh = path.with_suffix(".new")
    fresh.write_text(json.dumps({"functions": functions, "resources": played, "annotations": {}}))
    fresh.replace(path)
