"""The command line: what was typed reaches the right front, and what is wrong is one sentence and status 2."""

from __future__ import annotations

import os
import signal
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.headless.program import python, workbench
from workbench.cli import commands
from workbench.errors import UserError
from workbench.headless import run as headless_run
from workbench.headless.run import Request
from workbench.session.commands import Rule, Send


@pytest.fixture
def requested(monkeypatch: pytest.MonkeyPatch) -> list[Request]:
    """What `workbench run` was asked, instead of doing it."""
    requests: list[Request] = []

    def take(request: Request) -> int:
        requests.append(request)
        return 0

    monkeypatch.setattr(headless_run, "run", take)
    return requests


def request_of(requested: list[Request], *arguments: str) -> Request:
    assert commands.call(["run", *arguments]) == 0
    return requested[-1]


def test_a_bare_run_has_the_defaults(requested: list[Request]) -> None:
    assert request_of(requested, "here") == Request(targets=(Path("here"),))


def test_every_option_of_run_arrives(requested: list[Request]) -> None:
    request = request_of(
        requested,
        *("a", "b", "--clock", "virtual", "--until", "1.5s", "--timeout", "2m", "--watch", "--profile", "release"),
        *("--no-build", "--state-dir", "kept", "--limit-memory", "64MiB", "--limit-time", "500ms", "--trace", "-"),
        *("--script", "steps.txt"),
        *("--init", "a=x=1,y=2", "--state", "a=@text", "--reply", "out=PONG"),
    )
    assert request == Request(
        targets=(Path("a"), Path("b")),
        init={"a": "x=1,y=2"},
        state={"a": "@text"},
        reply=(Rule("out", "reply", b"PONG"),),
        clock="virtual",
        until=1500,
        timeout=120_000,
        watch=True,
        profile="release",
        build=False,
        state_dir=Path("kept"),
        limit_memory=64 << 20,
        limit_time=500,
        trace="-",
        script="steps.txt",
    )


def test_casts_and_calls_keep_their_order(requested: list[Request]) -> None:
    request = request_of(requested, "t", "--cast", "a=1", "--call", "b=2", "--cast", "a=3")
    assert request.sends == (Send("a", b"1"), Send("b", b"2", call=True), Send("a", b"3"))


def test_options_may_stand_between_targets(requested: list[Request]) -> None:
    assert request_of(requested, "a", "--cast", "a=1", "b").targets == (Path("a"), Path("b"))


def test_a_mistyped_command_meets_its_nearest() -> None:
    with pytest.raises(UserError, match="did you mean workbench build"):
        commands.call(["biuld", "counter"])


@pytest.mark.parametrize(
    ("typed", "payload"),
    [("a=", b""), ("a=x=y", b"x=y"), ("a=-1", b"-1"), ("a=@@home", b"@home"), ("a=x@y", b"x@y"), ("a= b ", b" b ")],
)
def test_a_payload_is_taken_as_it_stands(requested: list[Request], typed: str, payload: bytes) -> None:
    assert request_of(requested, "t", "--cast", typed).sends[0].payload == payload


def test_a_payload_need_not_be_text(requested: list[Request]) -> None:
    assert request_of(requested, "t", "--cast", os.fsdecode(b"a=\xff")).sends[0].payload == b"\xff"


def test_a_payload_can_come_from_a_file(requested: list[Request], tmp_path: Path) -> None:
    (tmp_path / "p").write_bytes(b"\x00\xff=")
    assert request_of(requested, "t", "--call", f"a=@{tmp_path}/p").sends[0].payload == b"\x00\xff="


def test_other_outcomes_than_a_reply_can_be_ruled(requested: list[Request]) -> None:
    request = request_of(requested, "t", "--reply", "a=!noreply", "--reply", "b=!err", "--reply", "c=!other")
    assert request.reply == (Rule("a", "noreply"), Rule("b", "err"), Rule("c", "reply", b"!other"))


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["run"], "required: TARGET"),
        (["run", "t", "--cast"], "--cast: expected one argument"),
        (["run", "t", "--cast", "lonely"], '"lonely" has no "="'),
        (["run", "t", "--cast", "=x"], "has no name"),
        (["run", "t", "--cast", "a=@/no/such/file"], "--cast a: there is no file /no/such/file"),
        (["run", "t", "--reply", "a=@/dev/zero"], "--reply a: /dev/zero is no regular file and no pipe"),
        (["run", "t", "--clock", "sand"], "invalid choice: 'sand'"),
        (["run", "t", "--until", "soon"], '"soon" is not a duration'),
        (["run", "t", "--limit-memory", "much"], '"much" is not a size'),
        (["run", "t", "--limit-memory", "0B"], "a limit of 0B would let nothing run"),
        (["run", "t", "--limit-time", "0s"], "a limit of 0s would let nothing run"),
        (["run", "t", "--init", os.fsdecode(b"a=\xff")], "byte 0 is not UTF-8"),
        (["run", "t", "--tarce", "x"], "no option --tarce, did you mean --trace?"),
        (["--nonsense"], "no option --nonsense"),
        (["build"], "required: TARGET"),
        (["new"], "required: NAME"),
        (["new", "a", "b"], "there is no place for b"),
    ],
)
def test_what_is_wrong_is_said_in_one_sentence(arguments: Sequence[str], words: str) -> None:
    with pytest.raises(UserError) as raised:
        commands.call(arguments)
    assert words in str(raised.value)
    assert "\n" not in str(raised.value)


