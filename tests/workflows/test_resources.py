"""One workflow for each resource there is, in the platform's format, run with the resource real."""

from __future__ import annotations

import json
import sqlite3
from base64 import b64encode
from contextlib import closing

import pytest

from tests.headless.program import wait_until
from tests.resources.asking import CLOSED, ask
from tests.resources.conftest import RedisServer
from tests.resources.servers import Answered, Asked, serving
from tests.workflows.workflow import Workflow, said, serving_run
from workbench.resources.registry import KINDS


def written(workflow: Workflow) -> bytes:
    """What is in `out.log`."""
    return (workflow.files / "out.log").read_bytes()


def test_a_file_log_appends_lines(workflow: Workflow) -> None:
    workflow.resource("log", "file-log", filename="out.log", **{"add-source-id": "true"})
    assert workflow.said("cast log one", "call log two") == ["reply "]
    lines = (workflow.files / "out.log").read_text().splitlines()
    assert [line.rpartition(" ")[2] for line in lines] == ["one", "two"]
    assert all(line.startswith("InstanceId(node_id: ") for line in lines)


def test_a_request_is_a_call_and_its_reply_the_response(workflow: Workflow) -> None:
    workflow.resource("door", "http-ingress", {"new_request": "desk"}, method="POST")
    workflow.resource("desk", "portal")
    response = '{"status":201,"headers":{"x-mine":"yes"},"body":[104,105]}'
    with serving_run(workflow.path, "--reply", f"desk={response}") as served:
        answer = ask(served.address, "POST", "/x", b"y")
        assert (answer.status, answer.headers["x-mine"], answer.body) == (201, "yes", b"hi")
        assert ask(served.address, "GET").status == 404


def test_a_reply_that_is_no_response_ends_the_connection(workflow: Workflow) -> None:
    workflow.resource("door", "http-ingress", {"new_request": "desk"})
    workflow.resource("desk", "portal")
    with serving_run(workflow.path, "--reply", "desk=hello") as served, pytest.raises(CLOSED):
        ask(served.address, "POST", "/x", b"y")


def test_without_waiting_a_body_is_cast(workflow: Workflow) -> None:
    workflow.resource("door", "http-ingress", {"new_request": "a"}, **{"async": "true"})
    workflow.resource("desk", "file-log", filename="out.log")
    with serving_run(workflow.path) as served:
        answer = ask(served.address, "POST", "/", b"call desk heard")
        assert (answer.status, answer.body) == (200, b"OK")
        served.wait_for("probe: reply")
    assert written(workflow) == b"heard\n"


def test_a_body_is_cast_in_base64_where_that_is_wanted(workflow: Workflow) -> None:
    wanted = {"async": "true", "encode_base64": "TRUE"}
    workflow.resource("door", "http-ingress", {"new_request": "log"}, **wanted)
    workflow.resource("log", "file-log", filename="out.log")
    with serving_run(workflow.path) as served:
        assert ask(served.address, "POST", "/", b"\xff\x00").status == 200
        wait_until(lambda: written(workflow) == b64encode(b"\xff\x00") + b"\n")


def echo(asked: Asked) -> Answered:
    return 200, {"content-type": "text/plain"}, b"heard " + asked.body


def request(host: str, body: bytes = b"hello") -> str:
    request = {"method": "Post", "protocol": "HTTP", "host": host, "path": "/x?y", "body": list(body), "headers": {}}
    return json.dumps(request, separators=(",", ":"))


def test_a_request_goes_out_and_the_response_comes_back(workflow: Workflow) -> None:
    workflow.resource("web", "http-egress")
    with serving(echo) as server:
        [reply] = workflow.said(f"call web {request(server.host)}")
    response = json.loads(reply.removeprefix("reply "))
    assert (response["status"], bytes(response["body"])) == (200, b"heard hello")
    [asked] = server.asked
    assert (asked.method, asked.path, asked.body) == ("POST", "/x?y", b"hello")


def test_what_is_cast_is_posted(workflow: Workflow) -> None:
    with serving(echo) as server:
        workflow.resource("post", "http-poster", url=f"{server.url}/inbox")
        workflow.said("cast post one", "cast post two")
    assert [(asked.path, asked.body) for asked in server.asked] == [("/inbox", b"one"), ("/inbox", b"two")]


