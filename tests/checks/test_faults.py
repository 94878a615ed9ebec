"""What is wrong with a resource's configuration is told by the check and refused at the start, in the same words."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.project import files
from tests.resources.ports import RecordingPort, part
from workbench.checks.check import check
from workbench.config import OwnResource, Resources, Settings
from workbench.errors import UserError
from workbench.project.targets import read
from workbench.resources.faults import start
from workbench.resources.registry import KINDS

REFUSED: list[tuple[str, Mapping[str, str], str, str]] = [
    ("file-log", {"filename": ""}, "filename", '"filename" is empty'),
    ("http-ingress", {"method": "GET,"}, "method", '"" is no method'),
    ("http-poster", {"url": ""}, "url", '"url" is empty'),
    ("http-poster", {"url": "ftp://host/"}, "url", "does not begin with http://"),
    ("ollama", {"model": ""}, "model", '"model" is empty'),
    ("redis", {"url": "not a url"}, "url", "is not a URL"),
    ("redis", {"url": "redis://127.0.0.1/zero"}, "url", "not the number of a Redis database"),
    ("sqlx", {"url": "postgres://localhost/a"}, "url", "is no SQLite database"),
    ("sqlx", {"url": "sqlite://a.db?mode=sideways"}, "url", "mode=sideways"),
]

MEANS_OTHERWISE: list[tuple[str, Mapping[str, str], str, str]] = [
    ("file-pusher", {"period-ms": "1s"}, "period-ms", "1000 counts instead"),
    ("file-pusher", {"encode-base64": "yes"}, "encode-base64", '"encode-base64" is "yes"'),
    ("http-ingress", {"encode_base64": "true"}, "encode_base64", 'without "async"'),
]

PLAYED: list[tuple[str, Mapping[str, str], str, str]] = [
    ("kafka-egress", {"brokers": "", "topic": "t"}, "brokers", '"brokers" is empty'),
    ("kafka-egress", {"brokers": "127.0.0.1:9092", "topic": ""}, "topic", '"topic" is empty'),
]


def told(directory: Path, class_type: str, configuration: Mapping[str, str]) -> list[tuple[str, str, str]]:
    """How the check finds the values bad: how severe, its line, its words."""
    resource = {**files.resource("it", class_type), "configurations": dict(configuration)}
    path = files.workflow(directory / "workflow.json", [], [resource])
    lines = path.read_text().splitlines()
    return [
        (problem.severity, lines[(problem.error.line or 1) - 1], problem.error.message)
        for problem in check(read([path], Settings()), KINDS)
        if problem.code == "bad-setting"
    ]


@pytest.mark.parametrize(("class_type", "configuration", "key", "words"), REFUSED)
def test_what_is_refused_is_told_ahead(
    tmp_path: Path, class_type: str, configuration: Mapping[str, str], key: str, words: str
) -> None:
    [(severity, line, message)] = told(tmp_path, class_type, configuration)
    assert severity == "error"
    assert f'"{key}"' in line
    assert words in message
    with pytest.raises(UserError) as refused:
        start(KINDS[class_type], part(class_type, configuration, tmp_path), RecordingPort())
    assert str(refused.value) == message


@pytest.mark.parametrize(("class_type", "configuration", "key", "words"), MEANS_OTHERWISE)
def test_what_means_something_else_is_told_and_starts(
    tmp_path: Path, class_type: str, configuration: Mapping[str, str], key: str, words: str
) -> None:
    [(severity, line, message)] = told(tmp_path, class_type, configuration)
    assert (severity, f'"{key}"' in line) == ("warning", True)
    assert words in message
    start(KINDS[class_type], part(class_type, configuration, tmp_path), RecordingPort()).close()


@pytest.mark.parametrize(("class_type", "configuration", "key", "words"), PLAYED)
def test_what_is_always_played_is_checked_too(
    tmp_path: Path, class_type: str, configuration: Mapping[str, str], key: str, words: str
) -> None:
    [(severity, line, message)] = told(tmp_path, class_type, configuration)
    assert (severity, f'"{key}"' in line) == ("error", True)
    assert words in message


@pytest.mark.parametrize(
    ("class_type", "configuration"),
    [
        ("redis", {"url": "redis://cache.example:6380/1"}),
        ("sqlx", {"url": "sqlite::memory:"}),
        ("http-poster", {"url": "https://example.org/hook"}),
        ("file-pusher", {"period-ms": "+20"}),
        ("http-ingress", {"method": "GET,POST", "async": "true", "encode_base64": "true"}),
    ],
)
def test_what_is_fine_is_not_told(tmp_path: Path, class_type: str, configuration: Mapping[str, str]) -> None:
    assert told(tmp_path, class_type, configuration) == []


def test_the_settings_make_any_name_that_of_a_serverless_class(tmp_path: Path) -> None:
    resource = {**files.resource("twice", "double"), "output_mapping": {"out": "log", "err": "log"}}
    path = files.workflow(tmp_path / "workflow.json", [], [resource, files.resource("log", filename="f")])
    [problem] = check(read([path], Settings()), KINDS)
    assert (problem.code, problem.severity) == ("unknown-class", "warning")
    assert "url under [resource.twice]" in problem.error.message
    named = Settings(resources=Resources(own={"twice": OwnResource(url="http://127.0.0.1:8080/double")}))
    assert check(read([path], named), KINDS) == ()
