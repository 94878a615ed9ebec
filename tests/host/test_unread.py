"""State that is synced and never looked at again is told from the code."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.guests.build import SAMPLES, Profile, wasm
from workbench.host.unread import never_read


@pytest.mark.parametrize("profile", ["dev", "release"])
def test_a_function_that_syncs_and_looks_at_no_state_is_told(profile: Profile) -> None:
    assert never_read(wasm("writer", profile).read_bytes())


@pytest.mark.parametrize("guest", ["keeper", "probe", "face", "mute", "original"])
@pytest.mark.parametrize("profile", ["dev", "release"])
def test_a_function_that_looks_at_its_state_or_syncs_none_is_left_alone(guest: str, profile: Profile) -> None:
    assert not never_read(wasm(guest, profile).read_bytes())


@pytest.mark.parametrize("sample", sorted(SAMPLES.rglob("*.wasm")), ids=lambda path: path.stem)
def test_samples_are_left_alone(sample: Path) -> None:
    assert not never_read(sample.read_bytes())


@given(st.data())
def test_a_damaged_module_is_no_finding_and_no_crash(data: st.DataObject) -> None:
    whole = (SAMPLES / "counter" / "counter.wasm").read_bytes()
    at = data.draw(st.integers(8, len(whole) - 1))
    assert not never_read(whole[:at])
    never_read(whole[:at] + data.draw(st.binary(max_size=8)) + whole[at + 8 :])
