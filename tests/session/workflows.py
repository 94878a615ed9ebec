"""Workflow files for tests, in the platform's format."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from tests.guests.build import wasm
from tests.project import files
from workbench.project.model import InstancePlan


def write_workflow(path: Path, plans: Iterable[InstancePlan], resources: Iterable[str] = (), *, code: str) -> None:
    """Write a workflow of `plans` and `resources`; in `code`, `{function}` stands for the function's id."""
    functions = [
        files.part(
            plan.name,
            dict(plan.links),
            class_specification=files.specification(
                plan.function, code=code.format(function=plan.function), outputs=list(plan.links)
            ),
            annotations={} if plan.init_payload is None else {"init-payload": plan.init_payload},
        )
        for plan in plans
    ]
    _put(path, functions, [files.resource(name) for name in resources])


def write_with_resources(root: Path, *resources: Mapping[str, object], name: str = "workflow.json") -> Path:
    """Write a workflow of a probe `a`, code and all, and resources, each reached by an output of its name."""
    names = [str(resource["name"]) for resource in resources]
    probe = files.specification("probe", code="probe.wasm", outputs=names)
    root.mkdir(exist_ok=True)
    if not (root / "probe.wasm").exists():
        (root / "probe.wasm").write_bytes(wasm("probe", "release").read_bytes())
    _put(root / name, [files.part("a", {each: each for each in names}, class_specification=probe)], list(resources))
    return root / name


def _put(path: Path, functions: list[dict[str, Any]], resources: Sequence[Mapping[str, object]]) -> None:
    """Write it all at once, as a session may be watching."""
    fresh = path.with_suffix(".new")
    fresh.write_text(json.dumps({"functions": functions, "resources": resources, "annotations": {}}))
    fresh.replace(path)
