"""What a rule looks at: one workflow of a project, or one class of functions, with the places of everything in it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias, TypeVar

from workbench.config.shape import Key
from workbench.project.codes import CheckCode, Severity
from workbench.project.formats import FunctionJson, WorkflowFunction, WorkflowJson, WorkflowResource
from workbench.project.model import Problem, Project
from workbench.project.source import Source
from workbench.resources.model import Kind

T = TypeVar("T")


@dataclass(frozen=True)
class Place:
    """Where something stands: a file, and the way to it from the file's top."""

    source: Source
    key: Key = ()

    def at(self, *key: str | int) -> Place:
        """What stands further in."""
        return Place(self.source, (*self.key, *key))

    def problem(self, severity: Severity, code: CheckCode, message: str, repeats: str | None = None) -> Problem:
        """A finding about what stands here; `repeats` as in `Problem`."""
        return Problem(severity, self.source.mistake(message, self.key), code, repeats)


@dataclass(frozen=True)
class Component:
    """A function or resource of a workflow, with its place."""

    name: str
    mapping: Mapping[str, str]
    place: Place


@dataclass(frozen=True)
class Workflow:
    """A workflow, as far as its shape is right. `kinds` are the classes of resources there are, by name.

    `own` is what the function.json files near it say of its functions, by id.
    """

    content: WorkflowJson
    place: Place
    project: Project
    kinds: Mapping[str, Kind]
    own: Mapping[str, FunctionJson]

    def components(self) -> Iterator[Component]:
        """All of them, functions first, in the order of the file."""
        for function, place in self.functions():
            yield Component(function.name, function.output_mapping, place)
        for resource, place in self.resources():
            yield Component(resource.name, resource.output_mapping, place)

    def functions(self) -> Iterator[tuple[WorkflowFunction, Place]]:
        """Its functions, with their places."""
        yield from self._parts("functions", self.content.functions)

    def resources(self) -> Iterator[tuple[WorkflowResource, Place]]:
        """Its resources, with their places."""
        yield from self._parts("resources", self.content.resources)

    def annotations(self) -> Iterator[tuple[str, Place]]:
        """The names of its own annotations, with their places."""
        for name in self.content.annotations:
            if ("annotations", name) not in self.place.source.wrong:
                yield name, self.place.at("annotations", name)

    def _parts(self, key: str, parts: Iterable[T]) -> Iterator[tuple[T, Place]]:
        for index, part in enumerate(parts):
            if (key, index) not in self.place.source.wrong:
                yield part, self.place.at(key, index)


Rule: TypeAlias = Callable[[Workflow], Iterator[Problem]]
"""Looks at a workflow for one kind of thing."""

ClassRule: TypeAlias = Callable[[FunctionJson, Place], Iterator[Problem]]
"""Looks at a class of functions: a function.json, or what a workflow says of one."""
