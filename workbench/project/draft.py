"""A project while it is being put together: what was found so far, and the names that are taken."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

from workbench.config import Settings
from workbench.errors import UserError
from workbench.project.files import Files
from workbench.project.model import Function, InstancePlan, StandInPlan
from workbench.records import USER

SELF = "self"
"""The output that leads back to the instance itself."""


class Draft:
    """Collects functions, instances and stand-ins under names that are unique in the project."""

    def __init__(self, settings: Settings, files: Files) -> None:
        self.settings = settings
        self.files = files
        self.functions: dict[str, Function] = {}
        self.instances: list[InstancePlan] = []
        self.stand_ins: list[StandInPlan] = []
        self.workflows: list[Path] = []
        self.watch: dict[Path, None] = {}
        self._ids: dict[tuple[str, str], str] = {}
        self._names = {USER, SELF}
        self._unlinked: list[int] = []

    def aside(self) -> Draft:
        """A draft for what is looked at and not opened: only what is found wrong is kept of it, and what to watch."""
        aside = Draft(self.settings, self.files)
        aside.watch = self.watch
        return aside

    def add_function(self, function: Function) -> str:
        """The id `function` has in the project: its own, unless another function has it."""
        place = (os.path.realpath(function.directory), os.path.realpath(function.wasm))
        if place not in self._ids:
            key = _free(function.id, self.functions)
            self._ids[place] = key
            self.functions[key] = replace(function, id=key)
            if key != function.id:
                message = f'a second function has the id "{function.id}"; it is called "{key}" here'
                self.files.report("warning", "duplicate-id", UserError(message, path=function.spec or function.wasm))
        return self._ids[place]

    def has_function(self, spec: Path) -> bool:
        """Whether the function of this function.json was added."""
        place = os.path.realpath(spec)
        return any(function.spec and os.path.realpath(function.spec) == place for function in self.functions.values())

    def claim(self, name: str, path: Path) -> str:
        """Take a name for an instance or stand-in: this one, or the nearest that is free."""
        free = _free(name, self._names)
        self._names.add(free)
        if free != name:
            message = f'the name "{name}" is taken; this one is called "{free}" here'
            self.files.report("warning", "name-taken", UserError(message, path=path))
        return free

    def add_unlinked(self, function: str, name: str) -> None:
        """Add an instance whose outputs will lead to stand-ins."""
        self._unlinked.append(len(self.instances))
        self.instances.append(InstancePlan(name, function, outputs=self.functions[function].outputs))

    def link_to_stand_ins(self) -> None:
        """Give every declared output of the unlinked instances its stand-in; those that share a name share it.

        Comes last, because a stand-in's name gives way to any instance's.
        """
        stand_ins: dict[str, str] = {}
        for index in self._unlinked:
            instance = self.instances[index]
            outputs = [alias for alias in instance.outputs if alias not in ("", SELF)]
            for alias in outputs:
                if alias not in stand_ins:
                    stand_ins[alias] = self._claim_stand_in(alias)
                    self.stand_ins.append(StandInPlan(stand_ins[alias]))
            self.instances[index] = replace(instance, links={alias: stand_ins[alias] for alias in outputs})

    def _claim_stand_in(self, alias: str) -> str:
        name = alias if alias not in self._names else _free(f"{alias} (stand-in)", self._names)
        self._names.add(name)
        return name


def _free(name: str, taken: set[str] | dict[str, Function]) -> str:
    number, free = 1, name
    while free in taken:
        number += 1
        free = f"{name}-{number}"
    return free
