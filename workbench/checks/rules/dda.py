"""What a dda receives and publishes: JSON of its own in the configuration, which the platform reads at the start.

EDGELESS 1.2, RES/dda: entries that lack a field, and the same twice, keep the resource from starting; a pattern it does
not know is passed over; a method other than "cast" ends it at the first message.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Generator, Iterator, Sequence
from typing import TypeVar

import msgspec
from msgspec import Struct

from workbench.checks.subject import Place, Workflow
from workbench.config.shape import faults, suggestion
from workbench.project.codes import Severity
from workbench.project.formats import WorkflowResource
from workbench.project.model import Problem
from workbench.resources.dda import DDA, PUBLICATIONS, SUBSCRIPTIONS

RECEIVED = ("event", "action", "query", "input", "membership")
PUBLISHED = ("event", "action", "query", "input")
METHOD = "cast"
REFUSED = "the platform: Wrong configuration of DDA resource in workflow.json"


class _Subscription(Struct, frozen=True):
    topic: str
    pattern: str
    method: str
    target: str


class _Publication(Struct, frozen=True):
    topic: str
    pattern: str
    alias: str


class _Subscriptions(Struct, frozen=True, rename={"entries": SUBSCRIPTIONS}):
    entries: tuple[_Subscription, ...]


class _Publications(Struct, frozen=True, rename={"entries": PUBLICATIONS}):
    entries: tuple[_Publication, ...]


T = TypeVar("T", _Subscriptions, _Publications)
E = TypeVar("E")


def subscriptions(workflow: Workflow) -> Iterator[Problem]:
    """What is wrong with what a dda is to receive."""
    for resource, place, content in _configured(workflow, SUBSCRIPTIONS):
        read = yield from _read(content, _Subscriptions, place)
        for at, one in enumerate(read.entries if read else ()):
            here = f"{SUBSCRIPTIONS}[{at}]"
            if one.pattern not in RECEIVED:
                yield _wrong(place, "warning", f"{here}.pattern", one.pattern, RECEIVED, "the platform passes it over")
            if one.method != METHOD:
                yield _wrong(place, "error", f"{here}.method", one.method, (METHOD,), "the platform panics on it")
            if one.target not in resource.output_mapping:
                what = f'"{here}.target" is "{one.target}", which its output_mapping does not have: what comes is lost'
                yield place.problem(
                    "warning", "bad-setting", f"{what}; {suggestion(one.target, resource.output_mapping)}"
                )
        yield from _repeated(read.entries if read else (), place, lambda one: (one.topic, one.pattern, one.method))


def publications(workflow: Workflow) -> Iterator[Problem]:
    """What is wrong with what a dda is to publish."""
    for _, place, content in _configured(workflow, PUBLICATIONS):
        read = yield from _read(content, _Publications, place)
        for at, one in enumerate(read.entries if read else ()):
            if one.pattern not in PUBLISHED:
                here = f"{PUBLICATIONS}[{at}].pattern"
                yield _wrong(place, "warning", here, one.pattern, PUBLISHED, "what is published by it gets an error")
        yield from _repeated(read.entries if read else (), place, lambda one: (one.alias,))


def _configured(workflow: Workflow, key: str) -> Iterator[tuple[WorkflowResource, Place, str]]:
    """Those that have such a mapping, with its place."""
    for resource, place in workflow.resources():
        if resource.class_type == DDA and key in resource.configurations:
            yield resource, place.at("configurations", key), resource.configurations[key]


def _read(content: str, kind: type[T], place: Place) -> Generator[Problem, None, T | None]:
    """The mapping, or what keeps it from being one."""
    key = str(place.key[-1])
    try:
        plain = {key: msgspec.json.decode(content)}
    except (msgspec.DecodeError, RecursionError) as error:
        told = str(error).removeprefix("JSON is malformed: ")
        yield place.problem("error", "bad-setting", f'"{key}" is not JSON: {told}; {REFUSED}')
        return None
    wrong = faults(plain, kind, place.source.path, lambda _: None)
    for fault in wrong:
        yield place.problem("error", "bad-setting", f"{fault.message}; {REFUSED}")
    return None if wrong else msgspec.convert(plain, kind)


def _wrong(place: Place, severity: Severity, where: str, value: str, known: tuple[str, ...], outcome: str) -> Problem:
    return place.problem(severity, "bad-setting", f'"{where}" is "{value}", {outcome}; {suggestion(value, known)}')


def _repeated(entries: Sequence[E], place: Place, key: Callable[[E], tuple[str, ...]]) -> Iterator[Problem]:
    for one, times in Counter(map(key, entries)).items():
        if times > 1:
            told = f'"{place.key[-1]}" has {" ".join(one)} {times} times; {REFUSED}: Ambiguous mapping'
            yield place.problem("error", "bad-setting", told)
