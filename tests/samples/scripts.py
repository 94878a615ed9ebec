"""A script for each sample, played on the plain host or on the workbench's own."""

from __future__ import annotations

from pathlib import Path

from wasmtime import Trap

from tests.guests.plain_host import COMPONENT, NODE, REPLY, SOURCE_COMPONENT, SOURCE_NODE, Effect, PlainHost
from tests.host.hosting import Letter
from workbench.host import contract
from workbench.host.engine import Host
from workbench.host.guest import Guest, Progress

ANSWERS = {"pong": b"pong", "till": b"sold", "book": b"7", "database": b"rows_affected: 1, last_insert_rowid: 7."}
TRAPPED: Effect = ("trapped",)

# What is done to an instance, a step a line: `init`, `state` (an init with that state), `cast`, `call`, `stop`.
SCRIPTS = {
    "average": ["init window=2", "cast 1", "cast 2", "cast 4", "cast warm", "stop"],
    "book": ["init", "cast x", 'call {"pieces":3}', "call total", "stop"],
    "counter": ['state {"count":5}', "cast x", "cast -3", "call", "cast reset", "stop"],
    "example": ['state {"count":5}', "cast hello", "call hello", "stop"],
    "filter": ["init min=1,max=2", "cast 1.5", "cast 0", "cast 3", "cast x", "stop"],
    "ping": ["init", "cast wakeup", "cast ping", "cast x", "call", "stop"],
    "pong": ["init", "cast x", "call ping 7", "stop"],
    "risky": ["init stop=panic", "cast unknown-alias", "call x", "cast flood", "stop"],
    "sensor": ["init period=10,min=0,max=1,seed=3", "cast read", "cast read", "stop"],
    "shop": [
        "init",
        "cast x",
        'call {"method":"Post","path":"/orders","body":[51]}',
        'call {"method":"Get","path":"/","body":[]}',
        "call x",
        "stop",
    ],
    "ticker": ["init period=10", "cast beat", "cast x", "call", "stop"],
    "till": ["init apples=50", "cast x", "call 3 apples", "call 3 kiwis", "stop"],
}


def played(name: str, wasm: Path) -> list[Effect]:
    """Everything that an instance lets the host see while its script is played."""
    host = PlainHost(wasm)
    host.answers = {output: (REPLY, reply) for output, reply in ANSWERS.items()}
    for step in SCRIPTS[name]:
        verb, _, text = step.partition(" ")
        payload = text.encode()
        try:
            match verb:
                case "init":
                    host.init(payload)
                case "state":
                    host.init(None, payload)
                case "cast":
                    host.cast(payload)
                case "call":
                    host.effects.append(host.call(payload))
                case "stop":
                    host.stop()
        except Trap:
            host.effects.append(TRAPPED)
    return host.effects


def played_by_the_workbench(name: str, wasm: Path) -> list[Effect]:
    """The same, on the host of the workbench."""
    host = Host()
    try:
        guest = Guest(host, host.load(wasm.read_bytes(), name), NODE + COMPONENT, lambda alias: True)
        effects: list[Effect] = []
        for step in SCRIPTS[name]:
            verb, _, text = step.partition(" ")
            _begin(guest, verb, text)
            did: list[contract.Effect] = []
            while guest.run() in (Progress.RUNNING, Progress.WAITING):
                if guest.progress is Progress.WAITING:
                    did += guest.effects()
                    _, _, output, _ = did[-1]
                    guest.resume("reply", ANSWERS[output.decode()])
            did += guest.effects()
            done = [effect for effect in did if effect[0] == contract.DONE]
            effects += [_plainly(effect) for effect in did if effect not in done]
            if guest.trap:
                effects.append(TRAPPED)
            elif verb == "call":
                _, code, _, reply = done[-1]
                effects.append((code, reply))
        guest.kill()
        return effects
    finally:
        host.close()


def _begin(guest: Guest, verb: str, text: str) -> None:
    source = SOURCE_NODE + SOURCE_COMPONENT
    match verb:
        case "init":
            guest.init(text, None)
        case "state":
            guest.init(None, text)
        case "cast":
            guest.deliver([Letter(False, text.encode(), source)])
        case "call":
            guest.deliver([Letter(True, text.encode(), source)])
        case "stop":
            guest.stop()


def _plainly(effect: contract.Effect) -> Effect:
    """An effect of the workbench's host in the plain host's words."""
    kind, number, first, second = effect
    match kind:
        case contract.CAST:
            return "cast", first.decode(), second.decode()
        case contract.CALL:
            return "call", first.decode(), second.decode()
        case contract.DELAYED:
            return "delayed_cast", number, first.decode(), second.decode()
        case contract.LOG:
            return "log", number, first.decode(), second.decode()
        case contract.SYNC:
            return "sync", first.decode()
        case _:
            raise AssertionError(f"no sample does this: {effect}")
