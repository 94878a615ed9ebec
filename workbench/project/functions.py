"""Functions on disk: a directory with function.json, or a lone `.wasm` file."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from workbench.config import OwnBuild, Settings
from workbench.config.shape import Key
from workbench.errors import UserError, reason_of
from workbench.project.draft import Draft
from workbench.project.files import Files
from workbench.project.formats import FunctionJson
from workbench.project.model import Function, StandInPlan
from workbench.project.source import Source

SPEC = "function.json"
MANIFEST = "Cargo.toml"
CONTAINERS = ("container", "grpc")
"""How the code of a container begins: an image, or the URL of one that runs (EDGELESS 1.2, container_runner)."""


def is_function_directory(path: Path) -> bool:
    """Whether `path` holds a function.json, be it broken."""
    return os.path.lexists(path / SPEC)


def function_directories(path: Path) -> Iterator[Path]:
    """The function directories in `path`, one level deep, by name; each once. Raises `UserError` when unreadable."""
    try:
        entries = sorted(path.iterdir())
    except OSError as error:
        raise UserError(f"the directory cannot be read: {reason_of(error)}", path=path) from None
    seen: set[str] = set()
    for entry in entries:
        place = os.path.realpath(entry)
        if not entry.name.startswith(".") and place not in seen and is_function_directory(entry):
            seen.add(place)
            yield entry


def open_directory(draft: Draft, directory: Path) -> None:
    """Open the function in `directory` by itself, without a workflow."""
    draft.watch[directory] = None
    spec = draft.files.function(directory / SPEC)
    if spec is None:
        return
    if spec.function_type == "CONTAINER":
        place = directory / SPEC
        open_container(draft, spec, draft.files.source(place), StandInPlan(draft.claim(spec.id, place)), ())
        return
    function = from_directory(directory, spec, draft.settings)
    report_absent(draft, function)
    draft.add_unlinked(draft.add_function(function), draft.claim(spec.id, directory / SPEC))


def open_wasm(draft: Draft, wasm: Path) -> None:
    """Open one `.wasm` file as it is. Its outputs are known when a function.json beside it has its stem as the id."""
    draft.watch[wasm] = None
    beside, name = wasm.parent / SPEC, os.fsencode(wasm.stem).decode(errors="backslashreplace")  # names are text
    spec = _spec_of(name, beside, draft.files) if os.path.isfile(beside) else None
    function = from_wasm(wasm, name, spec, draft.settings)
    draft.add_unlinked(draft.add_function(function), draft.claim(name, wasm))


def open_container(draft: Draft, spec: FunctionJson, source: Source, plan: StandInPlan, key: Key) -> None:
    """A container is not run here: a stand-in plays it, by `plan`. Its class stands at `key` in `source`."""
    message = f'"{plan.name}" is a container, which the workbench does not run; a stand-in plays it'
    draft.files.report("warning", "container", source.mistake(message, (*key, "function_type")))
    kind, _, where = (spec.code or "").partition(":")
    if kind not in CONTAINERS or not where:
        message = f'"{plan.name}" is a container and its code is "{spec.code or ""}"; write container:<image>:<tag>'
        draft.files.report("error", "container", source.mistake(message, (*key, "code")))
    draft.stand_ins.append(replace(plan, class_type="CONTAINER", configurations={"code": spec.code or ""}))


def from_directory(directory: Path, spec: FunctionJson, settings: Settings) -> Function:
    """The function whose function.json stands in `directory`."""
    own = settings.functions.get(spec.id, OwnBuild())
    manifest = directory / MANIFEST
    return Function(
        id=spec.id,
        directory=directory,
        spec=directory / SPEC,
        manifest=manifest if os.path.isfile(manifest) else None,
        wasm=directory / (own.wasm or f"{spec.id}.wasm"),
        version=spec.version,
        outputs=spec.outputs,
        command=own.command,
        watch=tuple(directory / path for path in own.watch),
    )


def from_wasm(wasm: Path, name: str, spec: FunctionJson | None, settings: Settings) -> Function:
    """A function without source of its own; the user's settings may still say how to build it, in its directory."""
    own = settings.functions.get(name, OwnBuild())
    return Function(
        id=name,
        directory=wasm.parent,
        spec=None,
        manifest=None,
        wasm=wasm.parent / own.wasm if own.wasm else wasm,
        version=spec.version if spec else "",
        outputs=spec.outputs if spec else (),
        command=own.command,
        watch=tuple(wasm.parent / path for path in own.watch),
    )


def source_of(name: str, wasm: Path, workflow: Path, draft: Draft) -> Function | None:
    """The function directory a workflow's `.wasm` is built from: the file's own, or one near it named as the id."""
    near = dict.fromkeys((wasm.parent, wasm.parent / name, wasm.parent.parent / name, workflow.parent / name))
    present = [directory for directory in near if os.path.isfile(directory / SPEC)]
    for directory in present or [directory for directory in near if draft.files.knew(directory / SPEC)]:
        spec = _spec_of(name, directory / SPEC, draft.files)
        if spec is not None:
            draft.watch[directory] = None
            return from_directory(directory, spec, draft.settings)
    return None


def report_absent(draft: Draft, function: Function) -> None:
    """Report a function that can neither be built nor run."""
    if function.buildable or os.path.isfile(function.wasm) or not os.path.isdir(function.directory):
        return  # of a directory that is gone, its files' reading tells
    message = (
        f'"{function.id}" has neither a {MANIFEST} to build it from nor {function.wasm.name}; '
        f"add one of them, or a command under [function.{function.id}] in workbench.toml"
    )
    draft.files.report("error", "no-source", UserError(message, path=function.directory))


def _spec_of(name: str, path: Path, files: Files) -> FunctionJson | None:
    spec = files.function(path)
    return spec if spec is not None and spec.id == name else None
