"""Resources: is there such a class, does it know these keys, are its own needs met, what does it send."""

from __future__ import annotations

from collections.abc import Iterator

from workbench.checks.known import Known, kind_in, known
from workbench.checks.subject import Workflow
from workbench.config.shape import nearest, suggestion
from workbench.project.codes import Severity
from workbench.project.formats import PLACEMENT
from workbench.project.model import Problem
from workbench.resources.configuration import OURS, SAID_BY
from workbench.resources.faults import faults_of

NAMED_ELSEWHERE = ("dda",)
"""Classes whose outputs are named in their configuration."""

PRESENT = {"file-log": ("add-timestamp", "add-source-id"), "redis": ("add-workflow-id",)}
"""Keys that are switched on by being there (edgeless-facts 4)."""


def unknown_class(workflow: Workflow) -> Iterator[Problem]:
    """Classes that the platform does not come with."""
    for resource, place in workflow.resources():
        if resource.class_type and kind_in(resource, workflow) is None:
            message = (
                f'there is no class of resources "{resource.class_type}", unless a node\'s settings name a serverless '
                f"one so, as url under [resource.{resource.name}] in workbench.toml does here; "
                f"{suggestion(resource.class_type, workflow.kinds)}"
            )
            yield place.at("class_type").problem("warning", "unknown-class", message)


def missing_setting(workflow: Workflow) -> Iterator[Problem]:
    """Keys of the configuration without which the platform refuses the resource."""
    for one in known(workflow):
        for setting in one.kind.settings:
            if not setting.required or setting.key in one.configuration:
                continue
            here = one.place.at("configurations")
            if setting.key in SAID_BY:
                message = f'a stand-in plays "{one.name}" until {_ours(one, setting.key)} says {setting.words}'
                yield here.problem("hint", "missing-setting", message)
            else:
                message = f'"{one.name}" needs "{setting.key}": {setting.words}'
                yield here.problem("error", "missing-setting", message)


def unknown_setting(workflow: Workflow) -> Iterator[Problem]:
    """Keys that the class does not read, such as `methods` for `method`."""
    for one in known(workflow):
        keys = {setting.key for setting in one.kind.settings}
        ours = {SAID_BY[key]: key for key in keys & SAID_BY.keys()}
        for key in one.given.configurations:
            if key in keys - SAID_BY.keys() or key in PLACEMENT:
                continue
            said = nearest(SAID_BY.get(key, key.removeprefix(OURS)), ours)
            meant = None if said else nearest(key, keys - SAID_BY.keys())
            message = f'{one.kind.class_type} does not read "{key}"'
            message += f"; {_ours(one, ours[said])} says it" if said else ""
            message += f'; did you mean "{meant}"?' if meant else ""
            yield one.place.at("configurations", key).problem("warning", "unknown-setting", message)


def bad_setting(workflow: Workflow) -> Iterator[Problem]:
    """Values that the class refuses to start with, or that mean something else than they say."""
    for one in known(workflow):
        for fault in faults_of(one.kind, one.configuration):
            severity: Severity = "error" if fault.refused else "warning"
            yield one.problem(fault.key, severity, "bad-setting", fault.words)


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
    for one in known(workflow):
        has = one.kind.outputs
        for channel in one.given.output_mapping:
            if channel and channel not in has and one.kind.class_type not in NAMED_ELSEWHERE:
                told = suggestion(channel, has) if has else "it only takes messages"
                message = f'{one.kind.class_type} has no output "{channel}"; {told}'
                yield one.place.at("output_mapping", channel).problem("warning", "no-such-output", message)


def unmapped(workflow: Workflow) -> Iterator[Problem]:
    """What a resource sends and nobody gets."""
    for one in known(workflow):
        absent = [output for output in one.kind.outputs if output not in one.given.output_mapping]
        here = one.place.at("output_mapping")
        if absent and len(absent) == len(one.kind.outputs):
            message = f'"{one.name}" sends to {" or ".join(absent)}, which leads nowhere: nobody hears of it'
            yield here.problem("warning", "unmapped-resource", message)
        elif absent:
            message = f'{" and ".join(absent)} of "{one.name}" leads nowhere: what it sends there is lost'
            yield here.problem("hint", "unmapped-output", message)


def _ours(one: Known, key: str) -> str:
    """Where the project says what a node's settings would say on the platform."""
    return f"{SAID_BY[key]} under [resource.{one.name}] in workbench.toml"
