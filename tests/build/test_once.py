"""One build: the artifact and what it was made of, what the compiler says, and each way it can fail."""

from __future__ import annotations

import fcntl
import os
import shutil
import threading
from dataclasses import replace
from pathlib import Path
from time import thread_time

import pytest

from tests.build.crates import (
    LIBRARY,
    LOOPING_BUILD_SCRIPT,
    alive,
    answering,
    crate,
    group_written_to,
    helper,
    scripted,
    wait_until,
)
from workbench.build import toolchain
from workbench.build.diagnostics import from_text
from workbench.build.events import Failed, Finished, Progress
from workbench.build.leash import Leash
from workbench.build.once import build_once
from workbench.build.toolchain import Toolchain
from workbench.project.model import Function
from workbench.records import Profile

PANICKY = "pub fn fail(number: i32) -> i32 { assert!(std::hint::black_box(number) > 1); number }\n"
WASM = b"\0asm\1\0\0\0"


class Build:
    """Builds with the real compiler."""

    def __init__(self, compiler: Toolchain, shared_target: Path) -> None:
        self.compiler = compiler
        self.shared_target = shared_target
        self.progress: list[Progress] = []

    def __call__(self, function: Function, profile: Profile = "dev") -> Finished | Failed:
        return build_once(function, profile, lambda: self.compiler, self.shared_target, progress=self.progress.append)

    def well(self, function: Function, profile: Profile = "dev") -> Finished:
        event = self(function, profile)
        assert isinstance(event, Finished), event
        return event

    def badly(self, function: Function) -> Failed:
        event = self(function)
        assert isinstance(event, Failed), event
        return event


@pytest.fixture
def build(compiler: Toolchain, shared_target: Path) -> Build:
    return Build(compiler, shared_target)


def test_a_crate_becomes_wasm(build: Build, tmp_path: Path) -> None:
    event = build.well(crate(tmp_path / "plain"))
    assert event.artifact.path.read_bytes().startswith(WASM)
    assert event.diagnostics == ()
    assert event.artifact.sources == {tmp_path / "plain/src/lib.rs"}


def test_nothing_but_cargos_own_lock_is_written_beside_the_source(build: Build, tmp_path: Path) -> None:
    function = crate(tmp_path / "tidy")
    build.well(function)
    assert sorted(os.listdir(function.directory)) == ["Cargo.lock", "Cargo.toml", "src"]


def test_dev_wasm_names_source_lines_and_release_wasm_follows_the_crates_profile(build: Build, tmp_path: Path) -> None:
    function = crate(tmp_path / "lines")
    assert b".debug_line" in build.well(function, "dev").artifact.path.read_bytes()
    assert b".debug_line" not in build.well(function, "release").artifact.path.read_bytes()


