"""Effects: what a guest did while it handled an event, written down and sent where its aliases lead."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from workbench.host import contract
from workbench.host.contract import Effect, Identity
from workbench.records import Cast, Log, LogLevel, Sync, Timer
from workbench.session import remarks
from workbench.session.actors import Actor, Event, Instance
from workbench.session.forever import is_taken_for_a_reply, note_a_wait_for_ever, take_for_a_reply
from workbench.session.identity import hyphenated
from workbench.session.node_lints import note_the_race
from workbench.session.undeclared import play
from workbench.session.world import World
from workbench.weight import shortened

PANIC = "panic"
"""The log target under which a guest tells its panic's text before it traps."""

LOGGER_TWICE = "init_logger"
"""The log target under which the workbench's own guest crate tells that `init_logger` was called again."""

_LEVELS: dict[int, LogLevel] = {1: "error", 2: "warn", 3: "info", 4: "debug", 5: "trace"}

_BY_OUTPUT = (contract.CAST, contract.CALL, contract.DELAYED)


class Effects:
    """Takes what guests did into `world`. `ended(instance, code, reply)` hears where an event's handling ended."""

    def __init__(self, world: World, ended: Callable[[Instance, int, bytes], None]) -> None:
        self._world, self._ended = world, ended

    def take(self, instance: Instance, effects: Iterable[Effect]) -> list[Effect]:
        """Take `effects`, in order; gives back those that are left when the world is halted."""
        world = self._world
        journal, t, name = world.journal, world.clock.now(), instance.name
        links, append, longest = instance.links, journal.append, journal.record_bytes
        left, begins = iter(effects), instance.callback == "handle_init"
        for kind, number, first, second in left:
            if kind in _BY_OUTPUT and first not in links and play(world, instance, first.decode()) is not None:
                links = instance.links
            if begins:
                self._note_the_race(instance, kind, first)
            if kind == contract.DONE:
                self._ended(instance, number, second)
            elif kind == contract.LOG:
                level = _LEVELS.get(number)
                if level is None:
                    level = "error"
                    message = f"log level {number} is unknown: taken as error"
                    world.note(instance, "unknown-log-level", message, str(number))
                size = len(second)
                if size > longest:
                    second = shortened(second, longest // 2)
                where, text = first.decode(), second.decode()
                if where == PANIC or (level == "error" and text.startswith("panicked at")):
                    instance.panic = text
                elif where == LOGGER_TWICE:
                    remarks.sets_logger_twice(world, instance)
                record = Log(journal.end, t, name, instance.cause, level, where, text)
                if len(text) == size:
                    append(record, size)
                else:  # not ASCII, or cut
                    append(record)
                    if size > longest:
                        world.tell_cut(record, size)
            elif kind == contract.SYNC:
                seq = instance.last_sync = journal.end
                state = instance.state = instance.synced = first.decode()
                sync = Sync(seq, t, name, instance.cause, state)
                append(sync, len(first) if len(first) == len(state) else None)
            elif kind == contract.CAST:
                alias, target, seq = first.decode(), links.get(first), journal.end
                if target is None:
                    append(Cast(seq, t, name, instance.cause, name, None, alias, second))
                    message = f'cast to "{alias}", which leads nowhere: the platform drops it'
                    world.note(instance, "unknown-alias", message, alias)
                else:
                    cast = Cast(seq, t, name, instance.cause, name, target.name, alias, second)
                    append(cast, len(second) + 4 * len(first))
                    if world.holds:
                        world.arrive_unless_held(cast, target, Event(seq, False, name, instance.identity, second, cast))
                    elif isinstance(target, Instance):
                        world.deliver(target, Event(seq, False, name, instance.identity, second, cast))
                    else:
                        world.arrive(Event(seq, False, name, instance.identity, second, cast), target, alias)
            elif kind == contract.DELAYED:
                target, seq = links.get(first), journal.end
                target_name = target.name if target is not None else None
                timer = Timer(seq, t, name, instance.cause, name, target_name, first.decode(), number, second)
                append(timer)
                world.set_timer(timer)
            elif kind == contract.CAST_RAW:
                self._note_nobody(instance, first)
                world.send(
                    name, instance.identity, world.by_identity.get(first), None, second,
                    call=False, parent=instance.cause, instance=name,
                )  # fmt: skip
            else:
                self._call(instance, kind == contract.CALL_RAW, first, second)
            if world.halted:
                return list(left)
        return []

    def _note_the_race(self, instance: Instance, kind: int, alias: bytes) -> None:
        """On the platform outputs are linked by a later message, while `handle_init` may be running already."""
        if kind in _BY_OUTPUT and alias != b"self" and alias in instance.links:
            note_the_race(self._world, instance, alias.decode())

    def _call(self, instance: Instance, raw: bool, first: bytes, payload: bytes) -> None:
        world, name = self._world, instance.name
        target = world.by_identity.get(first) if raw else instance.links.get(first)
        alias = None if raw else first.decode()
        if raw:
            self._note_nobody(instance, first)
        instance.status = "waiting"
        instance.calls_made += 1
        seq = world.journal.end
        instance.waiting_call, instance.waits_on = seq, target
        if target is instance:
            world.lose_call(name, instance, alias, payload, parent=instance.cause, caller=instance)
            world.note(instance, "call-to-self", "a call to itself fails at once, its handle_call never runs", "self")
            world.answer(seq, "err", b"", parent=None, by=None)
        elif instance.next_call_fails:
            self._call_while_stopping(instance, target, alias, payload)
        elif is_taken_for_a_reply(world, instance, target):
            world.lose_call(name, None, alias, payload, parent=instance.cause, caller=instance)
            take_for_a_reply(world, instance, target)
        else:
            self._send_call(instance, target, alias, payload)
            note_a_wait_for_ever(world, instance, seq, target)

    def _send_call(self, instance: Instance, target: Actor | None, alias: str | None, payload: bytes) -> None:
        self._world.send(
            instance.name, instance.identity, target, alias, payload,
            call=True, parent=instance.cause, instance=instance.name, caller=instance,
        )  # fmt: skip

    def _call_while_stopping(self, instance: Instance, target: Actor | None, alias: str | None, payload: bytes) -> None:
        """The call fails at once; whether it is sent is chance on the platform: here it is, unless in strict mode."""
        world = self._world
        instance.next_call_fails = False
        seq = world.journal.end
        if world.strict:
            world.lose_call(instance.name, None, alias, payload, parent=instance.cause, caller=instance)
        else:
            self._send_call(instance, target, alias, payload)
        came = "which is lost" if world.strict else "although its request arrives"
        message = f"the first call of a function that stops returns an error, {came}; the platform may do either"
        world.note(instance, "call-in-stop", message, str(seq))
        world.answer(seq, "err", b"", parent=None, by=None)

    def _note_nobody(self, instance: Instance, identity: Identity) -> None:
        if identity not in self._world.by_identity:
            message = f"sent to {hyphenated(identity)}, which is nobody: the platform drops it"
            self._world.note(instance, "unknown-alias", message, identity.hex())
