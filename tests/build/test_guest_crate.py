"""Ways into the guest crate that do not lead there: the sentence that helps, and the line it writes."""

from __future__ import annotations

import shutil
import tomllib
from pathlib import Path

import pytest

from tests.build.crates import crate
from workbench import assets
from workbench.build import guest_crate, toolchain
from workbench.build.events import Failed, Finished
from workbench.build.guest_crate import advice, change_for, make
from workbench.build.once import build_once
from workbench.errors import UserError
from workbench.project.model import Function

PLATFORM = """use edgeless_function::*;
struct Own;
impl EdgeFunction for Own {
    fn handle_cast(_: InstanceId, _: &[u8]) {}
    fn handle_call(_: InstanceId, _: &[u8]) -> CallRet { CallRet::NoReply }
    fn handle_init(_: Option<&[u8]>, _: Option<&[u8]>) {}
    fn handle_stop() {}
}
export!(Own);
"""
DOCUMENTED = (
    PLATFORM.replace("edgeless_function::*", "edgeless_function::api::*")
    .replace("EdgeFunction", "Edgefunction")
    .replace("NoReply", "Noreply")
)
LINE = 'edgeless_function = { path = "../edgeless_function" }'


def depending(directory: Path, how: str | None, source: str = PLATFORM) -> Path:
    """A function's manifest that says `how` it depends on the guest crate."""
    more = "" if how is None else f"[dependencies]\n# the platform's\nedgeless_function = {how}  # here\n"
    function = crate(directory, source=source, more=more)
    assert function.manifest is not None
    return function.manifest


def platforms(directory: Path) -> Path:
    """A crate of that name without the documented names, as the platform's is."""
    shutil.copytree(assets.guest_crate(), directory, ignore=shutil.ignore_patterns("target", "Cargo.lock", "tests"))
    (directory / "src/api.rs").unlink()
    library = directory / "src/lib.rs"
    library.write_text(library.read_text().replace("pub mod api;\n", ""))
    return directory


def built(manifest: Path, shared: Path) -> Finished | Failed:
    directory = manifest.parent
    function = Function(directory.name, directory, None, manifest, directory / "x.wasm")
    return build_once(function, "dev", toolchain.find, shared)


def failed(manifest: Path, shared: Path) -> str:
    """The sentence of a build that fails; what helps also stands with what the compiler said."""
    ended = built(manifest, shared)
    assert isinstance(ended, Failed)
    helped = next(each for each in ended.diagnostics if each.level == "error")
    assert "\n\nhelp: this " in helped.rendered
    assert "The workbench ships that crate" in helped.rendered
    return str(ended.error)


def test_a_path_that_leads_nowhere(tmp_path: Path, shared_target: Path) -> None:
    manifest = depending(tmp_path / "own", '{ path = "../../nowhere/edgeless_function" }')
    sentence = failed(manifest, shared_target)
    assert f"there is none at {tmp_path.parent}/nowhere/edgeless_function" in sentence
    assert f"`{LINE}`" in sentence
    assert "own --guest-crate` puts the crate there and writes the line" in sentence
    assert advice(manifest) is not None


