"""The rate of what is rare: steady between two of them, gone when it is over, left to counting when it is frequent."""

from __future__ import annotations

import pytest

from tests.session.conftest import Stage
from tests.session.playing import plan
from workbench.session.rare import LONGEST_MS, Rare


def after(*times_ms: float) -> Rare:
    rare = Rare()
    for t_ms in times_ms:
        rare.add(t_ms)
    return rare


@pytest.mark.parametrize("gap_ms", [600, 1000, 5000, 59_000])
def test_it_is_the_same_between_two_of_them(gap_ms: float) -> None:
    rare = after(*(number * gap_ms for number in range(5)))
    assert {rare.rate(4 * gap_ms + since) for since in (0, gap_ms / 2, gap_ms)} == {1000 / gap_ms}


def test_once_it_is_over_there_is_none() -> None:
    assert after(0, 5000, 10_000).rate(26_000) == 0


def test_of_once_and_of_what_is_frequent_it_says_nothing() -> None:
    assert Rare().rate(0) is None
    assert after(7).rate(8) is None
    assert after(0, 10, 20, 30).rate(30) is None


def test_after_a_long_time_it_begins_anew() -> None:
    assert after(0, LONGEST_MS + 1).rate(LONGEST_MS + 1) is None


def test_what_becomes_frequent_is_soon_told_so_and_several_at_once_count() -> None:
    rare = after(0, 5000, 10_000)
    rare.add(15_000, 1_000_000)
    assert rare.rate(15_000) is None


def test_an_instance_that_handles_little_has_a_rate(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    now_s = 100.0
    monkeypatch.setattr("workbench.session.picture.perf_counter", lambda: now_s)
    play = stage(plan("a"))
    for _ in range(4):
        now_s += 5
        play.cast("a", "x")
    assert play.instance("a").rate == pytest.approx(0.2, rel=0.1)
