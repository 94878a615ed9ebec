"""All rules on all files of a project."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from workbench.checks.rules import annotation, channels, code, dda, node, real, resources, targets
from workbench.checks.subject import ClassRule, Place, Rule, Workflow
from workbench.project.formats import FunctionJson, WorkflowJson
from workbench.project.model import Problem, Project
from workbench.resources.model import Kind

RULES: tuple[Rule, ...] = (
    code.not_built,
    code.version,
    code.outputs,
    channels.undeclared,
    channels.unmapped,
    channels.mapped_self,
    targets.deaf,
    targets.cycles,
    node.too_many,
    annotation.unread,
    annotation.values,
    annotation.resource_match,
    resources.unknown_class,
    resources.missing_setting,
    resources.unknown_setting,
    resources.bad_setting,
    resources.switched_on,
    resources.outputs,
    resources.unmapped,
    real.not_allowed,
    real.no_directory,
    real.no_part,
    dda.subscriptions,
    dda.publications,
)

CLASS_RULES: tuple[ClassRule, ...] = (channels.declared_self,)


def check(project: Project, kinds: Mapping[str, Kind]) -> tuple[Problem, ...]:
    """What opening the project found (`Project.problems`) and what the rules find, by file and line.

    `kinds` are the classes of resources there are. Takes a moment at most: no module is looked into (see
    `rules.modules`).
    """
    return in_order([*project.problems, *_found(project, kinds)])


def in_order(problems: list[Problem]) -> tuple[Problem, ...]:
    """By file and line, each once."""
    once = {(problem.code, str(problem.error)): problem for problem in problems}
    return tuple(sorted(once.values(), key=_place))


def _found(project: Project, kinds: Mapping[str, Kind]) -> Iterator[Problem]:
    own = dict(_own(project))
    for source in project.sources.values():
        content, place = source.content, Place(source)
        if isinstance(content, WorkflowJson):
            workflow = Workflow(content, place, project, kinds, own)
            for rule in RULES:
                yield from rule(workflow)
            for function, here in workflow.functions():
                yield from _of_class(function.class_specification, here.at("class_specification"))
        elif isinstance(content, FunctionJson):
            yield from _of_class(content, place)


def _own(project: Project) -> Iterator[tuple[str, FunctionJson]]:
    for source in project.sources.values():
        if isinstance(source.content, FunctionJson):
            yield source.content.id, source.content


def _of_class(function: FunctionJson, place: Place) -> Iterator[Problem]:
    for rule in CLASS_RULES:
        yield from rule(function, place)


def _place(problem: Problem) -> tuple[str, int, int]:
    error = problem.error
    return str(error.path or ""), error.line or 0, error.column or 0