def test_a_repository_that_cannot_be_reached(
    tmp_path: Path, shared_target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CARGO_NET_RETRY", "0")
    monkeypatch.setenv("CARGO_HOME", str(tmp_path / "cargo"))
    manifest = depending(tmp_path / "own", f'{{ git = "file://{tmp_path}/no-such-repository" }}')
    assert f"cargo cannot get from file://{tmp_path}/no-such-repository" in failed(manifest, shared_target)
    assert advice(manifest) is None
    assert "the first build gets the guest crate" in (guest_crate.unfetched(manifest) or "")


def test_the_documented_names_with_the_platforms_crate(tmp_path: Path, shared_target: Path) -> None:
    crate_there = platforms(tmp_path / "platform" / "edgeless_function")
    manifest = depending(tmp_path / "own", f'{{ path = "{crate_there}" }}', DOCUMENTED)
    assert f"the one at {crate_there} has none of them" in failed(manifest, shared_target)
    assert advice(manifest) is not None
    assert advice(depending(tmp_path / "other", f'{{ path = "{crate_there}" }}')) is None


def test_a_manifest_that_names_no_guest_crate(tmp_path: Path, shared_target: Path) -> None:
    assert "which its Cargo.toml does not name" in failed(depending(tmp_path / "own", None), shared_target)


@pytest.mark.parametrize("how", ['"1.2"', '{ path = "../gone" }', '{ git = "https://example.org/x", rev = "1" }', None])
@pytest.mark.parametrize("source", [PLATFORM, DOCUMENTED], ids=["platform", "documented"])
def test_what_is_written_builds(tmp_path: Path, shared_target: Path, how: str | None, source: str) -> None:
    manifest = depending(tmp_path / "own", how, source)
    change = change_for(manifest)
    assert change is not None
    assert change.new == LINE
    assert f"{manifest}:{change.line} will say `{LINE}`" in change.words
    assert f"a copy of the crate is put into {tmp_path / assets.GUEST_CRATE}" in change.words
    make(change)
    assert manifest.read_text().splitlines()[change.line - 1] == LINE
    assert isinstance(built(manifest, shared_target), Finished)
    assert change_for(manifest) is None


def test_all_else_in_the_manifest_stays(tmp_path: Path) -> None:
    manifest = depending(
        tmp_path / "own", '{ git = "https://example.org/x", default-features = false, optional = true }'
    )
    before = manifest.read_text().splitlines()
    change = change_for(manifest)
    assert change is not None
    make(change)
    after = manifest.read_text().splitlines()
    assert [line for line in after if line not in before] == [
        'edgeless_function = { path = "../edgeless_function", optional = true, default-features = false }'
    ]
    assert len(after) == len(before)


def test_where_a_workspace_says_it_the_workspace_is_changed(tmp_path: Path) -> None:
    manifest = depending(tmp_path / "functions" / "own", "{ workspace = true }")
    manifest.write_text(manifest.read_text().replace("[workspace]\n", ""))
    top = tmp_path / "Cargo.toml"
    top.write_text(
        '[workspace]\nmembers = ["functions/*"]\n[workspace.dependencies]\nedgeless_function = { path = "gone" }\n'
    )
    assert "[workspace.dependencies]" in (advice(manifest) or "")
    change = change_for(manifest)
    assert change is not None
    make(change)
    dependencies = tomllib.loads(top.read_text())["workspace"]["dependencies"]
    assert dependencies == {"edgeless_function": {"path": "functions/edgeless_function"}}


def test_a_table_of_its_own_is_left_to_its_owner(tmp_path: Path) -> None:
    manifest = depending(tmp_path / "own", None)
    manifest.write_text(manifest.read_text() + '[dependencies.edgeless_function]\npath = "../gone"\n')
    before = manifest.read_text()
    with pytest.raises(UserError, match="by hand"):
        change_for(manifest)
    assert "by hand" in (advice(manifest) or "")
    assert manifest.read_text() == before


def test_a_crate_that_is_near_is_used_and_another_in_its_place_is_not_overwritten(tmp_path: Path) -> None:
    manifest = depending(tmp_path / "functions" / "own", '{ path = "gone" }')
    guest_crate.copy_to(tmp_path / assets.GUEST_CRATE)
    change = change_for(manifest)
    assert change is not None
    assert (change.copied, change.new) == (False, LINE.replace("../", "../../"))
    shutil.rmtree(tmp_path / assets.GUEST_CRATE)
    platforms(tmp_path / "functions" / assets.GUEST_CRATE)
    with pytest.raises(UserError, match="another crate is in its place"):
        change_for(manifest)


def test_other_errors_bring_no_advice(tmp_path: Path, shared_target: Path) -> None:
    guest_crate.copy_to(tmp_path / assets.GUEST_CRATE)
    manifest = depending(tmp_path / "own", '{ path = "../edgeless_function" }', PLATFORM.replace("NoReply", "Never"))
    ended = built(manifest, shared_target)
    assert isinstance(ended, Failed)
    assert "guest crate" not in str(ended.error)
