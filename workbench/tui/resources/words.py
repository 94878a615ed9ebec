"""How a resource stands, in words: real or a stand-in, and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from workbench.project.model import Project, StandInPlan
from workbench.records import ReplyOutcome
from workbench.resources.configuration import configuration_of, kind_called
from workbench.resources.model import Kind
from workbench.resources.sandbox import leaves
from workbench.session.commands import FAULTS_OF_CALLS, Fault, FaultKind
from workbench.session.view import InstanceView, PendingCall, View
from workbench.tui.text import duration_words, preview

FAULTS: dict[FaultKind, str] = {
    "error": "calls are answered with an error; casts arrive",
    "silence": "calls are never answered; casts arrive",
    "delay": "what it gets comes later",
    "loss": "what it gets never comes",
    "double": "what it gets comes twice",
}
"""What each kind of fault does, in words."""

RULE_PREVIEW = 80
UNCONNECTED = "plays an output that leads nowhere"


@dataclass(frozen=True)
class Standing:
    """`word` says which it is at a glance, `why` the rest, in a sentence or an address. `tone` is a style's name."""

    glyph: str
    word: str
    why: str
    tone: str


def plan_of(name: str, project: Project) -> StandInPlan | None:
    """What the project says of a resource, or of an output that is played."""
    return next((plan for plan in project.stand_ins if plan.name == name), None)


def configuration(name: str, project: Project) -> Mapping[str, str]:
    """How a resource is configured, by its workflow and by the project's settings."""
    plan = plan_of(name, project)
    return {} if plan is None else configuration_of(plan, project.resources)


def kind_of(instance: InstanceView, project: Project) -> Kind | None:
    """The class of a resource, where it is known here."""
    class_type = instance.class_type
    return None if class_type is None else kind_called(class_type, instance.name, project.resources)


def faults_at(kind: Kind | None) -> tuple[FaultKind, ...]:
    """What can go wrong at a stand-in of that class, which depends on what it gets; None: anything."""
    if kind is None or kind.takes_call:
        return tuple(FAULTS)
    return tuple(fault for fault in FAULTS if fault not in FAULTS_OF_CALLS) if kind.takes_cast else ()


def can_run(instance: InstanceView, project: Project) -> bool:
    """Whether it is a stand-in that could run for real, or one in trouble that could be started anew."""
    kind = kind_of(instance, project)
    startable = not instance.stopped and kind is not None and kind.start is not None
    return startable and (not instance.real or instance.health == "trouble")


def reached(instance: InstanceView, project: Project) -> str:
    """What it talks to outside of the workbench, as far as its configuration tells; else empty."""
    kind = kind_of(instance, project)
    return "" if kind is None else kind.reaches(configuration(instance.name, project)) or ""


def leaves_the_machine(instance: InstanceView, project: Project) -> bool:
    """Whether what it talks to is elsewhere, and its host is not allowed."""
    kind = kind_of(instance, project)
    return kind is not None and leaves(kind.servers(configuration(instance.name, project)), project.resources.hosts)


def standing(instance: InstanceView, view: View, key: str) -> Standing:
    """How it stands; `key` is what lets it run for real."""
    if instance.real:
        return _real(instance)
    if instance.stopped:
        return Standing("□", "stopped", "its workflow is stopped", "stand-in")
    if instance.health == "trouble":
        return Standing("▲", "stand-in", instance.health_words, "trouble")
    if instance.health == "starting":
        return Standing("◐", "starts", instance.health_words, "starting")
    return Standing("◇", "stand-in", _why_not(instance, view.project, key), "stand-in")


def what_is(instance: InstanceView, view: View) -> str:
    """What it is, in a word or two: its function's id or, of a resource, how it stands."""
    return standing(instance, view, "").word if instance.status == "stand-in" else instance.function


def _real(instance: InstanceView) -> Standing:
    match instance.health:
        case "trouble":
            return Standing("▲", "real, trouble", instance.health_words, "trouble")
        case "starting":
            return Standing("◐", "real, starts", instance.health_words, "starting")
        case _:
            return Standing("◈", "real", instance.health_words, "real")


def _why_not(instance: InstanceView, project: Project, key: str) -> str:
    kind = kind_of(instance, project)
    if instance.class_type is None:
        return UNCONNECTED
    if kind is None:
        return f'the class "{instance.class_type}" is not known here'
    if kind.start is None:
        return "there is no real part for it here"
    if leaves_the_machine(instance, project):
        return f"leaves this machine: {key} allows it"
    return f"you play it: {key} runs it for real"


def fault_words(fault: Fault) -> str:
    """What goes wrong by order: `error, 3 more times`."""
    times = "" if fault.times is None else f", {fault.times:,} more time{'' if fault.times == 1 else 's'}"
    later = f" of {duration_words(fault.delay_ms)}" if fault.kind == "delay" else ""
    return f"{fault.kind}{later}{times or ', always'}"


def rule_words(rule: tuple[ReplyOutcome, bytes]) -> str:
    """How calls are answered by rule: `answers by rule: pong`."""
    outcome, payload = rule
    if outcome == "reply":
        return f"answers by rule: {preview(payload, RULE_PREVIEW) or '(empty)'}"
    return f"answers by rule with {'no reply' if outcome == 'noreply' else 'an error'}"


def waiting_for_you(view: View) -> tuple[PendingCall, ...]:
    """The calls that nobody but the developer answers: those at stand-ins."""
    real = {one.name for one in view.stand_ins if one.real}
    return tuple(call for call in view.pending_calls if call.target not in real)


def counts_for_you(view: View) -> Counter[str]:
    """How many calls wait for the developer at whom: all of them, also those that the view does not show."""
    counts = Counter(call.target for call in waiting_for_you(view))
    for one in view.stand_ins:
        if one.name in counts:
            counts[one.name] = max(counts[one.name], one.mailbox)
    return counts


def in_trouble(view: View) -> tuple[str, ...]:
    """The names of the resources whose other side is down, slow or talks nonsense."""
    return tuple(one.name for one in view.stand_ins if one.real and one.health == "trouble")
