"""Workflows: requests through http-ingress, stages in a row, many instances at once; against the least these cost."""

from __future__ import annotations

import json
import re
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import cycle, islice
from pathlib import Path
from typing import IO

from tests.benchmarks.engine import QUIET
from tests.benchmarks.figure import Figure, median, percentile
from tests.benchmarks.sessions import running
from workbench import assets
from workbench.host.engine import Host
from workbench.session.commands import Send

ROUNDS, EVENTS = 15, 10_000
CONNECTIONS, REQUESTS = 4, 250
"""Of each round: connections that are used at once, and requests over each."""
INSTANCES, STARTS = 200, 5
FUNCTIONS = ("average", "counter", "example", "filter", "pong", "risky")

PROGRAM = [sys.executable, "-c", "from workbench.cli import main; main()"]
BARE = [sys.executable, "-m", "tests.benchmarks.bare"]
ASKED = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"


def measure() -> list[Figure]:
    return [*_requests(), _stages(), _starts()]


# ---- requests


def _requests() -> list[Figure]:
    """The sample's shop answers what needs no database, and so does the bare server."""
    web = str(assets.samples() / "web")
    ours = [*PROGRAM, "run", web, "--no-build", "--port", "0", "--until", "1h"]
    rounds = []
    with _served(ours) as our_port, _served(BARE) as bare_port:
        for _ in range(ROUNDS):
            rounds.append((_asked(our_port), _asked(bare_port)))
    rates, slowest = zip(*[zip(*both, strict=True) for both in rounds], strict=True)
    share = median(ours / bare for ours, bare in rates)
    times = median(ours / bare for ours, bare in slowest)
    against = "a bare aiohttp server with the same handler"
    our_rate, bare_rate = (median(values) for values in zip(*rates, strict=True))
    our_ms, bare_ms = (median(values) for values in zip(*slowest, strict=True))
    return [
        Figure("HTTP requests", "/s", our_rate, bare_rate, against, f"{share:.2f} of it", "to be seen", True),
        Figure("95 % of HTTP requests", "ms", our_ms, bare_ms, against, f"{times:.1f} times", "to be seen", True),
    ]


@contextmanager
def _served(command: Sequence[str]) -> Iterator[int]:
    """A server in a process of its own, once it has said at which port it listens."""
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as server:
        assert server.stderr is not None
        try:
            port = _port(server.stderr)
            _asked(port)
            yield port
        finally:
            server.terminate()
            server.communicate()


def _port(said: IO[str]) -> int:
    for line in said:
        found = re.search(r"http://127\.0\.0\.1:(\d+)", line)
        if found:
            return int(found[1])
    raise RuntimeError("the server does not say where it listens")


def _asked(port: int) -> tuple[float, float]:
    """Requests a second, and in how many ms 95 of 100 are answered."""
    times_ms: list[float] = []

    def ask() -> None:
        own = []
        with socket.create_connection(("127.0.0.1", port)) as connection:
            for _ in range(REQUESTS):
                began = time.perf_counter()
                connection.sendall(ASKED)
                received = b""
                while not received.endswith(b"/orders\n"):
                    received += connection.recv(4096)
                own.append((time.perf_counter() - began) * 1000)
        times_ms.extend(own)

    askers = [threading.Thread(target=ask) for _ in range(CONNECTIONS)]
    began = time.perf_counter()
    for asker in askers:
        asker.start()
    for asker in askers:
        asker.join()
    rate = CONNECTIONS * REQUESTS / (time.perf_counter() - began)
    return rate, percentile(times_ms, 0.95)


# ---- stages


def _stages() -> Figure:
    with _pipeline(1) as one, _pipeline(3) as three:
        rounds = [(three(), one()) for _ in range(ROUNDS)]
    ratio = median(ours / other for ours, other in rounds)
    ours, other = (median(rates) for rates in zip(*rounds, strict=True))
    return Figure(
        "events of a pipeline of three", "/s", ours, other, "one stage", f"{ratio:.2f} of it", "to be seen", True
    )


@contextmanager
def _pipeline(stages: int) -> Iterator[Callable[[], float]]:
    """That many filters in a row; calling the result sends numbers through, and gives how many events a second were
    handled."""
    names = [f"stage-{number}" for number in range(stages)]
    links = [{"accepted": name} for name in (*names[1:], "end")]
    functions = [_function(name, "filter", outputs) for name, outputs in zip(names, links, strict=True)]
    with tempfile.TemporaryDirectory() as directory:
        end = {"name": "end", "class_type": "portal", "output_mapping": {}, "configurations": {}}
        with running(_workflow(Path(directory), functions, [end]), QUIET) as session:

            def send() -> float:
                began = time.perf_counter()
                session.submit(Send(names[0], b"21.5", repeat=EVENTS)).result()
                session.wait_idle(600)
                return stages * EVENTS / (time.perf_counter() - began)

            yield send


# ---- instances


def _starts() -> Figure:
    rounds = [(_start_ms(), _compile_ms()) for _ in range(STARTS)]
    ratio = median(ours / other for ours, other in rounds)
    ours, other = (median(times) for times in zip(*rounds, strict=True))
    return Figure(
        f"start of {INSTANCES} instances", "ms", ours, other, f"compiling their {len(FUNCTIONS)} modules",
        f"{ratio:.1f} times", "at most 3 times", ratio <= 3,
    )  # fmt: skip


def _start_ms() -> float:
    functions = [
        _function(f"{name}-{number}", name, {}) for number, name in enumerate(islice(cycle(FUNCTIONS), INSTANCES))
    ]
    with tempfile.TemporaryDirectory() as directory:
        path = _workflow(Path(directory), functions)
        began = time.perf_counter()
        with running(path, QUIET) as session:
            took_ms = (time.perf_counter() - began) * 1000
            alive = sum(one.status == "idle" for one in session.view().instances)
            assert alive == INSTANCES, alive
            return took_ms


def _compile_ms() -> float:
    codes = [(assets.samples() / name / f"{name}.wasm").read_bytes() for name in FUNCTIONS]
    host = Host()
    try:
        began = time.perf_counter()
        for name, code in zip(FUNCTIONS, codes, strict=True):
            host.load(code, name)
        return (time.perf_counter() - began) * 1000
    finally:
        host.close()


def _function(name: str, sample: str, links: Mapping[str, str]) -> dict[str, object]:
    specification = {
        "id": sample,
        "function_type": "RUST_WASM",
        "version": "0.1",
        "code": str(assets.samples() / sample / f"{sample}.wasm"),
        "outputs": list(links),
    }
    return {"name": name, "class_specification": specification, "output_mapping": links, "annotations": {}}


def _workflow(
    directory: Path, functions: Sequence[Mapping[str, object]], resources: Sequence[Mapping[str, object]] = ()
) -> Path:
    path = directory / "workflow.json"
    path.write_text(json.dumps({"functions": functions, "resources": resources, "annotations": {}}))
    return path
