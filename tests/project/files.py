"""Project files for tests, written as a user would."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any


def function(directory: Path, name: str, outputs: tuple[str, ...] = (), *, source: bool = True) -> Path:
    """A function directory `name` in `directory`; without `source`, one with a wasm file only."""
    path = directory / name
    path.mkdir(parents=True)
    (path / "function.json").write_text(json.dumps(specification(name, outputs=list(outputs)), indent=2))
    if source:
        (path / "Cargo.toml").write_text("[package]\n")
    else:
        (path / f"{name}.wasm").write_bytes(b"\0asm")
    return path


def specification(name: str, **changes: Any) -> dict[str, Any]:
    """A class specification with `changes`; a key given as None is left out."""
    whole = {"id": name, "function_type": "RUST_WASM", "version": "0.1", "outputs": [], **changes}
    return {key: value for key, value in whole.items() if value is not None}


def part(name: str, mapping: dict[str, Any] | None = None, **changes: Any) -> dict[str, Any]:
    """A function of a workflow, whose code is `<name>/<name>.wasm`."""
    whole = {
        "name": name,
        "class_specification": specification(name, code=f"{name}/{name}.wasm"),
        "output_mapping": mapping or {},
        "annotations": {},
        **changes,
    }
    return {key: value for key, value in whole.items() if value is not None}


def resource(name: str, class_type: str = "file-log", **configurations: str) -> dict[str, Any]:
    """A resource of a workflow."""
    return {"name": name, "class_type": class_type, "output_mapping": {}, "configurations": configurations}


def workflow(path: Path, functions: list[Any], resources: list[Any] | None = None) -> Path:
    """A workflow file, one line a key."""
    content = {"functions": functions, "resources": resources or [], "annotations": {}}
    path.write_text(json.dumps(content, indent=1))
    return path
