"""Every code is explained, and the page of codes is what the entries say."""

from __future__ import annotations

from typing import get_args

from tests.checks.test_rules import CASES
from workbench.checks.entries import entries
from workbench.checks.rules import resources
from workbench.project.codes import CheckCode
from workbench.records import NoteCode
from workbench.resources.registry import KINDS


def test_every_code_has_an_entry_and_every_entry_a_code() -> None:
    assert set(entries()) == {*get_args(CheckCode), *get_args(NoteCode)}


def test_an_entry_names_the_severities_that_are_found() -> None:
    for code, severity, *_ in CASES:
        assert severity in entries()[code].kind


def test_entries_are_whole() -> None:
    for entry in entries().values():
        assert all((entry.words, entry.platform, entry.workbench, entry.remedy)), entry.code
        assert entry.words[0].islower() or not entry.words[0].isalpha(), entry.code
        assert not entry.words.endswith("."), entry.code


def test_classes_and_keys_that_rules_name_are_there() -> None:
    for name in resources.NAMED_ELSEWHERE:
        assert name in KINDS
    for name, keys in resources.PRESENT.items():
        assert set(keys) <= {setting.key for setting in KINDS[name].settings}
    for kind in KINDS.values():
        assert all(choice == choice.lower() for setting in kind.settings for choice in setting.choices)
