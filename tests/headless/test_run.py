"""`workbench run`: what it prints and the trace it writes, on real functions."""

from __future__ import annotations

import re
import shutil
import signal
import subprocess
from pathlib import Path

import pytest

from tests.headless.playing import logs
from tests.headless.program import running, traced, workbench
from tests.project import files
from workbench import assets, trace
from workbench.records import Build, Call, Cast, Handled, Log, Note, Record, Reload, Reply, Sync, Timer

SAMPLES = assets.samples()


def read_until(kind: type[Record], program: subprocess.Popen[str], records: list[Record]) -> Record:
    """Reads the trace on standard output into `records` up to the next one of that kind."""
    assert program.stdout is not None
    for line in program.stdout:
        records.append(trace.decode(line.encode()))
        if isinstance(records[-1], kind):
            return records[-1]
    raise AssertionError(f"no {kind.__name__}: {records}")


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

    def lives() -> dict[str | None, list[tuple[float, str | bytes]]]:
        lives: dict[str | None, list[tuple[float, str | bytes]]] = {}
        for record in traced(*arguments, *by_hand):
            match record:
                case Log(message=did) | Cast(payload=did) | Sync(state=did):
                    lives.setdefault(record.instance, []).append((record.t, did))
        return lives

    first = lives()
    assert {"sensor", "filter", "average", "ping", "ticker", "counter"} <= first.keys()
    assert lives() == first


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
    records: list[Record] = []
    source = ping / "src" / "lib.rs"
    arguments = ("run", str(ping), "--watch", "--reply", "pong=PONG", "--cast", "ping=ping", "--trace", "-")
    with running(*arguments) as program:
        read_until(Log, program, records)
        source.write_text(source.read_text().replace("Got reply", "Heard"))
        reload = read_until(Reload, program, records)
        read_until(Log, program, records)
        program.send_signal(signal.SIGINT)
        _, said = program.communicate()
    assert program.returncode == 0, said
    assert isinstance(reload, Reload)
    assert reload.outcome == "swapped"
    assert logs(records) == ["Got reply: PONG", "Heard: PONG"]


def test_a_call_that_new_code_put_an_end_to_is_no_failure(ping: Path) -> None:
    records: list[Record] = []
    source = ping / "src" / "lib.rs"
    with running("run", str(ping), "--watch", "--cast", "ping=ping", "--trace", "-") as program:
        read_until(Call, program, records)
        source.write_text(
            re.sub(r"(b\"wakeup\" => \{)\s*ping\(\);", r"\1", source.read_text())
        )  # calls no more by itself
        read_until(Reload, program, records)
        program.send_signal(signal.SIGINT)
        _, said = program.communicate()
    assert program.returncode == 0, said
    killed = [record for record in records if isinstance(record, Handled) and record.outcome == "killed"]
    assert [(record.callback, record.reason) for record in killed] == [("handle_cast", "reload")]
    assert "ran longer" not in said


def test_a_resource_that_is_refused_while_one_watches_is_told_and_the_rest_goes_on(probe: str, tmp_path: Path) -> None:
    shutil.copy(probe, tmp_path / "probe.wasm")
    part = files.part("a", class_specification=files.specification("probe", code="probe.wasm"))
    path = files.workflow(tmp_path / "workflow.json", [part])
    late = files.part("b", class_specification=files.specification("late", code="late.wasm"))
    files.function(tmp_path, "late")
    (tmp_path / "workbench.toml").write_text("[function.late]\ncommand = ['sleep', '60']\n")
    with running("run", str(path), "--watch", "--cast", "a=info here", "--trace", "-") as program:
        read_until(Log, program, [])
        files.workflow(path, [part, late], [files.resource("log")])  # which waits for code, and has no file
        assert program.stderr is not None
        assert any("log does not run: Field 'filename' missing" in line for line in program.stderr)
        part["annotations"] = {"init-payload": "info anew"}
        files.workflow(path, [part, late], [files.resource("log")])
        read_until(Reload, program, [])
        program.send_signal(signal.SIGINT)
        _, said = program.communicate()
    assert program.returncode == 1, said
    assert "workbench: log does not run: Field 'filename' missing\n" in said


def test_new_code_that_cannot_run_is_told_while_the_old_goes_on(probe: str, tmp_path: Path) -> None:
    wasm = tmp_path / "probe.wasm"
    shutil.copy(probe, wasm)
    with running("run", str(wasm), "--watch", "--cast", "probe=info here", "--trace", "-") as program:
        read_until(Log, program, [])
        wasm.write_text("(module)")
        assert program.stderr is not None
        assert "probe cannot run: probe.wasm is WebAssembly text" in program.stderr.readline()
        program.send_signal(signal.SIGINT)
        _, said = program.communicate()
    assert "workbench: probe cannot run: probe.wasm is WebAssembly text" in said
    assert program.returncode == 1, said


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
    assert [record.code for record in records if isinstance(record, Note)] == ["undeclared-output"]


def test_builds_stand_in_the_trace(ping: Path) -> None:
    [built] = [record for record in traced(str(ping), "--until", "0s") if isinstance(record, Build)]
    assert (built.function, built.ok, built.profile) == ("ping", True, "dev")
    assert built.wasm is not None
    assert Path(built.wasm).is_file()


def test_a_workflow_of_resources_alone_runs_them(tmp_path: Path) -> None:
    pushed = tmp_path / ".workbench" / "files" / "pushed"
    pushed.mkdir(parents=True)
    (pushed / "reading").write_text("21.5")
    pusher = {**files.resource("pusher", "file-pusher"), "output_mapping": {"out": "log"}}
    pusher["configurations"] = {"period-ms": "10"}
    (tmp_path / "workbench.toml").write_text('[resource.pusher]\ndirectory = "pushed"\n')
    path = files.workflow(tmp_path / "workflow.json", [], [pusher, files.resource("log", filename="readings.log")])
    ended = workbench("run", str(path), "--until", "300ms")
    assert ended.returncode == 0, ended.stderr
    assert "21.5" in (pushed.parent / "readings.log").read_text().splitlines()


def test_there_is_nothing_to_build_in_a_workflow_of_resources_alone(tmp_path: Path) -> None:
    path = files.workflow(tmp_path / "workflow.json", [], [files.resource("log", filename="readings.log")])
    ended = workbench("build", str(path))
    assert (ended.returncode, ended.stdout) == (2, "")
    assert "no function here to build, only resources" in ended.stderr
