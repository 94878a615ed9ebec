"""docs/resources.md tells of every class, every key and every output there is."""

from __future__ import annotations

from pathlib import Path

import pytest

from workbench.resources.model import Kind
from workbench.resources.registry import KINDS

PAGE = (Path(__file__).parents[1] / "docs" / "resources.md").read_text()


def told_of(kind: Kind) -> str:
    """Its part of the page."""
    begin = PAGE.find(f"### {kind.class_type}\n")
    if begin < 0:
        return next(line for line in PAGE.splitlines() if line.startswith(f"| `{kind.class_type}` |"))
    return PAGE[begin : PAGE.index("\n##", begin)]


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_a_class_is_told_with_its_keys_and_outputs(kind: Kind) -> None:
    told = told_of(kind)
    keys = {setting.key for setting in kind.settings if not setting.key.startswith("workbench:")}
    if kind.class_type != "portal":  # whose configuration the platform's controller writes
        assert {key for key in keys if f"`{key}`" not in told} == set()
        assert {output for output in kind.outputs if f"`{output}`" not in told} == set()
    ours = {setting.key.removeprefix("workbench:") for setting in kind.settings} - keys
    assert {key for key in ours if f"`{key.rpartition('_')[2]}` of `[resource.NAME]`" not in told} == set()
    assert (kind.start is None) == told.startswith("| ")


def test_what_is_real_at_first_is_told() -> None:
    table = PAGE[PAGE.index("## Which is which") : PAGE.index("Told otherwise")]
    assert {kind.class_type for kind in KINDS.values() if f"`{kind.class_type}`" not in table} == set()
