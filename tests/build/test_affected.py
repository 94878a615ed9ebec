"""Which functions a change concerns: before a build by directory, afterwards by what the build was made of."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.build.crates import crate, helper, scripted
from workbench.build.affected import Concern, Sources, places
from workbench.build.events import Artifact
from workbench.project.model import Function
from workbench.records import Diagnostic


def artifact(function: Function, *sources: Path) -> Artifact:
    return Artifact(function.id, "dev", function.wasm, "00", frozenset(sources))


def directories(paths: frozenset[Path]) -> set[Path]:
    return {path for path in paths if path.is_dir()}


@pytest.fixture
def function(tmp_path: Path) -> Function:
    return crate(tmp_path / "function", more=helper(tmp_path / "assistant"))


def concern(sources: Sources, function: Function, path: Path) -> Concern | None:
    return sources.concerns(function, {path: places(path)}).get(path)


def concerns(sources: Sources, function: Function, path: Path) -> bool:
    return concern(sources, function, path) == "build"


def asks(sources: Sources, function: Function, path: Path) -> bool:
    return concern(sources, function, path) == "ask"


def test_before_the_first_build_any_file_of_the_function_and_its_path_dependencies_counts(
    function: Function, tmp_path: Path
) -> None:
    sources = Sources()
    assert concerns(sources, function, function.directory / "new.rs")
    assert concerns(sources, function, tmp_path / "assistant/src/lib.rs")
    assert not concerns(sources, function, tmp_path / "elsewhere/src/lib.rs")


def test_after_a_build_its_sources_count_and_cargo_is_asked_about_others(function: Function, tmp_path: Path) -> None:
    sources = Sources()
    sources.built(function, artifact(function, function.directory / "src/lib.rs", tmp_path / "words.txt"))
    assert concerns(sources, function, function.directory / "src/lib.rs")
    assert concerns(sources, function, tmp_path / "words.txt")
    assert asks(sources, function, function.directory / "README.md")
    assert asks(sources, function, tmp_path / ".cargo/config.toml")
    assert asks(sources, function, tmp_path / "rust-toolchain.toml")
    assert concern(sources, function, tmp_path / "README.md") is None
    sources.not_read(function, [function.directory / "README.md", function.directory / "Cargo.toml"])
    assert concern(sources, function, function.directory / "README.md") is None
    assert asks(sources, function, function.directory / "Cargo.toml")


def test_a_package_that_only_its_sources_tell_of_counts_whole(function: Function, tmp_path: Path) -> None:
    sources, patched = Sources(), crate(tmp_path / "patched").directory
    sources.built(function, artifact(function, patched / "src/lib.rs"))
    assert asks(sources, function, patched / "table.txt")
    assert patched in sources.watched(function)


def test_a_failed_build_may_need_any_file_again(function: Function, tmp_path: Path) -> None:
    sources = Sources()
    sources.built(function, artifact(function, tmp_path / "words.txt"))
    sources.failed(function, [Diagnostic("error", "bad", file="../broken.rs", line=1, column=1)])
    assert concerns(sources, function, function.directory / "src/missing.rs")
    assert concerns(sources, function, tmp_path / "words.txt")
    assert concerns(sources, function, tmp_path / "broken.rs")


def test_a_file_in_a_directory_that_a_build_script_names_counts(function: Function) -> None:
    sources = Sources()
    (function.directory / "tables").mkdir()
    sources.built(function, artifact(function, function.directory / "tables"))
    assert concerns(sources, function, function.directory / "tables/new.txt")


def test_a_source_reached_by_another_path_counts(function: Function, tmp_path: Path) -> None:
    sources = Sources()
    sources.built(function, artifact(function, function.directory / "src/lib.rs"))
    (tmp_path / "link").symlink_to(function.directory)
    assert concerns(sources, function, tmp_path / "link/src/lib.rs")


def test_a_shared_source_concerns_every_function_made_of_it(tmp_path: Path) -> None:
    dependency = helper(tmp_path / "shared")
    one, two = crate(tmp_path / "one", more=dependency), crate(tmp_path / "two", more=dependency)
    three = crate(tmp_path / "three")
    source = tmp_path / "shared/src/lib.rs"
    assert [concerns(Sources(), function, source) for function in (one, two, three)] == [True, True, False]


def test_for_a_users_own_command_every_file_but_its_wasm_counts(tmp_path: Path) -> None:
    function = scripted(tmp_path / "own", "true")
    sources = Sources()
    sources.built(function, artifact(function))
    assert concerns(sources, function, function.directory / "main.c")
    assert not concerns(sources, function, function.wasm)


def test_what_the_settings_name_counts_for_a_users_own_command(tmp_path: Path) -> None:
    function = replace(scripted(tmp_path / "own", "true"), watch=(tmp_path / "shared",))
    assert concerns(Sources(), function, tmp_path / "shared/main.c")
    assert tmp_path / "shared" in Sources().watched(function)


def test_a_source_that_is_a_link_to_itself_still_counts(function: Function) -> None:
    (function.directory / "loop.rs").symlink_to("loop.rs")
    assert concerns(Sources(), function, function.directory / "loop.rs")


def test_a_dependency_whose_path_no_file_can_have_is_none(function: Function) -> None:
    assert function.manifest is not None
    function.manifest.write_text('[dependencies]\nodd = { path = "\\u0000" }\n')
    assert directories(Sources().watched(function)) == {function.directory}


def test_what_to_watch_includes_path_dependencies_and_included_files(function: Function, tmp_path: Path) -> None:
    sources = Sources()
    assert directories(sources.watched(function)) == {function.directory, tmp_path / "assistant"}
    sources.built(function, artifact(function, function.directory / "src/lib.rs", tmp_path / "words.txt"))
    (tmp_path / "words.txt").touch()
    assert tmp_path / "words.txt" in sources.watched(function)


def test_a_manifest_that_cannot_be_read_leaves_its_directory_watched(function: Function) -> None:
    assert function.manifest is not None
    function.manifest.write_bytes(b"\xff[")
    assert directories(Sources().watched(replace(function))) == {function.directory}
