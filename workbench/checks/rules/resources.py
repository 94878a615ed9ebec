"""Resources: is there such a class, does it know these keys, are its own needs met, what does it send."""

from __future__ import annotations

from collections.abc import Iterator

from workbench.checks.subject import Place, Workflow
from workbench.config.shape import nearest, suggestion
from workbench.project.codes import Severity
from workbench.project.formats import PLACEMENT, WorkflowResource
from workbench.project.model import Problem
from workbench.resources.configuration import configured, kind_called
from workbench.resources.faults import faults_of
from workbench.resources.model import Kind

OURS = "workbench:"
"""How keys begin that stand in for a setting of the platform's nodes: nothing there misses them."""

NAMED_ELSEWHERE = ("dda",)
"""Classes whose outputs are named in their configuration."""

PRESENT = {"file-log": ("add-timestamp", "add-source-id"), "redis": ("add-workflow-id",)}
"""Keys that are switched on by being there (edgeless-facts 4)."""


def unknown_class(workflow: Workflow) -> Iterator[Problem]:
    """Classes that the platform does not come with."""
    for resource, place in workflow.resources():
        if resource.class_type and _kind(resource, workflow) is None:
            message = (
                f'there is no class of resources "{resource.class_type}", unless a node\'s settings name a serverless '
                f"one so, as url under [resource.{resource.name}] in workbench.toml does here; "
                f"{suggestion(resource.class_type, workflow.kinds)}"
            )
            yield place.at("class_type").problem("warning", "unknown-class", message)


def missing_setting(workflow: Workflow) -> Iterator[Problem]:
    """Keys of the configuration without which the platform refuses the resource."""
    for resource, kind, place in _known(workflow):
        given = configured(resource.name, kind, resource.configurations, workflow.project.resources)
        for setting in kind.settings:
            if not setting.required or setting.key in given:
                continue
            here = place.at("configurations")
            if setting.key.startswith(OURS):
                message = f'a stand-in plays "{resource.name}" as long as it has no "{setting.key}": {setting.words}'
                yield here.problem("hint", "missing-setting", message)
            else:
                message = f'"{resource.name}" needs "{setting.key}": {setting.words}'
                yield here.problem("error", "missing-setting", message)


def unknown_setting(workflow: Workflow) -> Iterator[Problem]:
    """Keys that the class does not read, such as `methods` for `method`."""
    for resource, kind, place in _known(workflow):
        keys = {setting.key for setting in kind.settings}
        for key in resource.configurations:
            if key in keys or key in PLACEMENT:
                continue
            meant = nearest(key, keys)
            message = f'{kind.class_type} does not read "{key}"' + (f'; did you mean "{meant}"?' if meant else "")
            yield place.at("configurations", key).problem("warning", "unknown-setting", message)


def bad_setting(workflow: Workflow) -> Iterator[Problem]:
    """Values that the class refuses to start with, or that mean something else than they say."""
    for resource, kind, place in _known(workflow):
        for fault in faults_of(kind, resource.configurations):
            severity: Severity = "error" if fault.refused else "warning"
            yield place.at("configurations", fault.key).problem(severity, "bad-setting", fault.words)


def switched_on(workflow: Workflow) -> Iterator[Problem]:
    """Keys whose presence matters, with a value that says otherwise."""
    for resource, place in workflow.resources():
        for key in PRESENT.get(resource.class_type, ()):
            value = resource.configurations.get(key)
            if value is not None and value.lower() in ("false", "no", "off", "0", ""):
                message = f'"{key}" is switched on by being there, whatever its value: "{value}" does not switch it off'
                yield place.at("configurations", key).problem("warning", "switched-on", message)


def outputs(workflow: Workflow) -> Iterator[Problem]:
    """Channels that the class does not have."""
    for resource, kind, place in _known(workflow):
        for channel in resource.output_mapping:
            if channel and channel not in kind.outputs and kind.class_type not in NAMED_ELSEWHERE:
                has = suggestion(channel, kind.outputs) if kind.outputs else "it only takes messages"
                message = f'{kind.class_type} has no output "{channel}"; {has}'
                yield place.at("output_mapping", channel).problem("warning", "no-such-output", message)


def unmapped(workflow: Workflow) -> Iterator[Problem]:
    """What a resource sends and nobody gets."""
    for resource, kind, place in _known(workflow):
        absent = [output for output in kind.outputs if output not in resource.output_mapping]
        here = place.at("output_mapping")
        if absent and len(absent) == len(kind.outputs):
            message = f'"{resource.name}" sends to {" or ".join(absent)}, which leads nowhere: nobody hears of it'
            yield here.problem("warning", "unmapped-resource", message)
        elif absent:
            message = f'{" and ".join(absent)} of "{resource.name}" leads nowhere: what it sends there is lost'
            yield here.problem("hint", "unmapped-output", message)


def _known(workflow: Workflow) -> Iterator[tuple[WorkflowResource, Kind, Place]]:
    for resource, place in workflow.resources():
        kind = _kind(resource, workflow)
        if kind is not None:
            yield resource, kind, place


def _kind(resource: WorkflowResource, workflow: Workflow) -> Kind | None:
    known = workflow.kinds.get(resource.class_type)
    return known or kind_called(resource.class_type, resource.name, workflow.project.resources)