def test_release_wasm_tells_nothing_of_this_machine(
    build: Build, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    below = helper(tmp_path / "panicky_below", source=PANICKY)
    elsewhere = helper(tmp_path_factory.mktemp("else where") / "panicky_elsewhere", source=PANICKY)
    source = LIBRARY.replace("42", "panicky_below::fail(42) + panicky_elsewhere::fail(42)")
    build.shared_target = tmp_path / ".workbench/target"
    function = crate(tmp_path / "secretive", source=source, more=below + elsewhere.removeprefix("[dependencies]\n"))
    code = build.well(function, "release").artifact.path.read_bytes()
    assert b"panicky_below/src/lib.rs" in code
    assert b"panicky_elsewhere/src/lib.rs" in code
    assert bytes(tmp_path.parent) not in code
    assert bytes(tmp_path.parent) in build.well(function, "dev").artifact.path.read_bytes()


def test_an_error_elsewhere_is_found_in_a_release_build_too(build: Build, tmp_path: Path) -> None:
    dependency = helper(tmp_path / "misled_helper", source="pub fn help() -> i32 { missing }\n")
    event = build(crate(tmp_path / "misled", more=dependency), "release")
    assert isinstance(event, Failed)
    assert event.error.path == tmp_path / "misled_helper/src/lib.rs"


def test_functions_share_what_was_compiled_for_a_release(build: Build, tmp_path: Path) -> None:
    dependency = helper(tmp_path / "common_helper")
    build.well(crate(tmp_path / "first_user", more=dependency), "release")
    build.progress.clear()
    build.well(crate(tmp_path / "second_user", more=dependency), "release")
    assert not any("common_helper" in event.crate for event in build.progress)


@pytest.mark.parametrize("profile", ["dev", "release"])
@pytest.mark.parametrize("table", ["build", "target.wasm32-unknown-unknown", "target.'cfg(target_family = \"wasm\")'"])
def test_flags_of_a_cargo_configuration_hold(build: Build, tmp_path: Path, table: str, profile: Profile) -> None:
    function = crate(tmp_path / "flagged", source=LIBRARY.replace("42", "if cfg!(flag) { 1 } else { 42 }"))
    plain = build.well(function, profile).artifact.digest
    (function.directory / ".cargo").mkdir()
    (function.directory / ".cargo/config.toml").write_text(f'[{table}]\nrustflags = ["--cfg", "flag"]\n')
    assert build.well(function, profile).artifact.digest != plain


def test_the_callers_own_flags_hold(monkeypatch: pytest.MonkeyPatch, build: Build, tmp_path: Path) -> None:
    function = crate(tmp_path / "called", source=LIBRARY.replace("42", "if cfg!(flag) { 1 } else { 42 }"))
    plain = build.well(function, "release").artifact.digest
    monkeypatch.setenv("RUSTFLAGS", "--cfg flag")
    build.compiler = toolchain.find()
    assert build.well(function, "release").artifact.digest != plain


def test_the_same_code_has_the_same_digest(build: Build, tmp_path: Path) -> None:
    function = crate(tmp_path / "again")
    first = build.well(function).artifact.digest
    source = function.directory / "src/lib.rs"
    source.write_text("// a remark behind the code\n".join([LIBRARY, ""]))
    assert build.well(function).artifact.digest == first
    source.write_text(answering(43))
    assert build.well(function).artifact.digest != first


def test_progress_counts_crates(build: Build, tmp_path: Path) -> None:
    dependency = helper(tmp_path / "counted_helper")
    build.well(crate(tmp_path / "counted", more=dependency))
    counts = [(event.done, event.total) for event in build.progress if event.total]
    assert (0, 2) in counts
    assert (1, 2) in counts
    assert any("counted_helper" in event.crate for event in build.progress)


def test_a_build_that_waits_for_another_says_so(build: Build, tmp_path: Path) -> None:
    function = crate(tmp_path / "second")
    build.well(function)
    (function.directory / "src/lib.rs").write_text(answering(43))
    [held] = build.shared_target.glob("wasm32-unknown-unknown/debug/.cargo-lock")
    with held.open("r+") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        ends: list[Finished | Failed] = []
        thread = threading.Thread(target=lambda: ends.append(build(function)))
        thread.start()
        wait_until(lambda: any(event.crate.startswith("waiting for another build") for event in build.progress))
        assert not ends
    thread.join()
    assert isinstance(ends[0], Finished)


def test_sources_of_path_dependencies_and_included_files_are_known(build: Build, tmp_path: Path) -> None:
    dependency = helper(tmp_path / "with space")
    (tmp_path / "with space/Cargo.toml").write_text('[package]\nname = "spaced"\nversion = "0.1.0"\n')
    dependency = f'[dependencies]\nspaced = {{ path = "{tmp_path / "with space"}" }}\n'
    (tmp_path / "words.txt").write_text("words")
    source = LIBRARY + 'pub const WORDS: &str = include_str!("../../words.txt");\n'
    event = build.well(crate(tmp_path / "wide", source=source, more=dependency))
    made_of = {path.resolve() for path in event.artifact.sources}
    expected = ["with space/src/lib.rs", "words.txt", "wide/src/lib.rs"]
    assert made_of == {tmp_path / name for name in expected}


def test_crates_of_the_same_name_do_not_get_each_others_wasm(build: Build, tmp_path: Path) -> None:
    one = crate(tmp_path / "one", name="twin")
    other = crate(tmp_path / "other", name="twin", source=answering(43))
    first = build.well(one).artifact.digest
    assert build.well(other).artifact.digest != first
    assert build.well(one).artifact.digest == first


def test_a_crate_that_takes_the_place_of_one_that_is_gone_is_built_anew(build: Build, tmp_path: Path) -> None:
    old = crate(tmp_path / "old", name="heir")
    new = crate(tmp_path / "new", name="heir", source=answering(43))
    first = build.well(old).artifact.digest
    shutil.rmtree(old.directory)
    assert build.well(new).artifact.digest != first


def test_a_warning_comes_with_its_place_and_the_compilers_own_text(build: Build, tmp_path: Path) -> None:
    source = LIBRARY.replace("42", "let unused = 1;\n    42")
    (diagnostic,) = build.well(crate(tmp_path / "warned", source=source)).diagnostics
    assert (diagnostic.level, diagnostic.file, diagnostic.line, diagnostic.column) == ("warning", "src/lib.rs", 3, 9)
    assert "unused variable" in diagnostic.message
    assert "\x1b[" in diagnostic.rendered


@pytest.mark.parametrize("profile", ["dev", "release"])
def test_a_warning_of_cargos_own_is_told_whole_and_once(build: Build, tmp_path: Path, profile: Profile) -> None:
    function = crate(tmp_path / "member")
    manifest = function.directory / "Cargo.toml"
    manifest.write_text(manifest.read_text().replace("[workspace]\n", ""))
    (tmp_path / "Cargo.toml").write_text('[workspace]\nresolver = "2"\nmembers = ["*"]\n')
    (diagnostic,) = build.well(function, profile).diagnostics
    assert diagnostic.level == "warning"
    assert diagnostic.message.startswith("profiles for the non root package will be ignored")
    assert diagnostic.message.endswith(f"workspace: {tmp_path / 'Cargo.toml'}")
    assert f"\npackage:   {manifest}\n" in diagnostic.rendered


def test_warnings_of_unchanged_code_are_told_again(build: Build, tmp_path: Path) -> None:
    function = crate(tmp_path / "nagging", source=LIBRARY.replace("42", "let unused = 1;\n    42"))
    assert build.well(function).diagnostics == build.well(function).diagnostics != ()


def test_an_error_is_a_sentence_with_its_place(build: Build, tmp_path: Path) -> None:
    function = crate(tmp_path / "wrong", source=LIBRARY.replace("42", '"42"'))
    event = build.badly(function)
    assert event.error.path == function.directory / "src/lib.rs"
    assert (event.error.line, event.error.column) == (3, 5)
    assert "wrong does not build: mismatched types" in str(event.error)
    assert [diagnostic.level for diagnostic in event.diagnostics] == ["error"]


def test_an_error_inside_a_foreign_macro_points_at_the_users_line(build: Build, tmp_path: Path) -> None:
    function = crate(tmp_path / "macros", source=LIBRARY.replace("42", 'assert_eq!(1, "one");\n    42'))
    (diagnostic,) = (each for each in build.badly(function).diagnostics if each.level == "error")
    assert (diagnostic.file, diagnostic.line) == ("src/lib.rs", 3)


def test_an_error_in_a_path_dependency_names_that_file(build: Build, tmp_path: Path) -> None:
    dependency = helper(tmp_path / "faulty_helper", source="pub fn help() -> i32 { missing }\n")
    event = build.badly(crate(tmp_path / "innocent", more=dependency))
    assert event.error.path == tmp_path / "faulty_helper/src/lib.rs"


def test_files_of_a_workspace_member_are_named_from_its_own_directory(build: Build, tmp_path: Path) -> None:
    function = crate(tmp_path / "functions/member", source=LIBRARY.replace("42", "missing"))
    manifest = function.directory / "Cargo.toml"
    manifest.write_text(manifest.read_text().partition("[workspace]")[0])
    (tmp_path / "Cargo.toml").write_text('[workspace]\nresolver = "3"\nmembers = ["functions/member"]\n')
    (diagnostic,) = build.badly(function).diagnostics
    assert (diagnostic.file, diagnostic.line) == ("src/lib.rs", 3)


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda text: text.replace("[lib]", "[lib"), "Cargo.toml"),
        (lambda text: text.replace("2024", "1066"), "1066"),
        (lambda text: text + '[dependencies]\nghost = { path = "../ghost" }\n', "ghost"),
        (lambda text: text.replace('["cdylib"]', '["rlib"]'), "cdylib"),
        (lambda text: text.replace('["cdylib"]', '["cdylib"]\npath = "src/none.rs"'), "none.rs"),
    ],
)
def test_a_wrong_manifest_is_one_clear_sentence(build: Build, tmp_path: Path, spoil: object, words: str) -> None:
    function = crate(tmp_path / "spoiled")
    manifest = function.directory / "Cargo.toml"
    assert callable(spoil)
    manifest.write_text(spoil(manifest.read_text()))
    event = build.badly(function)
    assert words in str(event.error)
    assert "\n" not in str(event.error)