def test_a_function_elsewhere_answers(workflow: Workflow) -> None:
    workflow.resource("cloud", "serverless", {"out": "a", "err": "a"})
    with serving(lambda asked: (200, {}, b"info elsewhere: " + asked.body)) as server:
        workflow.settings(f'[resource.cloud]\nurl = "{server.url}/f"\n')
        printed = workflow.well(script="cast a=cast cloud hi\nrun until 500ms\nexpect {kind:cast from:cloud to:a}")
    assert said(printed) == ["elsewhere: hi"]


def test_files_are_pushed(workflow: Workflow) -> None:
    workflow.resource("push", "file-pusher", {"out": "a"}, **{"period-ms": "10"})
    workflow.settings('[resource.push]\ndirectory = "given"\n')
    (workflow.files / "given").mkdir(parents=True)
    for number in (1, 2):
        (workflow.files / "given" / f"{number}.txt").write_text(f"info {number}")
    printed = workflow.well(script="run until 500ms\nexpect at least 3 {kind:cast from:push}")
    assert said(printed)[:3] == ["2", "1", "2"]


def test_values_are_kept_by_redis(workflow: Workflow, redis_server: RedisServer) -> None:
    workflow.resource("store", "redis", url=redis_server.url, key="last")
    assert workflow.said(
        "cast store 21.5", "call store last", "call store none", "cast store b:7", "call store last"
    ) == [
        "reply 21.5",
        "err",
        "reply b:7",
    ]


INSERT = "INSERT INTO WorkflowState (id, metadata) VALUES ($1, '{\"n\":1}')"


def test_sql_is_run_on_a_database(workflow: Workflow) -> None:
    workflow.resource("db", "sqlx", url="sqlite://state.db")
    first, second, third, fourth = workflow.said(
        f"call db {INSERT}", "call db SELECT * FROM WorkflowState WHERE id = $1", "call db SELECT nothing", "call db x"
    )
    assert first == "reply rows_affected: 1, last_insert_rowid: 1."
    assert json.loads(second.removeprefix("reply "))["metadata"] == {"n": 1}
    assert third.startswith("reply error returned from database: ")
    assert fourth == "err"
    with closing(sqlite3.connect(workflow.files / "state.db")) as database:
        assert database.execute("SELECT count(*) FROM WorkflowState").fetchone() == (1,)


def model(asked: Asked) -> Answered:
    """Says again what was said last, as an ollama server would."""
    told = json.loads(asked.body)
    answer = {"model": told["model"], "message": {"role": "assistant", "content": told["messages"][-1]["content"]}}
    return 200, {"content-type": "application/json"}, json.dumps({**answer, "done": True}).encode()


def test_a_model_answers(workflow: Workflow) -> None:
    workflow.resource("model", "ollama", {"out": "a"}, model="small")
    with serving(model) as server:
        workflow.settings(f'[resource.model]\nurl = "{server.url}"\n')
        printed = workflow.well(script="cast a=cast model info indeed\nrun until 500ms\nexpect {kind:cast from:model}")
    assert said(printed) == ["indeed"]
    assert server.asked[0].path == "/api/chat"


PLAYED = {
    "kafka-egress": {"brokers": "127.0.0.1:9092", "topic": "t"},
    "dda": {
        "dda_url": "http://127.0.0.1:8900",
        "dda_com_subscription_mapping": "[]",
        "dda_com_publication_mapping": "[]",
    },
    "scd30-sensor": {},
    "epaper-display": {},
    "portal": {},
}


@pytest.mark.parametrize("class_type", PLAYED)
def test_what_has_no_real_part_is_played_by_a_stand_in(workflow: Workflow, class_type: str) -> None:
    workflow.resource("r", class_type, **PLAYED[class_type])
    script = 'cast a=call r x\nanswer {to:r}=by hand\nexpect {kind:log "reply by hand"}\nshow instances'
    assert "  r stand-in" in workflow.well(script=script)


def test_a_sensor_is_played_by_hand(workflow: Workflow) -> None:
    workflow.resource("sensor", "scd30-sensor", {"data_out": "a"})
    assert said(workflow.well("--cast", "a=info 400;45;21")) == ["400;45;21"]


def test_every_class_is_tried_here() -> None:
    real = {
        "file-log",
        "http-ingress",
        "http-egress",
        "http-poster",
        "serverless",
        "file-pusher",
        "redis",
        "sqlx",
        "ollama",
    }
    assert real | PLAYED.keys() == KINDS.keys()
    assert {name for name, kind in KINDS.items() if kind.start is None} == PLAYED.keys()
