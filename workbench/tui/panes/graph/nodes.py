"""What the graph shows: who there is, workflow by workflow, and where each output leads."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from workbench.project.draft import SELF
from workbench.project.model import Project
from workbench.session.view import InstanceView, View
from workbench.tui.listed import by_workflow
from workbench.tui.panes.status import Status, Statuses

Frame = Literal["function", "real", "stand-in"]


@dataclass(frozen=True)
class Output:
    """An output: its channel and where it leads, None for nowhere. `declared` is False for one that only sending
    showed; without a channel it stands for all those of its node that are not told apart."""

    channel: str
    target: str | None
    declared: bool = True


@dataclass(frozen=True)
class Node:
    """A function's instance or a resource. `glyph` and `word` tell its state, `word` what is out of the ordinary."""

    name: str
    frame: Frame
    glyph: str
    word: str
    tone: str
    outputs: tuple[Output, ...] = ()
    unconnected: bool = False
    """Whether it plays an output that leads nowhere."""

    @property
    def identity(self) -> tuple[object, ...]:
        """What its place depends on; its state is not of that."""
        return self.name, self.frame, self.outputs, self.unconnected


@dataclass(frozen=True)
class Group:
    """The nodes of one workflow, or those of none."""

    title: str
    nodes: tuple[Node, ...]


def groups_of(view: View, stray: Iterable[tuple[str, str]]) -> tuple[Group, ...]:
    """Everyone, by workflow in the order they were opened. `stray` are outputs (source, channel) that were used
    although nothing says where they lead."""
    undeclared: dict[str, list[str]] = {}
    for source, channel in stray:
        undeclared.setdefault(source, []).append(channel)
    statuses, plans = Statuses(view), _Plans(view.project)
    return tuple(
        Group(
            group.title,
            tuple(_node(one, statuses.of(one), plans, undeclared.get(one.name, ())) for one in group.instances),
        )
        for group in by_workflow(view)
    )


def _node(instance: InstanceView, status: Status, plans: _Plans, stray: Iterable[str]) -> Node:
    word = status.word
    links: Mapping[str, str | None] = instance.links
    if instance.status == "stand-in":
        plan = plans.stand_ins.get(instance.name)
        links = plan.links if plan is not None else {}
        frame: Frame = "real" if instance.real else "stand-in"
        unconnected = instance.class_type is None
        orders = (("fault", instance.fault), ("rule", instance.rule))
        ordered = [name for name, order in orders if order is not None]
        word = ", ".join(["unconnected" if unconnected else word, *ordered])
    else:
        frame, unconnected = "function", False
        declared = plans.outputs(instance)
        links = {**links, **{output: None for output in declared if output not in links and output not in ("", SELF)}}
    outputs = [Output(channel, target) for channel, target in links.items()]
    outputs += [Output(channel, None, declared=False) for channel in stray if channel not in links]
    return Node(instance.name, frame, status.glyph, word, status.tone, tuple(outputs), unconnected)


class _Plans:
    """The outputs that the project declares, looked up by who has them."""

    def __init__(self, project: Project) -> None:
        self.stand_ins = {plan.name: plan for plan in project.stand_ins}
        self._outputs: dict[tuple[object, ...], tuple[str, ...]] = {}
        for plan in project.instances:
            for key in _likeness(plan.function, plan.name, plan.workflow):
                self._outputs.setdefault(key, plan.outputs)

    def outputs(self, instance: InstanceView) -> tuple[str, ...]:
        """Those of an instance; those of one started by hand are those of who it is like."""
        keys = _likeness(instance.function, instance.name, instance.workflow)
        return next((self._outputs[key] for key in keys if key in self._outputs), ())


def _likeness(function: str, name: str, workflow: Path | None) -> tuple[tuple[object, ...], ...]:
    """By what one is like another, the nearest first."""
    return (function, "name", name), (function, "workflow", workflow), (function,)
