"""What the graph shows: who there is, workflow by workflow, and where each output leads."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from workbench.project.draft import SELF
from workbench.session.view import InstanceView, View
from workbench.tui.resources.words import plan_of, standing

Frame = Literal["function", "real", "stand-in"]


@dataclass(frozen=True)
class Output:
    """An output: its channel and where it leads, None for nowhere. `declared` is False for one that only sending
    showed."""

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


_STATES: Mapping[str, tuple[str, str, str]] = {
    "loading": ("◐", "loading", "instance--busy"),
    "waiting": ("◌", "waits", "instance--waiting"),
    "trapped": ("✖", "trapped", "instance--stopped"),
    "failed": ("✖", "failed", "instance--stopped"),
    "killed": ("■", "killed", "instance--ended"),
    "stopped": ("□", "stopped", "instance--ended"),
}
_USUAL = ("●", "", "instance--live")
_TONES = {
    "real": "instance--real",
    "starting": "instance--busy",
    "trouble": "instance--waiting",
    "stand-in": "instance--stand-in",
}


def groups_of(view: View, stray: Iterable[tuple[str, str]]) -> tuple[Group, ...]:
    """Everyone, by workflow in the order they were opened. `stray` are outputs (source, channel) that were used
    although nothing says where they lead."""
    undeclared: dict[str, list[str]] = {}
    for source, channel in stray:
        undeclared.setdefault(source, []).append(channel)
    nodes = {one.name: _node(one, view, undeclared.get(one.name, ())) for one in view.instances}
    of = _workflows(view)
    order = [*view.project.workflows, None]
    found = []
    for workflow in order:
        those = tuple(node for name, node in nodes.items() if of.get(name) == workflow)
        if those:
            found.append(Group(workflow.name if workflow is not None else "no workflow", those))
    return tuple(found)


def _workflows(view: View) -> Mapping[str, Path | None]:
    """The workflow of each; who plays an output belongs to where that is."""
    known = frozenset(view.project.workflows)
    of = {one.name: one.workflow if one.workflow in known else None for one in view.instances}
    for one in view.instances:
        for target in one.links.values():
            if target is not None and of.get(target) is None and target in of:
                of[target] = of[one.name]
    return of


def _node(instance: InstanceView, view: View, stray: Iterable[str]) -> Node:
    links: Mapping[str, str | None] = instance.links
    if instance.status == "stand-in":
        plan = plan_of(instance.name, view.project)
        links = plan.links if plan is not None else {}
        stands = standing(instance, view, "")
        frame: Frame = "real" if instance.real else "stand-in"
        unconnected = instance.class_type is None
        glyph, word, tone = stands.glyph, "unconnected" if unconnected else stands.word, _TONES[stands.tone]
        word += ", fault" if instance.fault is not None else ""
    else:
        frame, unconnected = "function", False
        glyph, word, tone = _STATES.get(instance.status, _USUAL)
        function = view.project.functions.get(instance.function)
        declared = function.outputs if function is not None else ()
        links = {**links, **{output: None for output in declared if output not in links and output not in ("", SELF)}}
    outputs = [Output(channel, target) for channel, target in links.items()]
    outputs += [Output(channel, None, declared=False) for channel in stray if channel not in links]
    return Node(instance.name, frame, glyph, word, tone, tuple(outputs), unconnected)
