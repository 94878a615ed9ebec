"""Resources that are to run for real: what the project does not allow is told ahead, as the start would tell it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.project import files
from tests.resources.ports import RecordingPort
from workbench.checks.check import check
from workbench.config import settings_for
from workbench.errors import UserError
from workbench.project.model import Problem
from workbench.project.targets import read
from workbench.resources import faults
from workbench.resources.configuration import configured, kind_called, permits_of
from workbench.resources.model import Part
from workbench.resources.registry import KINDS

REAL = '[resource.it]\nmode = "real"\n'
SECRETS = "169.254.169.254 hands out the secrets of a machine: resources never talk to it."
OUTSIDE = " is outside of the directories this project allows its resources: allow it with directories = "

Configuration = Mapping[str, str]

CASES: list[tuple[str, Configuration, str, str, str]] = [
    ("file-log", {"filename": "/elsewhere/it.log"}, "", '"filename"', f"/elsewhere/it.log{OUTSIDE}"),
    ("file-log", {"filename": "../it.log"}, "", '"filename"', f"../it.log{OUTSIDE}"),
    ("file-log", {"filename": "."}, "", '"filename"', ".workbench/files cannot be opened: Is a directory."),
    ("file-log", {"filename": "sub/it.log"}, "", '"filename"', "it.log cannot be opened: No such file or directory."),
    ("file-log", {"filename": "pipe"}, "", '"filename"', "pipe is no regular file"),
    ("file-log", {"filename": "a" * 300}, "", '"filename"', "cannot be used: File name too long."),
    (
        "file-log",
        {"filename": "a"},
        '[resources]\ndirectories = ["gone"]\n',
        '"filename"',
        "No such file or directory.",
    ),
    ("file-pusher", {}, '[resource.it]\n\ndirectory = "/elsewhere"\n', "directory =", f"/elsewhere{OUTSIDE}"),
    ("sqlx", {"url": "sqlite:///elsewhere/it.db"}, "", '"url"', f"/elsewhere/it.db{OUTSIDE}"),
    ("http-poster", {"url": "http://169.254.169.254/"}, REAL, '"url"', SECRETS),
    ("http-poster", {"url": "http://0/"}, '[resources]\nhosts = ["0"]\n', '"url"', "0 is no address at all"),
    ("redis", {"url": "redis://169.254.169.254"}, REAL, '"url"', SECRETS),
    ("fun", {}, f'{REAL}url = "http://169.254.169.254/"\n', "url =", SECRETS),
    ("fun", {}, '[resource.it]\nurl = "file:///etc/passwd"\n', "url =", "does not begin with http:// or https://"),
]


def project(directory: Path, class_type: str, configuration: Configuration, toml: str) -> Path:
    """A workflow with the resource `it`."""
    (directory / "workbench.toml").write_text(toml)
    resource: dict[str, Any] = {**files.resource("it", class_type), "configurations": dict(configuration)}
    return files.workflow(directory / "workflow.json", [], [resource])


def errors(path: Path) -> list[Problem]:
    settings = settings_for([path])
    return [problem for problem in check(read([path], settings), KINDS) if problem.severity == "error"]


@pytest.mark.parametrize(("class_type", "configuration", "toml", "line", "words"), CASES)
def test_what_the_start_would_refuse_is_told_ahead_in_its_words_and_nothing_is_made(
    tmp_path: Path, class_type: str, configuration: Configuration, toml: str, line: str, words: str
) -> None:
    path = project(tmp_path, class_type, configuration, toml)
    pipe = tmp_path / ".workbench" / "files" / "pipe"
    if configuration.get("filename") in ("pipe", "."):
        pipe.parent.mkdir(parents=True)
        os.mkfifo(pipe)
    before = sorted(tmp_path.rglob("*"))
    [problem] = errors(path)
    assert words in problem.error.message
    assert problem.error.path is not None
    assert line in problem.error.path.read_text().splitlines()[(problem.error.line or 0) - 1]
    assert sorted(tmp_path.rglob("*")) == before

    pipe.parent.mkdir(parents=True, exist_ok=True)
    assert refused(path, class_type, configuration) == problem.error.message


def refused(path: Path, class_type: str, configuration: Configuration) -> str:
    """What the start says against it."""
    settings = settings_for([path]).resources
    kind = kind_called(class_type, "it", settings)
    assert kind is not None
    whole = configured("it", kind, configuration, settings)
    permits = permits_of(kind, whole, settings, path.parent, real=bool(settings.own and settings.own["it"].real))
    with pytest.raises(UserError) as error:
        faults.start(kind, Part("it", class_type, "id", whole, permits), RecordingPort())
    return str(error.value)


@pytest.mark.parametrize(
    ("class_type", "configuration", "toml"),
    [
        ("file-log", {"filename": "it.log"}, ""),
        ("file-log", {"filename": "/elsewhere/it.log"}, '[resource.it]\nmode = "stand-in"\n'),
        ("sqlx", {"url": "sqlite::memory:"}, ""),
        ("http-poster", {"url": "http://127.0.0.1:1/"}, ""),
        ("http-poster", {"url": "http://169.254.169.254/"}, ""),
        ("redis", {"url": "redis://cache.example"}, REAL),
    ],
)
def test_what_would_start_or_is_not_to_is_not_told(
    tmp_path: Path, class_type: str, configuration: Configuration, toml: str
) -> None:
    assert errors(project(tmp_path, class_type, configuration, toml)) == []
    assert not (tmp_path / ".workbench").exists()


def test_a_class_without_a_real_part_cannot_be_told_to_run_for_real(tmp_path: Path) -> None:
    path = project(tmp_path, "kafka-egress", {"brokers": "b", "topic": "t"}, REAL)
    [problem] = check(read([path], settings_for([path])), KINDS)
    assert (problem.code, problem.severity, problem.error.line) == ("no-real-part", "warning", 2)
    assert 'the class "kafka-egress" has no real part here' in problem.error.message


@pytest.mark.parametrize(
    ("class_type", "configuration", "said"),
    [
        ("file-pusher", {"directory": "/etc"}, "directory under [resource.it] in workbench.toml says it"),
        ("file-pusher", {"workbench:directory": "/etc"}, "directory under [resource.it] in workbench.toml says it"),
        ("ollama", {"model": "m", "workbench:url": "http://10.0.0.1/"}, "url under [resource.it] in workbench.toml"),
        ("ollama", {"model": "m", "ollama_url": "http://10.0.0.1/"}, 'ollama does not read "ollama_url"'),
    ],
)
def test_keys_of_the_settings_are_never_suggested_for_a_workflow_nor_read_in_one(
    tmp_path: Path, class_type: str, configuration: Configuration, said: str
) -> None:
    path = project(tmp_path, class_type, configuration, "")
    [told] = [p for p in check(read([path], settings_for([path])), KINDS) if p.code == "unknown-setting"]
    assert said in told.error.message
    assert "did you mean" not in told.error.message
    assert errors(path) == []


@pytest.mark.parametrize(
    ("class_type", "configuration"),
    [("file-pusher", {}), ("sqlx", {"url": "sqlite://sub/it.db"})],
)
def test_a_directory_that_is_not_there_is_told(tmp_path: Path, class_type: str, configuration: Configuration) -> None:
    path = project(tmp_path, class_type, configuration, "")
    [problem] = [one for one in check(read([path], settings_for([path])), KINDS) if one.code == "no-directory"]
    assert problem.severity == "warning"
    assert 'is no directory: "it" starts, and does nothing before it is there' in str(problem.error)
    for name in ("pushed", "sub"):
        (tmp_path / ".workbench" / "files" / name).mkdir(parents=True)
    assert not [one for one in check(read([path], settings_for([path])), KINDS) if one.code == "no-directory"]
