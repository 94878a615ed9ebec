"""What wasmtime reads from the environment is the host's affair, and the environment stays as it was."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tests.guests.build import SAMPLES

HOSTING = """
import os, sys
before = dict(os.environ)
from workbench.host.engine import Host
host = Host()
host.load(open(sys.argv[1], "rb").read(), "pong.wasm")
host.close()
print(os.environ.get("RUST_LOG"))
assert {**before, "WASMTIME_BACKTRACE_DETAILS": "1"} == dict(os.environ)
assert os.popen("echo ${RUST_LOG-none}").read().strip() == before.get("RUST_LOG", "none")
"""


@pytest.mark.parametrize("level", [None, "trace"])
def test_wasmtime_logs_nothing_and_others_find_the_level_that_was_asked_for(level: str | None) -> None:
    environment = {name: value for name, value in os.environ.items() if name != "RUST_LOG"}
    if level is not None:
        environment["RUST_LOG"] = level
    ran = subprocess.run(
        [sys.executable, "-c", HOSTING, SAMPLES / "pong" / "pong.wasm"], env=environment, capture_output=True, text=True
    )
    assert (ran.returncode, ran.stderr, ran.stdout.strip()) == (0, "", str(level))