def test_the_line_of_a_manifests_mistake_is_known(build: Build, tmp_path: Path) -> None:
    function = crate(tmp_path / "unclosed")
    manifest = function.directory / "Cargo.toml"
    manifest.write_text(manifest.read_text().replace("[lib]", "[lib"))
    error = build.badly(function).error
    assert (error.path, error.line) == (manifest, 5)


def test_a_failing_build_script_says_why(build: Build, tmp_path: Path) -> None:
    function = crate(tmp_path / "script")
    (function.directory / "build.rs").write_text('fn main() { panic!("no luck \\x1b[2J") }')
    event = build.badly(function)
    assert "failed to run custom build command" in str(event.error)
    assert "no luck" in event.diagnostics[0].rendered


def test_a_build_script_is_a_source(build: Build, tmp_path: Path) -> None:
    function = crate(tmp_path / "generated")
    (function.directory / "build.rs").write_text('fn main() { println!("cargo::rerun-if-changed=table.txt") }')
    (function.directory / "table.txt").write_text("1")
    sources = build.well(function).artifact.sources
    assert sources >= {function.directory / "build.rs", function.directory / "table.txt"}


def test_a_hanging_build_script_ends_when_it_is_let_go(build: Build, tmp_path: Path) -> None:
    function = crate(tmp_path / "hanging")
    (function.directory / "build.rs").write_text(LOOPING_BUILD_SCRIPT)
    leash = Leash()
    events: list[Finished | Failed] = []
    thread = threading.Thread(
        target=lambda: events.append(
            build_once(function, "dev", lambda: build.compiler, build.shared_target, leash=leash)
        )
    )
    thread.start()
    group = group_written_to(function.directory / "build.pid")
    leash.let_go()
    thread.join()
    assert isinstance(events[0], Failed)
    wait_until(lambda: not alive(group))


