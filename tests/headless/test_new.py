"""`workbench new`: what it makes builds, behaves and is opened; what it refuses leaves nothing behind."""

from __future__ import annotations

import os
import re
import shlex
import shutil
from pathlib import Path

import pytest

from tests.guests import build
from tests.guests.plain_host import REPLY, PlainHost
from workbench import assets
from workbench.build.toolchain import TARGET
from workbench.cli import commands
from workbench.config import Settings
from workbench.errors import UserError
from workbench.headless.new import run
from workbench.project.messages import message_files, read_message
from workbench.project.targets import read, sound


def _guest_crate(directory: Path) -> None:
    shutil.copytree(
        assets.guest_crate(), directory / assets.GUEST_CRATE, ignore=shutil.ignore_patterns("target", "Cargo.lock")
    )


def test_a_new_function_builds_and_behaves(tmp_path: Path) -> None:
    assert run("New-born", tmp_path) == 0
    build.cargo(tmp_path / "New-born", "build", "--target", TARGET)
    wasm = build.TARGET_DIR / TARGET / "debug" / "new_born.wasm"
    host = PlainHost(wasm)
    host.init(b"hi", b"6")
    host.cast(b"hello")
    assert ("cast", "out", "7: hello") in host.effects
    assert ("sync", "7") in host.effects
    assert host.call(b"how many?") == (REPLY, b"7")


def test_a_new_function_is_a_sound_project_with_its_first_message(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    run("first", Path())
    project = sound(read([tmp_path / "first"], Settings()))
    assert project.problems == ()
    assert [instance.name for instance in project.instances] == ["first"]
    [message] = [read_message(path) for path in message_files(project)]
    assert (message.target, message.kind, message.payload) == ("first", "cast", b"hello")
    assert "workbench run first --cast first=hello" in capsys.readouterr().out


@pytest.mark.parametrize("name", commands.COMMANDS)
def test_one_named_like_a_command_is_not_told_as_that_command(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.chdir(tmp_path)
    assert commands.call(["new", name]) == 0
    told = capsys.readouterr().out
    assert f"workbench ./{name}\n" in told
    assert f"workbench run ./{name} --cast {name}=hello\n" in told


@pytest.mark.parametrize("folder", ["-x", "a b", "it's", "$HOME"])
def test_a_path_that_a_shell_would_take_otherwise_is_told_so_that_it_does_not(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, folder: str
) -> None:
    monkeypatch.chdir(tmp_path)
    Path(folder).mkdir()
    run("first", Path(folder))
    [told] = re.findall(r"^To open it: *workbench (.*)$", capsys.readouterr().out, re.MULTILINE)
    [target] = shlex.split(told)
    assert not target.startswith("-")
    assert os.path.samefile(target, tmp_path / folder / "first")


def test_without_a_guest_crate_near_it_gets_a_copy_and_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    run("first", Path())
    assert "Made edgeless_function, too: the guest crate" in capsys.readouterr().out
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["edgeless_function", "first"]
    assert 'path = "../edgeless_function"' in (tmp_path / "first" / "Cargo.toml").read_text()
    run("second", Path())
    assert "guest crate" not in capsys.readouterr().out
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["edgeless_function", "first", "second"]


def test_a_guest_crate_one_directory_up_is_used(tmp_path: Path) -> None:
    _guest_crate(tmp_path)
    (tmp_path / "functions").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "functions")
    run("first", tmp_path / "link")
    assert 'path = "../../edgeless_function"' in (tmp_path / "functions" / "first" / "Cargo.toml").read_text()
    assert [entry.name for entry in (tmp_path / "functions").iterdir()] == ["first"]


def test_where_a_workspace_takes_it_for_a_member_it_is_one(tmp_path: Path) -> None:
    (tmp_path / "functions").mkdir()
    (tmp_path / "Cargo.toml").write_text('[workspace]\nresolver = "3"\nmembers = ["functions/*"]\n')
    assert run("inside", tmp_path / "functions") == 0
    assert run("outside", tmp_path) == 0
    for directory in (tmp_path, tmp_path / "outside"):
        build.cargo(directory, "build", "--target", TARGET)
    assert "[workspace]" in (tmp_path / "outside" / "Cargo.toml").read_text()


def test_another_crate_of_that_name_is_not_taken_over(tmp_path: Path) -> None:
    other = tmp_path / assets.GUEST_CRATE
    other.mkdir()
    (other / "Cargo.toml").write_text('[package]\nname = "other"\n')
    with pytest.raises(UserError, match="is not the guest crate"):
        run("first", tmp_path)
    assert (other / "Cargo.toml").read_text() == '[package]\nname = "other"\n'
    assert [entry.name for entry in tmp_path.iterdir()] == [assets.GUEST_CRATE]


@pytest.mark.parametrize(
    "name",
    [
        "",
        ".",
        "..",
        "a/b",
        "/tmp/a",
        "1st",
        "-x",
        "a b",
        "ünlaut",
        "fn",
        "std",
        "Std",
        "user",
        "edgeless-function",
        "a" * 65,
    ],
)
def test_a_name_no_function_can_have_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(UserError, match="cannot name a function"):
        run(name, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_what_exists_is_not_touched(tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("precious")
    with pytest.raises(UserError, match="exists already"):
        run("mine", tmp_path)
    assert (tmp_path / "mine").read_text() == "precious"
    assert [entry.name for entry in tmp_path.iterdir()] == ["mine"]


def test_a_directory_that_does_not_exist_is_told(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="No such file or directory"):
        run("first", tmp_path / "absent")


def test_an_interrupted_one_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("workbench.headless.new.save_message", interrupted)
    with pytest.raises(KeyboardInterrupt):
        run("first", tmp_path)
    assert list(tmp_path.iterdir()) == []
