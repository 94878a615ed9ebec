"""Untrusted text on the screen: nothing acts on the terminal, nothing is too long."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from workbench.tui.text import clock, clock_column, compiler_text, duration_words, preview, visible, visible_lines


def acts_on_terminals(text: str) -> bool:
    return any(unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp") for character in text)


@given(st.text())
def test_no_control_character_is_left(text: str) -> None:
    assert not acts_on_terminals(visible(text))
    assert not acts_on_terminals(visible_lines(text).replace("\n", ""))


@given(st.binary(max_size=400), st.integers(10, 80))
def test_a_preview_is_one_safe_line_of_its_length(payload: bytes, limit: int) -> None:
    shown = preview(payload, limit)
    assert not acts_on_terminals(shown)
    assert cell_len(shown) <= limit


@given(st.text(st.sampled_from("a好👨\u0301\n")), st.integers(24, 80))
def test_a_preview_leaves_room_for_its_size_whatever_the_width_of_its_characters(payload: str, limit: int) -> None:
    shown = preview(payload, limit)
    assert cell_len(shown) <= limit
    assert shown == visible(payload) or shown.endswith(" B")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\nb\tc\r", "a\\nb\\tc\\r"),
        ("\x1b[31mred", "\\x1b[31mred"),
        ("\u202eevil", "\\u202eevil"),
        ("[bold]not markup[/bold]", "[bold]not markup[/bold]"),
        ("é ☃ 😀", "é ☃ 😀"),
    ],
)
def test_escapes_are_seen(text: str, shown: str) -> None:
    assert visible(text) == shown


def test_a_cut_preview_says_the_whole_size() -> None:
    assert preview(b"x" * 5000, 30) == "x" * 21 + "… 4.9 KiB"
    assert preview("é" * 100, 24).endswith("… 200 B")
    assert preview(b"x" * 5000, 10) == "x" * 9 + "…"


def test_a_cut_does_not_split_a_character() -> None:
    assert "\\x" not in preview("é".encode() * 500, 31)


def test_bytes_that_are_not_text_show_as_escapes() -> None:
    assert preview(b"ok \xff\xfe", 40) == "ok \\xff\\xfe"


def test_the_compilers_colours_stay_and_its_other_sequences_do_not() -> None:
    rendered = "\x1b[1m\x1b[31merror\x1b[0m: no \x1b]8;;http://x\x07link\x1b]8;;\x07\n \x1b[2J\x1b[Hgone\x07\n\n"
    lines = compiler_text(rendered)
    texts = ["".join(text for text, _ in line) for line in lines]
    assert texts == ["error: no link", " gone"]
    bold_red = lines[0][0][1]
    assert bold_red.bold
    assert bold_red.color is not None
    assert not acts_on_terminals("".join(texts))


@pytest.mark.parametrize(
    ("ms", "said"), [(0, "0.000"), (318, "0.318"), (64_318, "1:04.318"), (3_724_318, "1:02:04.318")]
)
def test_moments_are_told_from_the_largest_part_there_is(ms: float, said: str) -> None:
    assert clock(ms) == said


def test_a_column_of_moments_keeps_the_largest_part() -> None:
    assert clock_column(724_318, wide=True) == "12:04.318"
    told = [clock_column(ms, wide=False) for ms in (4_318, 59_999, 64_378, 724_318, 3_724_318)]
    assert told == ["  4.318", " 59.999", "1:04.37", "12:04.3", "1h02:04"]
    assert {cell_len(clock_column(ms, wide=True)) for ms in (0, 60_000, 36_000_000)} == {9}


def test_short_durations_are_told_in_microseconds() -> None:
    assert [duration_words(ms) for ms in (0.012, 0.4, 34, 1200)] == ["12 µs", "0.4 ms", "34 ms", "1.20 s"]