def test_a_cargo_that_is_gone_is_named(build: Build, tmp_path: Path) -> None:
    build.compiler = replace(build.compiler, cargo=tmp_path / "cargo")
    assert str(tmp_path / "cargo") in str(build.badly(crate(tmp_path / "late")).error)


def test_a_directory_that_is_gone_is_named(build: Build, tmp_path: Path) -> None:
    function = crate(tmp_path / "gone")
    shutil.rmtree(function.directory)
    assert build.badly(function).error.path == function.directory


def test_a_directory_that_goes_while_building_is_named(build: Build, tmp_path: Path) -> None:
    event = build.badly(scripted(tmp_path / "going", 'rm -r "$PWD"; exit 1'))
    assert "directory is gone" in str(event.error)


def test_a_target_directory_that_cannot_be_written_is_a_sentence(build: Build, tmp_path: Path) -> None:
    build.shared_target = tmp_path / "a file" / "target"
    (tmp_path / "a file").write_text("")
    error = build.badly(crate(tmp_path / "homeless")).error
    assert str(error).endswith("build output cannot be written (File exists); WORKBENCH_CACHE=DIR puts it elsewhere")


def test_a_directory_whose_name_is_not_utf_8_is_said_to_be_no_path_for_cargo(build: Build, tmp_path: Path) -> None:
    error = build.badly(crate(tmp_path / os.fsdecode(b"latin\xe9"), name="latin")).error
    assert "cargo takes no path that is not UTF-8" in str(error)


