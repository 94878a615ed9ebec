"""What the session's tests share: a session on real wasm, driven by hand and looked at through its journal."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar

from tests.guests.build import wasm
from workbench.config import Settings
from workbench.project.model import Function, InstancePlan, Project, StandInPlan
from workbench.records import Entry, Log, Note
from workbench.session.commands import Command, Send
from workbench.session.session import Options, Session
from workbench.session.view import InstanceView

DEADLINE_S = 20.0
WORKFLOW = Path("workflow.json")

R = TypeVar("R", bound=Entry)


def plan(name: str, init: str | None = None, function: str = "probe", **links: str) -> InstancePlan:
    """An instance of a workflow, of the probe unless said otherwise; `links` lead from its outputs to others."""
    return InstancePlan(name, function, links, init, WORKFLOW)


def alone(name: str, function: str = "probe", **links: str) -> InstancePlan:
    """An instance of a function that was opened by itself."""
    return InstancePlan(name, function, links)


def project(root: Path, *plans: InstancePlan, stand_ins: tuple[str, ...] = ()) -> Project:
    """A project of built functions, without source."""
    functions: Mapping[str, Function] = {
        one.function: Function(one.function, root, None, None, wasm(one.function)) for one in plans
    }
    return Project(root, (root,), functions, plans, tuple(StandInPlan(name) for name in stand_ins))


class Play:
    """An open session and the questions tests ask of it."""

    def __init__(self, project: Project, options: Options, settings: Settings | None = None) -> None:
        self.session = Session(project, settings or Settings(), options)
        self.session.open()

    def settle(self) -> None:
        """Wait until nothing is left to do."""
        assert self.session.wait_idle(DEADLINE_S), self.session.view()

    def do(self, command: Command) -> object:
        """Have a command done; its result."""
        return self.session.submit(command).result(DEADLINE_S)

    def post(self, target: str, payload: str | bytes, *, call: bool = False, source: str = "user") -> int:
        """Send by hand; the `seq` of the event."""
        content = payload.encode() if isinstance(payload, str) else payload
        seq = self.do(Send(target, content, call=call, source=source))
        assert isinstance(seq, int)
        return seq

    def cast(self, target: str, payload: str | bytes) -> int:
        """Cast by hand and wait until nothing is left to do."""
        seq = self.post(target, payload)
        self.settle()
        return seq

    def call(self, target: str, payload: str | bytes) -> int:
        """Call by hand and wait until nothing is left to do."""
        seq = self.post(target, payload, call=True)
        self.settle()
        return seq

    def records(self, kind: type[R], instance: str | None = None) -> list[R]:
        """The records of a kind, of one instance when it is named."""
        found = [record for record in self.session.journal.iterate() if isinstance(record, kind)]
        return [record for record in found if instance is None or record.instance == instance]

    def said(self, instance: str) -> list[str]:
        """What an instance logged."""
        return [log.message for log in self.records(Log, instance)]

    def notes(self) -> list[str]:
        """The codes of the notes."""
        return [note.code for note in self.records(Note)]

    def instance(self, name: str) -> InstanceView:
        """How an instance looks."""
        return next(one for one in self.session.view().instances if one.name == name)

    def until(self, condition: Callable[[], bool], seconds: float = DEADLINE_S) -> None:
        """Wait for what the session does by itself. Raises TimeoutError."""
        deadline = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > deadline:
                raise TimeoutError(f"it did not come to pass: {self.session.view()}")
            time.sleep(0.005)
