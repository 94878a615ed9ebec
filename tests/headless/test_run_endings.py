"""`workbench run`: how it ends, and what it says of that."""

from __future__ import annotations

import os
import re
import shutil
import signal
from collections import Counter
from pathlib import Path

import pytest

from tests.headless.program import running, traced, wait_until, workbench
from tests.headless.small import FOR_EVER, SAY_STOPPED, TO_SELF, module, slow_to_compile, times
from tests.session.playing import plan
from tests.session.workflows import write_with_resources, write_workflow
from workbench import assets, trace
from workbench.records import Cast, Change, Handled, Start, Stop

SAMPLES = assets.samples()


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
    ended = workbench("run", probe, "--cast", "probe=loop", "--timeout", "3s")
    assert ended.returncode == 1
    assert "cut off after 3.00 s with --timeout, and probe is not done" in ended.stderr


def test_a_timeout_during_a_build_says_what_is_not_built(counter: Path) -> None:
    (counter / "workbench.toml").write_text('[function.counter]\ncommand = ["sleep", "600"]\n')
    ended = workbench("run", str(counter), "--timeout", "300ms")
    assert ended.returncode == 1
    assert "cut off after 300 ms with --timeout, and counter is not built yet" in ended.stderr
    assert not _processes_in(counter)


def test_a_timeout_during_an_init_that_does_not_end_does_not_call_it_unbuilt(counter: Path, probe: str) -> None:
    (counter / "workbench.toml").write_text(f'[function.counter]\ncommand = ["cp", "{probe}", "counter.wasm"]\n')
    ended = workbench("run", str(counter), "--init", "counter=loop", "--timeout", "3s")
    assert ended.returncode == 1
    assert "--timeout, and counter is not done" in ended.stderr


def test_a_wasm_whose_name_is_no_text_runs_under_one_that_is(tmp_path: Path, probe: str) -> None:
    code = Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xe9.wasm"))
    shutil.copy(probe, code)
    states, sends = tmp_path / "states", ("--cast", r"\xe9=log 3 here", "--cast", r"\xe9=sync there")
    ended = workbench("run", str(code), *sends, "--state-dir", str(states))
    assert (ended.returncode, [path.read_text() for path in states.iterdir()]) == (0, ["there"])
    assert r"\xe9  info  probe: here" in ended.stdout