def test_a_wrong_command_line_ends_with_status_2_and_one_line() -> None:
    ended = workbench("run")
    assert ended.returncode == 2
    assert ended.stdout == ""
    assert ended.stderr.count("\n") == 1


def test_a_missing_target_ends_with_status_2(tmp_path: Path) -> None:
    ended = workbench("run", "nowhere", cwd=tmp_path)
    assert ended.returncode == 2
    assert ended.stderr.startswith(f"workbench: {tmp_path}/nowhere: there is no such file or directory")
    assert ended.stderr.count("\n") == 1


def test_without_a_terminal_it_opens_nothing_and_names_the_command_that_needs_none(tmp_path: Path) -> None:
    ended = workbench(cwd=tmp_path)
    assert ended.returncode == 2
    assert ended.stderr.count("\n") == 1
    assert "standard input" in ended.stderr
    assert "workbench run TARGET" in ended.stderr
    assert ended.stdout == ""


def test_a_name_with_control_characters_cannot_reach_the_terminal(tmp_path: Path) -> None:
    ended = workbench("run", "no\x1b[31mwhere", cwd=tmp_path)
    assert ended.returncode == 2
    assert "\x1b" not in ended.stderr
    assert r"\x1b[31m" in ended.stderr


def test_the_version_is_told() -> None:
    ended = workbench("--version")
    assert (ended.returncode, ended.stdout) == (0, "workbench 0.1.0\n")


@pytest.mark.parametrize("command", [(), *((command,) for command in commands.COMMANDS)])
def test_every_command_has_help(command: tuple[str, ...]) -> None:
    ended = workbench(*command, "--help")
    assert ended.returncode == 0
    assert ended.stdout.startswith("usage: workbench")


def test_a_fault_of_the_workbench_leaves_a_report_and_no_traceback(tmp_path: Path) -> None:
    broken = "from workbench.cli import commands, main; commands.COMMANDS['run'] = lambda _: 1 // 0; main()"
    ended = python(broken, "run", cwd=tmp_path)
    assert ended.returncode == 1
    assert ended.stderr.count("\n") == 1
    [report] = (tmp_path / ".workbench").glob("crash-*.txt")
    assert str(report.relative_to(tmp_path)) in ended.stderr
    assert "ZeroDivisionError" in report.read_text()


def test_a_fault_in_a_thread_leaves_a_report_and_no_traceback(tmp_path: Path) -> None:
    broken = (
        "import threading; from workbench.cli import commands, main\n"
        "def run(_): thread = threading.Thread(target=lambda: 1 // 0); thread.start(); thread.join(); return 0\n"
        "commands.COMMANDS['run'] = run; main()"
    )
    ended = python(broken, "run", cwd=tmp_path)
    assert ended.stderr.count("\n") == 1
    [report] = (tmp_path / ".workbench").glob("crash-*.txt")
    assert "ZeroDivisionError" in report.read_text()


_INTERRUPTED_BY_IMPORT = """
import os, signal, sys
class Finder:
    def find_spec(self, name, path=None, target=None):
        if name == {name!r}: os.kill(os.getpid(), signal.SIGINT)
sys.meta_path.insert(0, Finder())
from workbench.cli import main
main()
"""


@pytest.mark.parametrize("name", ["workbench.cli.commands", "msgspec", "wasmtime"])
def test_an_interrupt_before_all_is_imported_ends_it_on_the_spot(name: str) -> None:
    ended = python(_INTERRUPTED_BY_IMPORT.format(name=name), "run", "nowhere")
    assert (ended.returncode, ended.stderr) == (-signal.SIGINT, "")


def test_an_interrupt_when_all_is_put_away_changes_nothing(tmp_path: Path) -> None:
    program = "import atexit, os, signal; from workbench.cli import main\n"
    program += "atexit.register(lambda: os.kill(os.getpid(), signal.SIGINT)); main()"
    ended = python(program, "run", "nowhere", cwd=tmp_path)
    assert ended.returncode == 2
    assert ended.stderr.count("\n") == 1
