"""New code takes instances over between two events, and the old goes on when the new is no good."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import wasmtime

from tests.guests.build import SAMPLES, wasm
from tests.session.playing import Play, plan
from tests.session.workflows import write_workflow
from workbench.config import Settings
from workbench.project.model import InstancePlan
from workbench.project.targets import read
from workbench.records import Build, Handled, Reload, Reply, Start, Stop, Sync, Trap
from workbench.session.commands import Kill, Rebuild, StopInstance
from workbench.session.session import Options

TRAPS_IN_INIT = """(module (memory (export "memory") 1)
 (func (export "edgeless_mem_alloc") (param i32) (result i32) (i32.const 64))
 (func (export "edgeless_mem_free") (param i32 i32)) (func (export "edgeless_mem_clear"))
 (func (export "handle_init_asm") (param i32 i32 i32 i32) unreachable)
 (func (export "handle_cast_asm") (param i32 i32 i32 i32))
 (func (export "handle_call_asm") (param i32 i32 i32 i32 i32 i32) (result i32) (i32.const 0))
 (func (export "handle_stop_asm")))"""

SYNCS_AND_TRAPS_IN_INIT = TRAPS_IN_INIT.replace(
    "(module", '(module (import "env" "sync_asm" (func $sync (param i32 i32)))'
).replace("unreachable", '(call $sync (i32.const 8) (i32.const 3)) unreachable) (data (i32.const 8) "new"')


def variant(number: int) -> bytes:
    """The probe, with a custom section that makes it another file."""
    return wasm("probe").read_bytes() + bytes((0, 3, 1, ord("v"), number))


class Bench:
    """A session that watches one `.wasm`, and new code for it."""

    def __init__(self, root: Path, opened: list[Play]) -> None:
        self.wasm = root / "probe.wasm"
        self.wasm.write_bytes(variant(0))
        self._opened = opened
        self._number = 0

    def open(self, *plans: InstancePlan, stand_ins: tuple[str, ...] = ()) -> Play:
        workflow = self.wasm.with_name("workflow.json")
        write_workflow(workflow, plans, stand_ins, code=self.wasm.name)
        play = Play(read((workflow,), Settings()), Options(build=False))
        self._opened.append(play)
        play.settle()
        return play

    def replace(self, play: Play, code: bytes | None = None, reloads: int = 1) -> None:
        """Write new code, and wait until `reloads` of all instances are written down."""
        so_far = len(play.records(Reload))
        self._number += 1
        fresh = self.wasm.with_suffix(".new")
        fresh.write_bytes(variant(self._number) if code is None else code)
        fresh.replace(self.wasm)
        play.until(lambda: len(play.records(Reload)) >= so_far + reloads)


@pytest.fixture
def bench(tmp_path: Path, opened: list[Play]) -> Bench:
    return Bench(tmp_path, opened)


def test_a_reload_hands_the_state_over_and_keeps_name_and_id(bench: Bench) -> None:
    play = bench.open(plan("a", "stop: log 3 bye"))
    play.cast("a", "sync kept\ncount")
    bench.replace(play)
    play.cast("a", "given\ncount")
    assert play.said("a") == ["1", "bye", "payload=stop: log 3 bye state=kept", "1"]
    first, second = play.records(Start)
    assert (first.instance_id, second.state) == (second.instance_id, "kept")
    assert play.notes() == []


def test_code_that_leaves_without_ever_having_synced_is_noted(bench: Bench) -> None:
    play = bench.open(plan("a"))
    play.cast("a", "count")
    bench.replace(play)
    assert play.notes() == ["state-not-synced"]


def test_a_reload_is_written_down_after_the_stop_and_the_start(bench: Bench) -> None:
    play = bench.open(plan("a"))
    bench.replace(play)
    [stop], [reload] = play.records(Stop), play.records(Reload)
    assert stop.seq < play.records(Start)[1].seq < reload.seq
    assert (reload.instance, reload.policy, reload.outcome) == ("a", "handoff", "swapped")
    assert reload.since_change_ms is not None
    assert reload.since_change_ms >= reload.duration_ms > 0


def test_state_synced_while_stopping_is_handed_over(bench: Bench) -> None:
    play = bench.open(plan("a", "stop: sync last words"))
    bench.replace(play)
    assert play.records(Start)[1].state == "last words"


def test_every_instance_of_the_function_is_reloaded(bench: Bench) -> None:
    play = bench.open(plan("a"), plan("b"))
    bench.replace(play, reloads=2)
    assert {reload.instance for reload in play.records(Reload)} == {"a", "b"}


def test_links_and_timers_outlast_a_reload(bench: Bench) -> None:
    play = bench.open(plan("a", out="b"), plan("b"))
    play.post("a", "delayed 1500 out log 3 on time")
    bench.replace(play, reloads=2)
    assert play.session.view().timers == 1
    play.settle()
    play.cast("a", "cast out log 3 linked")
    assert play.said("b") == ["on time", "linked"]


def test_a_call_to_an_instance_that_is_reloaded_is_answered_by_the_new_code(bench: Bench) -> None:
    play = bench.open(plan("a", out="desk"), stand_ins=("desk",))
    play.cast("a", "call out hold")
    call = play.post("a", "reply from the new", call=True)
    bench.replace(play)
    play.settle()
    assert [reply.payload for reply in play.records(Reply) if reply.call == call] == [b"from the new"]


def test_new_code_that_traps_in_its_init_is_not_taken(bench: Bench) -> None:
    play = bench.open(plan("a"))
    play.cast("a", "count")
    bench.replace(play, bytes(wasmtime.wat2wasm(TRAPS_IN_INIT)))
    assert [reload.outcome for reload in play.records(Reload)] == ["kept-old"]
    play.cast("a", "count")
    assert play.said("a") == ["1", "2"]
    assert play.instance("a").status == "idle"


def test_the_old_code_goes_on_with_its_own_state(bench: Bench) -> None:
    play = bench.open(plan("a"))
    play.cast("a", "sync of the old")
    bench.replace(play, bytes(wasmtime.wat2wasm(SYNCS_AND_TRAPS_IN_INIT)))
    assert [sync.state for sync in play.records(Sync)] == ["of the old", "new"]
    bench.replace(play)
    play.settle()
    assert play.records(Start)[-1].state == "of the old"


def test_what_is_known_of_the_old_code_outlasts_new_code_that_is_no_good(bench: Bench) -> None:
    play = bench.open(plan("a"))
    play.cast("a", "count")
    bench.replace(play, bytes(wasmtime.wat2wasm(TRAPS_IN_INIT)))
    assert play.notes() == []
    bench.replace(play)
    assert play.notes() == ["state-not-synced"]


def test_where_nothing_is_left_to_go_on_no_reload_is_told(bench: Bench) -> None:
    play = bench.open(plan("a"))
    play.cast("a", "panic over")
    bench.wasm.write_bytes(bytes(wasmtime.wat2wasm(TRAPS_IN_INIT)))
    play.until(lambda: len(play.records(Trap)) == 2)
    play.settle()
    assert (play.records(Reload), play.instance("a").status) == ([], "trapped")


def test_code_the_host_refuses_leaves_the_old_running_and_says_why(bench: Bench) -> None:
    play = bench.open(plan("a"))
    play.cast("a", "count")
    bench.wasm.write_bytes(b"(module)")
    play.until(lambda: play.session.view().builds[0].state == "failed")
    play.cast("a", "count")
    assert play.said("a") == ["1", "2"]
    [diagnostic] = play.session.view().builds[0].diagnostics
    assert "text" in diagnostic.message


def test_new_code_mends_a_trapped_instance_and_works_its_mailbox_off(bench: Bench) -> None:
    play = bench.open(plan("a"))
    play.cast("a", "sync kept\npanic oh")
    play.cast("a", "given")
    bench.replace(play)
    play.settle()
    assert play.said("a")[1:] == ["payload=- state=kept"]
    assert play.instance("a").status == "idle"


@pytest.mark.parametrize("held_up_by", ["loop", "call out x"])
def test_new_code_ends_a_handler_that_does_not_end(bench: Bench, held_up_by: str) -> None:
    play = bench.open(plan("a", out="desk"), stand_ins=("desk",))
    seq = play.post("a", held_up_by)
    play.until(lambda: play.instance("a").status in ("running", "waiting"))
    bench.replace(play)
    play.cast("a", "log 3 cured")
    assert play.said("a") == ["cured"]
    [ended] = [handled for handled in play.records(Handled) if handled.event == seq]
    assert (ended.outcome, ended.reason) == ("killed", "reload")


def test_new_code_killed_in_its_init_by_hand_takes_the_old_with_it(bench: Bench) -> None:
    play = bench.open(plan("a"))
    loops = TRAPS_IN_INIT.replace("unreachable", "(loop $ever (br $ever))")
    bench.wasm.write_bytes(bytes(wasmtime.wat2wasm(loops)))
    play.until(lambda: play.instance("a").callback == "handle_init")
    play.do(Kill("a"))
    play.settle()
    assert play.instance("a").status == "killed"
    assert play.records(Handled)[-1].reason == "by hand"


def test_a_stopped_instance_is_not_started_by_new_code(bench: Bench) -> None:
    play = bench.open(plan("a"))
    play.do(StopInstance("a"))
    play.settle()
    bench.wasm.write_bytes(variant(9))
    play.do(Rebuild())
    play.settle()
    assert play.instance("a").status == "stopped"


MANIFEST = """[package]
name = "tally"
version = "0.1.0"
edition = "2024"
[workspace]
[lib]
crate-type = ["cdylib"]
[dependencies]
edgeless_function = { path = "../edgeless_function" }
"""

SOURCE = """use edgeless_function::*;
struct Tally;
impl EdgeFunction for Tally {
    fn handle_cast(_src: InstanceId, message: &[u8]) {
        telemetry_log(3, "tally", "first version");
        sync(message);
    }
    fn handle_call(_src: InstanceId, _message: &[u8]) -> CallRet { CallRet::NoReply }
    fn handle_init(_payload: Option<&[u8]>, _state: Option<&[u8]>) {}
    fn handle_stop() {}
}
edgeless_function::export!(Tally);
"""


def test_an_edit_is_built_and_live_and_a_broken_one_keeps_the_old_code(tmp_path: Path, opened: list[Play]) -> None:
    directory = tmp_path / "tally"
    ignored = shutil.ignore_patterns("target")
    shutil.copytree(SAMPLES / "edgeless_function", tmp_path / "edgeless_function", ignore=ignored)
    (directory / "src").mkdir(parents=True)
    (directory / "function.json").write_text(
        '{"id": "tally", "function_type": "RUST_WASM", "version": "0.1", "outputs": []}'
    )
    (directory / "Cargo.toml").write_text(MANIFEST)
    (directory / "src" / "lib.rs").write_text(SOURCE)
    play = Play(read((directory,), Settings()), Options())
    opened.append(play)
    play.settle()
    play.cast("tally", "state")

    (directory / "src" / "lib.rs").write_text(SOURCE.replace("first", "second"))
    play.until(lambda: len(play.records(Reload)) == 1)
    play.cast("tally", "state")
    assert play.said("tally") == ["first version", "second version"]
    assert play.records(Start)[1].state == "state"
    [reload] = play.records(Reload)
    assert reload.outcome == "swapped"
    assert reload.since_change_ms is not None
    [view] = play.session.view().builds
    assert view.state == "live"
    assert {"build", "compile", "swap"} <= view.stages_ms.keys()

    (directory / "src" / "lib.rs").write_text(SOURCE.replace("struct Tally;", "struct Tally"))
    play.until(lambda: [build.ok for build in play.records(Build)] == [True, True, False])
    play.cast("tally", "state")
    assert play.said("tally")[-1] == "second version"
    failed = play.records(Build)[-1]
    assert failed.wasm is None
    assert any(one.level == "error" and one.line for one in failed.diagnostics)
