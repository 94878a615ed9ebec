"""Whether log macros have a logger is told from builds without optimisation, and from no others."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.guests.build import wasm
from tests.host import hosting
from workbench.host.engine import Host
from workbench.host.logger import logger


def test_code_that_sets_no_logger_is_told() -> None:
    found = logger(wasm("dumb").read_bytes())
    assert found is not None
    assert found.level_at is None


@pytest.mark.parametrize(("guest", "payload", "level"), [("mute", None, 0), ("probe", None, 4), ("original", None, 4)])
def test_the_level_lies_where_the_macros_look_for_it(host: Host, guest: str, payload: str | None, level: int) -> None:
    module = host.load(wasm(guest).read_bytes(), guest)
    assert module.logger is not None
    assert module.logger.level_at is not None
    assert hosting.start(host, module, payload=payload).word(module.logger.level_at) == level


@pytest.mark.parametrize("guest", ["dumb", "mute", "probe"])
def test_nothing_is_told_of_an_optimised_build(guest: str) -> None:
    assert logger(wasm(guest, "release").read_bytes()) is None


def test_nothing_is_told_of_a_function_without_macros() -> None:
    assert logger(wasm("face").read_bytes()) is None


@given(st.data())
def test_a_damaged_module_is_no_finding_and_no_crash(data: st.DataObject) -> None:
    whole = wasm("dumb").read_bytes()
    at = data.draw(st.integers(8, len(whole) - 1))
    logger(whole[:at])
    logger(whole[:at] + data.draw(st.binary(max_size=8)) + whole[at + 8 :])
