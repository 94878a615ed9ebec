"""`workbench run`: what it prints, the trace it writes, and how it ends, on real functions."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from collections.abc import Iterable
from pathlib import Path

import pytest

from tests.guests import build
from tests.headless.program import start, wait_until, workbench
from workbench import assets, trace
from workbench.records import Build, Call, Cast, Handled, Log, Note, Record, Reload, Reply, Sync, Timer

SAMPLES = assets.samples()


@pytest.fixture(scope="session")
def probe() -> str:
    """The function that does what it is told, as a lone wasm file."""
    return str(build.wasm("probe"))


def copied(name: str, directory: Path) -> Path:
    """A sample of our own, with its wasm and the crate it needs."""
    for part in (assets.GUEST_CRATE, name):
        shutil.copytree(SAMPLES / part, directory / part, ignore=shutil.ignore_patterns("target"))
    return directory / name


@pytest.fixture
def counter(tmp_path: Path) -> Path:
    return copied("counter", tmp_path)


@pytest.fixture
def ping(tmp_path: Path) -> Path:
    """The one that is quickly built."""
    return copied("ping", tmp_path)


def traced(*arguments: str, cwd: Path | None = None) -> list[Record]:
    ended = workbench("run", *arguments, "--trace", "-", cwd=cwd)
    assert ended.returncode in (0, 1), ended.stderr
    return [trace.decode(line.encode()) for line in ended.stdout.splitlines()]


def read_until(kind: type[Record], program: subprocess.Popen[str], records: list[Record]) -> Record:
    """Reads the trace on standard output into `records` up to the next one of that kind."""
    assert program.stdout is not None
    for line in program.stdout:
        records.append(trace.decode(line.encode()))
        if isinstance(records[-1], kind):
            return records[-1]
    raise AssertionError(f"no {kind.__name__}: {records}")


def logs(records: Iterable[Record]) -> list[str]:
    return [record.message for record in records if isinstance(record, Log)]


# What it does


def test_messages_by_hand_are_sent_in_order_each_after_the_one_before(counter: Path) -> None:
    ended = workbench(
        *("run", str(counter), "--no-build", "--cast", "counter=5", "--call", "counter="),
        *("--cast", "counter=1", "--call", "counter="),
    )
    assert ended.returncode == 0, ended.stderr
    assert [line.split()[-2:] for line in ended.stdout.splitlines() if "replied" in line] == [
        ["replied", "5"],
        ["replied", "6"],
    ]
    summary = ended.stderr.splitlines()[-1]
    assert summary.startswith("5 events handled in ")
    assert summary.endswith("traps 0, notes 0")


def test_a_trace_on_standard_output_stands_there_alone() -> None:
    records = traced(str(SAMPLES / "workflow.json"), "--no-build", "--clock", "virtual", "--until", "10s")
    assert [record.seq for record in records] == list(range(len(records)))
    fired = [record for record in records if isinstance(record, Cast) and record.alias == "self"]
    timers = {record.seq: record for record in records if isinstance(record, Timer)}
    assert fired
    for cast in fired:
        assert cast.parent is not None
        assert cast.t == timers[cast.parent].t + timers[cast.parent].delay_ms
    assert records[-1].t == 10_000


def test_each_instance_does_the_same_in_every_run_on_the_virtual_clock() -> None:
    arguments = (str(SAMPLES / "workflow.json"), "--no-build", "--clock", "virtual", "--until", "30s")
    by_hand = ("--cast", "counter=100", "--call", "pong=ping 1", "--cast", "counter=reset")

    def lives() -> dict[str | None, list[tuple[float, str]]]:
        lives: dict[str | None, list[tuple[float, str]]] = {}
        for record in traced(*arguments, *by_hand):
            if isinstance(record, Log | Cast | Sync):
                lives.setdefault(record.instance, []).append((record.t, record.kind))
        return lives

    assert lives() == lives()


def test_no_virtual_time_passes_before_all_is_sent_by_hand() -> None:
    records = traced(
        *(str(SAMPLES / "ticker"), "--no-build", "--clock", "virtual", "--until", "5s"),
        *("--call", "ticker=", "--call", "ticker="),
    )
    assert [record.t for record in records if isinstance(record, Reply)] == [0, 0]
    assert logs(records)[-1] == "stopped after 5 beats"


def test_init_payload_and_state_reach_the_instance(probe: str) -> None:
    records = traced(probe, "--init", "probe=given", "--state", "probe=kept before")
    assert "payload=given state=kept before" in logs(records)


def test_the_init_payload_typed_wins_over_the_workflows() -> None:
    workflow = str(SAMPLES / "workflow.json")
    typed = ("--init", "ticker=period=100", "--no-build", "--clock", "virtual", "--until", "1s")
    assert "stopped after 10 beats" in logs(traced(workflow, *typed))


@pytest.mark.parametrize(
    ("rule", "outcome"),
    [("pong=PONG", "Got reply: PONG"), ("pong=!noreply", "Got no reply"), ("pong=!err", "Got an error")],
)
def test_a_stand_in_answers_as_it_is_told(rule: str, outcome: str) -> None:
    records = traced(str(SAMPLES / "ping"), "--no-build", "--reply", rule, "--cast", "ping=ping", "--until", "0s")
    assert outcome in logs(records)


def test_what_goes_to_a_stand_in_is_told() -> None:
    ended = workbench("run", str(SAMPLES / "ticker"), "--no-build", "--clock", "virtual", "--until", "2s")
    assert [line.split("cast to ")[1] for line in ended.stdout.splitlines() if "cast to" in line] == [
        "tick: 1",
        "tick: 2",
    ]


def test_state_is_kept_only_where_a_directory_is_given(counter: Path, tmp_path: Path) -> None:
    run = (str(counter), "--no-build", "--cast", "counter=3", "--state-dir", str(tmp_path / "kept"))
    traced(*run)
    assert "going on from 3" in logs(traced(*run))
    assert "starting from zero" in logs(traced(str(counter), "--no-build"))


def test_on_a_change_new_code_takes_over_and_an_interrupt_ends_it_well(ping: Path) -> None:
    program = start("run", str(ping), "--watch", "--reply", "pong=PONG", "--cast", "ping=ping", "--trace", "-")
    records: list[Record] = []
    read_until(Log, program, records)
    source = ping / "src" / "lib.rs"
    source.write_text(source.read_text().replace("Got reply", "Heard"))
    reload = read_until(Reload, program, records)
    read_until(Log, program, records)
    program.send_signal(signal.SIGINT)
    _, said = program.communicate(timeout=60)
    assert program.returncode == 0, said
    assert isinstance(reload, Reload)
    assert reload.outcome == "swapped"
    assert logs(records) == ["Got reply: PONG", "Heard: PONG"]


def test_a_call_that_new_code_put_an_end_to_is_no_failure(ping: Path) -> None:
    program = start("run", str(ping), "--watch", "--cast", "ping=ping", "--trace", "-")
    records: list[Record] = []
    read_until(Call, program, records)
    source = ping / "src" / "lib.rs"
    source.write_text(source.read_text().replace("format!", "std::format!").replace("1000", "9999999"))
    read_until(Reload, program, records)
    program.send_signal(signal.SIGINT)
    _, said = program.communicate(timeout=60)
    killed = [record for record in records if isinstance(record, Handled) and record.outcome == "killed"]
    assert [(record.callback, record.reason) for record in killed] == [("handle_cast", "reload")]
    assert "ran longer" not in said


def test_new_code_that_cannot_run_is_told_while_the_old_goes_on(probe: str, tmp_path: Path) -> None:
    wasm = tmp_path / "probe.wasm"
    shutil.copy(probe, wasm)
    program = start("run", str(wasm), "--watch", "--cast", "probe=info here", "--trace", "-")
    read_until(Log, program, [])
    wasm.write_text("(module)")
    assert program.stderr is not None
    assert "probe cannot run: probe.wasm is WebAssembly text" in program.stderr.readline()
    program.send_signal(signal.SIGINT)
    _, said = program.communicate(timeout=60)
    assert said.count("cannot run") == 0
    assert program.returncode == 0, said


# How it ends


def test_a_build_that_fails_is_status_1_and_shows_what_the_compiler_says(ping: Path) -> None:
    source = ping / "src" / "lib.rs"
    source.write_text(source.read_text() + "fn broken( {}\n")
    ended = workbench("run", str(ping))
    assert ended.returncode == 1
    assert "src/lib.rs" in ended.stderr
    assert ended.stderr.splitlines()[-2] == "workbench: ping could not be built"


def test_a_trap_is_status_1_with_its_panic(probe: str) -> None:
    ended = workbench("run", probe, "--cast", "probe=panic at the disco")
    assert ended.returncode == 1
    assert "probe trapped in handle_cast: " in ended.stderr
    assert "at the disco" in ended.stderr
    assert "lib.rs:" in ended.stdout


def test_frames_of_a_trap_that_have_no_source_share_a_line(probe: str) -> None:
    ended = workbench("run", probe, "--cast", "probe=panic at the disco")
    frames = [line.strip() for line in ended.stdout.splitlines() if line.strip().startswith("at ")]
    assert "without source: " in frames[0]
    assert "lib.rs:" in frames[1]


def test_an_unanswered_call_is_status_1(probe: str) -> None:
    ended = workbench("run", str(SAMPLES / "ping"), "--no-build", "--cast", "ping=ping", "--until", "0s")
    assert ended.returncode == 1
    assert "the call of ping to pong was left unanswered (--reply pong=PAYLOAD answers it)" in ended.stderr


def test_a_call_that_no_stand_in_could_answer_is_left_unanswered_without_that_advice(probe: str) -> None:
    ended = workbench("run", probe, "--call", "probe=panic", "--call", "probe=reply never")
    assert ended.returncode == 1
    assert "the call of user to probe was left unanswered" in ended.stderr
    assert "--reply" not in ended.stderr


def test_a_call_to_a_function_that_trapped_does_not_hold_up_what_follows(probe: str) -> None:
    records = traced(probe, "--cast", "probe=panic", "--call", "probe=reply never", "--cast", "probe=info kept waiting")
    assert sum(isinstance(record, Handled) for record in records) == 2
    assert isinstance(records[-1], Cast)


def test_a_timeout_is_status_1_and_says_what_was_not_done(probe: str) -> None:
    ended = workbench("run", probe, "--cast", "probe=loop", "--timeout", "300ms")
    assert ended.returncode == 1
    assert "cut off after 300 ms with --timeout, and probe is not done" in ended.stderr


def test_a_timeout_during_a_build_says_what_is_not_built(counter: Path) -> None:
    (counter / "workbench.toml").write_text('[function.counter]\ncommand = ["sleep", "600"]\n')
    ended = workbench("run", str(counter), "--timeout", "300ms")
    assert ended.returncode == 1
    assert "cut off after 300 ms with --timeout, and counter is not built yet" in ended.stderr
    assert not _processes_in(counter)


def test_a_timeout_during_an_init_that_does_not_end_does_not_call_it_unbuilt(counter: Path, probe: str) -> None:
    (counter / "workbench.toml").write_text(f'[function.counter]\ncommand = ["cp", "{probe}", "counter.wasm"]\n')
    ended = workbench("run", str(counter), "--init", "counter=loop", "--timeout", "1s")
    assert ended.returncode == 1
    assert "--timeout, and counter is not done" in ended.stderr


def test_a_wasm_whose_name_is_no_text_runs_under_one_that_is(tmp_path: Path, probe: str) -> None:
    code = Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xe9.wasm"))
    shutil.copy(probe, code)
    states, sends = tmp_path / "states", ("--cast", r"\xe9=log 3 here", "--cast", r"\xe9=sync there")
    ended = workbench("run", str(code), *sends, "--state-dir", str(states))
    assert (ended.returncode, [path.read_text() for path in states.iterdir()]) == (0, ["there"])
    assert r"\xe9  info  probe: here" in ended.stdout


def test_a_handler_that_reaches_its_limit_is_status_1(probe: str) -> None:
    ended = workbench("run", probe, "--cast", "probe=loop", "--limit-time", "100ms")
    assert ended.returncode == 1
    assert "probe was ended in handle_cast, which ran longer than it may" in ended.stderr


@pytest.mark.parametrize(
    ("fault", "sentence"),
    [("panic", "risky trapped in handle_stop: "), ("loop", "risky was ended in handle_stop, ")],
)
def test_what_goes_wrong_in_handle_stop_is_status_1(fault: str, sentence: str) -> None:
    ended = workbench(
        "run", str(SAMPLES / "risky"), "--no-build", "--init", f"risky=stop={fault}", "--limit-time", "100ms"
    )
    assert ended.returncode == 1
    assert sentence in ended.stderr


def test_a_memory_limit_makes_the_guest_trap(probe: str) -> None:
    ended = workbench("run", probe, "--cast", "probe=hog", "--limit-memory", "8MiB")
    assert ended.returncode == 1
    assert "probe trapped in handle_cast" in ended.stderr


def test_an_unknown_name_is_status_2_with_the_nearest_first() -> None:
    ended = workbench("run", str(SAMPLES / "workflow.json"), "--no-build", "--cast", "coutner=1")
    assert ended.returncode == 2
    assert 'no instance "coutner"; there are counter, ' in ended.stderr
    assert ended.stderr.count("\n") == 1


def test_an_unknown_output_is_status_2() -> None:
    ended = workbench("run", str(SAMPLES / "ping"), "--no-build", "--reply", "pnog=1")
    assert ended.returncode == 2
    assert 'no output "pnog"; there are pong' in ended.stderr


def test_where_a_function_by_itself_lists_its_outputs_is_told() -> None:
    ended = workbench("run", str(SAMPLES / "pong"), "--no-build", "--reply", "echo=1")
    assert ended.returncode == 2
    assert 'no output "echo"; there are none. A function that is opened by itself has the outputs that' in ended.stderr
    assert "by itself" not in workbench("run", str(SAMPLES / "workflow.json"), "--reply", "pnog=1").stderr


@pytest.mark.parametrize("content", [b"", b"no wasm", b"\0asm\1\0\0\0\1", b"(module)"])
def test_a_file_that_is_no_function_is_status_2(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "x.wasm").write_bytes(content)
    ended = workbench("run", str(tmp_path / "x.wasm"))
    assert ended.returncode == 2
    assert "x cannot run: " in ended.stderr


def test_a_trace_on_a_full_disk_is_status_1_after_the_run(counter: Path) -> None:
    ended = workbench("run", str(counter), "--no-build", "--call", "counter=", "--trace", "/dev/full")
    assert ended.returncode == 1
    assert "replied 0" in ended.stdout
    assert "No space left on device" in ended.stderr


def test_a_trace_that_cannot_be_begun_is_status_2(counter: Path, tmp_path: Path) -> None:
    ended = workbench("run", str(counter), "--no-build", "--trace", str(tmp_path / "none" / "t.jsonl"))
    assert ended.returncode == 2
    assert ended.stdout == ""


@pytest.mark.parametrize("more", [(), ("--trace", "-")])
def test_who_has_had_enough_of_the_output_is_no_trouble(counter: Path, more: tuple[str, ...]) -> None:
    program = start("run", str(counter), "--no-build", "--cast", "counter=1", *more)
    assert program.stdout is not None
    program.stdout.close()
    assert program.stderr is not None
    said = program.stderr.read()
    assert program.wait(60) == 0, said
    assert said.startswith("2 events handled"), said
    assert "Traceback" not in said


def test_an_interrupt_is_status_130_and_leaves_no_build_behind(counter: Path) -> None:
    (counter / "workbench.toml").write_text('[function.counter]\ncommand = ["sh", "-c", "sleep 600"]\n')
    program = start("run", str(counter))
    wait_until(lambda: bool(_processes_in(counter)))
    program.send_signal(signal.SIGTERM)
    _, said = program.communicate(timeout=60)
    assert program.returncode == 130
    assert "interrupted" in said
    assert "Traceback" not in said
    assert not _processes_in(counter)


def test_payloads_and_logs_cannot_reach_the_terminal_as_control_codes(probe: str) -> None:
    ended = workbench("run", probe, "--cast", "probe=info \x1b]0;title\x07 \u202etext", "--call", "probe=reply \x1b[2J")
    assert ended.returncode == 0, ended.stderr
    assert not any(character in ended.stdout for character in "\x1b\x07\u202e")
    assert r"\x1b[2J" in ended.stdout


def test_a_payload_of_50_megabytes_passes(probe: str, tmp_path: Path) -> None:
    size = 50_000_000
    (tmp_path / "big").write_bytes(b"info " + b"x" * size)
    target = str(tmp_path / "t.jsonl")
    ended = workbench("run", probe, "--cast", f"probe=@{tmp_path}/big", "--trace", target)
    assert ended.returncode == 0, ended.stderr
    assert [len(message) for message in logs(trace.read(tmp_path / "t.jsonl"))] == [size]
    assert len(ended.stdout) < 10_000


def test_notes_are_told(probe: str) -> None:
    records = traced(probe, "--cast", "probe=cast nowhere text")
    assert [record.code for record in records if isinstance(record, Note)] == ["unknown-alias"]


def test_builds_stand_in_the_trace(ping: Path) -> None:
    [built] = [record for record in traced(str(ping), "--until", "0s") if isinstance(record, Build)]
    assert (built.function, built.ok, built.profile) == ("ping", True, "dev")
    assert built.wasm is not None
    assert Path(built.wasm).is_file()


def _processes_in(directory: Path) -> list[int]:
    """The processes whose current directory it is."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if Path(os.readlink(entry / "cwd")) == directory:
                found.append(int(entry.name))
        except OSError:
            continue
    return found
