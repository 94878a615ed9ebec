"""What a target may be, and what a project becomes of it."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from tests.project import files
from workbench.assets import samples
from workbench.config import OwnBuild, Settings, read_settings
from workbench.errors import UserError
from workbench.project.model import Project
from workbench.project.targets import read, refresh, sound


def _read(*targets: Path) -> Project:
    return read(targets, Settings())


def _names(project: Project) -> list[str]:
    return [instance.name for instance in project.instances]


def test_the_samples_are_a_sound_project() -> None:
    project = sound(_read(samples()))
    assert project.problems == ()
    assert {"sensor", "filter", "average", "ping", "pong", "counter", "ticker", "example", "risky"} == set(
        _names(project)
    )
    assert all(function.buildable for function in project.functions.values())
    assert project.workflows == (samples() / "workflow.json",)


def test_a_function_directory_is_one_instance_named_as_its_id(tmp_path: Path) -> None:
    path = files.function(tmp_path, "counter")
    project = sound(_read(path))
    assert _names(project) == ["counter"]
    function = project.functions["counter"]
    assert function.directory == path
    assert function.manifest == path / "Cargo.toml"
    assert function.wasm == path / "counter.wasm"
    assert project.root == path
    assert path in project.watch


def test_every_output_without_a_workflow_gets_a_stand_in_and_a_name_shared_is_a_stand_in_shared(tmp_path: Path) -> None:
    files.function(tmp_path, "a", ("out", "err"))
    files.function(tmp_path, "b", ("out", "self", ""))
    project = _read(tmp_path)
    assert [stand_in.name for stand_in in project.stand_ins] == ["out", "err"]
    assert [dict(instance.links) for instance in project.instances] == [{"out": "out", "err": "err"}, {"out": "out"}]


def test_a_stand_in_never_takes_an_instances_name(tmp_path: Path) -> None:
    files.function(tmp_path, "ping", ("pong",))
    files.function(tmp_path, "pong")
    project = _read(tmp_path)
    assert [stand_in.name for stand_in in project.stand_ins] == ["pong (stand-in)"]
    assert project.instances[0].links == {"pong": "pong (stand-in)"}


def test_the_second_of_a_name_is_numbered(tmp_path: Path) -> None:
    one, other = files.function(tmp_path / "x", "twin", ("out",)), files.function(tmp_path / "y", "twin")
    project = _read(one, other, one)
    assert _names(project) == ["twin", "twin-2", "twin-3"]
    assert [instance.function for instance in project.instances] == ["twin", "twin-2", "twin"]
    assert project.functions["twin-2"].wasm == other / "twin.wasm"


def test_no_instance_is_called_as_the_user_is(tmp_path: Path) -> None:
    assert _names(_read(files.function(tmp_path, "user"))) == ["user-2"]


def test_a_directory_with_one_workflow_is_linked_and_the_rest_opened_beside(tmp_path: Path) -> None:
    for name in ("a", "b", "lonely"):
        files.function(tmp_path, name, ("out",))
    files.workflow(tmp_path / "workflow.json", [files.part("a", {"out": "b"}), files.part("b")])
    project = sound(_read(tmp_path))
    assert [(instance.name, dict(instance.links)) for instance in project.instances] == [
        ("a", {"out": "b"}),
        ("b", {}),
        ("lonely", {"out": "out"}),
    ]


def test_a_directory_with_several_workflows_is_opened_unlinked_and_says_so(tmp_path: Path) -> None:
    files.function(tmp_path, "a", ("out",))
    for name in ("workflow.json", "workflow-2.json"):
        files.workflow(tmp_path / name, [files.part("a")])
    project = sound(_read(tmp_path))
    assert project.workflows == ()
    assert project.instances[0].links == {"out": "out"}
    assert "name one" in project.problems[0].error.message


def test_a_lone_wasm_file_is_run_as_it_is(tmp_path: Path) -> None:
    wasm = tmp_path / "blink.wasm"
    wasm.write_bytes(b"\0asm")
    project = sound(_read(wasm))
    assert _names(project) == ["blink"]
    assert not project.functions["blink"].buildable
    assert project.root == tmp_path


def test_a_wasm_file_knows_its_outputs_from_the_function_json_beside_it(tmp_path: Path) -> None:
    path = files.function(tmp_path, "blink", ("lamp",), source=False)
    assert _read(path / "blink.wasm").instances[0].links == {"lamp": "lamp"}


def test_a_container_is_played_by_a_stand_in(tmp_path: Path) -> None:
    path = files.function(tmp_path, "box")
    (path / "function.json").write_text(json.dumps(files.specification("box", function_type="CONTAINER", code="box:1")))
    project = _read(path)
    assert project.instances == ()
    assert project.stand_ins[0].configurations == {"code": "box:1"}
    assert "container" in project.problems[0].error.message


def test_the_users_own_build_takes_the_place_of_cargo(tmp_path: Path) -> None:
    path = files.function(tmp_path, "blink")
    (path / "Cargo.toml").unlink()
    own = OwnBuild(command=("zig", "build"), wasm="out/blink.wasm", watch=("../shared",))
    function = sound(read([path], Settings(functions={"blink": own}))).functions["blink"]
    assert function.buildable
    assert function.command == ("zig", "build")
    assert function.wasm == path / "out/blink.wasm"
    assert function.watch == (path / "../shared",)


def test_what_can_neither_be_built_nor_run_is_an_error(tmp_path: Path) -> None:
    path = files.function(tmp_path, "blink")
    (path / "Cargo.toml").unlink()
    with pytest.raises(UserError, match=r"neither a Cargo\.toml .* nor blink\.wasm"):
        sound(_read(path))


@pytest.mark.parametrize("name", ["absent", "absent.wasm", "notes.txt", "loop", "notes.json", "a\0b"])
def test_what_is_no_target_is_refused_and_told_what_one_is(tmp_path: Path, name: str) -> None:
    (tmp_path / "notes.txt").touch()
    (tmp_path / "notes.json").touch()
    (tmp_path / "loop").symlink_to("loop")
    with pytest.raises(UserError, match=r"a workflow\*\.json or a \.wasm file"):
        _read(tmp_path / name)


@pytest.mark.parametrize("named", [(), (Path(),)])
def test_a_directory_without_a_function_may_get_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, named: tuple[Path, ...]
) -> None:
    monkeypatch.chdir(tmp_path)
    empty = _read(*named)
    assert empty.root == tmp_path
    assert "no function is in this directory" in empty.problems[0].error.message
    with pytest.raises(UserError, match="no function is in this directory"):
        sound(empty)
    files.function(tmp_path, "counter")
    assert _names(refresh(empty, Settings())) == ["counter"]


def test_symlinks_that_lead_in_circles_do_no_harm(tmp_path: Path) -> None:
    path = files.function(tmp_path, "counter")
    (tmp_path / "again").symlink_to(path)
    (tmp_path / "up").symlink_to(tmp_path)
    (tmp_path / "loop").symlink_to("loop")
    (path / "inner").symlink_to(tmp_path)
    assert len(sound(_read(tmp_path)).functions) == 1


@pytest.mark.parametrize(
    ("content", "line", "words"),
    [
        ("{", 1, "is not JSON"),
        ("[]", 1, "the file must be an object, not a list"),
        ('{\n"id": "f",\n"function_type": "RUST_WASM",\n"version": "1"}', 1, 'the key "outputs" is missing'),
        (
            '{"id": "f", "function_type": "RUST_WASM", "version": "1", "output": []}',
            1,
            'the key "outputs" is missing; is it "output"?',
        ),
        (
            '{"id": "f", "version": "1", "outputs": [],\n "function_type": "RUST_WASN"}',
            2,
            '"function_type" must be "CONTAINER" or "RUST_WASM", not "RUST_WASN"; did you mean "RUST_WASM"?',
        ),
        (
            '{"id": "f", "function_type": "RUST_WASM",\n"version": 1, "outputs": []}',
            2,
            '"version" must be text, not a whole number',
        ),
        (
            '{"id": "f", "function_type": "RUST_WASM", "version": "1", "outputs": [\n"a",\n7]}',
            3,
            '"outputs[1]" must be text, not a whole number',
        ),
        (
            '{"id":\n"../f", "function_type": "RUST_WASM", "version": "1", "outputs": []}',
            1,
            "cannot be the name of a file",
        ),
    ],
)
def test_a_broken_function_json_is_a_problem_with_its_line(tmp_path: Path, content: str, line: int, words: str) -> None:
    path = files.function(tmp_path, "f")
    (path / "function.json").write_text(content)
    files.function(tmp_path, "healthy")
    project = _read(tmp_path)
    assert _names(project) == ["healthy"]
    [problem] = project.problems
    assert problem.severity == "error"
    assert words in problem.error.message
    assert (problem.error.path, problem.error.line) == (path / "function.json", line)
    with pytest.raises(UserError, match="function"):
        sound(project)


def test_a_function_json_that_is_a_directory_is_a_problem(tmp_path: Path) -> None:
    (tmp_path / "f" / "function.json").mkdir(parents=True)
    assert "this is a directory" in _read(tmp_path / "f").problems[0].error.message


def test_a_key_that_is_nearly_a_known_one_is_pointed_out(tmp_path: Path) -> None:
    path = files.function(tmp_path, "f", source=False)
    (path / "function.json").write_text(json.dumps(files.specification("f", cod="f.wasm", build="x")))
    project = sound(_read(path))
    [problem] = project.problems
    assert problem.severity == "warning"
    assert 'did you mean "code"?' in problem.error.message


def test_a_relative_target_is_kept_as_an_absolute_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = files.function(tmp_path, "counter")
    monkeypatch.chdir(tmp_path)
    assert _read(Path("counter")).targets == (path,)
    assert os.path.isabs(_read(Path("counter/../counter")).root)


def test_settings_about_a_function_that_is_not_there_are_pointed_out(tmp_path: Path) -> None:
    files.function(tmp_path, "counter")
    files.function(tmp_path, "beside")
    toml = tmp_path / "workbench.toml"
    toml.write_text("[function.beside]\n[function.counter]\n\n[function.conter]\nwatch = ['x']\n")
    [problem] = sound(read([tmp_path / "counter"], read_settings(toml))).problems
    assert problem.severity == "warning"
    assert (problem.error.path, problem.error.line) == (toml, 4)
    assert '"function.conter" speaks of a function that is not here; did you mean "counter"?' in problem.error.message


def test_settings_about_a_resource_by_a_name_much_like_anothers_are_pointed_out(tmp_path: Path) -> None:
    log = {"name": "log", "class_type": "file-log", "output_mapping": {}, "configurations": {"filename": "out.log"}}
    (tmp_path / "workflow.json").write_text(json.dumps({"functions": [], "resources": [log], "annotations": {}}))
    toml = tmp_path / "workbench.toml"
    toml.write_text("[resource.elsewhere]\n[resource.log]\n\n[resource.logg]\nmode = 'stand-in'\n")
    targets = [files.function(tmp_path, "counter"), tmp_path / "workflow.json"]
    [problem] = sound(read(targets, read_settings(toml))).problems
    assert (problem.severity, problem.error.line) == ("warning", 4)
    assert '"resource.logg" speaks of a resource that is not here; did you mean "log"?' in problem.error.message
