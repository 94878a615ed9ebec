"""Ways to look at a payload."""

from __future__ import annotations

import pytest

from workbench.tui.payloads import HexViewer, JsonViewer, TextViewer, best_viewer


@pytest.mark.parametrize(
    ("payload", "name"),
    [
        (b'{"value": 41.7}', "json"),
        (b"[1, 2]", "json"),
        (b"PING-7", "text"),
        (b"42", "text"),
        (b"", "text"),
        (b"two\nlines", "text"),
        (bytes(range(256)), "hex"),
        (b'{"broken": ', "text"),
        ("naïve ☃".encode(), "text"),
    ],
)
def test_the_best_view_suits_the_payload(payload: bytes, name: str) -> None:
    assert best_viewer(payload).name == name


def test_json_is_laid_out_with_its_numbers_as_they_were_sent() -> None:
    lines = JsonViewer().lines(b'{"big":12345678901234567890.10,"b":[1e400]}', 80)
    texts = [line.plain for line in lines]
    assert texts == ["{", '  "big": 12345678901234567890.10,', '  "b": [', "    1e400", "  ]", "}"]


def test_what_is_too_large_to_be_laid_out_is_not_said_to_be_no_json() -> None:
    [told] = JsonViewer().lines(b"[" + b"1," * (2 << 20) + b"1]", 80)
    assert told.plain == "4.0 MiB are too large to be laid out as JSON, 1.0 MiB are the most"
    assert [line.plain for line in JsonViewer().lines(b"PING", 80)] == ["not JSON"]


def test_json_colours_tell_keys_from_values() -> None:
    line = JsonViewer().lines(b'{"a": "b"}', 80)[1]
    assert [(text, style) for text, style in line.parts if text.strip(": ")] == [
        ('"a"', "json--key"),
        ('"b"', "json--string"),
    ]


def test_text_shows_control_characters_and_keeps_lines() -> None:
    assert [line.plain for line in TextViewer().lines(b"a\x1b[0m\nb\xff", 80)] == ["a\\x1b[0m", "b\\xff"]


def test_hex_has_offsets_bytes_and_characters() -> None:
    lines = HexViewer().lines(b"PING-7\x00\xff and more", 80)
    assert lines[0].plain == "000000  50 49 4e 47 2d 37 00 ff  20 61 6e 64 20 6d 6f 72   PING-7·· and mor"
    assert lines[1].plain.startswith("000010  65 ")


@pytest.mark.parametrize(("width", "octets"), [(80, 16), (50, 8), (20, 4)])
def test_hex_fits_the_width(width: int, octets: int) -> None:
    lines = HexViewer().lines(bytes(64), width)
    assert len(lines) == 64 // octets


def test_hex_of_a_huge_payload_is_made_line_by_line() -> None:
    lines = HexViewer().lines(bytes(50 << 20), 80)
    assert len(lines) == (50 << 20) // 16
    assert lines[len(lines) - 1].plain.startswith("31ffff0  ")


def test_a_huge_text_says_how_much_more_there_is() -> None:
    assert TextViewer().lines(b"x" * (3 << 20), 80)[-1].plain == "… 2.0 MiB more; hex shows everything"
