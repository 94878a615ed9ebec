"""Which code is asked for, loaded and taken for live: that on disk, by those who do not run it yet."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import pytest
import wasmtime

from tests.guests.build import SAMPLES, wasm
from tests.project import files
from tests.session.playing import Play, plan
from tests.session.test_reload import TRAPS_IN_INIT, variant
from tests.session.workflows import write_workflow
from workbench.build.builder import Builder, Demand
from workbench.config import settings_for
from workbench.project.model import Function, InstancePlan
from workbench.project.targets import read
from workbench.records import Build, Reload, Start, Stop
from workbench.session.commands import Pause, Rebuild, Restart, Run, Spawn, StartWorkflow, StopInstance, StopWorkflow
from workbench.session.session import Options
from workbench.session.view import BuildView

WANTS_WASI = '(module (import "wasi_snapshot_preview1" "fd_write" (func)))'


class Shop:
    """Functions that a command builds from a file `source`, which is the wasm to be; the file `gate` lets it go on."""

    def __init__(self, root: Path, opened: list[Play]) -> None:
        self.root, self._opened = root / "shop", opened
        self.root.mkdir()
        self._settings = ""

    def add(self, name: str, code: bytes | None = None) -> None:
        home = self.root / name
        home.mkdir()
        (home / "function.json").write_text(json.dumps(files.specification(name)))
        (home / "gate").touch()
        self.write(name, variant(0) if code is None else code)
        script = f"until [ -e gate ]; do sleep 0.01; done; cat source > {name}.wasm"
        self._settings += f'[function.{name}]\ncommand = ["sh", "-c", "{script}"]\n'
        (self.root / "workbench.toml").write_text(self._settings)

    def write(self, name: str, code: bytes | str) -> None:
        fresh = self.root / name / "source~"
        fresh.write_bytes(wasmtime.wat2wasm(code) if isinstance(code, str) else code)
        fresh.replace(self.root / name / "source")

    def link(self, *plans: InstancePlan) -> None:
        write_workflow(self.root / "workflow.json", plans, code="{function}/{function}.wasm")

    def open(self, target: str = "", options: Options | None = None) -> Play:
        targets = (self.root / target,)
        settings = settings_for(targets)
        play = Play(read(targets, settings), options or Options(), settings)
        self._opened.append(play)
        play.settle()
        return play


@pytest.fixture
def shop(tmp_path: Path, opened: list[Play]) -> Shop:
    return Shop(tmp_path, opened)


def standing(play: Play, function: str) -> BuildView:
    """How a function's code stands."""
    return next(view for view in play.session.view().builds if view.function == function)


def built(play: Play, times: int) -> Callable[[], bool]:
    return lambda: len(play.records(Build)) == times


def test_a_function_that_comes_back_with_the_code_it_had_runs_again(shop: Shop) -> None:
    shop.add("a")
    shop.add("b")
    shop.link(plan("a", function="a"), plan("b", function="b"))
    play = shop.open("workflow.json")
    shop.link(plan("a", function="a"))
    play.until(lambda: len(play.session.view().instances) == 1)
    shop.link(plan("a", function="a"), plan("b", function="b"))
    play.until(lambda: len(play.records(Start, "b")) == 2)
    play.settle()
    assert play.instance("b").status == "idle"
    assert standing(play, "b").state == "live"


def test_a_function_that_comes_back_is_built_again_though_it_never_loaded(shop: Shop) -> None:
    shop.add("a")
    shop.add("b", b"no wasm at all")
    shop.link(plan("a", function="a"), plan("b", function="b"))
    play = shop.open("workflow.json")
    assert play.instance("b").status == "failed"
    shop.link(plan("a", function="a"))
    play.until(lambda: len(play.session.view().instances) == 1)
    shop.write("b", variant(0))
    shop.link(plan("a", function="a"), plan("b", function="b"))
    play.until(lambda: len(play.records(Start, "b")) == 1)


def test_code_that_is_refused_is_refused_again_by_a_rebuild(shop: Shop) -> None:
    shop.add("a", bytes(wasmtime.wat2wasm(WANTS_WASI)))
    play = shop.open("a")
    before = standing(play, "a")
    play.do(Rebuild())
    play.settle()
    view = standing(play, "a")
    assert len(play.records(Build)) == 2
    assert (view.state, view.diagnostics) == ("failed", before.diagnostics)
    assert "wasi_snapshot_preview1" in view.diagnostics[0].message


def test_code_that_traps_in_its_init_is_not_live_and_a_rebuild_tries_it_again(shop: Shop) -> None:
    shop.add("a")
    play = shop.open("a")
    shop.write("a", TRAPS_IN_INIT)
    play.until(lambda: len(play.records(Reload)) == 1)
    play.settle()
    assert standing(play, "a").state == "built"
    play.do(Rebuild())
    play.settle()
    assert [reload.outcome for reload in play.records(Reload)] == ["kept-old", "kept-old"]
    assert standing(play, "a").state == "built"
    shop.write("a", variant(1))
    play.until(lambda: standing(play, "a").state == "live")


