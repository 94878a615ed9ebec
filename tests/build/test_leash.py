"""Processes on a leash: what they say, and that none outlives its holder."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from tests.build.crates import alive, group_written_to, wait_until
from workbench.build.leash import Leash

STUBBORN = "trap '' TERM INT HUP; echo $$ > pid; while :; do sleep 0.05; done & sleep 600"
STOPPED = "echo $$ > pid; kill -STOP 0; sleep 600"


def run(script: str, directory: Path) -> tuple[bytes, bytes, int | None]:
    said = {"stdout": b"", "stderr": b""}
    with Leash() as leash:
        for stream, chunk in leash.run(["sh", "-c", script], directory, os.environ):
            said[stream] += chunk
    return said["stdout"], said["stderr"], leash.exit_status


def test_both_streams_and_the_status_come_through(tmp_path: Path) -> None:
    assert run("echo out; echo err >&2; exit 3", tmp_path) == (b"out\n", b"err\n", 3)


def test_a_command_has_no_input_and_no_terminal(tmp_path: Path) -> None:
    out, _, status = run("cat; true < /dev/tty", tmp_path)
    assert out == b""
    assert status != 0


@pytest.mark.parametrize("script", [STUBBORN, STOPPED])
def test_letting_go_kills_the_whole_group(tmp_path: Path, script: str) -> None:
    leash = Leash()
    ended = threading.Thread(target=lambda: list(leash.run(["sh", "-c", script], tmp_path, os.environ)), daemon=True)
    ended.start()
    group = group_written_to(tmp_path / "pid")
    leash.let_go()
    ended.join(20)
    assert not ended.is_alive()
    wait_until(lambda: not alive(group))
    leash.close()


def test_a_leash_let_go_before_the_start_lets_nothing_run_long(tmp_path: Path) -> None:
    with Leash() as leash:
        leash.let_go()
        assert list(leash.run(["sleep", "600"], tmp_path, os.environ)) == []
    assert leash.exit_status is not None
    assert leash.exit_status != 0


def test_what_a_command_leaves_running_ends_with_it(tmp_path: Path) -> None:
    _, _, status = run("sleep 600 & echo $! > pid", tmp_path)
    assert status == 0
    pid = int((tmp_path / "pid").read_text())
    wait_until(lambda: not alive(pid) and not _runs(pid))


def test_a_daemon_that_keeps_the_streams_open_does_not_keep_the_command_from_ending(tmp_path: Path) -> None:
    out, _, status = run(
        "setsid sh -c 'echo $$ > pid; sleep 600' & until [ -s pid ]; do sleep 0.01; done; echo out", tmp_path
    )
    os.killpg(int((tmp_path / "pid").read_text()), signal.SIGKILL)
    assert (out, status) == (b"out\n", 0)


def test_nothing_outlives_a_holder_that_is_killed(tmp_path: Path) -> None:
    holder = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import os, sys; from pathlib import Path; from workbench.build.leash import Leash\n"
            "list(Leash().run(['sh', '-c', sys.argv[1]], Path(sys.argv[2]), os.environ))",
            STUBBORN,
            str(tmp_path),
        ],
        cwd=Path(__file__).parents[2],
    )
    group = group_written_to(tmp_path / "pid")
    holder.send_signal(signal.SIGKILL)
    holder.wait()
    wait_until(lambda: not alive(group))


def _runs(pid: int) -> bool:
    try:
        return "State:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except FileNotFoundError:
        return False
