"""What the inspector says about a resource: real or not, its other side, its configuration, where it leads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from workbench.project.model import StandInPlan
from workbench.resources.model import Kind, Setting
from workbench.session.view import InstanceView, View
from workbench.tui.panes.document import Row, labelled
from workbench.tui.panes.line import Part, line
from workbench.tui.panes.messages import InstanceSelected
from workbench.tui.resources.words import (
    FAULTS,
    configuration,
    fault_words,
    kind_of,
    leaves_the_machine,
    plan_of,
    reached,
    standing,
)
from workbench.tui.text import preview, visible, visible_lines

_TONES = {
    "real": "pane--success",
    "starting": "pane--link",
    "trouble": "pane--warning",
    "stand-in": "pane--muted",
}


def about_resource(resource: InstanceView, view: View, key: str) -> Iterator[Row]:
    """Everything but what all stand-ins have; `key` lets it run for real."""
    stands = standing(resource, view, key)
    tone = _TONES[stands.tone]
    yield labelled("it is", (f"{stands.glyph} {stands.word}", tone))
    if stands.why:
        label = "health" if resource.real else "because"
        yield labelled(label, (visible_lines(stands.why), tone if stands.tone == "trouble" else ""))
    plan, kind = plan_of(resource.name, view.project), kind_of(resource, view.project)
    if kind is not None:
        yield labelled("class", (visible(kind.class_type), "pane--strong"), (f"  {visible(kind.words)}", "pane--muted"))
    elif resource.class_type is not None:
        yield labelled("class", visible(resource.class_type))
    if reach := reached(resource, view.project):
        where = "not on this machine" if leaves_the_machine(resource, view.project) else "on this machine"
        yield labelled("reaches", visible(reach), (f"  {where}", "pane--muted"))
    if resource.fault is not None and resource.fault.kind is not None:
        yield labelled(
            "fault",
            (f"! {fault_words(resource.fault)}", "pane--warning"),
            (f": {FAULTS[resource.fault.kind]}", "pane--muted"),
        )
    if plan is not None:
        yield from _links(resource, plan, view)
        yield from _settings(configuration(resource.name, view.project), kind)


def _links(resource: InstanceView, plan: StandInPlan, view: View) -> Iterator[Row]:
    label = "outputs"
    for output, target in plan.links.items():
        yield labelled(
            label, visible(output), (" → ", "pane--muted"), visible(target), leads_to=InstanceSelected(target)
        )
        label = ""
    label = "gets from"
    for other in view.instances:
        for alias, leads in other.links.items():
            if leads == resource.name:
                words = (visible(other.name), (f" by {visible(alias)}", "pane--muted"))
                yield labelled(label, *words, leads_to=InstanceSelected(other.name))
                label = ""


def _settings(configuration: Mapping[str, str], kind: Kind | None) -> Iterator[Row]:
    known: tuple[Setting, ...] = () if kind is None else kind.settings
    given = dict(configuration)
    if not given and not known:
        return
    yield Row(line())
    yield Row(line(("configuration", "pane--title")))
    for setting in known:
        value = given.pop(setting.key, None)
        parts: list[Part | str] = [(f"{visible(setting.key)} ", "pane--strong")]
        if value is not None:
            parts.append(preview(value, 400))
        elif setting.required:
            parts.append(("✖ missing", "pane--error"))
        else:
            parts.append(("not set", "pane--muted"))
        choices = f" ({', '.join(setting.choices)})" if setting.choices else ""
        yield Row(line(*parts, hang=2))
        yield Row(line((f"  {visible(setting.words)}{visible(choices)}", "pane--muted"), hang=2))
    for key, value in given.items():
        yield Row(line((f"{visible(key)} ", "pane--strong"), preview(value, 400), hang=2))
        if kind is not None:
            yield Row(line(("  ▲ no setting of this class; the platform reads past it", "pane--warning"), hang=2))
