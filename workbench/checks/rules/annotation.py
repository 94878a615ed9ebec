"""Annotations, and the same keys in a resource's configuration: who reads them, and what their values mean."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from workbench.checks.subject import Place, Workflow
from workbench.config.shape import nearest
from workbench.project.formats import ANNOTATIONS
from workbench.project.model import Problem

NODES, ATTESTED = "node_id_match_any", ("tee", "tpm")
UNUSED = "max_instances"
RESOURCES = "resource_match_all"

_UUID = re.compile(
    r"(urn:uuid:)?[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{32}|\{[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\}",
    re.IGNORECASE,
)


def unread(workflow: Workflow) -> Iterator[Problem]:
    """Annotations that mean nothing to the platform, and look like nothing that does."""
    for name, place in workflow.annotations():
        message = f'the platform ignores the annotations of a workflow, so "{name}" too'
        yield place.problem("hint", "unread-annotation", message, "annotations of workflows")
    for function, place in workflow.functions():
        for name in function.annotations:
            here = place.at("annotations", name)
            if name == UNUSED:
                message = f'the platform reads "{UNUSED}" and never uses it: there is always one instance'
                yield here.problem("hint", "unread-annotation", message, f'functions with "{name}"')
            elif name not in ANNOTATIONS and nearest(name, ANNOTATIONS) is None:
                message = f'nobody reads the annotation "{name}"'
                yield here.problem("hint", "unread-annotation", message, f'functions with "{name}"')


def values(workflow: Workflow) -> Iterator[Problem]:
    """Values that the platform passes over."""
    for function, place in workflow.functions():
        yield from _values(function.annotations, place.at("annotations"))
    for resource, place in workflow.resources():
        yield from _values(resource.configurations, place.at("configurations"))


def resource_match(workflow: Workflow) -> Iterator[Problem]:
    """A requirement that no node can ever meet."""
    for resource, place in workflow.resources():
        if resource.configurations.get(RESOURCES):
            message = f'"{RESOURCES}" can never be met by a resource: no node takes "{resource.name}"'
            yield place.at("configurations", RESOURCES).problem("error", "resource-match-all", message)


def _values(given: Mapping[str, str], place: Place) -> Iterator[Problem]:
    for name in ATTESTED:
        if name in given and given[name].lower() != "required":
            message = f'"{name}" means something only as "required", not as "{given[name]}"'
            yield place.at(name).problem("warning", "ignored-value", message)
    for word in given.get(NODES, "").split(",") if given.get(NODES) else ():
        if not _UUID.fullmatch(word):
            trimmed = "; blanks are not taken away" if _UUID.fullmatch(word.strip()) else ""
            message = f'"{word}" is no UUID, so the platform drops it{trimmed}'
            yield place.at(NODES).problem("warning", "bad-node-id", message)
