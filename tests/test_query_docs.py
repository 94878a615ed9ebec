"""What docs/queries.md shows can be typed."""

from __future__ import annotations

import re
from pathlib import Path

from workbench.query import parse
from workbench.query.terms import FIELDS

PAGE = (Path(__file__).parent.parent / "docs" / "queries.md").read_text()


def test_every_example_of_a_field_parses() -> None:
    rows = [line.split(" | ") for line in PAGE.splitlines() if line.startswith("| `")]
    examples = [example for row in rows if len(row) == 3 for example in re.findall(r"`([^`]+)`", row[2])]
    assert len(examples) >= 14
    for example in examples:
        parse(example)


def test_every_field_is_explained() -> None:
    assert {field for field in FIELDS if f"`{field}`" not in PAGE} == set()


def test_the_first_examples_parse() -> None:
    block = PAGE.split("```")[1]
    examples = [re.split(r" {3,}", line)[0] for line in block.strip().splitlines()]
    assert len(examples) == 5
    for example in examples:
        parse(example)
