"""What a dda receives and publishes is read ahead, as the platform reads it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.project import files
from workbench.checks.check import check
from workbench.config import Settings
from workbench.project.codes import Severity
from workbench.project.model import Problem
from workbench.project.targets import read
from workbench.resources.dda import PUBLICATIONS, SUBSCRIPTIONS
from workbench.resources.registry import KINDS

RECEIVED = {"topic": "com.heat", "pattern": "event", "method": "cast", "target": "check"}
PUBLISHED = {"topic": "com.move", "pattern": "action", "alias": "move"}


def found(directory: Path, received: Any = (RECEIVED,), published: Any = (PUBLISHED,)) -> list[Problem]:
    """Of a workflow with a dda; text is taken as it is."""
    texts = [each if isinstance(each, str) else json.dumps(each) for each in (received, published)]
    settings = {"dda_url": "http://127.0.0.1:8900", SUBSCRIPTIONS: texts[0], PUBLICATIONS: texts[1]}
    dda = {**files.resource("dda", "dda", **settings), "output_mapping": {"check": "log"}}
    path = files.workflow(directory / "workflow.json", [], [dda, files.resource("log", filename="log.txt")])
    return list(check(read([path], Settings()), KINDS))


def test_what_the_platform_takes_is_not_remarked_on(tmp_path: Path) -> None:
    every = [{**RECEIVED, "pattern": each} for each in ("event", "action", "query", "input", "membership")]
    assert found(tmp_path, every) == []
    assert found(tmp_path, [], []) == []
    assert found(tmp_path, [{**RECEIVED, "more": 1}]) == []


CASES: list[tuple[str, Any, Severity, str]] = [
    ("received", "nonsense", "error", f'"{SUBSCRIPTIONS}" is not JSON'),
    ("received", "[" * 5000, "error", f'"{SUBSCRIPTIONS}" is not JSON'),
    ("received", RECEIVED, "error", f'"{SUBSCRIPTIONS}" must be a list, not an object'),
    ("received", [{**RECEIVED, "topic": 1}], "error", f'"{SUBSCRIPTIONS}[0].topic" must be text, not a whole number'),
    ("received", [RECEIVED, {"dda_topic": ""}], "error", f'the key "{SUBSCRIPTIONS}[1].topic" is missing'),
    ("received", [{**RECEIVED, "pattern": "evnt"}], "warning", 'the platform passes it over; did you mean "event"?'),
    ("received", [{**RECEIVED, "method": "call"}], "error", "the platform panics on it"),
    ("received", [{**RECEIVED, "target": "chek"}], "warning", 'what comes is lost; did you mean "check"?'),
    ("received", [RECEIVED, RECEIVED], "error", "com.heat event cast 2 times"),
    ("published", "{", "error", f'"{PUBLICATIONS}" is not JSON'),
    ("published", [{**PUBLISHED, "alias": None}], "error", f'"{PUBLICATIONS}[0].alias" must be text, not null'),
    ("published", [{**PUBLISHED, "pattern": "membership"}], "warning", "gets an error"),
    ("published", [PUBLISHED, {**PUBLISHED, "topic": "x"}], "error", "move 2 times"),
]


@pytest.mark.parametrize(("what", "content", "severity", "words"), CASES, ids=range(len(CASES)))
@pytest.mark.conformance("dda")
def test_a_mapping_is_read_ahead(tmp_path: Path, what: str, content: Any, severity: Severity, words: str) -> None:
    problems = found(tmp_path, **{what: content})
    assert {problem.code for problem in problems} == {"bad-setting"}
    assert problems[0].severity == severity
    assert words in problems[0].error.message
    told = problems[0].error
    assert told.path is not None
    assert told.line is not None
    key = SUBSCRIPTIONS if what == "received" else PUBLICATIONS
    assert key in told.path.read_text().splitlines()[told.line - 1]