def test_a_users_own_command_makes_the_wasm(build: Build, tmp_path: Path) -> None:
    function = scripted(tmp_path / "own", r"printf '\0asm\1\0\0\0' > made.wasm")
    artifact = build.well(function, "release").artifact
    assert artifact.path == function.wasm
    assert artifact.path.read_bytes() == WASM


def test_a_users_own_command_is_said_to_go_on_while_it_is_silent(build: Build, tmp_path: Path) -> None:
    function = scripted(tmp_path / "slow", r"sleep 1.2; printf '\0asm\1\0\0\0' > made.wasm")
    build.well(function)
    assert len(build.progress) >= 3
    assert set(build.progress) == {Progress("slow", "sh", 0, 0)}


def test_a_users_own_command_knows_the_profile(build: Build, tmp_path: Path) -> None:
    function = scripted(tmp_path / "told", 'printf "$WORKBENCH_PROFILE" > made.wasm')
    assert build.well(function, "release").artifact.path.read_text() == "release"


def test_what_a_failing_command_says_is_its_diagnostic(build: Build, tmp_path: Path) -> None:
    event = build.badly(scripted(tmp_path / "saying", r"echo one; printf 'two \377\n' >&2; exit 7"))
    assert "status 7" in str(event.error)
    assert "one" in event.diagnostics[0].rendered
    assert "two \ufffd" in event.diagnostics[0].rendered


def test_what_a_command_prints_is_read_in_linear_time(tmp_path: Path) -> None:
    printed = "error: no\n" + " \n" * 60_000 + "  --> src/it.c:3:4\n"
    began = thread_time()
    diagnostic = from_text(printed, tmp_path)
    assert thread_time() - began < 1  # 6 s where each empty line is read on to the end
    assert (diagnostic.message, diagnostic.file, diagnostic.line) == ("no", "src/it.c", 3)


def test_a_command_that_makes_no_wasm_is_told(build: Build, tmp_path: Path) -> None:
    function = scripted(tmp_path / "idle", "true")
    assert build.badly(function).error.path == function.wasm


def test_a_command_that_is_not_there_is_named(build: Build, tmp_path: Path) -> None:
    function = replace(scripted(tmp_path / "absent", ""), command=("no-such-compiler",))
    assert "`no-such-compiler` is not on this machine" in str(build.badly(function).error)


def test_wasm_without_source_cannot_be_built(build: Build, tmp_path: Path) -> None:
    event = build.badly(Function("lone", tmp_path, None, None, tmp_path / "lone.wasm"))
    assert "no source" in str(event.error)


def test_sources_are_known_whatever_the_user_wants_their_names_relative_to(build: Build, tmp_path: Path) -> None:
    function = crate(tmp_path / "relative")
    (function.directory / "build.rs").write_text(
        'fn main() { std::fs::write(std::env::var("OUT_DIR").unwrap() + "/made.rs", "").unwrap(); }'
    )
    with (function.directory / "src/lib.rs").open("a") as source:
        source.write('include!(concat!(env!("OUT_DIR"), "/made.rs"));\n')
    (tmp_path / ".cargo").mkdir()
    (tmp_path / ".cargo/config.toml").write_text('[build]\ndep-info-basedir = "."\n')
    sources = build.well(function).artifact.sources
    assert sources == {function.directory / "build.rs", function.directory / "src/lib.rs"}
