"""What is found in the wasm itself."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.guests.build import SAMPLES, wasm
from workbench.checks.rules.modules import looked_into
from workbench.checks.rules.state import never_read
from workbench.config import Settings
from workbench.project.targets import read


def test_state_that_is_synced_and_never_read_is_seen_in_an_optimised_build(tmp_path: Path) -> None:
    shutil.copy(wasm("writer", "release"), tmp_path / "it.wasm")
    [problem] = looked_into(read([tmp_path / "it.wasm"], Settings()))
    assert (problem.severity, problem.code, problem.error.path) == ("hint", "state-never-read", tmp_path / "it.wasm")
    assert not never_read(wasm("writer").read_bytes())


@pytest.mark.parametrize("name", ["counter", "average", "ping"])
def test_who_reads_its_state_or_syncs_none_is_left_alone(name: str) -> None:
    assert not never_read((SAMPLES / name / f"{name}.wasm").read_bytes())


@given(st.data())
def test_a_damaged_module_is_no_finding_and_no_crash(data: st.DataObject) -> None:
    whole = (SAMPLES / "counter" / "counter.wasm").read_bytes()
    at = data.draw(st.integers(8, len(whole) - 1))
    assert never_read(whole[:at]) in (True, False)
    assert never_read(whole[:at] + data.draw(st.binary(max_size=8)) + whole[at + 8 :]) in (True, False)
