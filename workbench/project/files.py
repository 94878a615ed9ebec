"""The user's files while a project is read: each read once; a broken one keeps what it last said."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias, TypeVar

from workbench.config.shape import Key, Locate, misspelt, mistake, shaped, suggestion
from workbench.errors import UserError
from workbench.project.formats import FunctionJson, WorkflowJson
from workbench.project.json import Json, read_json
from workbench.project.model import Problem

Content: TypeAlias = FunctionJson | WorkflowJson
T = TypeVar("T", FunctionJson, WorkflowJson)


@dataclass(frozen=True)
class Located:
    """A path with the places of the keys in its file; none when the file is broken now."""

    path: Path
    locate: Locate

    def mistake(self, message: str, key: Key) -> UserError:
        """A `UserError` about the value at `key`."""
        return mistake(message, self.path, self.locate, key)


class Files:
    """Reads function.json and workflow.json files and collects their problems.

    `last` is what the files said when they were last in order.
    """

    def __init__(self, last: Mapping[Path, Content]) -> None:
        self._last = last
        self._places: dict[Path, Located] = {}
        self.contents: dict[Path, Content] = {}
        self.problems: list[Problem] = []

    def function(self, path: Path) -> FunctionJson | None:
        """What the function.json at `path` says; None when it is broken and always was."""
        return self._read(path, FunctionJson, _check_function)

    def workflow(self, path: Path) -> WorkflowJson | None:
        """What the workflow file at `path` says; None when it is broken and always was.

        Outputs that lead nowhere are a mistake in it once it was in order; until then they are the caller's to report.
        """
        return self._read(path, WorkflowJson, _check_changed_workflow if self.knew(path) else _check_workflow)

    def knew(self, path: Path) -> bool:
        """Whether the file at `path` was in order once; it may be gone now."""
        return path in self._last

    def places(self, path: Path) -> Located:
        """The places in a file that was read."""
        return self._places[path]

    def report(self, severity: Literal["error", "warning"], error: UserError) -> None:
        """Add a problem."""
        self.problems.append(Problem(severity, error))

    def _read(self, path: Path, kind: type[T], check: Callable[[T, Located], None]) -> T | None:
        if path not in self._places:
            content = self._fresh(path, kind, check) or self._last.get(path)
            if content is not None:
                self.contents[path] = content
        found = self.contents.get(path)
        return found if isinstance(found, kind) else None

    def _fresh(self, path: Path, kind: type[T], check: Callable[[T, Located], None]) -> T | None:
        self._places[path] = Located(path, lambda _: None)
        try:
            file = read_json(path)
            content = shaped(file.content, kind, path, file.locate)
            places = Located(path, file.locate)
            check(content, places)
        except UserError as error:
            self.report("error", error)
            return None
        self._places[path] = places
        self._warn_of_misspelt(file, kind)
        return content

    def _warn_of_misspelt(self, file: Json, kind: type[Content]) -> None:
        for key, meant in misspelt(file.content, kind):
            message = f'"{key[-1]}" means nothing to the platform; did you mean "{meant}"?'
            self.report("warning", mistake(message, file.path, file.locate, key))


def _check_function(function: FunctionJson, places: Located) -> None:
    _check_id(function, places, ())


def _check_workflow(workflow: WorkflowJson, places: Located) -> None:
    """What EDGELESS 1.2 checks before it takes a workflow, except where mappings lead."""
    for index, function in enumerate(workflow.functions):
        here = ("functions", index)
        _check_text(function.name, places, (*here, "name"))
        _check_id(function.class_specification, places, (*here, "class_specification"))
        _check_mapping(function.output_mapping, places, (*here, "output_mapping"))
    for index, resource in enumerate(workflow.resources):
        here = ("resources", index)
        _check_text(resource.name, places, (*here, "name"))
        _check_text(resource.class_type, places, (*here, "class_type"))
        _check_mapping(resource.output_mapping, places, (*here, "output_mapping"))


def _check_changed_workflow(workflow: WorkflowJson, places: Located) -> None:
    """The platform would refuse all of it, so all of what it said before stays in force."""
    _check_workflow(workflow, places)
    names = {part.name for part in workflow.functions} | {part.name for part in workflow.resources}
    mappings: list[tuple[Key, Mapping[str, str]]] = [
        *((("functions", index), part.output_mapping) for index, part in enumerate(workflow.functions)),
        *((("resources", index), part.output_mapping) for index, part in enumerate(workflow.resources)),
    ]
    for here, mapping in mappings:
        for channel, target in mapping.items():
            if target not in names:
                raise leads_nowhere(places, (*here, "output_mapping", channel), target, names)


def leads_nowhere(places: Located, key: Key, target: str, names: Iterable[str]) -> UserError:
    """The output mapped at `key` leads to a `target` that is none of the workflow's `names`."""
    message = f'"{key[-1]}" leads to "{target}", which this workflow does not have; {suggestion(target, names)}'
    return places.mistake(message, key)


def _check_mapping(mapping: Mapping[str, str], places: Located, key: Key) -> None:
    for channel, target in mapping.items():
        _check_text(channel, places, (*key, channel))
        _check_text(target, places, (*key, channel))


def _check_text(text: str, places: Located, key: Key) -> None:
    if not text:
        raise places.mistake(f'"{key[-1]}" is empty' if key[-1] else "a channel has no name", key)


def _check_id(function: FunctionJson, places: Located, key: Key) -> None:
    name = function.id
    if not name or name in (".", "..") or "/" in name or "\0" in name or os.path.basename(name) != name:
        raise places.mistake(f'the id "{name}" cannot be the name of a file; <id>.wasm is one', (*key, "id"))
