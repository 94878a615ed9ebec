"""What becomes of a run when the other side of a resource is down, slow or talks nonsense: it is told, and goes on."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from typing import Literal

import pytest

from tests.resources.asking import ask
from tests.resources.conftest import RedisServer
from tests.resources.servers import saying, serving, unused_port
from tests.workflows.test_resources import INSERT, model, request, written
from tests.workflows.workflow import Workflow, said, serving_run

How = Literal["down", "slow", "nonsense"]


class OtherSide:
    """A server as it should not be."""

    def __init__(self, how: How, port: int) -> None:
        self.how, self.host = how, f"127.0.0.1:{port}"
        self.url = f"http://{self.host}"


@pytest.fixture(params=["down", "slow", "nonsense"])
def other_side(request: pytest.FixtureRequest) -> Iterator[OtherSide]:
    how: How = request.param
    if how == "down":
        yield OtherSide(how, unused_port())
    else:
        with saying(None if how == "slow" else b"\x00 what?\r\n\r\n") as server:
            yield OtherSide(how, server.port)


def test_http_egress(workflow: Workflow, other_side: OtherSide) -> None:
    workflow.resource("web", "http-egress")
    ended = workflow.run("--cast", f"a=call web {request(other_side.host)}", "--timeout", "3s")
    if other_side.how == "slow":
        assert ended.returncode == 1
        assert "a waits for web, which does not answer" in ended.stderr
        assert "the call of a to web was left unanswered" in ended.stderr
    else:
        assert (ended.returncode, said(ended.stdout)) == (0, ["err"])


def test_a_script_waits_for_a_silent_server_as_long_as_it_says(workflow: Workflow) -> None:
    workflow.resource("web", "http-egress")
    with saying(None) as silent:
        script = f"""
