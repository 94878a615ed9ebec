"""What each sample shows, on the wasm that comes with it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from wasmtime import Trap

from tests.guests.build import SAMPLES, source
from tests.guests.plain_host import ERR, NO_REPLY, REPLY, Answer, Effect, PlainHost
from tests.samples.rebuild import NAMES, committed


def started(name: str, payload: bytes | None = None, state: bytes | None = None) -> PlainHost:
    host = PlainHost(committed(name))
    host.init(payload, state)
    return host


def without_logs(host: PlainHost, message: bytes) -> list[Effect]:
    host.effects.clear()
    host.cast(message)
    return [effect for effect in host.effects if effect[0] != "log"]


def test_the_example_does_what_the_documentation_lets_expect() -> None:
    host = started("example")
    host.cast(b"hello")
    assert host.call(b"hello") == (NO_REPLY, b"")
    host.stop()
    assert [effect[-1] for effect in host.effects] == [
        "Example: 'Init' called",
        "Example: 'Cast' called, MSG: hello",
        '{"count":1}',
        "Example: 'Call' called, MSG: hello",
        "Example: 'Stop' called",
    ]


def test_the_counter_goes_on_from_its_state() -> None:
    host = started("counter", state=b'{"count":5}')
    assert without_logs(host, b"anything") == [("sync", '{"count":6}')]
    assert without_logs(host, b"-10") == [("sync", '{"count":-4}')]
    assert host.call(b"") == (REPLY, b"-4")
    assert without_logs(host, b"reset") == [("sync", '{"count":0}')]


def test_the_counter_survives_a_state_it_does_not_know() -> None:
    host = started("counter", state=b"5 apples")
    assert host.effects[0][:2] == ("log", 2)
    assert without_logs(host, b"1") == [("sync", '{"count":1}')]


def test_the_ticker_keeps_itself_going() -> None:
    host = started("ticker", b"period=250")
    assert host.effects == [("delayed_cast", 250, "self", "beat")]
    assert without_logs(host, b"beat") == [("cast", "tick", "1"), ("delayed_cast", 250, "self", "beat")]
    assert without_logs(host, b"noise") == []


@pytest.mark.parametrize(
    ("answer", "log"),
    [((REPLY, b"pong 1"), "Got reply: pong 1"), ((NO_REPLY, b""), "Got no reply"), ((ERR, b""), "Got an error")],
)
def test_ping_logs_how_its_call_ended(answer: Answer, log: str) -> None:
    host = started("ping")
    assert host.effects == [("delayed_cast", 1000, "self", "wakeup")]
    host.answers["pong"] = answer
    assert without_logs(host, b"ping") == [("call", "pong", "ping 1")]
    assert host.effects[-1][-1] == log
    assert without_logs(host, b"wakeup") == [("call", "pong", "ping 2"), ("delayed_cast", 1000, "self", "wakeup")]


def test_pong_answers() -> None:
    assert started("pong").call(b"ping 3") == (REPLY, b"pong 3")


def test_the_pipeline_measures_filters_and_averages() -> None:
    sensor = started("sensor", b"period=500,min=15,max=25,seed=7")
    filter_ = started("filter", b"min=17,max=24")
    average = started("average", b"window=2")
    accepted: list[float] = []
    for _ in range(20):
        (reading, again) = without_logs(sensor, b"read")
        assert again == ("delayed_cast", 500, "self", "read")
        assert 15 <= float(reading[2]) <= 25
        ((_, output, passed),) = without_logs(filter_, str(reading[2]).encode())
        assert (output == "accepted") == (17 <= float(reading[2]) <= 24)
        if output == "accepted":
            accepted.append(float(passed))
            result, state = without_logs(average, str(passed).encode())
            assert float(result[2]) == pytest.approx(sum(accepted[-2:]) / len(accepted[-2:]), abs=0.001)
            assert [float(number) for number in str(state[1]).split()] == pytest.approx(accepted[-2:])
    assert 0 < len(accepted) < 20


def test_the_average_goes_on_from_its_state_and_says_what_its_payload_lacks() -> None:
    assert without_logs(started("average", b"window=3", b"1 2"), b"6")[0] == ("cast", "average", "3.000")
    with pytest.raises(Trap):
        started("average", b"window=wide")


@pytest.mark.parametrize("fault", ["panic", "deep", "memory"])
def test_risky_traps_when_told_to(fault: str) -> None:
    with pytest.raises(Trap):
        started("risky").cast(fault.encode())
    with pytest.raises(Trap):
        started("risky").call(fault.encode())
    with pytest.raises(Trap):
        started("risky", f"init={fault}".encode())
    with pytest.raises(Trap):
        started("risky", f"stop={fault}".encode()).stop()


def test_risky_sends_what_is_no_text() -> None:
    with pytest.raises(UnicodeDecodeError):
        started("risky").cast(b"non-utf8")


def test_risky_survives_what_is_harmless() -> None:
    host = started("risky")
    assert without_logs(host, b"unknown-alias") == [("cast", "nowhere", "hello?")]
    assert len(without_logs(host, b"flood")) == 1000
    assert host.call(b"sunshine") == (REPLY, b"survived")


REQUEST = {"protocol": "Unknown", "host": "localhost:7035", "headers": {}}


def asked(host: PlainHost, method: str, path: str = "/orders", body: bytes = b"") -> tuple[int, str]:
    """How the shop responds: the status, and the body."""
    request = {**REQUEST, "method": method, "path": path, "body": list(body)}
    code, reply = host.call(json.dumps(request).encode())
    response = json.loads(reply)
    assert (code, response.keys()) == (REPLY, {"status", "headers", "body"})
    return response["status"], bytes(response["body"]).decode()


@pytest.mark.parametrize(
    ("answer", "response"),
    [
        ((REPLY, b"order 1: 3 apples for 1.50"), (200, "order 1: 3 apples for 1.50\n")),
        ((NO_REPLY, b""), (400, "an order looks like: 3 apples\n")),
        ((ERR, b""), (503, "the shop cannot write in its book; try again later\n")),
    ],
)
def test_the_shop_turns_answers_into_responses(answer: Answer, response: tuple[int, str]) -> None:
    host = started("shop")
    host.answers = {"till": answer, "book": answer}
    assert asked(host, "Post", body=b" 3 apples\n") == response
    assert asked(host, "Get") == response
    assert [effect for effect in host.effects if effect[0] == "call"] == [
        ("call", "till", "3 apples"),
        ("call", "book", "total"),
    ]
    assert asked(host, "Get", "/")[0] == 404
    assert host.call(b"hello")[0] == ERR


def test_the_till_has_written_down_what_it_sells() -> None:
    host = started("till", b"apples=50,pears=70")
    host.answers["book"] = REPLY, b"7"
    assert host.call(b"3 apples") == (REPLY, b"order 7: 3 apples for 1.50")
    assert host.effects == [("call", "book", '{"pieces":3,"fruit":"apples","cents":150}')]
    for nonsense in (b"3 kiwis", b"apples", b"-1 pears", b"99999999999999999999 pears", b""):
        assert host.call(nonsense) == (NO_REPLY, b"")
    host.answers["book"] = ERR, b""
    assert host.call(b"1 pears") == (ERR, b"")
    with pytest.raises(Trap):
        started("till", b"apples=cheap")


def test_the_book_speaks_sql() -> None:
    host = started("book")
    host.answers["database"] = REPLY, b"rows_affected: 1, last_insert_rowid: 7."
    assert host.call(b'{"fruit":"it\'s"}') == (REPLY, b"7")
    assert host.effects[-1][-1] == (
        """INSERT INTO WorkflowState (id, metadata) VALUES (hex(randomblob(8)), json('{"fruit":"it''s"}'))"""
    )
    host.answers["database"] = REPLY, b'{"id":"total","metadata":{"orders":2,"cents":205}}'
    assert host.call(b"total") == (REPLY, b"2 so far, for 2.05 in all")
    assert "SELECT" in str(host.effects[-1][-1])
    for problem in ((REPLY, b"error returned from database: (code: 1) no such table"), (NO_REPLY, b""), (ERR, b"")):
        host.answers["database"] = problem
        assert (host.call(b"total"), host.call(b"{}")) == ((ERR, b""), (ERR, b""))


@pytest.mark.parametrize("home", [SAMPLES, SAMPLES / "web"])
def test_the_workflow_links_what_is_there(home: Path) -> None:
    workflow = json.loads((home / "workflow.json").read_text())
    assert set(workflow) == {"functions", "resources", "annotations"}
    names = {part["name"] for part in workflow["functions"] + workflow["resources"]}
    for function in workflow["functions"]:
        assert set(function) == {"name", "class_specification", "output_mapping", "annotations"}
        spec = function["class_specification"]
        own = json.loads((home / spec["id"] / "function.json").read_text())
        assert spec == {**own, "code": f"{spec['id']}/{own['code']}"}
        assert (home / spec["code"]).is_file()
        assert function["output_mapping"].keys() == set(spec["outputs"])
        assert set(function["output_mapping"].values()) <= names


def test_every_function_is_called_what_its_directory_is() -> None:
    for name in NAMES:
        spec = json.loads((source(name) / "function.json").read_text())
        assert (spec["id"], spec["code"]) == (name, f"{name}.wasm")
