"""A workflow: which functions it starts, where their outputs lead, which resources it wants."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from workbench.config.shape import Key, nearest
from workbench.project.draft import Draft
from workbench.project.formats import ANNOTATIONS, WorkflowFunction, WorkflowJson
from workbench.project.functions import from_wasm, open_container, source_of
from workbench.project.model import InstancePlan, StandInPlan
from workbench.project.refusals import is_file_name, leads_nowhere
from workbench.project.source import Source

INIT_PAYLOAD = "init-payload"


def open_workflow(draft: Draft, path: Path) -> None:
    """Open the workflow at `path`. One that is broken and always was is only looked through for what else is wrong."""
    draft.watch[path] = None
    workflow, source = draft.files.workflow(path), draft.files.sources.get(path)
    if workflow is not None:
        draft.workflows.append(path)
        _open(workflow, draft, draft.files.source(path))
    elif source is not None and isinstance(source.content, WorkflowJson):
        _open(source.content, draft.aside(), source)


def _open(workflow: WorkflowJson, draft: Draft, source: Source) -> None:
    path = source.path
    names = {name: draft.claim(name, path) for name in _components(workflow)}
    kept = _kept(workflow, draft, source)
    for index, function in enumerate(workflow.functions):
        here: Key = ("functions", index)
        if here in source.wrong:
            continue
        links = _links(function.output_mapping, names, draft, source, (*here, "output_mapping"))
        _warn_of_annotations(function.annotations, draft, source, (*here, "annotations"))
        spec, name = function.class_specification, names[function.name]
        counts = kept[function.name] == here
        if spec.function_type == "CONTAINER":
            if counts:
                plan = StandInPlan(name, links=links, workflow=path)
                open_container(draft, spec, source, plan, (*here, "class_specification"))
        elif spec.code is not None and "\0" not in spec.code:  # else it is refused, and told so
            within = draft if counts else draft.aside()  # the platform's command line looks at the code of each
            within.instances.append(
                InstancePlan(
                    name=name,
                    function=_add_function(function, within, source, (*here, "class_specification", "code")),
                    links=links,
                    init_payload=function.annotations.get(INIT_PAYLOAD),
                    workflow=path,
                    outputs=spec.outputs,
                )
            )
    for index, resource in enumerate(workflow.resources):
        if ("resources", index) in source.wrong:
            continue
        links = _links(resource.output_mapping, names, draft, source, ("resources", index, "output_mapping"))
        if kept[resource.name] == ("resources", index):
            draft.stand_ins.append(
                StandInPlan(names[resource.name], resource.class_type, resource.configurations, links, path)
            )


def _components(workflow: WorkflowJson) -> dict[str, None]:
    return dict.fromkeys([part.name for part in workflow.functions] + [part.name for part in workflow.resources])


def _kept(workflow: WorkflowJson, draft: Draft, source: Source) -> Mapping[str, Key]:
    """Which component has each name: of several, the platform keeps the last and says nothing."""
    kept: dict[str, Key] = {}
    functions: list[tuple[str, Key]] = [(part.name, ("functions", i)) for i, part in enumerate(workflow.functions)]
    resources: list[tuple[str, Key]] = [(part.name, ("resources", i)) for i, part in enumerate(workflow.resources)]
    for name, key in functions + resources:
        if name in kept and name:  # of no name at all, reading the file tells
            message = f'the name "{name}" is used again; only this last one counts, as on the platform'
            draft.files.report("warning", "duplicate-name", source.mistake(message, (*key, "name")))
        kept[name] = key
    return kept


def _links(
    mapping: Mapping[str, str], names: Mapping[str, str], draft: Draft, source: Source, key: Key
) -> dict[str, str]:
    """Where each channel leads. A target that does not exist is a problem: the platform refuses the workflow."""
    for channel, target in mapping.items():
        if channel and target and target not in names:
            code, message, where = leads_nowhere((*key, channel), target, names)
            draft.files.report("error", code, source.mistake(message, where))
    return {channel: names[target] for channel, target in mapping.items() if target in names}


def _add_function(function: WorkflowFunction, draft: Draft, source: Source, key: Key) -> str:
    spec = function.class_specification
    code = spec.code or ""
    wasm = Path(os.path.normpath(source.path.parent / code))
    found = source_of(spec.id, wasm, source.path, draft) if is_file_name(spec.id) else None
    if found is None:
        found = from_wasm(wasm, spec.id, spec, draft.settings)
        if found.command is None:
            draft.watch[wasm] = None
    if os.path.lexists(wasm) and not os.path.isfile(wasm):
        message = f"the code is no file; the platform: code file for '{function.name}' is not regular: {code}"
        draft.files.report("error", "code-not-regular", source.mistake(message, key))
    elif not found.buildable and not os.path.isfile(found.wasm):
        message = (
            f'the code of "{function.name}" does not exist, and no source of "{spec.id}" is near; '
            f"the platform: code file does not exist for '{function.name}': {code}"
        )
        draft.files.report("error", "code-missing", source.mistake(message, key))
    return draft.add_function(found)


def _warn_of_annotations(annotations: Mapping[str, str], draft: Draft, source: Source, key: Key) -> None:
    for name in annotations:
        meant = None if name in ANNOTATIONS else nearest(name, ANNOTATIONS)
        if meant is not None:
            message = f'the annotation "{name}" means nothing to the platform; did you mean "{meant}"?'
            draft.files.report("warning", "unknown-annotation", source.mistake(message, (*key, name)))