pause
cast a=call web {request(silent.host)}
run until 1s
expect status a waiting
expect paused
stand-in web
answer {{to:web}}=by hand
run
expect {{kind:log "reply by hand"}}
"""
        assert said(workflow.well("--timeout", "30s", script=script)) == ["reply by hand"]


def test_http_poster(workflow: Workflow, other_side: OtherSide) -> None:
    workflow.resource("post", "http-poster", url=other_side.url)
    ended = workflow.run("--cast", "a=cast post one\ninfo went on", "--until", "1s")
    assert (ended.returncode, said(ended.stdout)) == (0, ["went on"])
    assert (f"post: {other_side.url} " in ended.stderr) == (other_side.how != "slow")


def test_serverless(workflow: Workflow, other_side: OtherSide) -> None:
    workflow.resource("cloud", "serverless", {"out": "a", "err": "log"})
    workflow.resource("log", "file-log", filename="out.log")
    workflow.settings(f'[resource.cloud]\nurl = "{other_side.url}"\n')
    workflow.well("--cast", "a=cast cloud one", "--until", "1s")
    assert (other_side.url.encode() in written(workflow)) == (other_side.how != "slow")


def test_ollama(workflow: Workflow, other_side: OtherSide) -> None:
    workflow.resource("model", "ollama", {"out": "a"}, model="small")
    workflow.settings(f'[resource.model]\nurl = "{other_side.url}"\n')
    ended = workflow.run("--cast", "a=cast model info indeed", "--until", "1s")
    assert (ended.returncode, said(ended.stdout)) == (0, [])
    assert (f"model: {other_side.url} " in ended.stderr) == (other_side.how != "slow")


def test_redis(workflow: Workflow, other_side: OtherSide) -> None:
    workflow.resource("store", "redis", url=f"redis://{other_side.host}")
    ended = workflow.run("--cast", "a=cast store 1\ncall store k", "--timeout", "20s")
    assert (ended.returncode, said(ended.stdout)) == (0, ["err"])
    assert f"store: Redis at {other_side.host}: " in ended.stderr
    assert "note resource: The platform would not start this resource" in ended.stdout


def test_redis_that_comes_back(workflow: Workflow, redis_server: RedisServer) -> None:
    workflow.resource("store", "redis", url=redis_server.url, key="k")
    workflow.resource("door", "http-ingress", {"new_request": "a"}, **{"async": "true"})
    workflow.resource("log", "file-log", filename="out.log")
    redis_server.end()
    with serving_run(workflow.path) as served:
        assert ask(served.address, "POST", "/", b"call store k\ncall log down").status == 200
        served.wait_for("store: Redis at ")
        redis_server.start()
        served.wait_for("store is all right again")
        assert ask(served.address, "POST", "/", b"cast store 1\ncall store k\ncall log up").status == 200
        served.wait_for("probe: reply 1")
    assert written(workflow) == b"down\nup\n"


def test_sqlx_on_what_is_no_database(workflow: Workflow) -> None:
    workflow.resource("db", "sqlx", url="sqlite://state.db")
    workflow.files.mkdir(parents=True)
    (workflow.files / "state.db").write_text("this is no database, and long enough to be one" * 100)
    ended = workflow.run("--cast", f"a=call db {INSERT}", "--timeout", "2s")
    assert ended.returncode == 1
    assert "state.db cannot be used: file is not a database" in ended.stderr
    assert "a waits for db, which does not answer" in ended.stderr


def test_what_would_leave_the_machine_is_played_by_a_stand_in(workflow: Workflow) -> None:
    workflow.resource("store", "redis", url="redis://192.0.2.1/")
    workflow.resource("post", "http-poster", url="http://192.0.2.1/")
    ended = workflow.run("--reply", "store=by rule", "--cast", "a=call store k\ncast post x")
    assert (ended.returncode, said(ended.stdout)) == (0, ["reply by rule"])
    for name in ("store", "post"):
        assert f"{name} is played by a stand-in, for it would talk to " in ended.stderr
        assert f'[resource.{name}] mode = "real" in workbench.toml allows it' in ended.stderr


def test_what_would_not_help_is_not_advised(workflow: Workflow) -> None:
    workflow.resource("store", "redis", url="redis://169.254.169.254/")
    workflow.resource("post", "http-poster", url="http://0/")
    workflow.resource("topic", "kafka-egress", brokers="b", topic="t")
    workflow.settings('[resource.topic]\nmode = "real"\n')
    ended = workflow.run()
    assert ended.returncode == 0, ended.stderr
    assert "would talk to 169.254.169.254:6379; 169.254.169.254 hands out the secrets of a machine" in ended.stderr
    assert "would talk to http://0; 0 is no address at all: resources never talk to it" in ended.stderr
    assert 'topic is played by a stand-in: the class "kafka-egress" has no real part here' in ended.stderr
    assert "allows it" not in ended.stderr


def test_only_of_what_would_leave_the_machine_is_said_that_it_is_played(workflow: Workflow) -> None:
    workflow.resource("log", "file-log", filename="out.log")
    workflow.resource("model", "ollama", {"out": "log"}, model="small")
    workflow.resource("near", "ollama", {"out": "log"}, model="small")
    workflow.settings('[resource.model]\nurl = "http://192.0.2.1:11434"\n')
    ended = workflow.run(script="stand-in log\ncast a=cast log x\nstand-in near\n")
    assert ended.returncode == 0, ended.stderr
    assert [line for line in ended.stderr.splitlines() if "is played by a stand-in" in line] == [
        "workbench: model is played by a stand-in, for it would talk to http://192.0.2.1:11434; "
        '[resource.model] mode = "real" in workbench.toml allows it'
    ]


@pytest.mark.parametrize("filename", ["../out.log", "/etc/passwd", "link/out.log"])
def test_files_elsewhere_are_refused(workflow: Workflow, filename: str) -> None:
    workflow.resource("log", "file-log", filename=filename)
    workflow.files.mkdir(parents=True)
    os.symlink("/", workflow.files / "link")
    ended = workflow.run("--cast", "a=cast log x")
    assert ended.returncode == 1
    assert "is outside of the directories this project allows its resources" in ended.stderr
    assert ended.stderr.count("\n") == 2
    workflow.well("--cast", "a=cast log x", "--stand-ins")


@pytest.mark.conformance("3-rollback")
def test_what_the_platform_refuses_is_refused(workflow: Workflow) -> None:
    workflow.resource("log", "file-log")
    ended = workflow.run()
    assert (ended.returncode, '"log" needs "filename"' in ended.stderr) == (1, True)


def test_a_port_that_is_taken_is_told(workflow: Workflow) -> None:
    workflow.resource("door", "http-ingress", {"new_request": "a"})
    with socket.create_server(("127.0.0.1", 0)) as taken:
        ended = workflow.run("--port", str(taken.getsockname()[1]), "--until", "1s")
    assert ended.returncode == 0
    assert "workbench: door: " in ended.stderr


def test_a_run_serves_until_its_time_and_leaves_no_request_open(workflow: Workflow) -> None:
    workflow.resource("door", "http-ingress", {"new_request": "a"})
    workflow.resource("web", "http-egress")
    with saying(None) as silent:
        ended = workflow.run("--port", "0", "--until", "1s", "--cast", f"a=call web {request(silent.host)}")
    assert ended.returncode == 1
    assert "the call of a to web was left unanswered" in ended.stderr
    assert "cut off" not in ended.stderr


@pytest.mark.parametrize("port", ["x", "-1", "65536", "1.5", ""])
def test_a_port_is_a_number(workflow: Workflow, port: str) -> None:
    workflow.resource("door", "http-ingress", {"new_request": "a"})
    ended = workflow.run(f"--port={port}")
    assert (ended.returncode, "--port wants a number" in ended.stderr) == (2, True)


def test_outputs_lead_nowhere_at_the_start_where_it_is_strict(workflow: Workflow) -> None:
    workflow.resource("log", "file-log", filename="out.log")
    early = ("--init", "a=cast log early", "--cast", "a=cast log late")
    workflow.well(*early)
    assert written(workflow) == b"early\nlate\n"
    workflow.well(*early, "--strict")
    assert written(workflow) == b"early\nlate\nlate\n"


def test_other_sides_are_what_the_project_says(workflow: Workflow) -> None:
    """A hostless one runs where `workbench.toml` says."""
    workflow.resource("model", "ollama", {"out": "log"}, model="small")
    workflow.resource("log", "file-log", filename="out.log")
    with serving(model) as server:
        workflow.settings(f'[resource.model]\nmode = "real"\nurl = "{server.url}"\n')
        workflow.well("--cast", "a=cast model hello", "--until", "1s")
    assert written(workflow) == b"hello\n"
