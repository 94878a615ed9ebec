"""A session that only remembers what it was asked, and shows what a test puts into it."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path

from workbench.journal import Journal
from workbench.project.model import Function, Project
from workbench.records import (
    Call,
    Cast,
    Handled,
    InstanceId,
    Log,
    Note,
    Record,
    Reply,
    Start,
    Sync,
    Timer,
    Trap,
)
from workbench.session.commands import Command
from workbench.session.view import BuildView, InstanceView, PendingCall, View


class StubSession:
    """`asked` are the commands; their futures give what is in `answers` by the command's type, else what `answer` says.

    A test sets `picture`.
    """

    def __init__(self, picture: View) -> None:
        self.journal = Journal()
        self.picture = picture
        self.asked: list[Command] = []
        self.answers: dict[type, object] = {}
        self.answer: Callable[[Command], object] = lambda _: None

    def view(self) -> View:
        """What the test says it is."""
        return self.picture

    def show(self, **changes: object) -> None:
        """Change fields of the picture."""
        self.picture = replace(self.picture, **changes)  # type: ignore[arg-type]

    def submit(self, command: Command) -> Future[object]:
        """Remember `command`; answer at once."""
        self.asked.append(command)
        future: Future[object] = Future()
        answer = self.answers.get(type(command), self.answer(command))
        if isinstance(answer, Exception):
            future.set_exception(answer)
        else:
            future.set_result(answer)
        return future

    def add(self, *records: Record) -> None:
        """Append records; their `seq` is given here."""
        for record in records:
            fields = {name: getattr(record, name) for name in record.__struct_fields__}
            self.journal.append(type(record)(**{**fields, "seq": self.journal.end}))


def project(root: Path) -> Project:
    """A pipeline and a pair, with source files that exist."""
    functions = {}
    for name in ("sensor", "filter", "average", "ping", "pong"):
        directory = root / name
        (directory / "src").mkdir(parents=True, exist_ok=True)
        (directory / "src" / "lib.rs").write_text("\n".join(f"// line {number}" for number in range(1, 60)))
        (directory / "Cargo.toml").write_text("[package]\n")
        functions[name] = Function(
            name, directory, directory / "function.json", directory / "Cargo.toml", directory / f"{name}.wasm"
        )
    return Project(root, (root,), functions, workflows=(root / "workflow.json",))


def instances() -> tuple[InstanceView, ...]:
    """One row of each status."""
    return (
        InstanceView("sensor", "sensor", "idle", handled=412, rate=12, memory_bytes=1 << 20),
        InstanceView(
            "filter", "filter", "running", mailbox=2, handled=410, rate=8, memory_bytes=1 << 20, callback="handle_cast"
        ),
        InstanceView("average", "average", "idle", handled=400, rate=8, memory_bytes=1_200_000, last_sync=5),
        InstanceView(
            "ping", "ping", "waiting", "waits on pong", waits_on="pong", handled=31, rate=1, memory_bytes=1 << 20
        ),
        InstanceView("pong", "pong", "idle", handled=30, rate=1, memory_bytes=1 << 20),
        InstanceView(
            "risky",
            "risky",
            "trapped",
            "panicked at src/lib.rs:31: asked to",
            mailbox=3,
            memory_bytes=1 << 20,
            last_trap=9,
        ),
        InstanceView("sink", "", "stand-in"),
    )


def busy(root: Path) -> StubSession:
    """A session in full swing."""
    builds = (
        BuildView("sensor", "live"),
        BuildView("filter", "live"),
        BuildView("average", "live", since_change_ms=340),
        BuildView("ping", "live"),
        BuildView("pong", "live"),
    )
    view = View(project(root), instances(), builds, t_ms=724_318, events=12_345, rate=1204, traps=1, notes=2)
    session = StubSession(view)
    identity = InstanceId("6ba7b810-9dad-11d1-80b4-00c04fd430c8", "6ba7b811-9dad-11d1-80b4-00c04fd430c8")
    for at, instance in enumerate(instances()[:-1]):
        session.add(Start(0, at * 3.0, instance.name, None, instance.function, identity, None, None))
    t = 700_000.0
    for number in range(60):
        t += 37.3
        reading = 38 + number * 7 % 13 + 0.5
        end = session.journal.end
        session.add(
            Cast(0, t, "sensor", None, "sensor", "filter", "out", f'{{"value": {reading:.1f}, "unit": "C"}}'.encode()),
            Handled(0, t + 0.4, "filter", end, end, "handle_cast", 212.0, "ok"),
            Cast(0, t + 0.5, "filter", end, "filter", "average", "passed", f'{{"value": {reading:.1f}}}'.encode()),
            Log(0, t + 0.6, "average", end + 2, "info", "average", f"{number + 1} readings, average {reading - 1:.2f}"),
            Sync(0, t + 0.7, "average", end + 2, f'{{"count": {number + 1}, "sum": {reading * (number + 1):.1f}}}'),
            Handled(0, t + 0.8, "average", end + 2, end + 2, "handle_cast", 96.0, "ok"),
        )
        if number % 5 == 0:
            call = session.journal.end
            session.add(
                Timer(0, t + 1, "ping", None, "ping", "ping", "self", 1000, b"wakeup"),
                Log(0, t + 1.2, "ping", None, "debug", "ping", "asking pong"),
                Call(0, t + 1.3, "ping", None, "ping", "pong", "pong", f"PING-{number}".encode()),
                Reply(0, t + 1.7, "pong", call + 2, call + 2, "reply", b"PONG"),
                Log(0, t + 1.8, "ping", None, "info", "ping", "Got reply: PONG"),
            )
    session.add(
        Log(0, t + 2, "risky", None, "error", "risky", "panicked at src/lib.rs:31:9: asked to"),
        Trap(0, t + 2.1, "risky", None, "handle_cast", "wasm trap: unreachable", "asked to", ()),
        Note(0, t + 2.2, "ping", None, "callee-trapped", "on the platform the caller would wait for ever"),
    )
    last = max(record.seq for record in session.journal.iterate() if isinstance(record, Sync))
    synced = session.journal.get(last)
    assert isinstance(synced, Sync)
    session.show(
        instances=tuple(
            replace(one, last_sync=last, synced=synced.state) if one.last_sync else one for one in instances()
        )
    )
    return session


def pending(seq: int = 7) -> PendingCall:
    """A call to the stand-in that waits."""
    return PendingCall(seq, "average", "sink", "sink", b"how much?", 720_000)
