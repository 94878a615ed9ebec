"""The engine against a plain host: events through host, routing and journal, and calls between two instances."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from tests.benchmarks.figure import Figure, median
from tests.benchmarks.plain import PlainInstance
from tests.benchmarks.sessions import running
from workbench import assets
from workbench.session.commands import Send
from workbench.session.session import Options

ROUNDS = 15
OURS, PLAIN = 20_000, 1_000
"""Events in each round, ours and the plain host's in turn: other work on the machine then hinders both alike."""
GOAL = 30

QUIET = Options(clock="virtual", until_ms=0, watch=False, build=False)


def measure() -> list[Figure]:
    return [_events(), _calls()]


def _events() -> Figure:
    counter = assets.samples() / "counter"
    plain = PlainInstance(counter / "counter.wasm")
    plain.init()
    with running(counter, QUIET) as session:

        def send() -> None:
            session.submit(Send("counter", b"1", repeat=OURS)).result()
            session.wait_idle(600)

        return _figure("events through the engine", _rates(send, lambda: plain.cast(b"1")))


def _calls() -> Figure:
    samples = assets.samples()
    pong = PlainInstance(samples / "pong" / "pong.wasm")
    pong.init()
    plain = PlainInstance(samples / "ping" / "ping.wasm", pong)
    plain.init()
    with tempfile.TemporaryDirectory() as directory:
        pair = Path(directory) / "workflow.json"
        pair.write_text(PAIR.replace("SAMPLES", str(samples)))
        with running(pair, QUIET) as session:

            def send() -> None:
                session.submit(Send("ping", b"ping", repeat=OURS)).result()
                session.wait_idle(600)

            return _figure("calls between instances", _rates(send, lambda: plain.cast(b"ping")))


def _rates(ours: Callable[[], None], plain: Callable[[], None]) -> list[tuple[float, float]]:
    """Times a second, ours and the plain host's, round by round."""
    rounds = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        ours()
        between = time.perf_counter()
        for _ in range(PLAIN):
            plain()
        rounds.append((OURS / (between - began), PLAIN / (time.perf_counter() - between)))
    return rounds


def _figure(name: str, rounds: list[tuple[float, float]]) -> Figure:
    ratio = median(ours / plain for ours, plain in rounds)
    ours, plain = (median(rates) for rates in zip(*rounds, strict=True))
    goal = f"at least {GOAL} times"
    return Figure(name, "/s", ours, plain, "a plain wasmtime-py host", f"{ratio:.0f} times", goal, ratio >= GOAL)


PAIR = """{
  "functions": [
    {"name": "ping", "class_specification": {"id": "ping", "function_type": "RUST_WASM", "version": "0.1",
     "code": "SAMPLES/ping/ping.wasm", "outputs": ["pong"]}, "output_mapping": {"pong": "pong"}, "annotations": {}},
    {"name": "pong", "class_specification": {"id": "pong", "function_type": "RUST_WASM", "version": "0.1",
     "code": "SAMPLES/pong/pong.wasm", "outputs": []}, "output_mapping": {}, "annotations": {}}
  ],
  "resources": [], "annotations": {}
}
"""
