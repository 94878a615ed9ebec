"""Each rule, on the smallest workflow that breaks it, with the line it is told at."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.checks.kinds import KINDS
from tests.project import files
from workbench.checks.check import check
from workbench.config import OwnResource, Resources, Settings
from workbench.config.shape import MOST_FAULTS
from workbench.project.codes import CheckCode, Severity
from workbench.project.model import Problem
from workbench.project.targets import read


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    files.function(tmp_path, "a", ("out", "err"))
    (tmp_path / "a" / "a.wasm").write_bytes(b"\0asm")
    return tmp_path


def found(path: Path) -> list[Problem]:
    return list(check(read([path], Settings()), KINDS))


def the_line(problem: Problem) -> str:
    assert problem.error.path is not None
    assert problem.error.line is not None
    return problem.error.path.read_text().splitlines()[problem.error.line - 1].strip()


def part(mapping: dict[str, str] | None = None, **changes: Any) -> dict[str, Any]:
    """The function `a` as it should be: both outputs are mapped to the resource `log`."""
    spec = files.specification("a", code="a/a.wasm", outputs=["out", "err"])
    return files.part(
        "a", {"out": "log", "err": "log"} if mapping is None else mapping, **{"class_specification": spec, **changes}
    )


LOG = files.resource("log", "file-log", filename="log.txt")


def spec(**changes: Any) -> dict[str, Any]:
    return part(
        class_specification=files.specification("a", **{"code": "a/a.wasm", "outputs": ["out", "err"], **changes})
    )


REFUSED = "the platform: Invalid workflow creation request"


def box(mapping: dict[str, str], **changes: Any) -> dict[str, Any]:
    """A container with an output, beside the function `a`."""
    whole = {"function_type": "CONTAINER", "code": "container:box:1", "outputs": ["out"], **changes}
    return files.part("box", mapping, class_specification=files.specification("box", **whole))


def ingress(configurations: dict[str, str] | None = None, mapping: dict[str, str] | None = None) -> dict[str, Any]:
    resource = files.resource("in", "http-ingress", **configurations or {})
    return {**resource, "output_mapping": {"new_request": "a"} if mapping is None else mapping}


def test_nothing_is_found_where_nothing_is_wrong(directory: Path) -> None:
    path = files.workflow(
        directory / "workflow.json", [part()], [LOG, ingress({"method": "GET,POST", "async": "True"})]
    )
    assert found(path) == []


SERVERLESS = {**files.resource("x", "serverless"), "output_mapping": {"out": "log", "err": "log"}}


CASES: list[tuple[CheckCode, Severity, list[Any], list[Any], str, str]] = [
    ("undeclared-channel", "warning", [part({"out": "log", "err": "log", "ouput": "log"})], [LOG], '"ouput"', "ouput"),
    ("unmapped-output", "hint", [part({"out": "log"})], [LOG], '"err"', "leads nowhere"),
    ("self-channel", "warning", [part({"out": "log", "err": "log", "self": "log"})], [LOG], '"self"', "never used"),
    ("self-channel", "warning", [spec(outputs=["out", "err", "self"])], [LOG], '"self"', "no output"),
    (
        "deaf-target",
        "warning",
        [part({"out": "in", "err": "log"})],
        [LOG, ingress()],
        '"out": "in"',
        "takes no messages",
    ),
    ("cycle", "hint", [part({"out": "a", "err": "log"})], [LOG], '"out": "a"', "a → a"),
    ("unread-annotation", "hint", [part(annotations={"colour": "red"})], [LOG], '"colour"', "nobody reads"),
    ("unread-annotation", "hint", [part(annotations={"max_instances": "3"})], [LOG], '"max_instances"', "never uses"),
    (
        "unknown-annotation",
        "warning",
        [part(annotations={"init_payload": "x"})],
        [LOG],
        '"init_payload"',
        "init-payload",
    ),
    ("ignored-value", "warning", [part(annotations={"tee": "yes"})], [LOG], '"tee"', "required"),
    ("bad-node-id", "warning", [part(annotations={"node_id_match_any": "x"})], [LOG], '"node_id', '"x" is no UUID'),
    ("version-differs", "hint", [spec(version="0.2")], [LOG], '"version"', '"0.2" here and "0.1"'),
    ("outputs-differ", "hint", [spec(outputs=["out"])], [LOG], '"outputs"', "out, err"),
    ("unknown-class", "warning", [part()], [LOG, files.resource("x", "file-lg")], '"file-lg"', '"file-log"'),
    ("missing-setting", "error", [part()], [files.resource("log")], '"configurations"', 'needs "filename"'),
    ("unknown-setting", "warning", [part()], [LOG, ingress({"methods": "GET"})], '"methods"', 'did you mean "method"?'),
    ("bad-setting", "warning", [part()], [LOG, ingress({"async": "yes"})], '"async"', '"async" is "yes"'),
    ("bad-setting", "error", [part()], [LOG, ingress({"method": "GET, post"})], '"method"', 'did you mean "POST"?'),
    (
        "switched-on",
        "warning",
        [part()],
        [files.resource("log", filename="f", **{"add-timestamp": "false"})],
        '"add-timestamp"',
        "being there",
    ),
    ("no-such-output", "warning", [part()], [LOG, ingress({}, {"new_request": "a", "new": "a"})], '"new"', "no output"),
    ("no-such-output", "warning", [part()], [{**LOG, "output_mapping": {"out": "a"}}], '"out": "a"', "only takes"),
    ("bad-setting", "error", [part()], [LOG, files.resource("x", "http-poster", url="host")], '"url"', "http://"),
    ("missing-setting", "hint", [part()], [LOG, SERVERLESS], '"configurations"', "a stand-in plays"),
    ("unmapped-resource", "warning", [part()], [LOG, ingress({}, {})], '"output_mapping"', "new_request, which leads"),
    (
        "resource-match-all",
        "error",
        [part()],
        [{**LOG, "configurations": {"filename": "f", "resource_match_all": "x"}}],
        '"resource_match_all"',
        "never be met",
    ),
    ("duplicate-name", "warning", [part(), part()], [LOG], '"name": "a"', "used again"),
    ("unknown-component", "error", [part({"out": "lok", "err": "log"})], [LOG], '"out": "lok"', '"log"'),
    ("unknown-component", "error", [part({"out": "lok", "err": "log"})], [LOG], '"out": "lok"', REFUSED),
    ("unknown-component", "error", [part(), box({"out": "lok"})], [LOG], '"out": "lok"', REFUSED),
    ("unknown-component", "error", [part({"out": "lok", "err": "log"}), part()], [LOG], '"out": "lok"', REFUSED),
    (
        "unknown-component",
        "error",
        [part()],
        [{**LOG, "output_mapping": {"out": "lok"}}, LOG],
        '"out": "lok"',
        REFUSED,
    ),
    ("container", "warning", [part(), box({"out": "log"})], [LOG], '"function_type"', "a stand-in plays it"),
    ("empty-name", "error", [part({"out": "", "err": "log"})], [LOG], '"out": ""', REFUSED),
    ("empty-name", "error", [part()], [LOG, files.resource("x", "")], '"class_type"', '"class_type" is empty'),
    ("no-code", "error", [spec(code=None)], [LOG], "{", "RUST_WASM function code not specified for 'a'"),
    ("bad-id", "error", [spec(id="../a")], [LOG], '"id"', "name of a file"),
    (
        "code-missing",
        "error",
        [spec(id="b", code="b.wasm")],
        [LOG],
        '"code"',
        "code file does not exist for 'a': b.wasm",
    ),
    ("code-not-regular", "error", [spec(code="a")], [LOG], '"code"', "code file for 'a' is not regular"),
    ("code-not-built", "hint", [spec(code="other/a.wasm")], [LOG], '"code"', "makes a.wasm beside its source"),
    ("wrong-shape", "error", [spec(version=3)], [LOG], '"version"', "must be text, not a whole number"),
    ("wrong-shape", "error", [spec(binary="text")], [LOG], '"binary"', "must be a list, not text"),
    ("wrong-shape", "error", [spec(binary=[1, 256])], [LOG], "256", "at most 255"),
    ("wrong-shape", "error", [part(annotations=None)], [LOG], "{", 'annotations" is missing'),
    ("unknown-key", "warning", [spec(code=None, cod="a/a.wasm")], [LOG], '"cod"', 'did you mean "code"?'),
]


@pytest.mark.parametrize(("code", "severity", "functions", "resources", "line", "words"), CASES)
@pytest.mark.conformance("3-code", "3-valid", "3-unchecked", "3-placement", "3-classes")
def test_a_rule_tells_what_is_wrong_and_where(
    directory: Path, code: CheckCode, severity: Severity, functions: Any, resources: Any, line: str, words: str
) -> None:
    path = files.workflow(directory / "workflow.json", functions, resources)
    told = [problem for problem in found(path) if problem.code == code]
    assert [problem.severity for problem in told][:1] == [severity]
    assert words in told[0].error.message
    assert line in the_line(told[0])
    others = {problem.code for problem in found(path)} - {code}
    assert others <= COMPANIONS.get(code, set())


COMPANIONS: dict[CheckCode, set[CheckCode]] = {
    "self-channel": {"outputs-differ"},
    "outputs-differ": {"undeclared-channel"},
    "unknown-key": {"no-code"},
    "no-such-output": {"cycle"},
    "switched-on": {"unknown-setting"},
    "unknown-component": {"container", "duplicate-name", "no-such-output"},
}
"""What else is true of the same workflow."""


@pytest.mark.parametrize("code", ["nonsense", "container:", None, "docker:box"])
def test_a_container_says_what_runs_it(directory: Path, code: str | None) -> None:
    path = files.workflow(directory / "workflow.json", [part(), box({"out": "log"}, code=code)], [LOG])
    [error] = [problem for problem in found(path) if problem.severity == "error"]
    assert error.code == "container"
    assert error.error.message.endswith("write container:<image>:<tag>")


@pytest.mark.parametrize("binary", [[], [0, 255], None])
def test_binary_is_bytes(directory: Path, binary: list[int] | None) -> None:
    function = part()
    function["class_specification"]["binary"] = binary
    assert found(files.workflow(directory / "workflow.json", [function], [LOG])) == []


def test_a_channel_is_no_slip_where_no_outputs_are_declared(directory: Path) -> None:
    (directory / "a" / "function.json").write_text(json.dumps(files.specification("a")))
    path = files.workflow(directory / "workflow.json", [spec(outputs=[])], [LOG])
    assert {(problem.code, problem.severity) for problem in found(path)} == {("undeclared-channel", "hint")}


def test_a_circle_is_told_once_with_all_that_are_in_it(directory: Path) -> None:
    names = ("a", "b", "c")
    functions = [
        files.part(
            name, {"out": target}, class_specification=files.specification(name, code="a/a.wasm", outputs=["out"])
        )
        for name, target in zip(names, ("b", "c", "a"), strict=True)
    ]
    circles = [
        problem for problem in found(files.workflow(directory / "workflow.json", functions)) if problem.code == "cycle"
    ]
    [circle] = circles
    assert all(f"{name} →" in circle.error.message for name in names)


def test_every_uuid_is_looked_at_and_every_way_of_writing_one_is_taken(directory: Path) -> None:
    good = "00000000-0000-0000-0000-00000000000a"
    value = ",".join([good, good.upper(), good.replace("-", ""), f"{{{good}}}", f"urn:uuid:{good}", f" {good}", ""])
    path = files.workflow(directory / "workflow.json", [part(annotations={"node_id_match_any": value})], [LOG])
    messages = [problem.error.message for problem in found(path)]
    assert len(messages) == 2
    assert "blanks are not taken away" in messages[0] + messages[1]


def test_an_output_that_alone_leads_nowhere_is_a_hint(directory: Path) -> None:
    resource = {**SERVERLESS, "output_mapping": {"out": "log"}}
    path = files.workflow(directory / "workflow.json", [part()], [LOG, resource])
    told = {(problem.code, problem.severity) for problem in found(path)}
    assert told == {("unmapped-output", "hint"), ("missing-setting", "hint")}


def test_what_the_settings_say_of_a_resource_is_not_missing(directory: Path) -> None:
    resource = {**SERVERLESS, "output_mapping": {"out": "log", "err": "log"}}
    path = files.workflow(directory / "workflow.json", [part()], [LOG, resource])
    assert [problem.code for problem in found(path)] == ["missing-setting"]
    settings = Settings(resources=Resources(own={str(SERVERLESS["name"]): OwnResource(url="http://127.0.0.1:1")}))
    assert check(read([path], settings), KINDS) == ()


def test_outputs_that_a_configuration_names_are_not_looked_at(directory: Path) -> None:
    resource = {**files.resource("x", "dda"), "output_mapping": {"whatever": "log"}}
    assert found(files.workflow(directory / "workflow.json", [part()], [LOG, resource])) == []


def test_all_that_is_wrong_with_a_file_is_told_at_once(directory: Path) -> None:
    path = directory / "workflow.json"
    path.write_text('{"functions": [7, {"name": 1}],\n "resources": {},\n "annotations": {"a": true}}')
    problems = found(path)
    assert {problem.code for problem in problems} == {"wrong-shape"}
    messages = [problem.error.message for problem in problems]
    assert '"functions[0]" must be an object, not a whole number' in messages
    assert '"functions[1].name" must be text, not a whole number' in messages
    assert 'the key "functions[1].output_mapping" is missing' in messages
    assert '"resources" must be a list, not an object' in messages
    assert '"annotations.a" must be text, not true or false' in messages


def test_deep_nonsense_is_told_as_any_other(directory: Path) -> None:
    path = directory / "workflow.json"
    path.write_text('{"functions": [], "resources": [], "annotations": {"a": ' + "[" * 900 + "]" * 900 + "}}")
    assert [problem.error.message for problem in found(path)] == ['"annotations.a" must be text, not a list']


def test_after_many_faults_no_more_are_told(directory: Path) -> None:
    path = directory / "workflow.json"
    path.write_text(json.dumps({"functions": list(range(1000)), "resources": [], "annotations": {}}))
    assert len(found(path)) == MOST_FAULTS


def test_a_key_that_stands_twice(directory: Path) -> None:
    path = files.workflow(directory / "workflow.json", [part()], [LOG])
    whole = path.read_text()
    path.write_text(whole.replace('"out": "log"', '"out": "log",\n "out": "log"'))
    [problem] = found(path)
    assert (problem.code, problem.severity, the_line(problem)) == ("repeated-key", "warning", '"out": "log",')
    path.write_text(whole.replace('"annotations": {}', '"annotations": {},\n "annotations": {}'))
    assert {(problem.code, problem.severity) for problem in found(path)} == {("repeated-key", "error")}


def test_a_function_json_is_looked_at_too(tmp_path: Path) -> None:
    files.function(tmp_path, "a", ("out", "self"))
    [problem] = found(tmp_path / "a")
    assert (problem.code, the_line(problem)) == ("self-channel", '"self"')


@pytest.mark.parametrize(
    ("code", "wrong"),
    [
        ("empty-name", {"name": ""}),
        ("no-code", {"class_specification": files.specification("b", code=None)}),
        ("code-missing", {"class_specification": files.specification("b", code="\0")}),
        ("bad-id", {"class_specification": files.specification("../b", code="a/a.wasm")}),
        ("wrong-shape", {"class_specification": files.specification("b", code="b.wasm", function_type="RUST")}),
        ("wrong-shape", {"annotations": 3}),
        ("wrong-shape", {"name": 3}),
    ],
)
def test_one_wrong_entry_hides_nothing_of_the_others(directory: Path, code: CheckCode, wrong: dict[str, Any]) -> None:
    others = [
        part(
            {"out": "nobody", "err": "log"},
            annotations={"init_payload": "x"},
            class_specification=files.specification("a", code="a/a.wasm", outputs=["out", "err"], version="0.2"),
        ),
        files.part("c", class_specification=files.specification("c", code="c.wasm")),
        files.part("d", class_specification=files.specification("d", code="a")),
        files.part("d", class_specification=files.specification("d", code="a/a.wasm")),
    ]
    path = files.workflow(directory / "workflow.json", others, [LOG])
    alone = {(problem.code, the_line(problem)) for problem in found(path)}
    assert {told for told, _ in alone} >= {
        "unknown-component",
        "unknown-annotation",
        "version-differs",
        "code-missing",
        "code-not-regular",
        "duplicate-name",
    }
    path = files.workflow(path, [{**files.part("b"), **wrong}, *others], [LOG])
    assert {(problem.code, the_line(problem)) for problem in found(path)} > alone
    assert {problem.code for problem in found(path)} == {told for told, _ in alone} | {code}
    assert not read([path], Settings()).workflows


@pytest.mark.conformance("1.5-threads")
@pytest.mark.parametrize(("functions", "told"), [(512, 0), (513, 1)])
def test_more_functions_than_a_node_starts_are_told(directory: Path, functions: int, told: int) -> None:
    spec = files.specification("a", code="a/a.wasm", outputs=["out", "err"])
    parts = [files.part(f"a{number}", class_specification=spec) for number in range(functions)]
    problems = [
        problem for problem in found(files.workflow(directory / "workflow.json", parts)) if problem.severity != "hint"
    ]
    assert [(problem.code, problem.severity) for problem in problems] == [("too-many-functions", "warning")] * told


def test_a_wrong_annotation_of_the_workflow_hides_nothing_either(directory: Path) -> None:
    path = files.workflow(directory / "workflow.json", [part({"out": "log"})], [LOG])
    path.write_text(path.read_text().replace('"annotations": {}\n}', '"annotations": {"a": 1}\n}'))
    assert [problem.code for problem in found(path)] == ["unmapped-output", "wrong-shape"]


def test_the_code_of_one_that_another_replaces_is_looked_at_as_on_the_platform(directory: Path) -> None:
    gone = part(class_specification=files.specification("b", code="gone.wasm"))
    path = files.workflow(directory / "workflow.json", [gone, part()], [LOG])
    told = {problem.code: problem for problem in found(path)}
    assert told["code-missing"].severity == "error"
    assert told["duplicate-name"].severity == "warning"
    assert [instance.function for instance in read([path], Settings()).instances] == ["a"]
