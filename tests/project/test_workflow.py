"""Workflows: links, resources, init payloads, and what the platform would refuse."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.project import files
from workbench.config import Settings
from workbench.errors import UserError
from workbench.project.model import Project
from workbench.project.targets import read, sound


def _read(*targets: Path) -> Project:
    return read(targets, Settings())


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    for name in ("a", "b"):
        files.function(tmp_path, name, ("out", "never"))
    return tmp_path


def _workflow(directory: Path, functions: list[Any], resources: list[Any] | None = None) -> Path:
    return files.workflow(directory / "workflow.json", functions, resources)


def test_outputs_lead_where_the_mapping_says_and_nowhere_else(directory: Path) -> None:
    sink = files.resource("sink", "redis", url="here")
    path = _workflow(directory, [files.part("a", {"out": "b"}), files.part("b", {"out": "sink", "x": "a"})], [sink])
    project = sound(_read(path))
    assert [dict(instance.links) for instance in project.instances] == [{"out": "b"}, {"out": "sink", "x": "a"}]
    [stand_in] = project.stand_ins
    assert (stand_in.name, stand_in.class_type, stand_in.configurations) == ("sink", "redis", {"url": "here"})


def test_the_outputs_of_an_instance_are_those_its_workflow_declares_or_else_its_function_json(directory: Path) -> None:
    loose = files.specification("a", code="a/a.wasm", outputs=["loose"])
    project = sound(_read(_workflow(directory, [files.part("a", class_specification=loose)])))
    assert [instance.outputs for instance in project.instances] == [("loose",)]
    assert [instance.outputs for instance in sound(_read(directory / "a")).instances] == [("out", "never")]


def test_an_instance_has_its_workflow_name_and_init_payload(directory: Path) -> None:
    first = files.part("first", annotations={"init-payload": "n=1"}, class_specification=_code("a"))
    second = files.part("second", class_specification=_code("a"))
    project = sound(_read(_workflow(directory, [first, second])))
    assert [(i.name, i.function, i.init_payload) for i in project.instances] == [
        ("first", "a", "n=1"),
        ("second", "a", None),
    ]
    assert list(project.functions) == ["a"]


def _code(name: str, path: str | None = None) -> dict[str, Any]:
    return files.specification(name, code=path or f"{name}/{name}.wasm")


@pytest.mark.parametrize("code", ["a/a.wasm", "a.wasm", "out/a.wasm", "../elsewhere/a.wasm"])
@pytest.mark.conformance("3-code")
def test_the_source_is_found_near_the_code(directory: Path, code: str) -> None:
    project = sound(_read(_workflow(directory, [files.part("a", class_specification=_code("a", code))])))
    assert project.functions["a"].manifest == directory / "a" / "Cargo.toml"


def test_code_without_source_is_run_as_it_is(directory: Path) -> None:
    (directory / "old.wasm").write_bytes(b"\0asm")
    project = sound(_read(_workflow(directory, [files.part("x", class_specification=_code("x", "old.wasm"))])))
    assert not project.functions["x"].buildable
    assert project.functions["x"].wasm == directory / "old.wasm"


def test_a_container_is_played_by_a_stand_in_and_can_be_linked_to(directory: Path) -> None:
    box = files.specification("box", function_type="CONTAINER", code="container:box:1")
    path = _workflow(
        directory, [files.part("a", {"out": "box"}), files.part("box", {"back": "a"}, class_specification=box)]
    )
    project = sound(_read(path))
    assert [instance.name for instance in project.instances] == ["a"]
    assert project.instances[0].links == {"out": "box"}
    [played] = project.stand_ins
    assert (played.class_type, played.links, played.workflow) == ("CONTAINER", {"back": "a"}, path)


def test_two_workflows_keep_their_links_apart(directory: Path) -> None:
    first = files.workflow(directory / "workflow1.json", [files.part("a", {"out": "b"}), files.part("b")])
    second = files.workflow(directory / "workflow2.json", [files.part("a", {"out": "b"}), files.part("b")])
    project = sound(_read(first, second))
    assert [(i.name, dict(i.links)) for i in project.instances] == [
        ("a", {"out": "b"}),
        ("b", {}),
        ("a-2", {"out": "b-2"}),
        ("b-2", {}),
    ]


@pytest.mark.conformance("3-names")
def test_of_two_components_with_one_name_the_last_counts_as_on_the_platform(directory: Path) -> None:
    first = files.part("a", annotations={"init-payload": "first"})
    project = sound(_read(_workflow(directory, [first, files.part("a", annotations={"init-payload": "last"})])))
    assert [instance.init_payload for instance in project.instances] == ["last"]
    assert "used again" in project.problems[0].error.message


@pytest.mark.conformance("3-valid")
@pytest.mark.parametrize("function_type", ["RUST_WASM", "CONTAINER"])
def test_mappings_of_all_components_are_looked_at_also_of_those_that_do_not_count(
    directory: Path, function_type: str
) -> None:
    lost = files.specification("b", function_type=function_type, code="container:b")
    first = files.part("b", {"out": "nobody"}, class_specification=lost)
    with pytest.raises(UserError, match=r'leads to "nobody".*the platform: Invalid workflow creation request'):
        sound(_read(_workflow(directory, [first, files.part("b")])))


@pytest.mark.conformance("3-valid")
def test_a_mapping_to_nothing_is_an_error_and_the_link_is_absent(directory: Path) -> None:
    path = _workflow(directory, [files.part("a", {"out": "bee"}), files.part("bees", class_specification=_code("b"))])
    project = _read(path)
    assert project.instances[0].links == {}
    with pytest.raises(UserError, match=r'leads to "bee".* did you mean "bees"') as refusal:
        sound(project)
    lines = path.read_text().splitlines()
    assert '"out": "bee"' in lines[(refusal.value.line or 0) - 1]


@pytest.mark.conformance("3-code")
def test_code_that_is_nowhere_is_an_error_at_its_line(directory: Path) -> None:
    path = _workflow(directory, [files.part("x")])
    with pytest.raises(UserError, match=r"x/x\.wasm") as refusal:
        sound(_read(path))
    assert '"code"' in path.read_text().splitlines()[(refusal.value.line or 0) - 1]


def test_a_misspelt_annotation_is_pointed_out(directory: Path) -> None:
    project = sound(_read(_workflow(directory, [files.part("a", annotations={"init_payload": "1", "note": "mine"})])))
    [problem] = project.problems
    assert 'did you mean "init-payload"?' in problem.error.message


@pytest.mark.parametrize(
    ("part", "words"),
    [
        (files.part("a", output_mapping=None), 'the key "functions[0].output_mapping" is missing'),
        (files.part("a", annotations=None), 'the key "functions[0].annotations" is missing'),
        ({**files.part("a"), "name": None}, '"functions[0].name" must be text, not null'),
        ({**files.part("a"), "name": ""}, '"name" is empty'),
        (files.part("a", {"": "a"}), "a channel has no name"),
        (files.part("a", {"out": ""}), '"out" is empty'),
        (
            files.part("a", {"fine": "a", "out": 7}),
            '"functions[0].output_mapping.out" must be text, not a whole number',
        ),
        (files.part("a", class_specification=files.specification("a")), "function code not specified for 'a'"),
        (
            files.part("a", class_specification=files.specification("a", code="x", version=None, versions="1")),
            'the key "functions[0].class_specification.version" is missing; is it "versions"?',
        ),
        (
            files.part("a", class_specification=files.specification("a", version=None)),
            'the key "functions[0].class_specification.version" is missing',
        ),
        (7, '"functions[0]" must be an object, not a whole number'),
    ],
)
@pytest.mark.conformance("3-shape", "3-valid")
def test_what_the_platform_requires_is_required(directory: Path, part: Any, words: str) -> None:
    path = _workflow(directory, [part])
    project = _read(path)
    assert project.instances == ()
    [problem] = project.problems
    assert words in problem.error.message
    assert problem.error.path == path
    assert (problem.error.line or 0) > 1


_NAMES = st.sampled_from(["a", "b", "", "self", "user", "../x", "\0", "x" * 300, "é"])
_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | _NAMES,
    lambda inner: st.lists(inner) | st.dictionaries(_NAMES, inner),
)
_MAPS = st.dictionaries(_NAMES, _NAMES) | _VALUES
_CLASSES = st.fixed_dictionaries(
    {
        "id": _NAMES,
        "function_type": st.sampled_from(["RUST_WASM", "CONTAINER"]),
        "version": _NAMES,
        "outputs": st.lists(_NAMES),
    },
    optional={"code": _NAMES | st.none() | st.sampled_from(["a.wasm\0", "/", ".", "x" * 5000])},
)
_FUNCTIONS = st.fixed_dictionaries(
    {"name": _NAMES, "class_specification": _CLASSES | _VALUES, "output_mapping": _MAPS, "annotations": _MAPS}
)
_RESOURCES = st.fixed_dictionaries(
    {"name": _NAMES, "class_type": _NAMES, "output_mapping": _MAPS, "configurations": _MAPS}
)
WORKFLOWS = st.fixed_dictionaries(
    {"functions": st.lists(_FUNCTIONS, max_size=4), "resources": st.lists(_RESOURCES, max_size=2), "annotations": _MAPS}
)


@settings(deadline=None)
@given(WORKFLOWS | _VALUES)
def test_whatever_the_file_holds_it_is_a_project(content: object) -> None:
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "workflow.json"
        path.write_text(json.dumps(content))
        project = _read(path)
        names = [*(i.name for i in project.instances), *(s.name for s in project.stand_ins)]
        assert len(names) == len(set(names))
        assert all(link in names for instance in project.instances for link in instance.links.values())
        assert all(instance.function in project.functions for instance in project.instances)
