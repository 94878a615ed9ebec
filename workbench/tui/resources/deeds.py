"""What the actions about resources do."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from workbench.session.commands import Fault, Rule, SetResource
from workbench.session.view import InstanceView
from workbench.tui.actions import BY_ID
from workbench.tui.confirm import Confirm
from workbench.tui.layout import SEND
from workbench.tui.resources.actions import RESOURCES
from workbench.tui.resources.fault_form import FaultForm
from workbench.tui.resources.words import configuration, faults_at, kind_of, leaves_the_machine, plan_of, reached

if TYPE_CHECKING:
    from workbench.tui.app import Workbench

Deed = Callable[["Workbench"], None]


def _run_real(app: Workbench) -> None:
    resource = app.now().instance
    if resource is None:
        return
    name = resource.name

    def run(yes: bool | None = True) -> None:
        if yes:
            app.ask(SetResource(name, True), lambda _: app.say(f"{name} runs for real"))

    if resource.real or not leaves_the_machine(resource, app.project):
        run()
        return
    action = BY_ID["run-real"]
    question = f"{name} reaches {reached(resource, app.project)}, which leaves this machine. Allow it?"
    app.push_screen(Confirm(question, app.key_of(action), "allow it", app.keymap_in_force.keys_of(action.id)), run)


def _play(app: Workbench) -> None:
    name = app.selection.instance or ""
    app.ask(SetResource(name, False), lambda _: app.say(f"{name} is a stand-in now: its calls wait for you"))


def _order_fault(app: Workbench) -> None:
    resource = app.now().instance
    if resource is None:
        return
    kinds = faults_at(kind_of(resource, app.project))
    if not kinds:
        app.complain(f"{resource.name} gets no messages, so that nothing can go wrong with what it gets")
        return
    first = resource.fault or Fault(resource.name, kinds[0])
    app.push_screen(FaultForm(first, kinds, ordered=resource.fault is not None, submit=app.ask))


def _answer_always(app: Workbench) -> None:
    resource = app.now().instance
    if resource is not None:
        app.composer.answer(resource)
        app.workspace.go(SEND)


def _end_orders(app: Workbench) -> None:
    resource = app.now().instance
    if resource is None:
        return
    name = resource.name
    if resource.fault is not None:
        app.ask(Fault(name, None), lambda _: app.say(f"nothing goes wrong at {name} any more"))
    if resource.rule is not None:
        app.ask(Rule(name, None, named=True), lambda _: app.say(f"no rule answers calls at {name} any more"))


def _send_from(app: Workbench) -> None:
    resource = app.now().instance
    if resource is not None:
        kind = kind_of(resource, app.project)
        calls = kind is not None and kind.calls(configuration(resource.name, app.project))
        app.composer.speak_as(resource.name, _first_target(resource, app), calls)
        app.workspace.go(SEND)


def _first_target(resource: InstanceView, app: Workbench) -> str | None:
    """Where its first output leads; of one without outputs, who sends to it."""
    plan = plan_of(resource.name, app.project)
    if plan is not None and plan.links:
        return next(iter(plan.links.values()))
    instances = app.engine.view().instances
    return next((one.name for one in instances if resource.name in one.links.values()), None)


RESOURCE_DEEDS: Mapping[str, Deed] = {
    "run-real": _run_real,
    "play": _play,
    "fault": _order_fault,
    "answer-always": _answer_always,
    "end-orders": _end_orders,
    "send-from": _send_from,
}

assert RESOURCE_DEEDS.keys() == {action.id for action in RESOURCES}