def test_state_that_cannot_be_kept_is_status_1(probe: str, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    ended = workbench("run", probe, "--cast", "probe=sync there", "--state-dir", str(tmp_path / "file" / "below"))
    assert ended.returncode == 1
    assert "the state cannot be kept: Not a directory" in ended.stderr.splitlines()[-2]


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


def test_what_traps_on_the_last_word_of_another_is_status_1_and_its_notes_are_counted(
    probe: str, tmp_path: Path
) -> None:
    path = tmp_path / "workflow.json"
    write_workflow(path, [plan("a", "stop: cast out panic over", out="b"), plan("b")], code=probe)
    ended = workbench("run", str(path), "--no-build", "--clock", "virtual")
    assert ended.returncode == 1
    assert "b trapped in handle_cast: over" in ended.stderr
    assert "traps 1, notes 2" in ended.stderr
    assert ended.stdout.count(" note ") == 2


def test_a_memory_limit_makes_the_guest_trap(probe: str) -> None:
    ended = workbench("run", probe, "--cast", "probe=hog", "--limit-memory", "8MiB")
    assert ended.returncode == 1
    assert "probe trapped in handle_cast" in ended.stderr


def test_an_unknown_name_is_status_2_with_the_nearest_first() -> None:
    ended = workbench("run", str(SAMPLES / "workflow.json"), "--no-build", "--cast", "coutner=1")
    assert ended.returncode == 2
    assert 'no instance "coutner"; there are counter, ' in ended.stderr
    assert ended.stderr.count("\n") == 1


def test_an_unknown_output_of_a_workflow_is_status_2() -> None:
    ended = workbench("run", str(SAMPLES / "workflow.json"), "--no-build", "--reply", "pnog=1")
    assert ended.returncode == 2
    assert 'no output "pnog"; there are pong' in ended.stderr


def test_an_output_that_nothing_lists_is_answered_where_a_function_is_opened_by_itself(probe: str) -> None:
    ended = workbench("run", probe, "--reply", "echo=yes", "--cast", "probe=call echo q")
    assert ended.returncode == 0, ended.stderr
    assert "probe: reply yes" in ended.stdout
    assert "workbench: --reply echo: no function.json lists that output; a stand-in answers it\n" in ended.stderr


def test_a_call_on_an_output_that_nothing_lists_waits_for_an_answer(probe: str) -> None:
    ended = workbench("run", probe, "--cast", "probe=call echo q")
    assert ended.returncode == 1
    assert 'note undeclared-output: it uses the output "echo", which nothing here declares' in ended.stdout
    assert "the call of probe to echo was left unanswered (--reply echo=PAYLOAD answers it)" in ended.stderr


def test_a_rule_that_looks_misspelt_is_told() -> None:
    ended = workbench("run", str(SAMPLES / "ping"), "--no-build", "--reply", "pnog=1", "--until", "0s")
    assert 'a stand-in answers it (did you mean "pong"?)' in ended.stderr


@pytest.mark.parametrize("content", [b"", b"no wasm", b"\0asm\1\0\0\0\1", b"(module)"])
def test_a_file_that_is_no_function_is_status_1(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "x.wasm").write_bytes(content)
    ended = workbench("run", str(tmp_path / "x.wasm"))
    assert ended.returncode == 1
    assert "x.wasm: error: x.wasm is " in ended.stderr


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
    with running("run", str(counter), "--no-build", "--cast", "counter=1", *more) as program:
        assert program.stdout is not None
        program.stdout.close()
        assert program.stderr is not None
        said = program.stderr.read()
        assert program.wait() == 0, said
    assert said.startswith("2 events handled"), said
    assert said.count("\n") == 1


def test_an_interrupt_is_status_130_and_leaves_no_build_behind(counter: Path) -> None:
    (counter / "workbench.toml").write_text('[function.counter]\ncommand = ["sh", "-c", "sleep 600"]\n')
    with running("run", str(counter)) as program:
        wait_until(lambda: bool(_processes_in(counter)))
        program.send_signal(signal.SIGTERM)
        _, said = program.communicate()
    assert program.returncode == 130
    assert said.splitlines()[:-1] == ["workbench: interrupted before the end"]
    assert not _processes_in(counter)


BUSY = {
    "endless casts": module(init=TO_SELF, cast=TO_SELF, stop=SAY_STOPPED),
    "an endless handler": module(init=TO_SELF + TO_SELF, cast=FOR_EVER),
    "many events": module(init=times(4000, TO_SELF), cast=times(30_000_000, ""), stop=SAY_STOPPED),
}


@pytest.fixture(params=BUSY)
def busy(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A function that is never done, or not for long; it says when it is stopped, where it can be."""
    path = tmp_path / "busy.wasm"
    path.write_bytes(BUSY[request.param])
    return path


def _check_its_stop(busy: Path, said: str, complained: str) -> None:
    endless = busy.read_bytes() == BUSY["an endless handler"]
    assert ("stopped: stopped" in said) is not endless
    assert ("workbench: busy had not ended its handle_cast when the run ended" in complained) is endless


def test_a_busy_run_ends_when_its_time_has_come(busy: Path) -> None:
    ended = workbench("run", str(busy), "--until", "300ms")
    assert ended.returncode == 0, ended.stderr
    assert re.search(r"workbench: \d+ events? waits? at the end and will not be handled: busy \d+\n", ended.stderr)
    _check_its_stop(busy, ended.stdout, ended.stderr)


@pytest.mark.parametrize("clock", ["virtual", "real"])
def test_a_busy_run_ends_with_its_timeout(busy: Path, clock: str) -> None:
    ended = workbench("run", str(busy), "--until", "1h", "--clock", clock, "--timeout", "500ms")
    assert ended.returncode == 1
    assert "cut off after 500 ms with --timeout, and busy is not done" in ended.stderr
    _check_its_stop(busy, ended.stdout, ended.stderr)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_busy_run_ends_when_it_is_interrupted(busy: Path, number: signal.Signals, tmp_path: Path) -> None:
    trace = tmp_path / "t.jsonl"
    with running("run", str(busy), "--trace", str(trace)) as program:
        wait_until(lambda: trace.exists() and b'"cast"' in trace.read_bytes())
        program.send_signal(number)
        said, complained = program.communicate()
    assert program.returncode == 130, complained
    _check_its_stop(busy, said, complained)


def test_what_was_not_sent_before_the_end_is_status_1(tmp_path: Path) -> None:
    (tmp_path / "busy.wasm").write_bytes(module(cast=FOR_EVER))
    ended = workbench("run", "busy.wasm", "--cast", "busy=1", "--cast", "busy=2", "--until", "300ms", cwd=tmp_path)
    assert ended.returncode == 1
    assert "1 message by hand was not sent before the end" in ended.stderr


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


def test_messages_dropped_at_a_limit_are_status_1_and_counted(probe: str, tmp_path: Path) -> None:
    (tmp_path / "workbench.toml").write_text('[limits]\nmailbox = 3\nmailbox_bytes = "1MiB"\n')
    code = tmp_path / "probe.wasm"
    code.write_bytes(Path(probe).read_bytes())
    script = "cast self log 3 x\n" * 5 + "cast_raw nobody x"
    ended = workbench("run", str(code), "--cast", f"probe={script}")
    assert ended.returncode == 1
    assert "2 messages for probe had no room and were dropped (limits.mailbox and " in ended.stderr
    assert ended.stderr.splitlines()[-1].endswith(", dropped 2, lost 1")


def test_what_waits_at_the_end_is_counted_alike_and_adds_up(tmp_path: Path) -> None:
    (tmp_path / "workbench.toml").write_text("[limits]\nmailbox = 50\n")
    (tmp_path / "busy.wasm").write_bytes(module(cast=TO_SELF * 2))
    ended = workbench("run", "busy.wasm", "--cast", "busy=1", "--until", "300ms", "--trace", "t.jsonl", cwd=tmp_path)
    found = re.search(r"workbench: (\d+) events wait at the end .*, waiting (\d+)$", ended.stderr, re.DOTALL)
    assert found is not None, ended.stderr
    assert found[1] == found[2]
    kinds = Counter(type(record) for record in trace.read(tmp_path / "t.jsonl"))
    handled = kinds[Handled] - kinds[Start] - kinds[Stop]
    assert kinds[Cast] == handled + kinds[Change] + int(found[1])


def test_lines_that_a_file_log_could_not_write_are_status_1_and_counted(probe: str, tmp_path: Path) -> None:
    log = {"name": "log", "class_type": "file-log", "output_mapping": {}, "configurations": {"filename": "log"}}
    path = write_with_resources(tmp_path, log)
    (tmp_path / "workbench.toml").write_text('[resources]\nlargest_file = "12B"\n')
    ended = workbench("run", str(path), "--cast", "a=cast log one\ncast log much longer\ncast log two\ncast log three")
    assert ended.returncode == 1
    assert "2 messages for log could not be written and were lost: " in ended.stderr
    assert "largest_file under [resources] in workbench.toml" in ended.stderr
    assert ended.stderr.splitlines()[-1].endswith(", dropped 2")
    assert (tmp_path / ".workbench" / "files" / "log").read_text() == "one\ntwo\n"


def test_a_module_that_takes_long_to_compile_is_cut_off(tmp_path: Path) -> None:
    slow = tmp_path / "slow.wasm"
    slow.write_bytes(slow_to_compile())
    ended = workbench("run", str(slow), "--timeout", "50ms")
    assert ended.returncode == 1
    assert "cut off after 50 ms with --timeout, and the modules are not compiled yet" in ended.stderr