def test_a_rebuild_that_gives_the_same_code_reloads_nothing(shop: Shop) -> None:
    shop.add("a")
    play = shop.open("a")
    play.do(Rebuild())
    play.settle()
    assert len(play.records(Build)) == 2
    assert standing(play, "a").state == "live"
    assert play.records(Stop) == []


def test_an_error_taken_back_reloads_nothing_and_starts_who_could_not_run(shop: Shop) -> None:
    shop.add("a")
    shop.link(plan("alive", function="a"), plan("dead", function="a"))
    play = shop.open("workflow.json")
    play.cast("dead", "panic oh")
    shop.write("a", b"no wasm at all")
    play.until(lambda: play.instance("dead").status == "failed")
    shop.write("a", variant(0))
    play.until(lambda: play.instance("dead").status == "idle")
    play.settle()
    assert standing(play, "a").state == "live"
    assert len(play.records(Start, "alive")) == 1


def test_code_built_while_all_is_stopped_is_live_once_it_starts(shop: Shop) -> None:
    shop.add("a")
    shop.link(plan("a", function="a"))
    play = shop.open("workflow.json")
    workflow = str(shop.root / "workflow.json")
    play.do(StopWorkflow(workflow))
    play.settle()
    shop.write("a", variant(1))
    play.until(built(play, 2))
    play.settle()
    assert standing(play, "a").state == "built"
    play.do(StartWorkflow(workflow))
    play.settle()
    assert standing(play, "a").state == "live"


def test_code_built_while_the_world_is_paused_is_live_once_it_turns(shop: Shop) -> None:
    shop.add("a")
    play = shop.open("a")
    play.do(Pause())
    shop.write("a", variant(1))
    play.until(built(play, 2))
    play.settle()
    assert standing(play, "a").state == "built"
    play.do(Run())
    play.until(lambda: standing(play, "a").state == "live")


def test_an_instance_started_long_after_a_change_is_not_what_made_it_live(shop: Shop) -> None:
    shop.add("a")
    play = shop.open("a")
    shop.write("a", variant(1))
    play.until(lambda: len(play.records(Reload)) == 1)
    play.settle()
    since = standing(play, "a").since_change_ms
    assert since is not None
    play.do(Spawn("a"))
    play.do(Restart("a"))
    play.settle()
    assert standing(play, "a").since_change_ms == since


@pytest.mark.parametrize("before", [TRAPS_IN_INIT, variant(1)], ids=["that traps", "of a stopped instance"])
def test_a_session_is_busy_while_a_build_follows_code_nobody_started_on(shop: Shop, before: bytes | str) -> None:
    shop.add("a")
    play = shop.open("a", Options(clock="virtual"))
    if before != TRAPS_IN_INIT:
        play.do(StopInstance("a"))
    shop.write("a", before)
    play.until(built(play, 2))
    play.settle()
    (shop.root / "a/gate").unlink()
    shop.write("a", variant(2))
    play.until(lambda: standing(play, "a").state == "building")
    assert not play.session.wait_idle(0.05)
    (shop.root / "a/gate").touch()
    play.until(built(play, 3))
    play.settle()


def test_a_change_of_a_file_that_is_to_be_ignored_builds_nothing(shop: Shop) -> None:
    shop.add("a")
    settings = shop.root / "workbench.toml"
    settings.write_text('[watch]\nignore = ["*.gen.rs", "*.toml"]\n' + settings.read_text())
    play = shop.open("a")
    (shop.root / "a/made.gen.rs").write_text("pub const MADE: u8 = 1;")
    (shop.root / "a/made.rs").write_text("pub const MADE: u8 = 1;")
    play.until(built(play, 2))
    (shop.root / "a/made.gen.rs").write_text("pub const MADE: u8 = 2;")
    settings.write_text(settings.read_text().replace('"*.gen.rs", ', ""))  # whatever is ignored, the settings are not
    play.until(lambda: play.session._settings.ignore == ("*.toml",))
    play.settle()
    assert len(play.records(Build)) == 2
    (shop.root / "a/made.gen.rs").write_text("pub const MADE: u8 = 3;")
    play.until(built(play, 3))


