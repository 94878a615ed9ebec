"""The pages that are made from data are up to date, and every rule of the conformance sheet is shown by a test."""

from __future__ import annotations

from pathlib import Path

import pytest

from docs import pages


@pytest.mark.parametrize("page", pages.PAGES, ids=lambda page: page.name)
def test_the_page_is_what_its_data_says(page: Path) -> None:
    assert page.read_text() == pages.PAGES[page](), "write it anew: make pages"


def test_every_rule_is_shown_and_every_marker_names_a_rule() -> None:
    named = {rule for test in pages.marked() for rule in test.rules}
    assert named == {name for found in pages.rules().values() for name in found}


def test_what_differs_on_purpose_says_why() -> None:
    for found in pages.rules().values():
        for name, rule in found.items():
            assert (rule.why is not None) == (rule.kind == "different"), name


def test_a_marker_stands_on_a_test() -> None:
    assert {test.name.partition("_")[0] for test in pages.marked()} == {"test"}
