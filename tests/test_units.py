"""Sizes and durations."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.errors import UserError
from workbench.units import format_duration, format_size, parse_duration, parse_size


@pytest.mark.parametrize(
    ("text", "ms"),
    [("500ms", 500), ("10s", 10_000), ("1.5s", 1500), ("2m", 120_000), ("1h", 3_600_000), (" 3 S ", 3000), ("0ms", 0)],
)
def test_a_duration_is_read_in_milliseconds(text: str, ms: int) -> None:
    assert parse_duration(text) == ms


@pytest.mark.parametrize(
    ("text", "size"),
    [("64KiB", 65_536), ("256MiB", 256 << 20), ("1GB", 10**9), ("0.5KiB", 512), ("17b", 17), ("2 gib", 2 << 30)],
)
def test_a_size_is_read_in_bytes(text: str, size: int) -> None:
    assert parse_size(text) == size


@pytest.mark.parametrize("text", ["", "5", "s", "-1s", "5 parrots", "1e3s", "0.5ms", "5ss", "\u0661s", "9" * 30 + "s"])
def test_what_is_no_duration_is_refused_in_words(text: str) -> None:
    with pytest.raises(UserError, match="is not"):
        parse_duration(text)


@pytest.mark.parametrize("text", ["", "5", "MiB", "-1B", "0.3B", "1TB", "99999999999GB"])
def test_what_is_no_size_is_refused_in_words(text: str) -> None:
    with pytest.raises(UserError, match=r"is not|too large"):
        parse_size(text)


@given(st.text())
def test_any_text_is_an_amount_or_refused(text: str) -> None:
    for parse in (parse_duration, parse_size):
        with contextlib.suppress(UserError):
            assert parse(text) >= 0


@given(st.integers(0, 10**6), st.sampled_from(["ms", "s", "m", "h"]))
def test_whole_durations_scale_with_their_unit(amount: int, unit: str) -> None:
    assert parse_duration(f"{amount}{unit}") == amount * parse_duration(f"1{unit}")


@pytest.mark.parametrize(
    ("ms", "text"),
    [(0.42, "0.4 ms"), (9.96, "10 ms"), (340, "340 ms"), (999.6, "1.00 s"), (1204, "1.20 s"), (125_000, "2 m 05 s")],
)
def test_a_duration_is_shown_for_people(ms: float, text: str) -> None:
    assert format_duration(ms) == text


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (0, "0 B"),
        (1023, "1023 B"),
        (1024, "1.0 KiB"),
        (17_408, "17.0 KiB"),
        (1_258_291, "1.2 MiB"),
        (5 << 40, "5120.0 GiB"),
    ],
)
def test_a_size_is_shown_for_people(size: int, text: str) -> None:
    assert format_size(size) == text