def test_without_a_compiler_the_wasm_that_runs_is_followed_and_the_source_is_not(
    tmp_path: Path, opened: list[Play], monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "counter"
    shutil.copytree(SAMPLES / "counter", home, ignore=shutil.ignore_patterns("target"))
    code = home / "counter.wasm"
    probe = wasm("probe").read_bytes()
    for name in ("PATH", "HOME", "RUSTUP_HOME"):
        monkeypatch.setenv(name, str(tmp_path / "nothing"))
    monkeypatch.delenv("RUSTC", raising=False)
    play = Play(read((home,), settings_for((home,))), Options())
    opened.append(play)
    play.settle()
    assert standing(play, "counter").state == "prebuilt"
    (home / "src/lib.rs").write_text("fn edited() {}")
    for number, content in enumerate((probe, code.read_bytes()), 1):
        fresh = code.with_suffix(".new")
        fresh.write_bytes(content)
        fresh.replace(code)
        play.until(lambda: len(play.records(Reload)) == number)  # noqa: B023
    play.settle()
    assert len(play.records(Start)) == 3


STAMP = "date +%s%N > stamp.txt"


def open_counted(shop: Shop, script: str) -> Play:
    """A session on a function that a script builds, which counts its runs outside of what is watched."""
    shop.add("a")
    (shop.root / "a/make.sh").write_text(f"echo x >> ../../count; {script}")
    (shop.root / "workbench.toml").write_text('[function.a]\ncommand = ["sh", "make.sh"]\n')
    return shop.open("a")


def runs(shop: Shop) -> int:
    return len((shop.root.parent / "count").read_text().split())


def told_of(play: Play, name: str) -> bool:
    return any(f'ignore = ["{name}"]' in str(problem.error) for problem in play.session.view().problems)


@pytest.mark.parametrize(
    "script",
    [f"cat source > a.wasm; {STAMP}", f"{STAMP}; sleep 0.3; cat source > a.wasm"],
    ids=["written last", "written first"],
)
def test_a_build_that_writes_beside_its_output_is_not_run_for_ever_and_is_told_of(shop: Shop, script: str) -> None:
    play = open_counted(shop, script)
    play.until(lambda: told_of(play, "stamp.txt"))
    play.settle()
    before = runs(shop)
    assert before <= 3
    assert len(play.records(Build)) == 1  # the others gave the same
    shop.write("a", variant(1))
    play.until(lambda: len(play.records(Reload)) == 1)
    play.settle()
    assert runs(shop) == before + 1
    (shop.root / "a/stamp.txt").write_text("by hand")
    play.until(lambda: runs(shop) > before + 1)


def test_saves_while_builds_run_are_never_lost_whatever_the_builds_write(shop: Shop) -> None:
    gate, read = shop.root.parent / "gate", shop.root / "a/read"
    gate.touch()
    play = open_counted(
        shop, f"{STAMP}; cat source > read; until [ -e ../../gate ]; do sleep 0.01; done; cat read > a.wasm"
    )
    play.until(lambda: told_of(play, "stamp.txt"))
    play.settle()
    gate.unlink()
    for number in (1, 2, 3):  # the first asks for a build, the second ends it, the third waits for its end
        shop.write("a", variant(number))
        if number < 3:
            play.until(lambda: read.read_bytes() == (shop.root / "a/source").read_bytes())
    gate.touch()
    play.until(lambda: (shop.root / "a/a.wasm").read_bytes() == (shop.root / "a/source").read_bytes())
    play.settle()
    assert standing(play, "a").state == "live"
    assert told_of(play, "stamp.txt")
    assert not told_of(play, "source")


def test_a_build_script_that_stamps_its_sources_comes_to_an_end(tmp_path: Path, opened: list[Play]) -> None:
    home = copy_of_counter(tmp_path)
    (home / "src/stamp.rs").write_text("")
    (home / "build.rs").write_text(
        "fn main() {\n"
        "    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_nanos();\n"
        '    std::fs::write("src/stamp.rs", format!("pub const STAMP: u128 = {now};\\n")).unwrap();\n'
        "}\n"
    )
    with (home / "src/lib.rs").open("a") as source:
        source.write("mod stamp;\n#[unsafe(no_mangle)]\npub static STAMPED: u128 = stamp::STAMP;\n")
    play = Play(read((home,), settings_for((home,))), Options())
    opened.append(play)
    play.until(lambda: told_of(play, "stamp.rs"), 120)
    play.settle()
    assert len(play.records(Build)) <= 3


def test_a_file_that_cargo_does_not_read_leaves_no_trace(
    tmp_path: Path, opened: list[Play], monkeypatch: pytest.MonkeyPatch
) -> None:
    home = copy_of_counter(tmp_path)
    play = Play(read((home,), settings_for((home,))), Options())
    opened.append(play)
    play.until(lambda: any(view.state == "live" for view in play.session.view().builds), 120)
    play.settle()
    shown = play.session._code.views  # another object with each change of it
    asked: list[Demand] = []
    demands = Builder.demands

    def noted(builder: Builder, functions: Iterable[Function], changes: Mapping[Path, float]) -> dict[str, Demand]:
        found = demands(builder, functions, changes)
        asked.extend(found.values())
        return found

    monkeypatch.setattr(Builder, "demands", noted)
    (home / "README.md").write_text("x")
    play.until(lambda: bool(asked))
    play.settle()
    assert [each.sure for each in asked] == [False]
    assert play.session._code.views is shown
    assert len(play.records(Build)) == 1


def copy_of_counter(directory: Path) -> Path:
    """The sample with its source, and the crate it depends on where that is."""
    home = directory / "counter"
    shutil.copytree(SAMPLES / "counter", home, ignore=shutil.ignore_patterns("target", "*.wasm"))
    manifest = home / "Cargo.toml"
    manifest.write_text(manifest.read_text().replace('path = "../', f'path = "{SAMPLES}/'))
    return home
