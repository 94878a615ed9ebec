"""A workflow with resources of each kind of standing, on a stub session."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from tests.tui.stub import StubSession
from workbench.project.model import Function, Project, StandInPlan
from workbench.records import Call, Cast, Reply
from workbench.session.commands import Fault
from workbench.session.view import BuildView, InstanceView, View

HTTP_REQUEST = (
    b'{"method":"Post","protocol":"Unknown","host":"127.0.0.1:7035","path":"/orders","body":[49],"headers":{}}'
)
SQL_ANSWER = b'{"id":"7","metadata":{"count":1}}'


def shop(root: Path, workflow: str = "workflow.json") -> View:
    """Orders come by HTTP, are checked, priced and stored; one resource is elsewhere, one output leads nowhere."""
    file = root / workflow
    plans = (
        StandInPlan("api", "http-ingress", {"method": "POST"}, {"new_request": "orders"}, file),
        StandInPlan("store", "sqlx", {"url": "sqlite://orders.db"}, {}, file),
        StandInPlan("audit", "file-log", {"filename": "audit.log", "add-timestamp": "1"}, {}, file),
        StandInPlan("mail", "http-poster", {"url": "https://mail.example.org/send"}, {}, file),
        StandInPlan("topic", "kafka-egress", {"brokers": "127.0.0.1:9092", "color": "red"}, {}, file),
        StandInPlan("alarm"),
    )

    def function(name: str, **links: str | None) -> InstanceView:
        return InstanceView(name, name, "idle", handled=9, rate=3, memory_bytes=1 << 20, links=links, workflow=file)

    def resource(plan: StandInPlan, **fields: object) -> InstanceView:
        view = InstanceView(plan.name, plan.class_type or "", "stand-in", class_type=plan.class_type)
        return replace(view, workflow=plan.workflow, **fields)  # type: ignore[arg-type]

    api, store, audit, mail, topic, alarm = plans
    instances = (
        function("orders", valid="price", log="audit", invalid="alarm"),
        function("price", priced="book", mail="mail"),
        replace(
            function("book", store="store", done="orders", topic="topic", later="book", gone=None), status="waiting"
        ),
        resource(api, real=True, health="ready", health_words="http://127.0.0.1:7035"),
        resource(store, real=True, health="trouble", health_words="orders.db: attempt to write a readonly database"),
        resource(audit, real=True, health="starting"),
        resource(mail, fault=Fault("mail", "delay", 500, 3)),
        resource(topic),
        resource(alarm),
    )
    functions = {one.name: _function(root / one.name) for one in instances[:3]}
    project = Project(root, (root,), functions, workflows=(file,), stand_ins=plans)
    return View(project, instances, (BuildView("orders", "live"),), t_ms=10_000.0, events=60, rate=12.0)


def _function(directory: Path) -> Function:
    wasm = directory / f"{directory.name}.wasm"
    return Function(directory.name, directory, directory / "function.json", directory / "Cargo.toml", wasm)


def orders(root: Path) -> StubSession:
    """The shop, with ten orders that came in the last second."""
    session = StubSession(shop(root))
    for number in range(10):
        t = 9_100.0 + number * 90
        order = b'{"order": %d}' % number
        session.add(
            Call(0, t, "api", None, "api", "orders", "new_request", HTTP_REQUEST),
            Cast(0, t + 1, "orders", None, "orders", "price", "valid", order),
            Cast(0, t + 2, "orders", None, "orders", "audit", "log", b"order %d" % number),
            Cast(0, t + 3, "price", None, "price", "book", "priced", order),
            Call(0, t + 4, "book", None, "book", "store", "store", b"INSERT INTO orders VALUES (1)"),
        )
        session.add(
            Reply(0, t + 5, "store", None, session.journal.end - 1, "reply", SQL_ANSWER),
            Cast(0, t + 6, "book", None, "book", None, "gone", b"?"),
        )
    session.add(Cast(0, 9_990.0, "price", None, "price", "\x1b[31mmail", "stray", b"x"))
    session.add(Cast(0, 9_991.0, "orders", None, "orders", "alarm", "invalid", b"\x1b[31mno such thing"))
    return session
