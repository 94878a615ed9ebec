"""What each command does."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path

from workbench.config.shape import suggestion
from workbench.errors import UserError
from workbench.project.model import InstancePlan, Project
from workbench.records import USER, Cast
from workbench.session.actors import Instance, StandIn
from workbench.session.code import CodeDesk
from workbench.session.commands import (
    Answer,
    CancelBuild,
    Command,
    Kill,
    Rebuild,
    Restart,
    Rule,
    Send,
    Spawn,
    StartWorkflow,
    StopInstance,
    StopWorkflow,
    SwitchProfile,
)
from workbench.session.handling import Handling
from workbench.session.identity import sender
from workbench.session.lifecycle import Lifecycle
from workbench.session.node_lints import note_stops
from workbench.session.population import Population
from workbench.session.sending import AT_ONCE, Sending
from workbench.session.text import check_text
from workbench.session.timers import weight_of
from workbench.session.undeclared import RESERVED, stand_in_for
from workbench.session.world import World
from workbench.units import format_size


class Deeds:
    """Does commands, on the engine's thread. A `UserError` says what is wrong with one."""

    def __init__(
        self, world: World, handling: Handling, life: Lifecycle, population: Population, code: CodeDesk,
        project: Callable[[], Project],
    ) -> None:  # fmt: skip
        self._world, self._handling, self._life, self._population = world, handling, life, population
        self.code = code
        self._project = project

    def do(self, command: Command, future: Future[object] | None = None) -> None:
        """Do it; `future` gets the result at once, or when it is known."""
        future = future if future is not None else Future()
        if isinstance(command, Send):
            self._send(command, future)
            return
        result: object = None
        match command:
            case Answer():
                self._answer(command)
            case Rule():
                self._rule(command)
            case Restart():
                self._restart(command)
            case StopInstance():
                self._life.stop(self.instance(command.instance))
            case Kill():
                self._handling.kill(self.instance(command.instance))
            case StopWorkflow(path):
                note_stops(self._world, self._of(path))
                self._population.stop_together(Path(path), self._of(path))
            case StartWorkflow(path):
                note_stops(self._world, self._of(path))
                self._population.start_together(Path(path), self._of(path))
                self._population.mark_resources(Path(path), stopped=False)
            case Spawn():
                result = self._spawn(command)
            case Rebuild():
                self._rebuild(command)
            case CancelBuild():
                self.code.cancel()
            case SwitchProfile():
                self.code.profile = command.profile
                self._population.want_all(self._project())
        future.set_result(result)

    # ---- sending by hand

    def _send(self, send: Send, future: Future[object]) -> None:
        self._world.named(send.target)
        if send.source != USER:
            self._world.named(send.source)
        if send.repeat < 1:
            raise UserError(f"repeat must be at least 1, not {send.repeat}")
        sending = Sending(send, send.repeat, future)
        self._check_room(sending)
        if send.delay_ms > 0:
            self._world.timers.set(self._world.clock.now() + send.delay_ms, sending)
        else:
            self.send_due(sending)

    def _check_room(self, sending: Sending) -> None:
        """Raises `UserError` when it would have to wait, and too much does already."""
        send, world = sending.send, self._world
        target = world.actors.get(send.target)
        at_once = send.delay_ms <= 0 and send.repeat == 1
        if at_once and isinstance(target, Instance) and target.guest is not None and target.waiting_call is None:
            at_once = world.room(target, len(send.payload)) > 0
        if not at_once and not world.has_room(world.timers, weight_of(sending)):
            much = f"{format_size(world.mailbox_bytes)} wait to be sent already (limits.mailbox_bytes)"
            raise UserError(f"{much}: wait until they are, then send this again")

    def send_due(self, sending: Sending) -> None:
        """Send what is due now, and set the timer for the rest."""
        send, world = sending.send, self._world
        target = world.actors.get(send.target)
        source, identity = world.actors.get(send.source), sender(send.source)
        if isinstance(target, Instance):
            self._note_bytes(target, "a message", send.payload)
        now = min(sending.left, AT_ONCE) if send.every_ms <= 0 else 1
        if isinstance(target, Instance) and target.guest is not None and target.waiting_call is None:
            now = min(now, world.room(target, len(send.payload)))  # the rest waits until there is room
        for _ in range(now):
            seq = world.send(
                send.source, identity, target, None, send.payload,
                call=send.call, parent=None, instance=source.name if source else None,
            )  # fmt: skip
            if not sending.future.done():
                sending.future.set_result(seq)
            sending.left -= 1
        if sending.left:
            world.timers.set(world.clock.now() + max(0, send.every_ms), sending)

    def _note_bytes(self, instance: Instance, what: str, payload: bytes) -> None:
        if not payload.isascii():
            try:
                payload.decode()
            except UnicodeDecodeError:
                message = f"{what} that is not UTF-8 was sent to it by hand: the platform's messages are text"
                self._world.note_from(instance, None, "non-utf8", message, f"by hand {what}")

    # ---- stand-ins

    def _answer(self, command: Answer) -> None:
        if command.call not in self._world.calls:
            record = self._world.journal.get(command.call)
            what = "is a cast: nobody waits for an answer" if isinstance(record, Cast) else "does not wait any more"
            raise UserError(f"#{command.call} {what}")
        standing = self._world.standing.get(command.call)
        by = standing[1].name if standing is not None else None
        caller = self._world.calls[command.call]
        if caller is not None:
            self._note_bytes(caller, "a reply", command.payload)
        self._world.answer(command.call, command.outcome, command.payload, parent=None, by=by)

    def _rule(self, command: Rule) -> None:
        stand_ins = [actor for actor in self._world.actors.values() if isinstance(actor, StandIn)]
        names = {stand_in.name for stand_in in stand_ins}
        reached = {command.alias}
        for instance in self._world.instances():
            links = self._world.link_names(instance)
            names.update(links)
            if not command.named:
                reached |= {name for alias, name in links.items() if alias == command.alias}
        meant = [stand_in for stand_in in stand_ins if stand_in.name in reached]
        alone = any(instance.workflow is None for instance in self._world.instances())
        unknown = command.alias not in names and (alone or command.alias not in self._world.actors)
        if not meant and unknown and command.outcome is not None and not command.named:
            meant = [self._stand_in_for(command.alias)]
        if not meant:
            raise UserError(f'no stand-in is behind "{command.alias}"; {suggestion(command.alias, names)}')
        for stand_in in meant:
            stand_in.rule = None if command.outcome is None else (command.outcome, command.payload)
            if stand_in.rule is not None:
                for seq in list(self._world.standing.of(stand_in)):
                    self._world.answer(seq, *stand_in.rule, parent=None, by=stand_in.name)

    def _stand_in_for(self, alias: str) -> StandIn:
        """A stand-in for an output that nobody declared."""
        if alias in RESERVED:
            raise UserError(f'"{alias}" cannot be answered for: it is the name of somebody else')
        stand_in = stand_in_for(self._world, alias)
        self._world.shared_links[alias] = stand_in.name
        self._world.link_all()
        return stand_in

    # ---- instances

    def _restart(self, command: Restart) -> None:
        instance = self.instance(command.instance)
        newest = self._population.newest(instance.function)
        if newest is None:
            raise UserError(f"{instance.name} cannot start: {instance.detail or 'its code is not there yet'}")
        check_text("init payload", command.init_payload)
        check_text("state", command.state)
        if command.init_payload is not None:
            instance.init_payload = command.init_payload
        self._population.restart(instance, newest, command.state)

    def _of(self, path: str) -> list[Instance]:
        """The instances of a workflow, in the file's order. Raises `UserError` when it is not open."""
        workflows = {str(workflow): workflow for workflow in self._project().workflows}
        workflow = workflows.get(path)
        if workflow is None:
            raise UserError(f'no workflow "{path}" is open; {suggestion(path, workflows)}')
        return [instance for instance in self._world.instances() if instance.workflow == workflow]

    def _spawn(self, command: Spawn) -> str:
        project = self._project()
        if command.function not in project.functions:
            raise UserError(
                f'there is no function "{command.function}"; {suggestion(command.function, project.functions)}'
            )
        if command.name is not None and (command.name in self._world.actors or command.name in RESERVED):
            raise UserError(f'the name "{command.name}" is taken')
        check_text("init payload", command.init_payload)
        check_text("state", command.state)
        like = next((plan for plan in project.instances if plan.function == command.function), None)
        plan = replace(
            like or InstancePlan(command.function, command.function), name=command.name or self._free(command.function)
        )
        if command.init_payload is not None:
            plan = replace(plan, init_payload=command.init_payload)
        return self._population.spawn(plan, command.state).name

    def _free(self, base: str) -> str:
        number = 2
        while f"{base}-{number}" in self._world.actors:
            number += 1
        return f"{base}-{number}"

    def _rebuild(self, command: Rebuild) -> None:
        functions = self._project().functions
        if command.function is not None and command.function not in functions:
            raise UserError(f'there is no function "{command.function}"; {suggestion(command.function, functions)}')
        for function in functions.values():
            if command.function in (None, function.id):
                self.code.want(function)

    def stand_in(self, name: str) -> StandIn:
        """The stand-in or resource of that name. Raises `UserError` when there is none."""
        actor = self._world.named(name)
        if isinstance(actor, Instance):
            raise UserError(f'"{name}" is an instance of a function, not a stand-in')
        return actor

    def instance(self, name: str) -> Instance:
        """The instance of that name. Raises `UserError` when there is none."""
        actor = self._world.named(name)
        if isinstance(actor, StandIn):
            raise UserError(f'"{name}" is a stand-in, not an instance')
        return actor
