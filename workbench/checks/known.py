"""A resource of a workflow whose class is known, with all that holds for it, and the place of each value."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from workbench.checks.subject import Place, Workflow
from workbench.config import OwnResource, Resources
from workbench.errors import UserError
from workbench.project.codes import CheckCode, Severity
from workbench.project.formats import WorkflowResource
from workbench.project.model import Problem
from workbench.resources.configuration import SAID_BY, configured, kind_called
from workbench.resources.model import Kind


@dataclass(frozen=True)
class Known:
    """`given` is what its workflow says, `configuration` what holds with what the settings say, `own` by its name."""

    name: str
    kind: Kind
    place: Place
    given: WorkflowResource
    configuration: Mapping[str, str]
    own: OwnResource
    settings: Resources

    def problem(self, key: str, severity: Severity, code: CheckCode, words: str) -> Problem:
        """A finding about the value of `key`, where it is said: in the workflow, or in the settings."""
        if key in SAID_BY:
            return self.in_settings(SAID_BY[key], severity, code, words)
        return self.place.at("configurations", key).problem(severity, code, words)

    def in_settings(self, key: str, severity: Severity, code: CheckCode, words: str) -> Problem:
        """A finding about what the settings say of it under `key`."""
        line, column = self.own.places.get(key) or self.own.place or (None, None)
        return Problem(severity, UserError(words, path=self.settings.path, line=line, column=column), code)


def known(workflow: Workflow) -> Iterator[Known]:
    """The resources of a workflow whose class is known."""
    settings = workflow.project.resources
    for resource, place in workflow.resources():
        kind = kind_in(resource, workflow)
        if kind is not None:
            configuration = configured(resource.name, kind, resource.configurations, settings)
            own = settings.own.get(resource.name, OwnResource())
            yield Known(resource.name, kind, place, resource, configuration, own, settings)


def kind_in(resource: WorkflowResource, workflow: Workflow) -> Kind | None:
    """The class of a resource, if it is known."""
    listed = workflow.kinds.get(resource.class_type)
    return listed or kind_called(resource.class_type, resource.name, workflow.project.resources)
